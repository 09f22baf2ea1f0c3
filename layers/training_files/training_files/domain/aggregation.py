"""Counting: what a conversation contributes, and what a training file adds up to."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from training_files.domain.enriched_file import EnrichedFile, TrainingPairModel
from training_files.domain.scaffolding import Scaffolding
from training_files.domain.spelling import rounded
from training_files.records import Conversation, Distribution


@dataclass(frozen=True, slots=True)
class ScoreTally:
    """Scores of training pairs, kept as exact sums so that totals can grow without the pairs."""

    sum: Decimal = Decimal(0)
    count: int = 0
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    @classmethod
    def of(cls, scores: list[Decimal]) -> "ScoreTally":
        if not scores:
            return cls()
        return cls(sum(scores, Decimal(0)), len(scores), min(scores), max(scores))

    def plus(self, other: "ScoreTally") -> "ScoreTally":
        return ScoreTally(
            self.sum + other.sum,
            self.count + other.count,
            min(_known(self.minimum, other.minimum), default=None),
            max(_known(self.maximum, other.maximum), default=None),
        )

    @property
    def mean(self) -> Decimal | None:
        return self.sum / self.count if self.count else None


@dataclass(frozen=True, slots=True)
class ConversationFigures:
    """What one conversation contributes to a training file; a row of `training_file_conversations`."""

    conversation_id: UUID
    training_pairs: int
    trainable_pairs: int
    reviewed_pairs: int
    scores: ScoreTally
    persona_key: str | None
    emotional_arc_key: str | None
    training_topic_key: str | None
    enriched_sha256: str

    def as_row(self) -> dict[str, Any]:
        return {
            "conversation_id": str(self.conversation_id),
            "training_pairs": self.training_pairs,
            "trainable_pairs": self.trainable_pairs,
            "score_sum": str(self.scores.sum),
            "score_count": self.scores.count,
            "min_quality_score": _as_text(self.scores.minimum),
            "max_quality_score": _as_text(self.scores.maximum),
            "reviewed_pairs": self.reviewed_pairs,
            "persona_key": self.persona_key,
            "emotional_arc_key": self.emotional_arc_key,
            "training_topic_key": self.training_topic_key,
            "enriched_sha256": self.enriched_sha256,
        }

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> "ConversationFigures":
        return cls(
            conversation_id=UUID(row["conversation_id"]),
            training_pairs=row["training_pairs"],
            trainable_pairs=row["trainable_pairs"],
            reviewed_pairs=row["reviewed_pairs"],
            scores=_tally_from(row),
            persona_key=row["persona_key"],
            emotional_arc_key=row["emotional_arc_key"],
            training_topic_key=row["training_topic_key"],
            enriched_sha256=row["enriched_sha256"],
        )


def figures_of(
    conversation: Conversation, enriched: EnrichedFile, scaffolding: Scaffolding, sha256: str
) -> ConversationFigures:
    pairs = enriched.model.training_pairs
    return ConversationFigures(
        conversation_id=conversation.conversation_id,
        training_pairs=len(pairs),
        trainable_pairs=sum(pair.trainable for pair in pairs),
        reviewed_pairs=sum(pair.human_reviewed for pair in pairs),
        scores=ScoreTally.of(_scores(conversation, pairs)),
        persona_key=scaffolding.persona_key,
        emotional_arc_key=scaffolding.emotional_arc_key,
        training_topic_key=scaffolding.training_topic_key,
        enriched_sha256=sha256,
    )


def _scores(conversation: Conversation, pairs: Iterable[TrainingPairModel]) -> list[Decimal]:
    """One score a pair: the row's, which was reviewed, wins for each of its pairs over the pair's own."""
    own = [conversation.quality_score if conversation.quality_score is not None else p.quality_score for p in pairs]
    return [Decimal(str(score)) for score in own if score is not None]


@dataclass(frozen=True, slots=True)
class Totals:
    """What a training file adds up to. Kept with its revision, so that an addition reads no old conversation.

    A distribution counts conversations by key, in the order in which the keys first appeared.
    """

    conversation_count: int = 0
    total_training_pairs: int = 0
    trainable_pairs: int = 0
    human_reviewed_count: int = 0
    scores: ScoreTally = ScoreTally()
    personas: dict[str, int] = field(default_factory=dict)
    emotional_arcs: dict[str, int] = field(default_factory=dict)
    training_topics: dict[str, int] = field(default_factory=dict)

    def plus(self, figures: ConversationFigures) -> "Totals":
        return replace(
            self,
            conversation_count=self.conversation_count + 1,
            total_training_pairs=self.total_training_pairs + figures.training_pairs,
            trainable_pairs=self.trainable_pairs + figures.trainable_pairs,
            human_reviewed_count=self.human_reviewed_count + figures.reviewed_pairs,
            scores=self.scores.plus(figures.scores),
            personas=_counted(self.personas, figures.persona_key),
            emotional_arcs=_counted(self.emotional_arcs, figures.emotional_arc_key),
            training_topics=_counted(self.training_topics, figures.training_topic_key),
        )

    @property
    def avg_quality_score(self) -> Decimal | None:
        return None if self.scores.mean is None else rounded(self.scores.mean)

    @property
    def scaffolding_distribution(self) -> Distribution:
        return {
            "personas": self.personas,
            "emotional_arcs": self.emotional_arcs,
            "training_topics": self.training_topics,
        }

    def as_json(self) -> dict[str, Any]:
        """For a jsonb column, which keeps the order of lists but not of keys."""
        return {
            "conversation_count": self.conversation_count,
            "total_training_pairs": self.total_training_pairs,
            "trainable_pairs": self.trainable_pairs,
            "human_reviewed_count": self.human_reviewed_count,
            "score_sum": str(self.scores.sum),
            "score_count": self.scores.count,
            "min_quality_score": _as_text(self.scores.minimum),
            "max_quality_score": _as_text(self.scores.maximum),
            "distribution": {key: list(n.items()) for key, n in self.scaffolding_distribution.items()},
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Totals":
        distribution = {key: dict(pairs) for key, pairs in value["distribution"].items()}
        return cls(
            conversation_count=value["conversation_count"],
            total_training_pairs=value["total_training_pairs"],
            trainable_pairs=value["trainable_pairs"],
            human_reviewed_count=value["human_reviewed_count"],
            scores=_tally_from(value),
            **distribution,
        )


def _tally_from(value: dict[str, Any]) -> ScoreTally:
    return ScoreTally(
        Decimal(value["score_sum"]),
        value["score_count"],
        _as_decimal(value["min_quality_score"]),
        _as_decimal(value["max_quality_score"]),
    )


def _counted(counts: dict[str, int], key: str | None) -> dict[str, int]:
    return {**counts, key: counts.get(key, 0) + 1} if key else counts


def _known(*values: Decimal | None) -> list[Decimal]:
    return [value for value in values if value is not None]


def _as_text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _as_decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
