"""What no single text of a conversation shows: the order of its turns, its system prompts, its scores."""

from collections.abc import Iterator, Mapping, Sequence

from training_files.domain.conversation.dialogues import Mapped
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.health.findings import SEVERITIES, Finding, Rule
from training_files.domain.text import is_blank

FLAT_FROM_SCORES = 3


def found_in_whole(
    conversation_id: str, pairs: Sequence[TrainingPairModel], mappings: Mapping[Granularity, Mapped]
) -> Iterator[Finding]:
    """`pairs` come in the order of their turns; `mappings` are their dialogues."""
    for turn, rule, message in (*_in_order(mappings), *_in_prompts(pairs), *_in_scores(pairs)):
        field = "system_prompt" if rule == "several_system_prompts" else None
        yield Finding(rule, SEVERITIES[rule], conversation_id, turn, field, None, message)


def _in_order(mappings: Mapping[Granularity, Mapped]) -> Iterator[tuple[int | None, Rule, str]]:
    left_out = [each for mapping in mappings.values() for each in mapping.left_out]
    out_of_order = dict.fromkeys(each.turn for each in left_out if each.reason == "role_order")
    for turn in out_of_order:
        message = "the user and the assistant do not take turns, so the dialogue is not exported"
        yield turn, "role_order", message
    for turn in dict.fromkeys(turn for mapping in mappings.values() for turn in mapping.history_mismatches):
        # A history with a message too many is another one anyway.
        if turn not in out_of_order:
            yield turn, "history_mismatch", "the history is not what was said in the turns before"


def _in_prompts(pairs: Sequence[TrainingPairModel]) -> Iterator[tuple[int, Rule, str]]:
    first: str | None = None
    for pair in pairs:
        prompt = "" if is_blank(pair.system_prompt or "") else (pair.system_prompt or "").strip()
        first = first or prompt
        if prompt and prompt != first:
            yield pair.turn_number, "several_system_prompts", "the system prompt is not that of the turns before"
            return


def _in_scores(pairs: Sequence[TrainingPairModel]) -> Iterator[tuple[None, Rule, str]]:
    scores = [pair.quality_score for pair in pairs if pair.quality_score is not None]
    if len(scores) >= FLAT_FROM_SCORES and len(set(scores)) == 1:
        yield None, "flat_scores", f"all {len(scores)} scores are the same, so they say nothing"
