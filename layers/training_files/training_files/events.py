"""Telling others: the database holds what is to be told, this passes it on, in order, at least once.

Each event carries an id, by which a consumer can tell a repetition. See the README for its fields.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from training_files.errors import NotSetUpError, UpstreamUnavailableError
from training_files.records import Record

AT_ONCE = 100

logger = logging.getLogger(__name__)


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

    def publish(self, events: Sequence[TrainingFileEvent]) -> list[UUID]:
        """Passes events on and returns the ids of those that arrived; none of a file behind one that did not."""


class Announcer:
    """Passes on what waits in the outbox. Two that do so at once tell some things twice."""

    def __init__(self, outbox: Outbox, bus: EventBus) -> None:
        self._outbox = outbox
        self._bus = bus

    def announce(self, training_file_id: UUID | None = None) -> int:
        """Passes on the events of one training file, or of all, and returns how many.

        Raises UpstreamUnavailableError.
        """
        waiting = self._outbox.unpublished(limit=AT_ONCE, training_file_id=training_file_id)
        published = self._bus.publish(waiting) if waiting else []
        if published:
            self._outbox.mark_published(published)
        return len(published)

    def announce_if_possible(self, training_file_id: UUID) -> None:
        """The same for a caller whose work is done already; what fails now is done by housekeeping."""
        try:
            self.announce(training_file_id)
        except (UpstreamUnavailableError, NotSetUpError) as error:
            logger.warning("the events of %s wait for housekeeping: %s", training_file_id, error.message)
