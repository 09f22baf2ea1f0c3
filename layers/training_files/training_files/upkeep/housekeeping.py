"""Tidying up behind workers that were lost and callers who went away. Run it as often as you like, several at once."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, fields
from uuid import UUID

from training_files.background.leases import BuiltElsewhereError
from training_files.builds.attempts import abandon
from training_files.catalog.folders import remove_folders, remove_objects_at, remove_revision_folders
from training_files.choosing.choices import in_parts
from training_files.context import Context
from training_files.deadline import deadline
from training_files.errors import NotSetUpError, UpstreamUnavailableError
from training_files.exports.worker import give_up_export
from training_files.ports.housekeeping import HousekeepingRepository, HousekeepingWork
from training_files.ports.uploads import Uploads
from training_files.upkeep.announcing import announce

AT_ONCE = 200
# Each has a thousand rows.
TRIES_AT_ONCE = 25
# What the next run may find mended; everything else is a fault of ours, and ends the run.
KnownError = UpstreamUnavailableError | NotSetUpError
KNOWN_ERRORS = (UpstreamUnavailableError, NotSetUpError)


@dataclass(slots=True)
class HousekeepingReport:
    """How many of each kind were done in one run, and why a step was not done to its end."""

    announced: int = 0
    requeued: int = 0
    abandoned: int = 0
    swept: int = 0
    pruned: int = 0
    aborted: int = 0
    removed: int = 0
    shards: int = 0
    failures: dict[str, KnownError] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """By kind; `failed` are steps."""
        done = {kind.name: getattr(self, kind.name) for kind in fields(self) if kind.name != "failures"}
        return done | {"failed": len(self.failures)}

    @property
    def reasons(self) -> dict[str, str]:
        return {step: error.message for step, error in self.failures.items()}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """A block that may fail; those behind it go on."""
        try:
            yield
        except KNOWN_ERRORS as error:
            self.failures[name] = error

    def raise_failures(self) -> None:
        """Raises the first, if there is any, with all of them noted."""
        first = next(iter(self.failures.values()), None)
        if first is not None:
            for step, reason in self.reasons.items():
                first.add_note(f"{step}: {reason}")
            raise first


class Housekeeping:
    """A run does a bounded amount of work, and each piece of it may be done twice without harm."""

    def __init__(
        self,
        repository: HousekeepingRepository,
        context: Context,
        *,
        keep_revisions: int,
        keep_exports_days: int,
        uploads: Uploads | None = None,
    ) -> None:
        self._repository = repository
        self._context = context
        self._keep_revisions = keep_revisions
        self._keep_exports_days = keep_exports_days
        self._uploads = uploads

    def run(self, *, seconds: float | None = None) -> HousekeepingReport:
        """Does each step though another failed; what was not done, in so many seconds, is found by the next run."""
        with nullcontext() if seconds is None else deadline(seconds):
            return self._run()

    def _run(self) -> HousekeepingReport:
        """Consumers wait for events, so these come first; what may take long comes last."""
        report, work = HousekeepingReport(), HousekeepingWork()
        with report.step("announce"):
            report.announced = announce(self._context)
        with report.step("list"):
            work = self._repository.list_work(keep_revisions=self._keep_revisions, limit=AT_ONCE)
        with report.step("requeue"):
            self._requeue(work, report)
        with report.step("abandon"):
            self._abandon(work.abandon, report)
        with report.step("prune"):
            report.pruned = self._repository.prune_events(limit=AT_ONCE)
            report.pruned += self._repository.prune_attempts(limit=AT_ONCE)
            report.pruned += self._repository.prune_exports(keep_days=self._keep_exports_days, limit=AT_ONCE)
        with report.step("sweep"):
            remove_revision_folders(self._context, work.sweep)
            self._remove_all_in(work.sweep)
            report.swept = len(work.sweep)
        unfinished = self._abort_uploads([*work.abandon, *work.remove], report)
        with report.step("remove"):
            self._remove(work.remove, unfinished, report)
        with report.step("shards"):
            self._remove_shards(report)
        return report

    def _requeue(self, work: HousekeepingWork, report: HousekeepingReport) -> None:
        """Without a queue nobody could build exports; then they end, and can be asked for again."""
        queue = self._context.queue
        if queue is not None:
            for revision_id in work.requeue:
                queue.send(revision_id)
                report.requeued += 1
        for export_id in work.exports:
            if queue is not None:
                queue.send_export(export_id)
            else:
                with suppress(BuiltElsewhereError):
                    give_up_export(self._context, export_id)
            report.requeued += 1

    def _abandon(self, revision_ids: Sequence[UUID], report: HousekeepingReport) -> None:
        for revision_id in revision_ids:
            remove_revision_folders(self._context, [revision_id])
            abandon(self._context, revision_id, "the caller was gone before the build was finished")
            report.abandoned += 1

    def _abort_uploads(self, revision_ids: Sequence[UUID], report: HousekeepingReport) -> Collection[UUID]:
        """Returns the revisions of which something may still be on its way."""
        if self._uploads is None or not revision_ids:
            return ()
        with report.step("abort"):
            aborted = self._uploads.abort(revision_ids)
            report.aborted += aborted.count
            for error in aborted.failures.values():
                report.failures["abort"] = error
            return aborted.failures
        return revision_ids

    def _remove(self, revision_ids: Sequence[UUID], unfinished: Collection[UUID], report: HousekeepingReport) -> None:
        """Those that are unfinished lose their objects too, and are found again by the next run."""
        gone = [revision_id for revision_id in revision_ids if revision_id not in unfinished]
        remove_folders(self._context, revision_ids)
        self._remove_all_in(revision_ids)
        if gone:
            self._repository.mark_objects_removed(gone)
        report.removed = len(gone)

    def _remove_all_in(self, folder_ids: Sequence[UUID]) -> None:
        """Of how many shards there were, nobody knows. Those that a lasting build needs stay."""
        if folder_ids:
            remove_objects_at(self._context, self._repository.list_folder_objects(folder_ids))

    def _remove_shards(self, report: HousekeepingReport) -> None:
        """Of builds that have ended. The objects go first, also those on their way: the rows are how they are found."""
        left = self._context.shards.list_left(limit=AT_ONCE)
        remove_objects_at(self._context, left.paths)
        if self._abort_uploads(sorted({UUID(path.partition("/")[0]) for path in left.paths}), report):
            return
        for try_ids in in_parts(left.try_ids, TRIES_AT_ONCE):
            self._context.shards.forget_tries(try_ids)
        report.shards = len(left.try_ids)
