"""What comes after a commit, in memory: the outbox and whoever hears of it, and what housekeeping asks the database."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import compress, islice
from uuid import UUID

from tests.support.fake_exports import InMemoryExports
from tests.support.fake_repository import InMemoryRepository
from tests.support.fakes.rows import DEAD_AFTER
from training_files.domain.training_file.revision import Revision
from training_files.ports.events import PUBLISHED_AT_ONCE, TrainingFileEvent
from training_files.ports.housekeeping import HousekeepingWork

TAKEN_UP_WITHIN = timedelta(minutes=2)
LOST_FOR = timedelta(minutes=1)
NOBODY_WRITES_AFTER = timedelta(minutes=20)
SUPERSEDED_FOR = timedelta(days=1)


@dataclass(slots=True)
class InMemoryOutbox:
    """Implements `training_files.ports.events.Outbox` over the events of a repository."""

    repository: InMemoryRepository
    published: set[UUID] = field(default_factory=set)

    def unpublished(self, *, limit: int, training_file_id: UUID | None = None) -> list[TrainingFileEvent]:
        waiting = (event for event in self.repository.events if event.id not in self.published)
        return list(islice((e for e in waiting if training_file_id in (None, e.training_file_id)), limit))

    def mark_published(self, event_ids: Sequence[UUID]) -> None:
        self.published.update(event_ids)


@dataclass(slots=True)
class InMemoryBus:
    """Implements `training_files.ports.events.EventBus`, with a consumer that tells repetitions by their id.

    As EventBridge does, it may refuse some events of a call, here those at these positions, and take the others.
    """

    refuses: Collection[int] = ()
    heard: dict[UUID, TrainingFileEvent] = field(default_factory=dict)

    def publish(self, events: Sequence[TrainingFileEvent]) -> list[bool]:
        assert 1 <= len(events) <= PUBLISHED_AT_ONCE
        arrived = [position not in self.refuses for position in range(len(events))]
        for event in compress(events, arrived):
            self.heard.setdefault(event.id, event)
        return arrived


@dataclass(slots=True)
class InMemoryHousekeeping:
    """Implements `training_files.ports.housekeeping.HousekeepingRepository` over the rows of a repository."""

    repository: InMemoryRepository
    exports: InMemoryExports | None = None
    objects_removed: set[UUID] = field(default_factory=set)
    # Folders of rows that are gone, in the order in which they were emptied.
    emptied: dict[UUID, None] = field(default_factory=dict)

    def list_work(self, *, keep_revisions: int, limit: int) -> HousekeepingWork:
        self._give_up(keep_revisions, limit)
        return HousekeepingWork(
            requeue=tuple(islice(self._without_worker(), limit)),
            abandon=tuple(islice(self._without_caller(), limit)),
            remove=tuple(islice(self._with_objects_for_nobody(), limit)),
            sweep=tuple(islice(filter(self._is_written_to_again, self.emptied), limit)),
        )

    def mark_objects_removed(self, revision_ids: Sequence[UUID]) -> None:
        self.objects_removed.update(set(revision_ids) & set(self.repository.revisions))
        for revision_id in revision_ids:
            if self.repository.removals.pop(revision_id, None):
                self.emptied[revision_id] = None

    def list_folder_objects(self, folder_ids: Sequence[UUID]) -> list[str]:
        owned = tuple(f"{each.path}." for each in self.repository.shard_tries.values())
        folders = tuple(f"{folder_id}/" for folder_id in folder_ids)
        paths = self.repository.object_paths()
        return sorted(path for path in paths if path.startswith(folders) and not path.startswith(owned))

    def prune_attempts(self, *, limit: int) -> int:  # noqa: ARG002 - attempts are kept for a test to look at
        return 0

    def prune_exports(self, *, keep_days: int, limit: int) -> int:  # noqa: ARG002 - as above
        return 0

    def prune_events(self, *, limit: int) -> int:  # noqa: ARG002 - events are kept for a test to look at
        return 0

    def _is_written_to_again(self, folder_id: UUID) -> bool:
        return folder_id not in self.repository.revisions and bool(self.list_folder_objects([folder_id]))

    def _without_worker(self) -> Iterator[UUID]:
        for revision in self._building(background=True):
            ends_at = self.repository.lease_ends_at(revision.id) or revision.created_at + TAKEN_UP_WITHIN
            if ends_at < self.repository.clock.now() - LOST_FOR:
                yield revision.id

    def _without_caller(self) -> Iterator[UUID]:
        for revision in self._building(background=False):
            if revision.created_at < self.repository.clock.now() - DEAD_AFTER:
                yield revision.id

    def _building(self, *, background: bool) -> list[Revision]:
        revisions = self.repository.revisions.values()
        return [r for r in revisions if r.status == "building" and r.background == background]

    def _give_up(self, keep_revisions: int, limit: int) -> None:
        revisions = self.repository.revisions
        newest = {file.id: file.revision for file in self.repository.training_files.values()}
        old = (
            each
            for each in revisions.values()
            if each.is_kept
            and each.number <= newest[each.training_file_id] - keep_revisions
            and self._is_needless(self.repository.with_tags(each))
        )
        for revision in [*islice(old, limit)]:
            revisions[revision.id] = revision.model_copy(update={"pruned_at": self.repository.clock.now()})

    def _with_objects_for_nobody(self) -> Iterator[UUID]:
        long_ago = self.repository.clock.now() - NOBODY_WRITES_AFTER
        for revision in self.repository.revisions.values():
            failed = revision.status == "failed" and revision.finished_at and revision.finished_at < long_ago
            if (failed or revision.pruned_at) and revision.id not in self.objects_removed:
                yield revision.id
        yield from (revision_id for revision_id, gone_at in self.repository.removals.items() if gone_at < long_ago)

    def _is_needless(self, revision: Revision) -> bool:
        """It has no tag, a link to it has expired, and nobody exports it or goes back to it."""
        gone_back_to = [
            self.repository.requested[each.id].get("revision")
            for each in self.repository.revisions.values()
            if (each.training_file_id, each.status) == (revision.training_file_id, "building")
        ]
        if revision.tags or revision.number in gone_back_to:
            return False
        a_day_ago = self.repository.clock.now() - SUPERSEDED_FOR
        following = self.repository.get_revision(revision.training_file_id, number=revision.number + 1)
        exports = [
            each
            for each in (self.exports.rows.values() if self.exports else ())
            if (each.training_file_id, each.revision) == (revision.training_file_id, revision.number)
        ]
        return (
            following is not None
            and following.finished_at is not None
            and following.finished_at < a_day_ago
            and not any(
                each.status == "building" or (each.finished_at or each.created_at) > a_day_ago for each in exports
            )
        )
