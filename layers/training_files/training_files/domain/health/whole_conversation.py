"""What no single text of a conversation shows: the order of its turns, its system prompts, its scores."""

from collections.abc import Iterator, Mapping, Sequence

from training_files.domain.conversation.dialogues import Mapped, system_prompt_in_history, system_prompt_of
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.health.findings import SEVERITIES, Finding, Rule
from training_files.domain.health.order import messages_out_of_order
from training_files.domain.health.texts import FIELD_OF_PROMPT_IN_HISTORY
from training_files.domain.text import is_blank

FLAT_FROM_SCORES = 3


def found_in_whole(
    conversation_id: str, pairs: Sequence[TrainingPairModel], mappings: Mapping[Granularity, Mapped]
) -> Iterator[Finding]:
    """`pairs` come in the order of their turns; `mappings` are their dialogues."""
    for turn, rule, message in (*_in_order(mappings), *_in_scores(pairs)):
        yield Finding(rule, SEVERITIES[rule], conversation_id, turn, None, None, message)
    for turn, field, message in _in_prompts(pairs):
        rule = "several_system_prompts"
        yield Finding(rule, SEVERITIES[rule], conversation_id, turn, field, None, message)


def _in_order(mappings: Mapping[Granularity, Mapped]) -> Iterator[tuple[int | None, Rule, str]]:
    out_of_order = messages_out_of_order(mappings)
    for turn, message in out_of_order.items():
        yield turn, "role_order", message
    for turn in dict.fromkeys(turn for mapping in mappings.values() for turn in mapping.history_mismatches):
        # A history with a message too many is another one anyway.
        if turn not in out_of_order:
            yield turn, "history_mismatch", "the history is not what was said in the turns before"


def _in_prompts(pairs: Sequence[TrainingPairModel]) -> Iterator[tuple[int, str, str]]:
    """The first turn at which there is another system prompt, its field and what is to be said of it."""
    first: str | None = None
    for pair in pairs:
        prompt, in_history = ((text or "").strip() for text in (system_prompt_of(pair), system_prompt_in_history(pair)))
        first = first or prompt
        if prompt and prompt != first:
            field = FIELD_OF_PROMPT_IN_HISTORY if is_blank(pair.system_prompt or "") else "system_prompt"
            yield pair.turn_number, field, "the system prompt is not that of the turns before"
            return
        if in_history not in ("", prompt):
            message = (
                "the history begins with another system prompt than the pair has; the pair's own is the one exported"
            )
            yield pair.turn_number, FIELD_OF_PROMPT_IN_HISTORY, message
            return


def _in_scores(pairs: Sequence[TrainingPairModel]) -> Iterator[tuple[None, Rule, str]]:
    scores = [pair.quality_score for pair in pairs if pair.quality_score is not None]
    if len(scores) >= FLAT_FROM_SCORES and len(set(scores)) == 1:
        yield None, "flat_scores", f"all {len(scores)} scores are the same, so they say nothing"
