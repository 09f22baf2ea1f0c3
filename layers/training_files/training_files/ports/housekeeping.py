"""What housekeeping needs to know of the rows."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from training_files.domain.record import Record


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

    def list_work(self, *, keep_revisions: int, limit: int) -> HousekeepingWork:
        """What there is to do. Old revisions that are listed to be removed are given up in the same transaction.

        From then on nobody can tag or export them, or go back to them; those of which that was begun before are not
        among them.
        """

    def mark_objects_removed(self, revision_ids: Sequence[UUID]) -> None: ...

    def list_folder_objects(self, folder_ids: Sequence[UUID]) -> list[str]:
        """The paths of all objects in these folders, without those of tries of shards: they go with their tries."""

    def prune_attempts(self, *, limit: int) -> int:
        """Forgets attempts that failed long ago, and returns how many."""

    def prune_exports(self, *, keep_days: int, limit: int) -> int:
        """Removes exports that nobody has used for so many days, or of which a file has too many. Returns how many."""

    def prune_events(self, *, limit: int) -> int:
        """Forgets events that were published long ago, and returns how many."""
