"""Tidying up behind workers that were lost and callers who went away. Run it as often as you like, several at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from training_files.records import Record
from training_files.service import TrainingFileService

AT_ONCE = 200


class HousekeepingWork(Record):
    """Ids of revisions, for each kind of work."""

    requeue: tuple[UUID, ...] = ()
    abandon: tuple[UUID, ...] = ()
    remove: tuple[UUID, ...] = ()


class HousekeepingRepository(Protocol):
    """What housekeeping needs to know, beside what the service's repository does."""

    def list_work(self, *, keep_revisions: int, limit: int) -> HousekeepingWork: ...

    def mark_objects_removed(self, revision_ids: Sequence[UUID]) -> None: ...


@dataclass(frozen=True, slots=True)
class HousekeepingReport:
    """How many of each kind were done in one run."""

    requeued: int
    abandoned: int
    removed: int
    announced: int


class Housekeeping:
    """A run does a bounded amount of work, and each piece of it may be done twice without harm."""

    def __init__(
        self, repository: HousekeepingRepository, service: TrainingFileService, *, keep_revisions: int
    ) -> None:
        self._repository = repository
        self._service = service
        self._keep_revisions = keep_revisions

    def run(self) -> HousekeepingReport:
        """Raises UpstreamUnavailableError; what was not done then is found by the next run."""
        work = self._repository.list_work(keep_revisions=self._keep_revisions, limit=AT_ONCE)
        if self._service.queue is not None:
            for revision_id in work.requeue:
                self._service.queue.send(revision_id)
        self._abandon(work.abandon)
        self._remove(work.remove)
        announced = self._service.announcer.announce() if self._service.announcer else 0
        return HousekeepingReport(len(work.requeue), len(work.abandon), len(work.remove), announced)

    def _abandon(self, revision_ids: Sequence[UUID]) -> None:
        for revision_id in revision_ids:
            self._service.remove_objects([revision_id])
            self._service.repository.abandon_revision(
                revision_id=revision_id, error={"message": "the caller was gone before the build was finished"}
            )

    def _remove(self, revision_ids: Sequence[UUID]) -> None:
        if revision_ids:
            self._service.remove_objects(revision_ids)
            self._repository.mark_objects_removed(revision_ids)
