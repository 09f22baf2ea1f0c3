"""Text health: what in the texts of a conversation, or of a whole file, would teach a model something unwanted.

A finding names its rule and its place and never repeats the text. Each text is looked at once: pairs repeat the whole
conversation before them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, get_args

from training_files.domain.conversation.dialogues import Mapped, in_turn_order, mapped
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.health.code_blocks import without_code
from training_files.domain.health.findings import MOST_SEVERE_FIRST, Finding, Rule, Severity
from training_files.domain.health.personal_data import Kind, kinds_of_personal_data
from training_files.domain.health.truncation import sign_of_truncation

GRANULARITIES: tuple[Granularity, ...] = get_args(Granularity)
Place = Literal["target", "user's text", "system prompt", "history"]

SEVERITIES: dict[Rule, Severity] = {
    "truncated_target": "error",
    "empty_turn": "error",
    "placeholder_text": "error",
    "role_order": "error",
    "literal_backslash_n": "warning",
    "role_leak": "warning",
    "several_system_prompts": "warning",
    "repeated_opening": "warning",
    "exact_duplicate": "warning",
    "history_mismatch": "warning",
    "flat_scores": "info",
}
GRAVE_KINDS: frozenset[Kind] = frozenset({"key", "card", "iban", "ssn"})
NAMES_OF_KINDS: dict[Kind, str] = {
    "key": "a secret key",
    "card": "a card number",
    "iban": "a bank account (IBAN)",
    "ssn": "a social security number",
    "email": "an e-mail address",
    "phone": "a telephone number",
    "ip_address": "an IP address",
}

PLACEHOLDERS = frozenset({"[object Object]", "NaN", "None", "null", "undefined"})
ROLES = ("User", "Assistant", "System", "Human", "Bot", "AI", "USER", "ASSISTANT", "SYSTEM", "HUMAN", "BOT")
# Marks that may stand around a role's name at the beginning of a line.
AROUND_A_ROLE = " \t>#*_-["
ESCAPED_LINE_BREAK = "\\n"
WORD = re.compile(r"[A-Za-z]{1,20}")
# TeX commands and symbols that begin with these two characters.
TEX_COMMANDS = frozenset(
    {
        "nabla",
        "ne",
        "nearrow",
        "neg",
        "neq",
        "newcommand",
        "newline",
        "newpage",
        "nexists",
        "ngeq",
        "ni",
        "nleq",
        "nmid",
    }
    | {"noindent", "nolimits", "nonumber", "normalsize", "not", "notin", "nu", "nwarrow"}
)
LONGEST_PATH = 260
# No datum of a person goes on behind it.
BETWEEN_TEXTS = "\n\0\n"
QUOTES = "\"'\u201c\u201d"

FLAT_FROM_SCORES = 3

Found = tuple[Rule, Severity, str]


def mappings_of(conversation_id: str, pairs: Sequence[TrainingPairModel]) -> dict[Granularity, Mapped]:
    return {granularity: mapped(conversation_id, pairs, granularity) for granularity in GRANULARITIES}


def findings_of(
    conversation_id: str,
    pairs: Sequence[TrainingPairModel],
    mappings: Mapping[Granularity, Mapped] | None = None,
) -> list[Finding]:
    """What is found in one conversation, turn by turn. `mappings` are `mappings_of` it, where they are known."""
    mappings = mappings or mappings_of(conversation_id, pairs)
    in_order = in_turn_order(pairs)
    found = [
        *_found_in_texts(in_order),
        *_found_in_order(mappings),
        *_found_in_prompts(in_order),
        *_found_in_scores(in_order),
    ]
    findings = (Finding(rule, severity, conversation_id, turn, message) for turn, (rule, severity, message) in found)
    return sorted(findings, key=lambda finding: -1 if finding.turn is None else finding.turn)


def is_unhealthy(findings: Iterable[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def most_severe_first(findings: Iterable[Finding]) -> list[Finding]:
    """Otherwise in the order in which they come."""
    return sorted(findings, key=lambda finding: MOST_SEVERE_FIRST.index(finding.severity))


def _found_in_texts(pairs: Sequence[TrainingPairModel]) -> Iterator[tuple[int, Found]]:
    texts = list(_texts(pairs))
    # Most conversations have none, and one long text takes less time than many short ones.
    has_personal_data = bool(kinds_of_personal_data(BETWEEN_TEXTS.join(text for _, _, text in texts)))
    found_before: dict[str, list[Found]] = {}
    for turn, place, text in texts:
        if text not in found_before:
            found_before[text] = list(_found_in_text(text, has_personal_data=has_personal_data))
        found = found_before[text]
        yield from ((turn, (rule, severity, f"the {place} {message}")) for rule, severity, message in found)
        if place == "target" and not any(rule in ("empty_turn", "placeholder_text") for rule, _, _ in found):
            sign = sign_of_truncation(text)
            if sign:
                yield turn, _of("truncated_target", f"the target {sign}")


def _texts(pairs: Sequence[TrainingPairModel]) -> Iterator[tuple[int, Place, str]]:
    """Every text at the turn where it is said first, every target, and every user's text that is blank."""
    said: set[str] = set()
    before: TrainingPairModel | None = None
    for pair in pairs:
        for place, text in _texts_in_front_of_target(pair):
            if text not in said or (place == "user's text" and not text.strip() and not _goes_on(before, pair)):
                said.add(text)
                yield pair.turn_number, place, text
        if pair.target_response:
            said.add(pair.target_response)
            yield pair.turn_number, "target", pair.target_response
        before = pair


def _texts_in_front_of_target(pair: TrainingPairModel) -> Iterator[tuple[Place, str]]:
    if pair.system_prompt and pair.system_prompt.strip():
        yield "system prompt", pair.system_prompt
    history = pair.conversation_history or []
    own = pair.current_user_input
    for message in history:
        if message.content != own:
            yield "history", message.content
    # An empty field beside a history that has the user's text says nothing.
    has_text = bool(history) and history[-1].role == "user" and bool(history[-1].content.strip())
    if own is not None and (own.strip() or not has_text):
        yield "user's text", own


def _goes_on(before: TrainingPairModel | None, pair: TrainingPairModel) -> bool:
    """Whether a pair repeats the user's text of the one before, which had no target."""
    return before is not None and not before.trainable and before.current_user_input == pair.current_user_input


def _found_in_text(text: str, *, has_personal_data: bool) -> Iterator[Found]:
    """Messages go on after the place: the target is empty."""
    content = text.strip()
    if not content:
        yield _of("empty_turn", "is empty" if not text else "is only white space")
        return
    if content in PLACEHOLDERS:
        yield _of("placeholder_text", f"is nothing but {content}")
        return
    for kind in kinds_of_personal_data(text) if has_personal_data else ():
        yield "personal_data", "error" if kind in GRAVE_KINDS else "warning", f"holds {NAMES_OF_KINDS[kind]}"
    if ESCAPED_LINE_BREAK in text and _has_escaped_line_break(without_code(text)):
        yield _of("literal_backslash_n", "holds a backslash and an n where a line break was meant")
    if ":" in text and any(map(_begins_with_role, without_code(text).split("\n"))):
        yield _of("role_leak", "has a line that begins with the name of a role and a colon")


def _has_escaped_line_break(prose: str) -> bool:
    position = prose.find(ESCAPED_LINE_BREAK)
    while position >= 0:
        if not _is_meant(prose, position):
            return True
        position = prose.find(ESCAPED_LINE_BREAK, position + 1)
    return False


def _is_meant(prose: str, position: int) -> bool:
    """A TeX command, a folder's name in a path of Windows, or the very characters between quotes."""
    name = WORD.match(prose, position + 1)
    if name and name[0] in TEX_COMMANDS:
        return True
    end = position + len(ESCAPED_LINE_BREAK)
    behind = prose[end : end + 1]
    if position and behind and prose[position - 1] in QUOTES and behind in QUOTES:
        return True
    in_front = re.split(r"[\s\"'(\[]", prose[max(0, position - LONGEST_PATH) : position])[-1]
    return in_front[1:3] == ":\\" or in_front.startswith("\\\\") or (in_front[1:] == ":" and behind.islower())


def _begins_with_role(line: str) -> bool:
    begin = line.lstrip(AROUND_A_ROLE)
    if not begin.startswith(ROLES):
        return False
    name, colon, _ = begin.partition(":")
    return bool(colon) and name.rstrip(" *_]") in ROLES


def _found_in_order(mappings: Mapping[Granularity, Mapped]) -> Iterator[tuple[int | None, Found]]:
    left_out = [each for mapping in mappings.values() for each in mapping.left_out]
    out_of_order = dict.fromkeys(each.turn for each in left_out if each.reason == "role_order")
    for turn in out_of_order:
        yield turn, _of("role_order", "the user and the assistant do not take turns, so the dialogue is not exported")
    for turn in dict.fromkeys(turn for mapping in mappings.values() for turn in mapping.history_mismatches):
        # A history with a message too many is another one anyway.
        if turn not in out_of_order:
            yield turn, _of("history_mismatch", "the history is not what was said in the turns before")


def _found_in_prompts(pairs: Sequence[TrainingPairModel]) -> Iterator[tuple[int, Found]]:
    first: str | None = None
    for pair in pairs:
        prompt = (pair.system_prompt or "").strip()
        first = first or prompt
        if prompt and prompt != first:
            yield pair.turn_number, _of("several_system_prompts", "the system prompt is not that of the turns before")
            return


def _found_in_scores(pairs: Sequence[TrainingPairModel]) -> Iterator[tuple[None, Found]]:
    scores = [pair.quality_score for pair in pairs if pair.quality_score is not None]
    if len(scores) >= FLAT_FROM_SCORES and len(set(scores)) == 1:
        yield None, _of("flat_scores", f"all {len(scores)} scores are the same, so they say nothing")


def _of(rule: Rule, message: str) -> Found:
    return rule, SEVERITIES[rule], message
