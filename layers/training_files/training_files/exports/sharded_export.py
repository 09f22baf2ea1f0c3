"""An export beyond one worker, as the steps of the state machine have it planned, done, put together and committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from training_files.background.leases import claim
from training_files.background.sharded_work import WorkEndedError
from training_files.catalog.folders import left_to_housekeeping, remove_export_folders
from training_files.context import Context
from training_files.domain.exports.export import Export, ExportResult
from training_files.domain.training_file.stored_file import StoredFileInvalidError
from training_files.exports.leased_export import LeasedExport
from training_files.exports.shard_leases import broke_off, lease_of_shards
from training_files.exports.shard_merging import merge_shards
from training_files.exports.shard_objects import RESULT, ShardObjects, result_of
from training_files.exports.shard_plan import existing_plan, kept_plan
from training_files.exports.shard_planning import make_plan
from training_files.exports.shard_rendering import build_shard


@dataclass(frozen=True, slots=True)
class ShardedExport:
    """Implements `ShardedWork`. Every step writes the same bytes each time, and renews the lease.

    What a step leaves of an export that ended meanwhile, it removes itself. Each raises BuiltElsewhereError while a
    worker has the export that was at it before.
    """

    context: Context
    export_id: UUID

    def plan(self) -> list[int]:
        with self._step() as leased:
            plan = kept_plan(leased) or make_plan(leased)
            there = ShardObjects(self.context, self.export_id).names()
            return [shard for shard in plan.shards if result_of(shard) not in there]

    def build_shard(self, shard: int) -> None:
        with self._step() as leased:
            build_shard(leased, existing_plan(leased), shard)

    def assemble(self) -> bool:
        with self._step() as leased:
            return merge_shards(leased, existing_plan(leased))

    def commit(self) -> bool:
        """True also where it was finished before: the answer of an earlier try may have been lost."""
        result = ShardObjects(self.context, self.export_id).read(RESULT)
        if result is None:
            return self._claimed() is None
        made = ExportResult.model_validate(result)
        ready = self.context.exports.commit_export(export_id=self.export_id, result=made)
        with left_to_housekeeping(self.export_id):
            self._clear_up(ready)
        if ready is None:
            raise WorkEndedError(self.export_id)
        return True

    def fail(self, reason: str) -> None:
        """What cannot be said or removed now is found by housekeeping."""
        with left_to_housekeeping(self.export_id):
            lease = lease_of_shards(self.export_id)
            if self.context.exports.fail_export(export_id=self.export_id, lease=lease, error=broke_off(reason)):
                remove_export_folders(self.context, [self.export_id])

    @contextmanager
    def _step(self) -> Iterator[LeasedExport]:
        """Raises WorkEndedError where there is nothing to do, nothing any more, or nothing that could succeed."""
        leased = self._claimed()
        if leased is None:
            raise WorkEndedError(self.export_id)
        try:
            yield leased
        except LeasedExport.permanent_errors as error:
            leased.fail(error)
            raise WorkEndedError(self.export_id) from error
        except StoredFileInvalidError:
            # The rows of a training file that is being removed go before its objects.
            self._end_unless_it_lasts(leased.export)
            raise
        self._end_unless_it_lasts(leased.export)

    def _end_unless_it_lasts(self, export: Export) -> None:
        if self._claimed() is not None:
            return
        with left_to_housekeeping(self.export_id):
            self._clear_up(self.context.exports.get_export(export.training_file_id, export.id))
        raise WorkEndedError(self.export_id)

    def _claimed(self) -> LeasedExport | None:
        """Renews the lease; None where the export is finished or gone."""
        lease = lease_of_shards(self.export_id)
        claimed = claim(
            "export",
            self.export_id,
            lease,
            lambda export_id, lease: self.context.exports.claim_export(export_id=export_id, lease=lease),
        )
        if claimed is None or claimed.export is None or claimed.revision is None:
            return None
        return LeasedExport(self.context, lease, claimed.export, claimed.revision)

    def _clear_up(self, export: Export | None) -> None:
        """Removes what nobody needs any more: of a ready export what it was made of, of any other one all."""
        if export is None or export.status != "ready":
            remove_export_folders(self.context, [self.export_id])
            return
        objects = ShardObjects(self.context, self.export_id)
        objects.remove(objects.names() - {file.object_name or file.name for file in export.files})
