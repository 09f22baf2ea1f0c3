"""Exports that are too large for one worker are handed on to an execution of the state machine."""

from training_files.background.leases import claim
from training_files.catalog.folders import left_to_housekeeping
from training_files.context import Context
from training_files.domain.training_file.revision import Revision
from training_files.errors import TrainingFilesError
from training_files.exports.leased_export import LeasedExport
from training_files.exports.shard_leases import lease_of_shards
from training_files.ports.executions import Executions


def is_for_shards(context: Context, revision: Revision) -> bool:
    """Whether an export of the revision goes beyond one worker, and there is who does that."""
    return context.executions is not None and context.options.export_shards.are_for(
        conversations=(revision.totals or {}).get("conversation_count", 0), json_bytes=revision.json_file_size or 0
    )


def hand_on(leased: LeasedExport, executions: Executions) -> None:
    """Has the execution of an export started, unless it runs already; the export is its own from then on.

    An execution that has ended without an end for the export will never come to one: the export ends as failed. Raises
    UpstreamUnavailableError when it cannot be started now; the export can be taken up again then.
    """
    exports, lease = leased.context.exports, lease_of_shards(leased.id)
    exports.release_export(export_id=leased.id, lease=leased.lease)
    if claim("export", leased.id, lease, lambda work, its: exports.claim_export(export_id=work, lease=its)) is None:
        return
    try:
        execution = executions.start_export(leased.id)
    except TrainingFilesError:
        with left_to_housekeeping(leased.id):
            exports.release_export(export_id=leased.id, lease=lease)
        raise
    if execution.status != "running":
        from training_files.exports.sharded_export import ShardedExport

        ShardedExport(leased.context, leased.id).fail(execution.cause or f"its execution has {execution.status}")
