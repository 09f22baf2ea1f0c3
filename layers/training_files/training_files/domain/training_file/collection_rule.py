"""The rule by which a training file collects conversations."""

from decimal import Decimal

from training_files.domain.record import Record


class CollectionRule(Record):
    """Which enriched conversations of its owner a training file takes by itself. Empty lists match everything."""

    min_quality_score: Decimal | None = None
    personas: tuple[str, ...] = ()
    emotional_arcs: tuple[str, ...] = ()
    training_topics: tuple[str, ...] = ()
