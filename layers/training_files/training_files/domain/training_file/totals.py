"""What a training file adds up to."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from training_files.domain.conversation.figures import ConversationFigures, ScoreTally
from training_files.domain.spelling import rounded
from training_files.domain.training_file.training_file import Distribution


@dataclass(frozen=True, slots=True)
class Totals:
    """What a training file adds up to. Kept with its revision, so that an addition reads no old conversation.

    A distribution counts conversations by key, in the order in which the keys first appeared.
    """

    conversation_count: int = 0
    total_training_pairs: int = 0
    trainable_pairs: int = 0
    human_reviewed_count: int = 0
    scores: ScoreTally = field(default_factory=ScoreTally)
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

    def followed_by(self, others: "Totals") -> "Totals":
        """Those of these conversations and of the `others` behind them."""
        return Totals(
            conversation_count=self.conversation_count + others.conversation_count,
            total_training_pairs=self.total_training_pairs + others.total_training_pairs,
            trainable_pairs=self.trainable_pairs + others.trainable_pairs,
            human_reviewed_count=self.human_reviewed_count + others.human_reviewed_count,
            scores=self.scores.plus(others.scores),
            personas=_summed(self.personas, others.personas),
            emotional_arcs=_summed(self.emotional_arcs, others.emotional_arcs),
            training_topics=_summed(self.training_topics, others.training_topics),
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

    def as_columns(self) -> dict[str, Any]:
        """By the names that a training file has for them."""
        return {
            "conversation_count": self.conversation_count,
            "total_training_pairs": self.total_training_pairs,
            "trainable_pairs": self.trainable_pairs,
            "avg_quality_score": self.avg_quality_score,
            "min_quality_score": self.scores.minimum,
            "max_quality_score": self.scores.maximum,
            "human_reviewed_count": self.human_reviewed_count,
            "scaffolding_distribution": self.scaffolding_distribution,
        }

    def as_json(self) -> dict[str, Any]:
        """For a jsonb column, which keeps the order of lists but not of keys."""
        return {
            "conversation_count": self.conversation_count,
            "total_training_pairs": self.total_training_pairs,
            "trainable_pairs": self.trainable_pairs,
            "human_reviewed_count": self.human_reviewed_count,
            **self.scores.as_columns(),
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
            scores=ScoreTally.from_columns(value),
            **distribution,
        )


def totals_of(others: dict[str, Any], placed: Iterable[tuple[int, ConversationFigures]] = ()) -> Totals:
    """Those of conversations of which `others` are added up already, as in `ports.members`, and of `placed` ones.

    Each of these comes with its position, so that keys stay in the order in which they first appear in the file.
    """
    placed = list(placed)
    counted = others["distribution"]
    totals = Totals.from_json(others | {"distribution": {}})
    for _, figures in placed:
        totals = totals.plus(figures)
    return replace(
        totals,
        personas=_in_order(counted["personas"], "personas", placed),
        emotional_arcs=_in_order(counted["emotional_arcs"], "emotional_arcs", placed),
        training_topics=_in_order(counted["training_topics"], "training_topics", placed),
    )


def _in_order(
    counts: Iterable[tuple[str, int, int]], kind: str, placed: Iterable[tuple[int, ConversationFigures]]
) -> dict[str, int]:
    found = {key: (first, times) for key, times, first in counts}
    for position, figures in placed:
        if key := figures.keys[kind]:
            first, times = found.get(key, (position, 0))
            found[key] = min(first, position), times + 1
    return {key: times for key, (_, times) in sorted(found.items(), key=lambda each: each[1])}


def _counted(counts: dict[str, int], key: str | None) -> dict[str, int]:
    return {**counts, key: counts.get(key, 0) + 1} if key else counts


def _summed(counts: dict[str, int], further: dict[str, int]) -> dict[str, int]:
    return counts | {key: counts.get(key, 0) + times for key, times in further.items()}
