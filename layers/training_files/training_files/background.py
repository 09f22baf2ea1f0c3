"""Builds that nobody waits for: asked for, queued, built by a worker, and ended as committed or failed in any case.

A message names a revision and nothing else; everything about it is in the database. Messages may come twice, late, or
to two workers at once: the lease on the revision says who builds. A worker that stops renewing it is taken for lost,
and the next one builds in a folder of its own, so that no object is ever written by two.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from training_files.attempts import Attempt, Attempts, left_for_later
from training_files.building import MAX_ATTEMPTS, Builder, built, requested, spooling
from training_files.checking import refuse_unless_skipped, sorted_out
from training_files.domain.faults import ConversationFault
from training_files.domain.kept_faults import kept
from training_files.errors import (
    ConversationsAlreadyInFileError,
    ConversationValidationError,
    NothingToRetryError,
    RequestInvalidError,
    TrainingFileArchivedError,
    TrainingFileBusyError,
    TrainingFileNotFoundError,
    TrainingFilesError,
    UpstreamUnavailableError,
)
from training_files.leases import BuiltElsewhereError, kept_renewed
from training_files.ports.queue import BuildQueue
from training_files.ports.rows import ClaimedRevision, Lease, NewTrainingFile, ResolvedRequest
from training_files.preparing import Prepared, prepare
from training_files.records import (
    AddConversationsInput,
    BuildOptions,
    BuiltTrainingFile,
    CreateTrainingFileInput,
    Revision,
    TrainingFile,
)
from training_files.spool import Spool

if TYPE_CHECKING:
    from training_files.service import TrainingFileService

Wanted = TypeVar("Wanted", CreateTrainingFileInput, AddConversationsInput)

CONVERSATIONS_AT_ONCE = 250
# Checked by their rows alone, while the caller waits.
REQUESTED_AT_ONCE = 1000
LEASE_SECONDS = 120
RENEWED_EVERY_SECONDS = 30
NOTHING_TO_ADD = "nothing_to_add"
NOT_QUEUED = "not_queued"
# To find the one before the current one, among those of others who write to the same file.
ATTEMPTS_LOOKED_AT = 100

logger = logging.getLogger(__name__)


class NothingToAddError(Exception):
    """Others have added everything meanwhile, or nothing is good enough: the build is over, and no failure."""


class BackgroundBuilder:
    """Takes wishes for a service, and fulfils them, with its ports, clock and owner."""

    def __init__(self, service: "TrainingFileService") -> None:
        self._service = service
        self._repository = service.repository
        self._attempts = Attempts(service)

    def request_creation(self, wanted: CreateTrainingFileInput) -> BuiltTrainingFile:
        """The training file in status processing. Raises what can be known without reading enriched files."""
        queue = self._queue()
        owner = self._service.owner or wanted.created_by
        builder = Builder(self._service)
        ids, found_faults = _usable(wanted, lambda part: builder.resolved_for_creation(part, owner))
        return self._request(
            queue,
            self._service.new_id(),
            owner,
            _wish(wanted, ids, found_faults),
            found_faults,
            builder.new_file(wanted),
        )

    def request_addition(
        self, wanted: AddConversationsInput, resolved: ResolvedRequest | None = None
    ) -> BuiltTrainingFile:
        """The training file as it is. Raises what can be known without reading enriched files.

        `resolved` is what the database says of all that is wanted, where it was asked already.
        """
        queue = self._queue()
        builder = Builder(self._service)
        ids, found_faults = _usable(wanted, lambda part: resolved or builder.resolved_for_addition(part)[0])
        if not ids:
            return built(self._service.existing(wanted.training_file_id), found_faults)
        wish = _wish(wanted, ids, found_faults)
        return self._request(queue, wanted.training_file_id, self._service.owner, wish, found_faults)

    def retry(self, training_file_id: UUID) -> TrainingFile:
        """Takes a failed build up again.

        Raises TrainingFileNotFoundError, TrainingFileArchivedError, or NothingToRetryError.
        """
        queue = self._queue()
        next_id = self._service.new_id()
        retried = self._repository.retry_build(training_file_id, self._service.owner, next_id=next_id)
        if retried.outcome == "archived":
            raise TrainingFileArchivedError(training_file_id)
        if retried.outcome == "nothing_to_retry":
            raise NothingToRetryError(training_file_id)
        if retried.training_file is None:
            raise TrainingFileNotFoundError(training_file_id)
        try:
            queue.send(next_id)
        except UpstreamUnavailableError as error:
            with left_for_later(next_id), suppress(BuiltElsewhereError):
                self._end(next_id, error)
            raise
        return retried.training_file

    def build(self, revision_id: UUID) -> UUID | None:
        """Builds a revision, unless it is being built or finished already. What cannot succeed ends as failed.

        Returns the training file's id when something was done.

        Raises UpstreamUnavailableError when it is worth another try; the lease is given back then. Raises
        BuiltElsewhereError.
        """
        lease, claimed = self._claimed(revision_id)
        if claimed.revision is None or claimed.training_file is None:
            logger.info("revision %s: %s, nothing to do", revision_id, claimed.outcome)
            return None
        worker = _Worker(
            self._service.acting_for(claimed.training_file.created_by), lease, claimed.revision, claimed.requested
        )
        worker.work(claimed)
        return claimed.training_file.id

    def give_up(self, revision_id: UUID) -> None:
        """Ends a build that was tried too often. Raises BuiltElsewhereError while it is tried all the same."""
        lease, claimed = self._claimed(revision_id)
        if claimed.revision is not None:
            self._fail(claimed.revision, lease, UpstreamUnavailableError(self._why_given_up(claimed.revision)))

    def _why_given_up(self, current: Revision) -> str:
        attempts = self._repository.list_revisions(current.training_file_id, limit=ATTEMPTS_LOOKED_AT)
        errors = [attempt.error or {} for attempt in attempts]
        last = next((error for error in errors if error.get("continued_as") == str(current.id)), {})
        reason = f' The last time: "{last["message"]}"' if "message" in last else ""
        advice = "Try it again; if it fails again, look at the logs of the worker."
        return f"The build broke off several times.{reason} {advice}"

    def _end(self, revision_id: UUID, error: TrainingFilesError) -> None:
        lease, claimed = self._claimed(revision_id)
        if claimed.revision is not None:
            self._fail(claimed.revision, lease, error)

    def _fail(self, revision: Revision, lease: Lease, error: TrainingFilesError) -> None:
        _fail(self._service, revision.id, lease, _as_error(error))

    def _claimed(self, revision_id: UUID) -> tuple[Lease, ClaimedRevision]:
        lease = Lease(self._service.new_id(), LEASE_SECONDS)
        claimed = self._repository.claim_revision(revision_id=revision_id, lease=lease, next_id=self._service.new_id())
        if claimed.outcome == "leased":
            raise BuiltElsewhereError(revision_id)
        return lease, claimed

    def _request(
        self,
        queue: BuildQueue,
        training_file_id: UUID,
        owner: UUID | None,
        wish: dict[str, Any],
        found_faults: Sequence[ConversationFault],
        new_file: NewTrainingFile | None = None,
    ) -> BuiltTrainingFile:
        revision_id = self._service.new_id()
        training_file, _ = self._attempts.begin(revision_id, training_file_id, owner, wish, new_file, background=True)
        try:
            queue.send(revision_id)
        except UpstreamUnavailableError:
            with left_for_later(revision_id):
                self._repository.abandon_revision(
                    revision_id=revision_id, error={"message": "it was not queued", "code": NOT_QUEUED}
                )
            raise
        return built(training_file, found_faults, queued=True)

    def _queue(self) -> BuildQueue:
        if self._service.queue is None:
            raise RequestInvalidError("This service has no queue, so it cannot build in the background.")
        return self._service.queue


class _Worker:
    """Builds one claimed revision for its owner."""

    def __init__(
        self, service: "TrainingFileService", lease: Lease, revision: Revision, requested: dict[str, Any]
    ) -> None:
        self._service = service
        self._repository = service.repository
        self._attempts = Attempts(service)
        self._lease = lease
        self._revision = revision
        self._ids = [UUID(conversation_id) for conversation_id in requested["conversation_ids"]]
        self._options = BuildOptions.model_validate(requested)
        self._accepted = [ConversationFault.from_detail(detail) for detail in requested.get("skipped", [])]

    def work(self, claimed: ClaimedRevision) -> None:
        try:
            with self._renewed_lease(), spooling() as spool:
                self._build(claimed, self._prepared(spool))
        except NothingToAddError:
            nothing = {"message": "No conversation was left to add.", "code": NOTHING_TO_ADD}
            _fail(self._service, self._revision.id, self._lease, nothing)
        except TrainingFileNotFoundError as error:
            raise BuiltElsewhereError(self._revision.id) from error
        except (ConversationValidationError, ConversationsAlreadyInFileError, TrainingFileArchivedError) as error:
            _fail(self._service, self._revision.id, self._lease, _as_error(error))
        except TrainingFilesError as error:
            with left_for_later(self._revision.id):
                self._repository.release_revision(
                    revision_id=self._revision.id, lease=self._lease, reason=error.message
                )
            raise

    def _prepared(self, spool: Spool) -> Prepared:
        prepared = Prepared(spool)
        for start in range(0, len(self._ids), CONVERSATIONS_AT_ONCE):
            ids = self._ids[start : start + CONVERSATIONS_AT_ONCE]
            resolved = self._repository.resolve(
                ids=ids,
                owner=self._service.owner,
                all_conversations=self._service.all_conversations,
                training_file_id=self._revision.training_file_id,
            )
            usable, found_faults = sorted_out(ids, resolved.conversations)
            prepared.skipped.extend(found_faults)
            prepare(usable, self._service.stores.enriched_files, prepared, self._options)
            self._report(start + len(ids))
        refuse_unless_skipped(prepared.skipped, self._options, nothing_left=not spool)
        prepared.skipped[:0] = self._accepted
        return prepared

    def _build(self, claimed: ClaimedRevision, prepared: Prepared) -> None:
        for _ in range(MAX_ATTEMPTS):
            attempt = self._attempt(claimed)
            try:
                if not prepared.spool:
                    raise NothingToAddError
                if self._attempts.commit(attempt, prepared):
                    return
            finally:
                if not attempt.keep:
                    with left_for_later(attempt.revision_id):
                        self._attempts.remove_objects(attempt)
            claimed = self._rebased(attempt)
            Builder(self._service).drop_new_duplicates(self._revision.training_file_id, self._options, prepared)
        raise TrainingFileBusyError(self._revision.training_file_id)

    def _attempt(self, claimed: ClaimedRevision) -> Attempt:
        if claimed.revision is None or claimed.training_file is None:
            raise BuiltElsewhereError(self._revision.id)
        return Attempt(claimed.revision.id, claimed.training_file, claimed.base)

    def _rebased(self, attempt: Attempt) -> ClaimedRevision:
        next_id = self._service.new_id()
        self._repository.continue_revision(
            revision_id=attempt.revision_id, lease=self._lease, next_id=next_id, reason=attempt.error
        )
        claimed = self._repository.claim_revision(
            revision_id=next_id, lease=self._lease, next_id=self._service.new_id()
        )
        if claimed.revision is None:
            raise BuiltElsewhereError(attempt.revision_id)
        self._revision = claimed.revision
        return claimed

    def _report(self, done: int) -> None:
        if not self._repository.report_progress(revision_id=self._revision.id, lease=self._lease, done=done):
            raise BuiltElsewhereError(self._revision.id)

    def _renewed_lease(self) -> AbstractContextManager[None]:
        """Writing a large revision says nothing for minutes; the lease is renewed beside it."""
        return kept_renewed(self._renew, every_seconds=RENEWED_EVERY_SECONDS)

    def _renew(self) -> None:
        with left_for_later(self._revision.id):
            self._repository.report_progress(revision_id=self._revision.id, lease=self._lease, done=0)


def _fail(service: "TrainingFileService", revision_id: UUID, lease: Lease, error: dict[str, Any]) -> None:
    """Ends a build as failed. Raises BuiltElsewhereError when it has not ended: another worker has taken it over."""
    service.repository.fail_revision(revision_id=revision_id, lease=lease, error=error)
    after = service.repository.claim_revision(revision_id=revision_id, lease=lease, next_id=service.new_id())
    if after.outcome not in ("finished", "gone"):
        raise BuiltElsewhereError(revision_id)


def _usable(
    wanted: Wanted, resolve: Callable[[Wanted], ResolvedRequest]
) -> tuple[list[UUID], Sequence[ConversationFault]]:
    """The ids of conversations that can be used, as far as their rows tell, and a fault for each of the others.

    Rows are looked up in parts: all of them at once would take more memory than the build itself.
    """
    usable: dict[UUID, None] = {}
    found_faults: dict[UUID, ConversationFault] = {}
    for start in range(0, len(wanted.conversation_ids), REQUESTED_AT_ONCE):
        ids = wanted.conversation_ids[start : start + REQUESTED_AT_ONCE]
        resolved = resolve(wanted.model_copy(update={"conversation_ids": ids}))
        conversations, part_faults = sorted_out(ids, resolved.conversations)
        usable |= dict.fromkeys(conversation.conversation_id for conversation in conversations)
        found_faults |= {fault.conversation_id: fault for fault in part_faults}
    refuse_unless_skipped(list(found_faults.values()), wanted, nothing_left=not usable)
    return list(usable), list(found_faults.values())


def _wish(options: BuildOptions, ids: Sequence[UUID], accepted: Sequence[ConversationFault]) -> dict[str, Any]:
    return requested(options, ids) | {"skipped": [fault.as_detail() for fault in accepted]}


def _as_error(error: TrainingFilesError) -> dict[str, Any]:
    found_faults: Sequence[ConversationFault] = ()
    if isinstance(error, ConversationValidationError | ConversationsAlreadyInFileError):
        found_faults = kept(error.faults)
    return {
        "message": error.message,
        "code": error.code,
        "failed_conversations": [fault.as_detail() for fault in found_faults],
    }
