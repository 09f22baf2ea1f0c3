"""Passing events on: the database holds them, the bus gets them, in order and at least once.

Each event carries an id, by which a consumer recognises a repetition. docs/events.md lists its fields.
"""

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import compress
from uuid import UUID

from training_files.context import Context
from training_files.deadline import grace
from training_files.errors import NotSetUpError, UpstreamUnavailableError
from training_files.ports.events import PUBLISHED_AT_ONCE, EventBus, Outbox, TrainingFileEvent

AT_ONCE = 100

logger = logging.getLogger(__name__)


def announce(context: Context, training_file_id: UUID | None = None) -> int:
    """Passes on the events of one training file, or of all, and returns how many; 0 where there is no bus.

    Raises UpstreamUnavailableError when the bus does not answer and nothing has arrived.
    """
    if context.outbox is None or context.event_bus is None:
        return 0
    return Announcer(context.outbox, context.event_bus).announce(training_file_id)


def announce_if_possible(context: Context, training_file_id: UUID) -> None:
    """The same for a caller whose work is done already; events that fail now are left to housekeeping."""
    try:
        announce(context, training_file_id)
    except (UpstreamUnavailableError, NotSetUpError) as error:
        logger.warning("the events of %s are left to housekeeping: %s", training_file_id, error.message)


class Announcer:
    """Passes on what waits in the outbox. Two at once pass some events on twice."""

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
            logger.warning("some events are left to housekeeping: %s", error.message)
        if arrived:
            # However late it is: what is not marked is published again.
            with grace():
                self._outbox.mark_published(arrived)
        return len(arrived)

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
