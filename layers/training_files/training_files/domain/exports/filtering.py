"""Which targets an export does not train on, and what is left of its rows.

A target fails by what text health finds in it, in the user's texts that it answers, and in what holds for all of its
conversation, as the system prompt does; by its score; or because nobody has reviewed it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from training_files.domain.conversation.dialogues import Dialogue, Mapped, mapped
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.exports.export import ExportFilter, ExportRequest
from training_files.domain.health.findings import Finding

# Beside the rules of text health, why a target fails.
LOW_SCORE, NOT_SCORED, NOT_REVIEWED = "min_quality_score", "not_scored", "reviewed_only"

# The turns of the targets that fail, and why.
Failing = Mapping[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Filtered:
    """What is left: `failing` are targets that fail, `lost` turns of targets that do not, behind the end of a row."""

    mapped: Mapped
    failing: Failing
    lost: tuple[int, ...] = ()


def failing_targets(
    pairs: Sequence[TrainingPairModel],
    wanted: ExportFilter,
    found: Mapping[int, Sequence[Finding]],
    scores: Mapping[int, Decimal | None],
) -> dict[int, list[str]]:
    """`found` are the findings that concern each target, `scores` those that count, both by turn."""
    failing: dict[int, list[str]] = {}
    for pair in pairs:
        if pair.trainable:
            reasons = list(_reasons(pair, wanted, found[pair.turn_number], scores.get(pair.turn_number)))
            if reasons:
                failing[pair.turn_number] = reasons
    return failing


def _reasons(
    pair: TrainingPairModel, wanted: ExportFilter, findings: Sequence[Finding], score: Decimal | None
) -> Iterable[str]:
    unwanted = frozenset[str](wanted.without)
    yield from dict.fromkeys(each.rule for each in findings if not unwanted.isdisjoint((each.rule, each.severity)))
    if wanted.min_quality_score is not None and (score is None or score < wanted.min_quality_score):
        yield NOT_SCORED if score is None else LOW_SCORE
    if wanted.reviewed_only and not pair.human_reviewed:
        yield NOT_REVIEWED


def filtered(
    conversation_id: str,
    pairs: Sequence[TrainingPairModel],
    whole: Mapped,
    failing: Failing,
    request: ExportRequest,
) -> Filtered:
    """What is left of `whole`, the dialogues of a conversation, without failing targets.

    `pairs` come in the order of their turns. In granularity `turn` the rows of failing targets are left out. For whole
    conversations, formats that need not train on every answer keep what was said: `messages_weight` gives it no weight,
    `prompt_completion` trains on the last answer alone. In the others the row ends before the first failing target.
    """
    unanswered = tuple(each for each in whole.left_out if each.reason == "no_target")
    if request.granularity == "turn":
        rows = {dialogue.turn for dialogue in whole.dialogues}
        kept = tuple(dialogue for dialogue in whole.dialogues if dialogue.turn not in failing)
        # What gives no row anyway is not left out for this.
        return Filtered(replace(whole, dialogues=kept), {turn: failing[turn] for turn in failing if turn in rows})
    keeps = request.format in ("messages_weight", "prompt_completion")
    kept_pairs = _up_to_last_kept(pairs, failing) if keeps else _before_first(pairs, failing)
    rest = mapped(conversation_id, kept_pairs, "conversation")
    while (stop := _stop_of(rest)) in failing:
        # What it answers cannot be in a dialogue, so that nothing behind it can.
        kept_pairs = _up_to_last_kept([pair for pair in kept_pairs if pair.turn_number < stop], failing)
        rest = mapped(conversation_id, kept_pairs, "conversation")
    dialogues = tuple(_without_targets(dialogue, failing) for dialogue in rest.dialogues)
    refused = tuple(each for each in rest.left_out if each.reason in ("role_order", "empty_message"))
    left = replace(rest, dialogues=dialogues, left_out=(*unanswered, *refused))
    return Filtered(left, failing, _healthy(pairs[len(kept_pairs) :], failing))


def _stop_of(found: Mapped) -> int:
    """The turn for which a conversation has no dialogue; -1 where it has one, or no single turn is to blame."""
    turns = [each.turn for each in found.left_out if each.reason in ("role_order", "empty_message")]
    return next((turn for turn in turns if turn is not None), -1)


def _up_to_last_kept(pairs: Sequence[TrainingPairModel], failing: Failing) -> Sequence[TrainingPairModel]:
    last = max((n for n, pair in enumerate(pairs) if pair.trainable and pair.turn_number not in failing), default=-1)
    return pairs[: last + 1]


def _before_first(pairs: Sequence[TrainingPairModel], failing: Failing) -> Sequence[TrainingPairModel]:
    """Without the user's texts, either, that only a failing target answers."""
    first = next((n for n, pair in enumerate(pairs) if pair.turn_number in failing), len(pairs))
    return _up_to_last_kept(pairs[:first], failing)


def _healthy(pairs: Sequence[TrainingPairModel], failing: Collection[int]) -> tuple[int, ...]:
    return tuple(pair.turn_number for pair in pairs if pair.trainable and pair.turn_number not in failing)


def _without_targets(dialogue: Dialogue, failing: Failing) -> Dialogue:
    kept = [place for place, turn in enumerate(dialogue.turns) if turn not in failing]
    return replace(
        dialogue,
        pair_ids=tuple(dialogue.pair_ids[place] for place in kept),
        turns=tuple(dialogue.turns[place] for place in kept),
        targets=tuple(dialogue.targets[place] for place in kept),
    )
