"""Tidying up behind workers that were lost and callers who went away. Run it as often as you like, several at once."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from training_files.leases import BuiltElsewhereError
from training_files.records import Record
from training_files.service import TrainingFileService

AT_ONCE = 200


class HousekeepingWork(Record):
    """Ids for each kind of work: of revisions to queue again and to abandon, of folders to remove, of exports that
    nobody builds.
    """

    requeue: tuple[UUID, ...] = ()
    abandon: tuple[UUID, ...] = ()
    remove: tuple[UUID, ...] = ()
    exports: tuple[UUID, ...] = ()
    sweep: tuple[UUID, ...] = ()


class HousekeepingRepository(Protocol):
    """What housekeeping needs to know, beside what the service's repository does."""

    def list_work(self, *, keep_revisions: int, limit: int) -> HousekeepingWork: ...

    def mark_objects_removed(self, revision_ids: Sequence[UUID]) -> None: ...

    def prune_events(self, *, limit: int) -> int:
        """Forgets events that were published long ago, and returns how many."""


class Uploads(Protocol):
    """Objects on their way into the bucket, where the object store sends them in parts."""

    def abort(self, revision_ids: Sequence[UUID]) -> int:
        """Aborts what was begun for objects of these revisions and is not complete. Returns how many."""


@dataclass(frozen=True, slots=True)
class HousekeepingReport:
    """How many of each kind were done in one run."""

    requeued: int
    abandoned: int
    removed: int
    swept: int
    aborted: int
    announced: int
    pruned: int


class Housekeeping:
    """A run does a bounded amount of work, and each piece of it may be done twice without harm."""

    def __init__(
        self,
        repository: HousekeepingRepository,
        service: TrainingFileService,
        *,
        keep_revisions: int,
        uploads: Uploads | None = None,
    ) -> None:
        self._repository = repository
        self._service = service
        self._keep_revisions = keep_revisions
        self._uploads = uploads

    def run(self) -> HousekeepingReport:
        """Raises UpstreamUnavailableError; what was not done then is found by the next run."""
        work = self._repository.list_work(keep_revisions=self._keep_revisions, limit=AT_ONCE)
        if self._service.queue is not None:
            for revision_id in work.requeue:
                self._service.queue.send(revision_id)
        aborted = self._abort_uploads([*work.abandon, *work.remove])
        self._take_up(work.exports)
        self._abandon(work.abandon)
        self._remove(work.remove)
        self._service.remove_objects(work.sweep)
        return HousekeepingReport(
            requeued=len(work.requeue) + len(work.exports),
            abandoned=len(work.abandon),
            removed=len(work.remove),
            swept=len(work.sweep),
            aborted=aborted,
            announced=self._service.announcer.announce() if self._service.announcer else 0,
            pruned=self._repository.prune_events(limit=AT_ONCE),
        )

    def _take_up(self, export_ids: Sequence[UUID]) -> None:
        """Without a queue nobody could build them; then they end, and can be asked for again."""
        for export_id in export_ids:
            if self._service.queue is not None:
                self._service.queue.send_export(export_id)
            else:
                with suppress(BuiltElsewhereError):
                    self._service.give_up_export(export_id)

    def _abort_uploads(self, revision_ids: Sequence[UUID]) -> int:
        """Before their rows say that nothing is left of them."""
        return self._uploads.abort(revision_ids) if self._uploads and revision_ids else 0

    def _abandon(self, revision_ids: Sequence[UUID]) -> None:
        for revision_id in revision_ids:
            self._service.remove_objects([revision_id])
            self._service.repository.abandon_revision(
                revision_id=revision_id, error={"message": "the caller was gone before the build was finished"}
            )

    def _remove(self, revision_ids: Sequence[UUID]) -> None:
        if revision_ids:
            self._service.remove_folders(revision_ids)
            self._repository.mark_objects_removed(revision_ids)
