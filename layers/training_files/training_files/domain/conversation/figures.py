"""Counting: what one conversation contributes to a training file."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from training_files.domain.conversation.conversation import Conversation
from training_files.domain.conversation.enriched_file import EnrichedFile, TrainingPairModel
from training_files.domain.conversation.scaffolding import Scaffolding


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

    def as_columns(self) -> dict[str, Any]:
        """Exact: a float would not hold every sum."""
        return {
            "score_sum": str(self.sum),
            "score_count": self.count,
            "min_quality_score": _as_text(self.minimum),
            "max_quality_score": _as_text(self.maximum),
        }

    @classmethod
    def from_columns(cls, columns: dict[str, Any]) -> "ScoreTally":
        return cls(
            Decimal(columns["score_sum"]),
            columns["score_count"],
            _as_decimal(columns["min_quality_score"]),
            _as_decimal(columns["max_quality_score"]),
        )


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

    @property
    def keys(self) -> dict[str, str | None]:
        """By the names that a distribution has for them."""
        return {
            "personas": self.persona_key,
            "emotional_arcs": self.emotional_arc_key,
            "training_topics": self.training_topic_key,
        }

    def as_row(self) -> dict[str, Any]:
        return {
            "conversation_id": str(self.conversation_id),
            "training_pairs": self.training_pairs,
            "trainable_pairs": self.trainable_pairs,
            **self.scores.as_columns(),
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
            scores=ScoreTally.from_columns(row),
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


def _known(*values: Decimal | None) -> list[Decimal]:
    return [value for value in values if value is not None]


def _as_text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _as_decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
