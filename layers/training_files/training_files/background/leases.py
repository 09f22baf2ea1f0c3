"""One worker at a time: work in the background is claimed, kept under a lease, and ended or given back.

The work is a row: a revision that is built, or an export. Its messages may come twice, late, or to two workers at once;
the lease on the row says who works. A worker that stops renewing its lease is taken for lost.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import ClassVar, Protocol, TypeVar
from uuid import UUID

from training_files.catalog.folders import left_to_housekeeping
from training_files.errors import TrainingFilesError
from training_files.ports.leases import Lease

logger = logging.getLogger(__name__)


class BuiltElsewhereError(Exception):
    """Another worker has the work now, or someone has deleted its training file.

    Whoever notices stops and leaves the work alone, and its message in the queue. The message goes when the work is
    seen to have ended, so that work whose worker is lost again and again is counted, and given up in the end.
    """


class Claimed(Protocol):
    """What a claim answers. Only with the outcome `claimed` is there something to do."""

    @property
    def outcome(self) -> str: ...


class LeasedWork(Protocol):
    """A piece of work while a worker has it."""

    renewed_every_seconds: ClassVar[float]
    permanent_errors: ClassVar[tuple[type[Exception], ...]]
    """Errors that another try would meet again."""

    @property
    def id(self) -> UUID:
        """The id of its row."""

    def renew(self) -> None:
        """Keeps the lease."""

    def release(self, reason: str) -> None:
        """Gives the lease back, so that the work can be taken up again at once."""

    def fail(self, error: Exception) -> None:
        """Ends the work as failed."""


ClaimedWork = TypeVar("ClaimedWork", bound=Claimed)


def claim(what: str, work_id: UUID, lease: Lease, ask: Callable[[UUID, Lease], ClaimedWork]) -> ClaimedWork | None:
    """What was claimed, or None when the work is finished or gone.

    Raises BuiltElsewhereError while another worker has it.
    """
    claimed = ask(work_id, lease)
    if claimed.outcome == "leased":
        raise BuiltElsewhereError(work_id)
    if claimed.outcome != "claimed":
        logger.info("%s %s: %s, nothing to do", what, work_id, claimed.outcome)
        return None
    return claimed


@contextmanager
def under_lease(work: LeasedWork) -> Iterator[None]:
    """The block is done under the lease, which is renewed beside it.

    A permanent error ends the work as failed. After any other error of ours the lease is given back and the error is
    raised, so that the work is tried again.
    """
    try:
        with renewed(work):
            yield
    except work.permanent_errors as error:
        work.fail(error)
    except TrainingFilesError as error:
        with left_to_housekeeping(work.id):
            work.release(error.message)
        raise


@contextmanager
def renewed(work: LeasedWork) -> Iterator[None]:
    """Renews the lease again and again beside a block that may last for minutes."""
    finished = Event()

    def keep() -> None:
        while not finished.wait(work.renewed_every_seconds):
            with left_to_housekeeping(work.id):
                work.renew()

    thread = Thread(target=keep, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()
