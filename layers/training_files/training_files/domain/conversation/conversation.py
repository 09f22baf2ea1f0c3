"""Rows of `conversations`."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from training_files.domain.record import Record
from training_files.domain.spelling import iso_utc

# Where an enriched file may lie: only in a folder of its conversation or its user, or anywhere in the bucket.
EnrichedPaths = Literal["own", "any"]
# As the pipeline goes through them; `enriched` comes before its last step, which may still fail.
EnrichmentStatus = Literal[
    "not_started",
    "validation_failed",
    "validated",
    "enrichment_in_progress",
    "enriched",
    "normalization_failed",
    "completed",
]
# The statuses that a conversation may have to be used, unless the operator names others.
USABLE_STATUSES: tuple[EnrichmentStatus, ...] = ("completed",)


_MOMENT = TypeAdapter(datetime)
# A day from the first and the last one that can be written, which are others elsewhere on earth. sql/ says the same.
FIRST_MOMENT = datetime(1, 1, 2, tzinfo=UTC)
LAST_MOMENT = datetime(9999, 12, 30, tzinfo=UTC)


def _readable_moment(value: object) -> datetime | None:
    """PostgreSQL's timestamptz has infinity, years before Christ, and years beyond 9999; the table is not ours."""
    try:
        moment = _MOMENT.validate_python(value)
    except ValidationError:
        return None
    in_utc = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if FIRST_MOMENT <= in_utc <= LAST_MOMENT else None


class Conversation(Record):
    """A row of `conversations` as far as a training file needs it."""

    id: UUID
    conversation_id: UUID
    enrichment_status: str | None = None
    enriched_file_path: str | None = None
    # PostgreSQL's numeric has NaN and Infinity; the check of the row refuses them.
    quality_score: Annotated[Decimal, Field(allow_inf_nan=True)] | None = None
    # None where it is nothing that a date can be written of, wherever one is.
    created_at: Annotated[datetime | None, BeforeValidator(_readable_moment)]
    created_by: UUID | None = None
    batch_id: str | None = None
    persona_key: str | None = None
    persona_name: str | None = None
    emotional_arc_key: str | None = None
    emotional_arc_name: str | None = None
    training_topic_key: str | None = None
    training_topic_name: str | None = None
    already_in_file: bool = False

    @property
    def created_date(self) -> str:
        """In UTC, as `2026-01-31`; empty where none is known."""
        return iso_utc(self.created_at)[: len("2026-01-31")] if self.created_at else ""

    @property
    def has_its_own_path(self) -> bool:
        """Whether the enriched file lies in a folder of the conversation, or under one of its user.

        The file is read with the server's key: whoever may write a row could name any other file of the bucket.
        """
        folders = (self.enriched_file_path or "").lower().split("/")[:-1]
        return str(self.conversation_id) in folders or (
            self.created_by is not None and folders[:1] == [str(self.created_by)]
        )


class Candidate(Record):
    """A conversation that could be added to a training file. Its score is that of its row, None where it has none."""

    conversation_id: UUID
    created_at: datetime
    quality_score: Decimal | None = None
    persona_key: str | None = None
    emotional_arc_key: str | None = None
    training_topic_key: str | None = None
