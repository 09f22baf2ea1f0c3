"""Every fault of text health is found at its place; clean text raises nothing; no finding repeats a text."""

import itertools
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.sample_data import sample_conversations
from tests.support.bounded import bounded_cpu_time
from tests.support.builders import Json, a_pair, an_enriched_file
from tests.support.domain import as_read
from training_files.domain.analysis.conversation_analysis import ConversationAnalysis, analysis_of
from training_files.domain.analysis.file_health import findings_across
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.health.findings import SEVERITIES, Finding, is_unhealthy, most_severe_first
from training_files.domain.health.rules import findings_of

ID = "00000000-0000-4000-8000-000000000001"
CLEAN = "Three months of expenses is a good first goal. You are closer than you think."
LONG = (
    "Write down what comes in each month and what goes out, then set a tenth of the rest aside before anything else is"
    " paid. After three months you will see which of your habits cost the most, and we choose one of them together."
)
SYSTEM = "You are a planner."


def exchanges(*said: tuple[str, str | None], **changes: Any) -> list[Json]:
    """A conversation of what the user and the assistant say, at the turns 1, 3, 5, …, each history with all before."""
    history: list[Json] = []
    pairs: list[Json] = []
    for turn, (text, target) in zip(itertools.count(1, 2), said):
        history = [*history, {"role": "user", "content": text}]
        usual = {"system_prompt": SYSTEM, "conversation_history": history, "current_user_input": text}
        score = {"training_metadata": {"quality_score": 3 + turn % 8 / 10}}
        pairs.append(a_pair(turn, **usual, target_response=target) | score | changes)
        history = [*history, {"role": "assistant", "content": target}]
    return pairs


def with_targets(*targets: str, **changes: Any) -> list[Json]:
    return exchanges(*((f"And what about number {n}?", target) for n, target in enumerate(targets)), **changes)


def with_user_texts(*texts: str, **changes: Any) -> list[Json]:
    return exchanges(*((text, f"Answer {n} to it is this.") for n, text in enumerate(texts)), **changes)


def pairs_of(*pairs: Json) -> list[TrainingPairModel]:
    return as_read(an_enriched_file(*pairs)).model.training_pairs


def found_in(*pairs: Json) -> list[Finding]:
    return findings_of(ID, pairs_of(*pairs))


def places(findings: list[Finding]) -> list[tuple[str, int | None]]:
    return [(finding.rule, finding.turn) for finding in findings]


def a_conversation(*, turns: int = 3, **changes: Any) -> list[Json]:
    """Pairs as an enrichment pipeline leaves them: the user's and the assistant's in turns."""
    pairs: list[Json] = []
    history: list[Json] = []
    for turn in range(1, 2 * turns, 2):
        history = [*history, {"role": "user", "content": f"Question {turn}?"}]
        target = f"Answer {turn + 1} to it is this."
        usual = {"conversation_history": history, "current_user_input": f"Question {turn}?", **changes}
        pairs.append(a_pair(turn, **usual, target_response=None) | {"conversation_history": history[:-1]})
        pairs.append(a_pair(turn + 1, **usual, target_response=target))
        history = [*history, {"role": "assistant", "content": target}]
    return [pair | {"training_metadata": {"quality_score": 3 + n / 10}} for n, pair in enumerate(pairs)]


# --- one conversation ---

FAULTY_TEXTS = {
    "literal line break": (f"{CLEAN}\\n\\nNext.", "literal_backslash_n", "warning"),
    "literal line break at the end": (f"{CLEAN}\\n", "literal_backslash_n", "warning"),
    "literal line break of Windows": (f"{CLEAN}\\r\\nNext.", "literal_backslash_n", "warning"),
    "literal line break behind a letter": (f"Plan B:\\nSave more. {CLEAN}", "literal_backslash_n", "warning"),
    "literal line break behind code": (f"`ls`\\nNext. {CLEAN}", "literal_backslash_n", "warning"),
    "escaped quote": (f'The \\"big\\" one. {CLEAN}', "escaped_text", "warning"),
    "escaped tab": (f"Goal\\tCost. {CLEAN}", "escaped_text", "warning"),
    "escaped character": (f"A caf\\u00e9. {CLEAN}", "escaped_text", "warning"),
    "white space": (" \n\t", "empty_turn", "error"),
    "no-break space": ("\u00a0", "empty_turn", "error"),
    "control token": (f"Save <|im_end|> first. {CLEAN}", "special_tokens", "warning"),
    "control token in code": (f"Write `</s>` there. {CLEAN}", "special_tokens", "warning"),
    "zero-width spaces": ("\u200b \u200b", "empty_turn", "error"),
    "blank letters": ("\u2800\u3164\uffa0\u115f", "empty_turn", "error"),
    "marks": ("\ufeff\u00ad\u2060\u200e\u034f\ufe0f\U000e0020", "empty_turn", "error"),
    "object": ("[object Object]", "placeholder_text", "error"),
    "object among white space": (" [object Object]\n", "placeholder_text", "error"),
    "NaN": ("NaN", "placeholder_text", "error"),
    "None": ("None", "placeholder_text", "error"),
    "null": ("null", "placeholder_text", "error"),
    "undefined": ("undefined", "placeholder_text", "error"),
    "object in a sentence": (f"You said [object Object]; that is fine. {CLEAN}", "placeholder_text", "error"),
    "promise in a sentence": (f"You said [object Promise]. {CLEAN}", "placeholder_text", "error"),
    "object of Python": (f"You are <app.models.Client object at 0x7f3ac9ce5610>. {CLEAN}", "placeholder_text", "error"),
    "amount of nothing": (f"You owe $NaN in all. {CLEAN}", "placeholder_text", "error"),
    "object in a greeting": (f"Hello [object Object], good to see you. {CLEAN}", "placeholder_text", "error"),
    "object of a verb": (f"You owe [object Object] on your first card. {CLEAN}", "placeholder_text", "error"),
    "object behind a question": (f"Why so? You told me [object Object]. {CLEAN}", "placeholder_text", "error"),
    "object in a question": (f"Why does [object Object] weigh on you? {CLEAN}", "placeholder_text", "error"),
    "amount in a sentence": (f"You have $undefined, and that is fine. {CLEAN}", "placeholder_text", "error"),
    **{
        f"role leak of {role}": (f"{CLEAN}\n{role}: And then? {CLEAN}", "role_leak", "warning")
        for role in ("User", "Assistant", "System", "Human", "Bot", "AI", "USER")
    },
    "role leak in the first line": (f"Assistant: {CLEAN}", "role_leak", "warning"),
    "role leak in bold": (f"{CLEAN}\n\n**User:** And then? {CLEAN}", "role_leak", "warning"),
    "role leak behind a mark": (f"{CLEAN}\n### Human: And then? {CLEAN}", "role_leak", "warning"),
    "e-mail": (f"Write to kim@example.com. {CLEAN}", "personal_data", "warning"),
    "phone": (f"Call 415-555-0132. {CLEAN}", "personal_data", "warning"),
    "address": (f"It comes from 203.0.113.7. {CLEAN}", "personal_data", "warning"),
    "card": (f"It is 4111 1111 1111 1111. {CLEAN}", "personal_data", "error"),
    "account": (f"It is DE89 3704 0044 0532 0130 00. {CLEAN}", "personal_data", "error"),
    "social security number": (f"It is 219-45-6789. {CLEAN}", "personal_data", "error"),
    "key": (f"It is AKIAIOSFODNN7EXAMPLE. {CLEAN}", "personal_data", "error"),
}
CLEAN_TEXTS = {
    "sentences": CLEAN,
    "paragraphs": f"{CLEAN}\n\n{CLEAN}",
    "lists": f"{CLEAN}\n\n1. **Save**: a little.\n2. Wait.\n\n- One\n- Two\n\n{CLEAN}",
    "code": "Write:\n\n```python\nprint('a\\nb')\n# User: kim\nassert x is None\n```\n\nThat is all.",
    "code with a role": f"```\nUser: hi\nAssistant: hello\n```\n{CLEAN}",
    "inline code": f"A line break is `\\n` in most languages. {CLEAN}",
    "quoted line break": f'A line break is written "\\n" there. {CLEAN}',
    "path": f"You find it in C:\\Users\\name\\notes and in C:\\new. {CLEAN}",
    "network path": f"You find it in \\\\server\\notes\\new. {CLEAN}",
    "string in a string": f'Type echo "say \\"hi\\"" there. {CLEAN}',
    "formula": f"So \\(a \\neq b\\) and \\(\\nabla f\\) with \\nu. {CLEAN}",
    "placeholder in a sentence": f"None of this is null, and NaN is no number. {CLEAN}",
    "placeholder in code": f"It prints `[object Object]`.\n\n```\n[object Object]\n```\n{CLEAN}",
    "placeholder in quotes": f'It says "[object Object]" there. {CLEAN}',
    "nothing in PowerShell": f"In PowerShell, $null is nothing. {CLEAN}",
    "placeholder that is asked about": f"Why does my budget say [object Object] in each row? {CLEAN}",
    "placeholder that is asked for": f"What is [object Object]? {CLEAN}",
    "placeholder that is shown": f"My page shows [object Object] in place of a name. {CLEAN}",
    "placeholder that I get": f"I keep getting [object Object] instead of a name. {CLEAN}",
    "placeholder in cells": f"Every cell has [object Object] in it. {CLEAN}",
    "placeholder that is explained": f"You see [object Object] where the code joins an object to a string. {CLEAN}",
    "an object": f"The [object] and the [object of desire] and [object A]. {CLEAN}",
    "role in a sentence": f"The user: that is you. An AI: that is me. {CLEAN}",
    "words that begin like roles": f"Usernames: three.\nSystems: two.\nAir: none.\nBottom line: save. {CLEAN}",
    "role without a colon": f"{CLEAN}\nAssistant professors earn less. {CLEAN}",
    "figures": f"From $1,200 in 2019-2024 to 7.5 %, on 01/02/2024 at 10:30. {CLEAN}",
    "emoji": f"Well done! 🎉 {CLEAN}",
    "French": "Je comprends : ce n'est pas facile. On commence petit ?",
    "German": "Das verstehe ich. „Klein anfangen“ heißt: 50 € im Monat.",
    "Japanese": "なるほど。まずは小さな目標から始めましょう。",
    "Arabic": "أفهم ذلك. لنبدأ بهدف صغير، ما رأيك؟",
    "Hindi": "मैं समझता हूँ। छोटे लक्ष्य से शुरू करें।",
    "Thai": "เข้าใจค่ะ เริ่มจากเป้าหมายเล็กๆ ก่อน",
}


@pytest.mark.parametrize("name", FAULTY_TEXTS)
def test_a_fault_in_a_target_is_found_at_its_turn(name: str) -> None:
    text, rule, severity = FAULTY_TEXTS[name]

    [finding] = found_in(*with_targets(CLEAN, text, CLEAN))

    assert (finding.rule, finding.severity, finding.turn) == (rule, severity, 3)
    assert finding.message.startswith("the target ")


@pytest.mark.parametrize("name", FAULTY_TEXTS)
def test_a_fault_in_a_users_text_is_found_at_its_turn(name: str) -> None:
    text, rule, severity = FAULTY_TEXTS[name]

    [finding] = found_in(*with_user_texts("First?", text, "Last?"))

    assert (finding.rule, finding.severity, finding.turn) == (rule, severity, 3)
    assert finding.message.startswith("the user's text ")


@pytest.mark.parametrize("name", [name for name in FAULTY_TEXTS if FAULTY_TEXTS[name][1] != "empty_turn"])
def test_a_fault_in_a_system_prompt_is_found(name: str) -> None:
    text, rule, severity = FAULTY_TEXTS[name]

    [finding] = found_in(*with_targets(CLEAN, CLEAN, system_prompt=text))

    assert (finding.rule, finding.severity, finding.turn) == (rule, severity, 1)
    assert finding.message.startswith("the system prompt ")


@pytest.mark.parametrize("name", FAULTY_TEXTS)
def test_a_fault_that_only_a_history_holds_is_found(name: str) -> None:
    text, rule, severity = FAULTY_TEXTS[name]
    history = [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": text}]
    [pair] = with_targets(CLEAN, turn_number=4, conversation_history=history)

    findings = found_in(pair)

    assert (rule, severity, 4) in [(finding.rule, finding.severity, finding.turn) for finding in findings]
    assert all(finding.message.startswith("the history ") for finding in findings)


@pytest.mark.parametrize("name", CLEAN_TEXTS)
def test_clean_text_raises_nothing(name: str) -> None:
    text = CLEAN_TEXTS[name]

    assert found_in(*with_targets(text, text, system_prompt=text)) == []
    assert found_in(*with_user_texts(text, CLEAN, text)) == []


PLACES: dict[str, tuple[str, str, int]] = {
    "backslash and n": (f"Café 🎉 one.\\nTwo. {CLEAN}", "literal_backslash_n", 11),
    "behind code": (f"`a\\nb` and\n```\nc\\nd\n```\nthen\\nmore. {CLEAN}", "literal_backslash_n", 28),
    "role": (f"{CLEAN}\nUser: hi. {CLEAN}", "role_leak", len(CLEAN) + 1),
    "placeholder": (" null", "placeholder_text", 1),
    "second e-mail": (f"Café 🎉 kim@example.com, lee@example.com. {CLEAN}", "personal_data", 7),
    "blank": ("  ", "empty_turn", 0),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_finding_says_in_which_field_and_where_in_its_text(name: str) -> None:
    """In characters, whatever is not looked at before it."""
    text, rule, offset = PLACES[name]
    history = [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": text}]

    in_target = found_in(*with_targets(CLEAN, text))
    in_user_text = found_in(*with_user_texts("First?", text))
    in_history = found_in(*with_targets(CLEAN, conversation_history=history))

    assert [(f.rule, f.field, f.offset) for f in in_target] == [(rule, "target_response", offset)]
    assert [(f.rule, f.field, f.offset) for f in in_user_text] == [(rule, "current_user_input", offset)]
    assert (rule, "conversation_history[1].content", offset) in [(f.rule, f.field, f.offset) for f in in_history]


@pytest.mark.parametrize(
    ("value", "offset"),
    [("[object Object]; modest income", 0), ("income: [object Object]", 8), ("undefined", 0), ("NaN", 0)],
)
def test_a_placeholder_in_metadata_is_worth_a_warning_where_it_stands_first(value: str, offset: int) -> None:
    pairs = with_targets(CLEAN, CLEAN, CLEAN, conversation_metadata={"phase": "one", "client_background": value})

    [finding] = found_in(pairs[2], pairs[1], pairs[0])

    assert (finding.rule, finding.severity, finding.turn) == ("placeholder_text", "warning", 1)
    assert (finding.field, finding.offset) == ("conversation_metadata.client_background", offset)


@pytest.mark.parametrize(
    "value", ["None", "null", "", " ", "kim@example.com", "cut off", "User: Kim", 7, None, ["null"]]
)
def test_nothing_else_is_found_in_metadata(value: object) -> None:
    assert found_in(*with_targets(CLEAN, conversation_metadata={"client_background": value})) == []


def test_a_key_that_is_no_name_is_not_repeated() -> None:
    [finding] = found_in(*with_targets(CLEAN, conversation_metadata={"Kim Example": "undefined"}))

    assert finding.field == "conversation_metadata"


def test_a_target_that_was_cut_off_is_shown_at_its_end() -> None:
    [finding] = found_in(*with_targets(f"{CLEAN} The next st  "))

    assert (finding.field, finding.offset) == ("target_response", len(f"{CLEAN} The next st") - 1)


def test_findings_about_a_conversation_name_no_field() -> None:
    pairs = [pair | {"training_metadata": {"quality_score": 3}} for pair in with_targets(CLEAN, CLEAN, CLEAN)]

    [finding] = found_in(*pairs)

    assert (finding.turn, finding.field, finding.offset) == (None, None, None)


def test_a_conversation_in_its_usual_shape_raises_nothing() -> None:
    assert found_in(*a_conversation()) == []


def test_the_projects_own_conversations_raise_nothing() -> None:
    for sample in sample_conversations(200):
        assert findings_of(sample.conversation_id, pairs_of(*sample.enriched["training_pairs"])) == []


def test_a_target_that_was_cut_off_is_found_with_its_sign() -> None:
    [finding] = found_in(*with_targets(CLEAN, f"{CLEAN} The next st"))

    assert (finding.rule, finding.severity, finding.turn) == ("truncated_target", "error", 3)
    assert finding.message == "the target ends without terminal punctuation"


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("I see something called a \\", "in a backslash"),
        ("It is called \\\n", "in a backslash"),
        ('She called it a \\"', "in an escaped quote"),
        ("I can\\'", "in an escaped quote"),
        ("Why is this wrong?\n```python\nprint(", "inside a code fence that is not closed"),
    ],
)
def test_a_users_text_that_was_cut_off_for_certain_is_worth_a_warning(text: str, sign: str) -> None:
    [finding] = found_in(*with_user_texts("First?", text))

    assert (finding.rule, finding.severity, finding.turn) == ("truncated_user_text", "warning", 3)
    assert (finding.field, finding.offset) == ("current_user_input", len(text.rstrip()) - 1)
    assert finding.message == f"the user's text ends {sign}"


@pytest.mark.parametrize(
    "text",
    [
        "what now",
        "I want to and",
        'He said "yes',
        "It lies in C:\\Users\\",
        "It lies on \\\\server\\notes\\",
        "I am not so sure :\\",
        "I am not so sure :-\\",
        "```\nprint()\n```",
    ],
)
def test_a_user_may_end_a_text_in_many_ways(text: str) -> None:
    assert found_in(*with_user_texts("First?", text)) == []


def test_only_targets_have_to_end_a_sentence() -> None:
    """A user may write as they like, and a system prompt may be a list of words."""
    assert found_in(*with_user_texts("what now", "and then", system_prompt="You are a planner")) == []


def test_each_turn_that_says_the_same_fault_is_found() -> None:
    assert places(found_in(*with_targets("null", CLEAN, "null"))) == [("placeholder_text", 1), ("placeholder_text", 5)]


@pytest.mark.parametrize("blank", ["", "  "])
def test_each_empty_turn_is_found_once(blank: str) -> None:
    """The pair with the target repeats the user's text of the pair before, and the histories all of it."""
    pairs = a_conversation()
    for pair in pairs:
        if pair["turn_number"] in (1, 2, 5, 6):
            pair["current_user_input"] = blank
        for message in pair["conversation_history"]:
            message["content"] = message["content"].replace("Question 1?", blank).replace("Question 5?", blank)

    assert places(found_in(*pairs)) == [("empty_turn", 1), ("empty_turn", 5)]


def test_an_empty_field_beside_a_history_with_the_users_text_says_nothing() -> None:
    assert found_in(*with_targets(CLEAN, current_user_input="")) == []


def test_a_text_that_the_history_repeats_is_found_once() -> None:
    pairs = a_conversation()
    for pair in pairs:
        for message in pair["conversation_history"]:
            message["content"] = message["content"].replace("Question 1?", "I am kim@example.com.")
        pair["current_user_input"] = pair["current_user_input"].replace("Question 1?", "I am kim@example.com.")

    assert places(found_in(*pairs)) == [("personal_data", 1)]


def test_every_kind_of_personal_data_is_a_finding_of_its_own() -> None:
    findings = found_in(*with_targets("Write to kim@example.com or call 415-555-0132, card 4111 1111 1111 1111."))

    assert [(f.severity, f.message.removeprefix("the target holds ")) for f in findings] == [
        ("error", "a card number"),
        ("warning", "an e-mail address"),
        ("warning", "a telephone number"),
    ]


@pytest.mark.parametrize(
    "history",
    [
        ["assistant", "user"],
        ["user", "user"],
        ["user", "assistant"],
        ["user", "assistant", "assistant", "user"],
        ["system", "system", "user"],
        ["user", "system", "user"],
        ["user", "tool", "user"],
    ],
    ids="-".join,
)
def test_roles_out_of_order_are_found(history: list[str]) -> None:
    messages = [{"role": role, "content": f"Sentence {n}."} for n, role in enumerate(history)]
    first, second = with_targets(CLEAN, CLEAN)

    findings = found_in(first, second | {"conversation_history": messages, "current_user_input": None})

    assert ("role_order", 3) in places(findings)
    assert ("history_mismatch", 3) not in places(findings)
    assert is_unhealthy(findings)


@pytest.mark.parametrize(
    ("roles", "what"),
    [
        (["user", "user"], "two messages of the user follow each other"),
        (["assistant", "user"], "a message of the assistant stands where the user's belongs"),
        (["user", "System", "user"], "a system message stands behind the beginning of the dialogue"),
        (["user", "tool", "user"], "a message has the role tool, which is neither the user's nor the assistant's"),
        (["user", "kim@example.com", "user"], "a message has a role that is neither the user's nor the assistant's"),
        (["user", "x" * 25, "user"], "a message has a role that is neither the user's nor the assistant's"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_out_of_order_names_the_role_and_what_is_left_out(roles: list[str], what: str) -> None:
    messages = [{"role": role, "content": f"Sentence {n}."} for n, role in enumerate(roles)]
    [pair] = with_targets(CLEAN)

    findings = found_in(pair | {"conversation_history": messages, "current_user_input": None})

    lost = "the conversation is left out with granularity conversation and this turn is left out with granularity turn"
    assert [finding.message for finding in findings if finding.rule == "role_order"] == [f"{what}, so {lost}"]


def test_where_only_a_turn_is_left_out_that_is_what_is_said() -> None:
    """The conversation goes on from what was said before, whatever the history of a turn repeats."""
    first, second = with_targets(CLEAN, CLEAN)
    history = [{"role": "user", "content": "?"}, {"role": "tool", "content": "42"}]

    findings = found_in(first, second | {"conversation_history": history, "current_user_input": "And now?"})

    [message] = [finding.message for finding in findings if finding.rule == "role_order"]
    assert message.endswith("so this turn is left out with granularity turn")


@pytest.mark.parametrize(
    ("own", "found"), [(None, []), ("Be kind.", []), (" Be kind.\n", []), ("Be brief.", ["several_system_prompts"])]
)
def test_a_history_that_begins_with_another_system_prompt_than_the_pairs_own_is_found(
    own: str | None, found: list[str]
) -> None:
    begin = [{"role": "system", "content": "Be kind."}]
    pairs = [pair | {"system_prompt": own, "conversation_history": begin} for pair in with_targets(CLEAN)]

    findings = found_in(*pairs)

    assert [finding.rule for finding in findings] == found
    assert {finding.field for finding in findings} <= {"conversation_history[0].content"}


def test_the_system_prompt_that_a_history_begins_with_is_looked_at_like_any_other() -> None:
    begin = [{"role": "System", "content": "Write to kim@example.com."}]
    [pair] = with_targets(CLEAN)

    [finding] = found_in(pair | {"system_prompt": None, "conversation_history": begin})

    assert finding.message == "the system prompt holds an e-mail address"
    assert finding.field == "conversation_history[0].content"


def test_a_history_that_differs_from_the_turns_before_it_is_found() -> None:
    pairs = a_conversation()
    pairs[3]["conversation_history"][1] = {"role": "assistant", "content": "Something else."}

    findings = found_in(*pairs)

    assert ("history_mismatch", 4) in places(findings)
    assert not is_unhealthy(findings)


def test_another_system_prompt_in_a_conversation_is_found_where_it_changes() -> None:
    prompts = [SYSTEM, None, f"{SYSTEM} Be brief.", SYSTEM]
    pairs = with_targets(CLEAN, CLEAN, CLEAN, CLEAN)

    findings = found_in(*(pair | {"system_prompt": prompt} for pair, prompt in zip(pairs, prompts, strict=True)))

    assert places(findings) == [("several_system_prompts", 5)]


@pytest.mark.parametrize(
    ("scores", "flat"),
    [([3, 3, 3], True), ([3, 3, None, 3], True), ([3, 3], False), ([3, 3, 4], False), ([None], False)],
)
def test_scores_that_are_all_the_same_are_worth_a_word(scores: list[Any], *, flat: bool) -> None:
    pairs = with_targets(*[CLEAN] * len(scores))

    findings = found_in(
        *(pair | {"training_metadata": {"quality_score": score}} for pair, score in zip(pairs, scores, strict=True))
    )

    assert places(findings) == ([("flat_scores", None)] if flat else [])
    assert not is_unhealthy(findings)


def test_findings_come_turn_by_turn_in_any_order_of_the_pairs() -> None:
    pairs = with_targets(f"{CLEAN} kim@example.com.", "cut off", "null")

    for order in itertools.permutations(pairs):
        assert places(found_in(*order)) == [("personal_data", 1), ("truncated_target", 3), ("placeholder_text", 5)]


def test_no_finding_repeats_a_text() -> None:
    words = {word for text, _, _ in FAULTY_TEXTS.values() for word in text.split() if any(map(str.isdigit, word))}
    pairs = with_targets(*(text for text, _, _ in FAULTY_TEXTS.values()))

    said = json.dumps([finding.as_json() for finding in found_in(*pairs)])

    assert [word for word in words if word in said] == []
    assert "example" not in said


@pytest.mark.parametrize(
    "unit",
    [
        "\\n",
        "\\nu",
        "a\\n",
        "C:\\n",
        '\\"',
        '"\\"',
        "\\t",
        "\\u00e9",
        "User",
        "User:",
        "\n",
        "#",
        "`",
        "```\n",
        "\\",
        " ",
    ],
)
def test_the_time_for_a_hostile_text_grows_with_its_length(unit: str) -> None:
    pairs = pairs_of(*with_targets(unit * (200_000 // len(unit))))

    with bounded_cpu_time(20):
        findings_of(ID, pairs)


# --- a whole file ---


def analysed(*conversations: list[Json]) -> list[ConversationAnalysis]:
    """Conversations with the ids c0, c1, …"""
    return [
        analysis_of(f"c{n}", pairs_of(*pairs), row_score=None, jsonl_size=0) for n, pairs in enumerate(conversations)
    ]


def conversations_with(targets: list[str], **changes: Any) -> list[list[Json]]:
    """One conversation for each target, all different from each other."""
    return [
        exchanges((f"Question {n}?", target), **{"training_metadata": {"quality_score": 3 + n % 2}, **changes})
        for n, target in enumerate(targets)
    ]


def sentences(count: int) -> list[str]:
    return [f"Sentence {n} is about the goal number {n}." for n in range(count)]


def test_different_conversations_raise_nothing() -> None:
    assert findings_across(analysed(*conversations_with(sentences(5)))) == []


def test_an_exact_duplicate_is_found_and_names_the_first_one() -> None:
    one, two = conversations_with(sentences(2))
    spelled_otherwise = [pair | {"id": "other", "target_response": f" {pair['target_response']}\n"} for pair in one]

    [finding] = findings_across(analysed(one, two, spelled_otherwise))

    assert (finding.rule, finding.severity, finding.conversation_id) == ("exact_duplicate", "warning", "c2")
    assert "c0" in finding.message


def test_a_near_duplicate_is_found_and_names_the_earliest_one() -> None:
    texts = [f"{LONG} And that is number {n}." for n in range(3)]
    one, two, three = (with_targets(text) for text in texts)

    findings = findings_across(analysed(one, *conversations_with(sentences(2)), two, three))

    near = [finding for finding in findings if finding.rule == "near_duplicate"]
    assert [(finding.severity, finding.conversation_id) for finding in near] == [("warning", "c3"), ("warning", "c4")]
    assert all("conversation c0:" in finding.message for finding in near)


def test_an_exact_duplicate_is_no_near_one() -> None:
    rules = [finding.rule for finding in findings_across(analysed(*[with_targets(LONG)] * 2))]

    assert rules == ["exact_duplicate"]


def test_conversations_that_were_analysed_without_a_signature_are_not_compared() -> None:
    one, two = (replace(each, signature=None) for each in analysed(with_targets(LONG), with_targets(f"{LONG} Yes.")))

    assert findings_across([one, two]) == []


def test_another_system_prompt_in_a_file_is_found_at_the_first_conversation_that_has_it() -> None:
    one, two, three, four = conversations_with(sentences(4))
    other = [pair | {"system_prompt": "You are someone else."} for pair in three]
    none = [pair | {"system_prompt": None} for pair in four]

    [finding] = findings_across(analysed(one, two, none, other))

    assert (finding.rule, finding.severity, finding.conversation_id) == ("several_system_prompts", "warning", "c3")


@pytest.mark.parametrize(
    ("repeated", "others", "found"), [(3, 5, True), (3, 12, False), (2, 0, False), (4, 15, True), (4, 16, False)]
)
def test_a_repeated_opening_is_found_from_three_and_above_a_fifth(repeated: int, others: int, *, found: bool) -> None:
    openings = [
        "I hear how much this weighs on you.",
        "i HEAR how much\nthis weighs all the same.",
        "I hear how much this weighs, Kim.",
    ]
    alike = [f"{opening} And {n}." for n, opening in zip(range(repeated), itertools.cycle(openings))]

    findings = findings_across(analysed(*conversations_with([*sentences(others), *alike])))

    assert [(f.rule, f.severity, f.conversation_id, f.turn) for f in findings] == (
        [("repeated_opening", "warning", f"c{others}", 1)] if found else []
    )


def test_only_the_first_answer_of_each_conversation_counts() -> None:
    """With the share of first answers, not of all."""
    first = [f"Kim, first take a breath. Number {n}." for n in range(3)]
    conversations = [
        exchanges((f"Question {n}?", target), *((f"More {n} {k}?", f"Answer {n} {k} is this.") for k in range(6)))
        for n, target in enumerate([*sentences(9), *first])
    ]
    later = [exchanges((f"Question {n}?", target), (f"More {n}?", first[0])) for n, target in enumerate(sentences(9))]

    [finding] = findings_across(analysed(*conversations))

    assert (finding.rule, finding.conversation_id, finding.turn) == ("repeated_opening", "c9", 1)
    assert finding.message.startswith("3 of 12 first answers begin")
    assert (finding.field, finding.offset) == ("target_response", 0)
    assert findings_across(analysed(*later)) == []


def test_a_repeated_opening_is_found_where_words_are_not_spaced() -> None:
    ends = ("我们先看看你的预算。", "这需要勇气。", "先从小目标开始。", "慢慢来。", "你并不孤单。")

    [finding] = findings_across(analysed(*conversations_with([f"谢谢你告诉我这些{end}" for end in ends])))

    assert (finding.rule, finding.message[:17]) == ("repeated_opening", "5 of 5 first answ")


def test_short_targets_have_no_opening() -> None:
    assert findings_across(analysed(*conversations_with(["Yes, do that."] * 6))) == []


def test_scores_of_a_file_that_are_all_the_same_are_worth_a_word() -> None:
    flat = conversations_with(sentences(3), training_metadata={"quality_score": 3})

    [finding] = findings_across(analysed(*flat))

    assert (finding.rule, finding.severity, finding.conversation_id) == ("flat_scores", "info", None)


def test_the_gravest_findings_come_first_and_otherwise_keep_their_order() -> None:
    pairs = with_targets(f"{CLEAN} kim@example.com.", "null", "undefined")

    findings = most_severe_first(found_in(*pairs))

    assert places(findings) == [("placeholder_text", 3), ("placeholder_text", 5), ("personal_data", 1)]


# What has one severity in some places, and another one in others.
DEPENDS = {("personal_data", "error"), ("personal_data", "warning"), ("placeholder_text", "warning")}


def test_the_documentation_lists_every_rule_with_its_severity() -> None:
    readme = (Path(__file__).parents[2] / "docs/quality.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z_]+)` \| (error|warning|info) \|", readme, re.MULTILINE)

    assert set(listed) == {*SEVERITIES.items(), *DEPENDS}
    assert len(listed) == len(set(listed))
