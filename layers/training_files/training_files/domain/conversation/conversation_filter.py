"""The one filter by which conversations are chosen, wherever they are."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from training_files.domain.record import Record


class ConversationFilter(Record):
    """Which conversations are meant. Empty lists, and limits that are None, match everything.

    Keys are those of the row, or of its snapshot; scores are those of the row, and a limit leaves out a conversation
    that has none. Conversations from `created_after` on and before `created_before` match. `not_in` are training files
    whose conversations do not match.
    """

    personas: tuple[str, ...] = ()
    emotional_arcs: tuple[str, ...] = ()
    training_topics: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    batch_ids: tuple[str, ...] = ()
    min_quality_score: Decimal | None = None
    max_quality_score: Decimal | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    not_in: tuple[UUID, ...] = ()


# The fields whose keys are those of conversations, with the name of one such key in a sentence.
KEYED: dict[str, str] = {
    "personas": "persona",
    "emotional_arcs": "emotional arc",
    "training_topics": "training topic",
    "tiers": "tier",
    "batch_ids": "batch",
}
