"""Which targets an export does not train on, and what is left of its rows.

A target fails by what text health finds in it, in the user's texts that it answers, and in what holds for all of its
conversation, as the system prompt does; by its score; or because nobody has reviewed it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from training_files.domain.conversation.dialogues import Dialogue, Mapped, mapped
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import ExportFilter, ExportFormat
from training_files.domain.health.by_target import findings_by_target
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
    findings: Sequence[Finding],
    scores: Mapping[int, Decimal | None],
) -> dict[int, list[str]]:
    """`pairs` in the order of their turns; `scores` are those that count, by turn."""
    found = findings_by_target([(pair.turn_number, pair.trainable) for pair in pairs], findings)
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


def mapped_without(
    conversation_id: str,
    pairs: Sequence[TrainingPairModel],
    failing: Failing,
    granularity: Granularity,
    export_format: ExportFormat,
) -> Filtered:
    """The dialogues in which no target fails; `pairs` in the order of their turns.

    In granularity `turn` the rows of failing targets are left out. For a whole conversation, format `messages_weight`
    keeps their messages and does not train on them; in the others, which train on every answer, the row ends before
    the first of them.
    """
    if granularity == "turn":
        whole = mapped(conversation_id, pairs, granularity)
        kept = tuple(each for each in whole.dialogues if each.turn not in failing)
        return Filtered(replace(whole, dialogues=kept), failing)
    weighs = export_format == "messages_weight"
    kept_pairs = _up_to_last_kept(pairs, failing) if weighs else _before_first(pairs, failing)
    if not kept_pairs:
        return Filtered(Mapped((), (), ()), failing, _healthy(pairs, failing))
    rest = mapped(conversation_id, kept_pairs, granularity)
    dialogues = tuple(_without_targets(dialogue, failing) for dialogue in rest.dialogues)
    return Filtered(replace(rest, dialogues=dialogues), failing, _healthy(pairs[len(kept_pairs) :], failing))


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
