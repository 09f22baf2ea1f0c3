"""What a worker does with an export."""

from uuid import UUID

from training_files.background.leases import under_lease
from training_files.context import Context
from training_files.errors import UpstreamUnavailableError
from training_files.exports.building import build
from training_files.exports.handing_on import hand_on, is_for_shards
from training_files.exports.leased_export import claimed_export


def build_export(context: Context, export_id: UUID) -> None:
    """Builds an export, unless it is finished or gone. What cannot succeed ends as failed.

    One that is too large for one worker is handed on to the state machine.

    Raises UpstreamUnavailableError when it is worth another try; the lease is given back then. Raises
    BuiltElsewhereError.
    """
    leased = claimed_export(context, export_id)
    if leased is None:
        return
    if context.executions and is_for_shards(context, leased.revision):
        hand_on(leased, context.executions)
        return
    with under_lease(leased):
        build(leased)


def give_up_export(context: Context, export_id: UUID) -> None:
    """Ends an export that was tried too often. Raises BuiltElsewhereError while a worker has it all the same."""
    leased = claimed_export(context, export_id)
    if leased is not None:
        message = "The export broke off several times. Ask for it again; if it fails again, look at the logs."
        leased.fail(UpstreamUnavailableError(message))
