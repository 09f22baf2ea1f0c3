"""Telling others: the database holds what is to be told, this passes it on, in order, at least once.

Each event carries an id, by which a consumer can tell a repetition. See the README for its fields.
"""

import logging
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import compress
from typing import Any, Protocol
from uuid import UUID

from training_files.deadline import grace
from training_files.errors import NotSetUpError, UpstreamUnavailableError
from training_files.records import Record

AT_ONCE = 100
# As many as EventBridge takes in one call.
PUBLISHED_AT_ONCE = 10

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

    def publish(self, events: Sequence[TrainingFileEvent]) -> list[bool]:
        """Passes on at most PUBLISHED_AT_ONCE events, and says of each whether it arrived.

        One that did not holds back none of those behind it. Raises UpstreamUnavailableError; what arrived is not known
        then.
        """


class Announcer:
    """Passes on what waits in the outbox. Two that do so at once tell some things twice."""

    def __init__(self, outbox: Outbox, bus: EventBus) -> None:
        self._outbox = outbox
        self._bus = bus

    def announce(self, training_file_id: UUID | None = None) -> int:
        """Passes on the events of one training file, or of all, and returns how many.

        Raises UpstreamUnavailableError when the bus does not answer and nothing has arrived.
        """
        waiting = self._outbox.unpublished(limit=AT_ONCE, training_file_id=training_file_id)
        arrived: list[UUID] = []
        try:
            arrived.extend(self._published(waiting))
        except UpstreamUnavailableError as error:
            if not arrived:
                raise
            logger.warning("some events wait for housekeeping: %s", error.message)
        if arrived:
            # However late it is: what is not marked is told again.
            with grace():
                self._outbox.mark_published(arrived)
        return len(arrived)

    def announce_if_possible(self, training_file_id: UUID) -> None:
        """The same for a caller whose work is done already; what fails now is done by housekeeping."""
        try:
            self.announce(training_file_id)
        except (UpstreamUnavailableError, NotSetUpError) as error:
            logger.warning("the events of %s wait for housekeeping: %s", training_file_id, error.message)

    def _published(self, events: Iterable[TrainingFileEvent]) -> Iterator[UUID]:
        """The ids of those that arrived, as they do.

        Each call has at most one event of a training file: the bus would take those behind one that it refuses. Of a
        training file whose event was refused nothing more is passed on.
        """
        waiting = _by_file(events)
        while waiting:
            files, waiting = waiting[:PUBLISHED_AT_ONCE], waiting[PUBLISHED_AT_ONCE:]
            for file in compress(files, self._bus.publish([file[0] for file in files])):
                yield file.popleft().id
                if file:
                    waiting.append(file)


def _by_file(events: Iterable[TrainingFileEvent]) -> list[deque[TrainingFileEvent]]:
    """The events of each training file, in their order."""
    by_file: dict[UUID, deque[TrainingFileEvent]] = {}
    for event in events:
        by_file.setdefault(event.training_file_id, deque()).append(event)
    return list(by_file.values())
