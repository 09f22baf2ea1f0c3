"""Events: written with the commit that they tell of, then passed on to a bus."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from training_files.domain.record import Record

# As many as EventBridge takes in one call.
PUBLISHED_AT_ONCE = 10


class TrainingFileEvent(Record):
    """A row of `training_file_events`."""

    id: UUID
    training_file_id: UUID
    type: str
    detail: dict[str, Any]
    created_at: datetime


class Outbox(Protocol):
    """Events that were written and not yet passed on."""

    def unpublished(self, *, limit: int, training_file_id: UUID | None = None) -> list[TrainingFileEvent]:
        """The oldest first."""

    def mark_published(self, event_ids: Sequence[UUID]) -> None: ...


class EventBus(Protocol):
    """Where consumers listen."""

    def publish(self, events: Sequence[TrainingFileEvent]) -> list[bool]:
        """Passes on at most PUBLISHED_AT_ONCE events, and says of each whether it arrived.

        One that did not holds back none of those behind it. Raises UpstreamUnavailableError; what arrived is not known
        then.
        """
