"""Builds that are too much for one worker: the state machine has many of them do it."""

from uuid import UUID

from training_files.builds.leased_revision import LeasedRevision
from training_files.context import Context
from training_files.domain.limits import MOST_OF_ONE_WORKER
from training_files.errors import NotSetUpError, UpstreamUnavailableError


def refuse_without_s3(context: Context) -> None:
    """Raises NotSetUpError where objects cannot be put together inside the storage."""
    if not context.stores.copies_inside:
        raise NotSetUpError(
            f"More than {MOST_OF_ONE_WORKER:,} conversations at once are put together inside the storage, over its S3 "
            "protocol, for which this service has no keys. Set SUPABASE_S3_ACCESS_KEY_ID, "
            "SUPABASE_S3_SECRET_ACCESS_KEY and SUPABASE_S3_REGION, or ask for fewer."
        )


def hand_on(leased: LeasedRevision) -> UUID | None:
    """Starts the execution of a build, once. Where it has ended without ending the build, that ends as failed.

    Returns the training file's id when something was done.

    Raises UpstreamUnavailableError when it is worth another try.
    """
    context = leased.context
    if context.executions is None:
        return None
    execution = context.executions.start_build(leased.lease.worker)
    if execution.status == "running":
        leased.renew()
        return None
    cause = f" It says: {execution.cause}" if execution.cause else ""
    leased.fail(
        UpstreamUnavailableError(
            f"The execution of the state machine ended before the build did ({execution.status}).{cause} Try it again."
        )
    )
    return leased.revision.training_file_id
