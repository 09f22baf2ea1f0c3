"""Rows of `conversations`."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from training_files.domain.record import Record

# In these statuses a conversation has its enriched file.
ENRICHED = ("enriched", "completed")


class Conversation(Record):
    """A row of `conversations` as far as a training file needs it."""

    id: UUID
    conversation_id: UUID
    enrichment_status: str | None = None
    enriched_file_path: str | None = None
    # PostgreSQL's numeric has NaN and Infinity; the check of the row refuses them.
    quality_score: Annotated[Decimal, Field(allow_inf_nan=True)] | None = None
    created_at: datetime
    batch_id: str | None = None
    persona_key: str | None = None
    persona_name: str | None = None
    emotional_arc_key: str | None = None
    emotional_arc_name: str | None = None
    training_topic_key: str | None = None
    training_topic_name: str | None = None
    already_in_file: bool = False


class Candidate(Record):
    """A conversation that could be added to a training file. Its score is that of its row, None where it has none."""

    conversation_id: UUID
    created_at: datetime
    quality_score: Decimal | None = None
    persona_key: str | None = None
    emotional_arc_key: str | None = None
    training_topic_key: str | None = None
