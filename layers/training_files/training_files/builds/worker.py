"""What a worker does with a build: reads, checks and renders the conversations, and commits the revision.

A message names a revision and nothing else; everything about it is in the database. A worker that was lost may still be
writing, so the next one builds in a folder of its own, and no object is ever written by two.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from training_files.background.leases import BuiltElsewhereError, under_lease
from training_files.builds.adding import Addition
from training_files.builds.attempts import Attempt, remove_objects
from training_files.builds.handing_on import hand_on
from training_files.builds.leased_revision import LeasedRevision, NothingLeftError, claimed_revision
from training_files.builds.preparing import Prepared, prepare
from training_files.builds.rebasing import commit_rebasing
from training_files.builds.refreshing import refresh_of
from training_files.builds.removing import removal_of
from training_files.builds.reverting import reversion_to
from training_files.builds.spool import Spool, temporary_spool
from training_files.builds.work import Work
from training_files.catalog.folders import left_to_housekeeping
from training_files.choosing.choices import choose_in_file
from training_files.context import Context
from training_files.domain.limits import MOST_OF_ONE_WORKER
from training_files.domain.training_file.build_request import RemoveConversationsInput, RevertInput
from training_files.errors import TrainingFileNotFoundError, UpstreamUnavailableError
from training_files.ports.queue import Delivery

CONVERSATIONS_AT_ONCE = 250
# To find the one before the current one, among those of others who write to the same file.
ATTEMPTS_LOOKED_AT = 100


def build_revision(context: Context, revision_id: UUID, delivery: Delivery) -> UUID | None:
    """Builds a revision, unless it is finished already, or hands it on. What cannot succeed ends as failed.

    Returns the training file's id when something was done.

    Raises UpstreamUnavailableError when it is worth another try; the lease is given back then. Raises
    BuiltElsewhereError.
    """
    sharded_above = MOST_OF_ONE_WORKER if context.executions else None
    leased = claimed_revision(context, revision_id, delivery, sharded_above=sharded_above)
    if leased is None:
        return None
    if leased.is_for_many_workers:
        return hand_on(leased)
    training_file_id = leased.revision.training_file_id
    with under_lease(leased), temporary_spool() as spool:
        try:
            _build(leased, _work(leased, spool))
        except TrainingFileNotFoundError as error:
            raise BuiltElsewhereError(leased.id) from error
    return training_file_id


def give_up_revision(context: Context, revision_id: UUID) -> None:
    """Ends a build that was tried too often. Raises BuiltElsewhereError while a worker has it all the same."""
    leased = claimed_revision(context, revision_id)
    if leased is not None:
        leased.fail(UpstreamUnavailableError(_why_given_up(leased)))


def _work(leased: LeasedRevision, spool: Spool) -> Work:
    context, file_id, requested = leased.context, leased.revision.training_file_id, leased.requested
    match requested.get("change"):
        case "remove":
            wanted = RemoveConversationsInput(
                training_file_id=file_id, conversation_ids=_all_ids(leased), on_missing=requested["on_missing"]
            )
            return removal_of(context, wanted, leased.training_file)
        case "revert":
            target = RevertInput(training_file_id=file_id, revision=requested["revision"])
            return reversion_to(context, target, leased.training_file)
        case "refresh":
            return refresh_of(
                context, leased.training_file, file_id, _all_ids(leased), leased.options, spool, leased.report_progress
            )
    return Addition(context, file_id, leased.options, _prepared(leased, spool))


def _prepared(leased: LeasedRevision, spool: Spool) -> Prepared:
    file_id = leased.revision.training_file_id
    parts = leased.requested_ids(CONVERSATIONS_AT_ONCE)
    choices = (choose_in_file(leased.context, file_id, part) for part in parts)
    prepared = prepare(leased.context.stores.enriched_files, choices, leased.options, spool, leased.report_progress)
    # What was skipped before the build was queued comes first.
    prepared.skipped[:0] = leased.skipped_before
    prepared.further_skipped = leased.further_skipped_before
    return prepared


def _all_ids(leased: LeasedRevision) -> tuple[UUID, ...]:
    return tuple(one for part in leased.requested_ids(CONVERSATIONS_AT_ONCE) for one in part)


def _build(leased: LeasedRevision, work: Work) -> None:
    @contextmanager
    def next_attempt(superseded: Attempt | None) -> Iterator[Attempt]:
        if superseded is not None:
            leased.continue_after(superseded.error)
        attempt = Attempt(leased.id, leased.training_file, leased.base)
        try:
            yield attempt
        finally:
            if not attempt.keeps_objects:
                with left_to_housekeeping(attempt.revision_id):
                    remove_objects(leased.context, attempt)

    outcome = commit_rebasing(
        leased.context,
        leased.revision.training_file_id,
        work,
        next_attempt,
        checked_at=leased.training_file.revision,
    )
    if not outcome.changed:
        raise NothingLeftError


def _why_given_up(leased: LeasedRevision) -> str:
    attempts = leased.context.revisions.list_revisions(leased.revision.training_file_id, limit=ATTEMPTS_LOOKED_AT)
    errors = [attempt.error or {} for attempt in attempts]
    last = next((error for error in errors if error.get("continued_as") == str(leased.id)), {})
    reason = f' The last time: "{last["message"]}"' if "message" in last else ""
    advice = "Try it again; if it fails again, look at the logs of the worker."
    return f"The build broke off several times.{reason} {advice}"
