"""Builds in the background are asked for here: checked by their rows alone, recorded, and queued."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

from training_files.background.leases import BuiltElsewhereError
from training_files.builds.attempts import Intention, begin
from training_files.builds.leased_revision import fail_unclaimed
from training_files.builds.results import built
from training_files.catalog.finding import existing
from training_files.catalog.folders import left_to_housekeeping
from training_files.choosing.checking import refuse_faults, usable_and_faults
from training_files.choosing.resolving import in_parts, resolved_for_addition, resolved_for_creation
from training_files.context import Context
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.training_file.build_request import (
    AddConversationsInput,
    BuildOptions,
    CreateTrainingFileInput,
)
from training_files.domain.training_file.training_file import BuiltTrainingFile, TrainingFile
from training_files.errors import (
    NothingToRetryError,
    RequestInvalidError,
    TrainingFileArchivedError,
    TrainingFileNotFoundError,
    UpstreamUnavailableError,
)
from training_files.ports.conversations import ResolvedRequest
from training_files.ports.queue import BuildQueue
from training_files.ports.revisions import NewTrainingFile

Wanted = TypeVar("Wanted", CreateTrainingFileInput, AddConversationsInput)

CONVERSATIONS_AT_ONCE = 1000
NOT_QUEUED = "not_queued"


def request_creation(context: Context, wanted: CreateTrainingFileInput) -> BuiltTrainingFile:
    """The training file in status processing. Raises what can be known without reading enriched files."""
    queue = queue_of(context)
    owner = context.owner or wanted.created_by
    ids, found_faults = _usable(wanted, lambda part: resolved_for_creation(context, wanted, part, owner))
    wish = _requested_with_skipped(wanted, ids, found_faults)
    intention = Intention(context.new_id(), owner, wish, new_file_of(context, wanted), background=True)
    return _queued(context, queue, intention, found_faults)


def request_addition(
    context: Context, wanted: AddConversationsInput, resolved: ResolvedRequest | None = None
) -> BuiltTrainingFile:
    """The training file as it is. Raises what can be known without reading enriched files.

    `resolved` has the rows of all that is wanted, where they were looked up already.
    """
    queue = queue_of(context)
    ids, found_faults = _usable(wanted, lambda part: resolved or resolved_for_addition(context, wanted, part)[0])
    if not ids:
        return built(existing(context, wanted.training_file_id), found_faults)
    wish = _requested_with_skipped(wanted, ids, found_faults)
    return _queued(
        context, queue, Intention(wanted.training_file_id, context.owner, wish, background=True), found_faults
    )


def retry_build(context: Context, training_file_id: UUID) -> TrainingFile:
    """Queues the newest build that failed and awaits a retry.

    Raises TrainingFileNotFoundError, TrainingFileArchivedError, or NothingToRetryError.
    """
    queue = queue_of(context)
    next_id = context.new_id()
    retried = context.builds.retry_build(training_file_id, context.owner, next_id=next_id)
    if retried.outcome == "archived":
        raise TrainingFileArchivedError(training_file_id)
    if retried.outcome == "nothing_to_retry":
        raise NothingToRetryError(training_file_id)
    if retried.training_file is None:
        raise TrainingFileNotFoundError(training_file_id)
    try:
        queue.send(next_id)
    except UpstreamUnavailableError as error:
        with left_to_housekeeping(next_id), suppress(BuiltElsewhereError):
            fail_unclaimed(context, next_id, error)
        raise
    return retried.training_file


def queue_of(context: Context) -> BuildQueue:
    """Raises RequestInvalidError where there is no queue."""
    if context.queue is None:
        raise RequestInvalidError("This service has no queue, so it cannot build in the background.")
    return context.queue


def requested(options: BuildOptions, conversation_ids: Sequence[UUID]) -> dict[str, Any]:
    """What is asked for, as it is kept with the revision."""
    return {
        "on_invalid": options.on_invalid,
        "on_duplicate": options.on_duplicate,
        "on_unhealthy": options.on_unhealthy,
        "by_rule": options.by_rule,
        "min_quality_score": None if options.min_quality_score is None else str(options.min_quality_score),
        "conversation_ids": [str(conversation_id) for conversation_id in conversation_ids],
    }


def new_file_of(context: Context, wanted: CreateTrainingFileInput) -> NewTrainingFile:
    return NewTrainingFile(
        name=wanted.name,
        description=wanted.description,
        target_model=wanted.target_model or context.options.default_target_model,
    )


def _queued(
    context: Context, queue: BuildQueue, intention: Intention, found_faults: Sequence[ConversationFault]
) -> BuiltTrainingFile:
    attempt = begin(context, context.new_id(), intention)
    try:
        queue.send(attempt.revision_id)
    except UpstreamUnavailableError:
        with left_to_housekeeping(attempt.revision_id):
            context.revisions.abandon_revision(
                revision_id=attempt.revision_id, error={"message": "it was not queued", "code": NOT_QUEUED}
            )
        raise
    return built(attempt.training_file, found_faults, queued=True)


def _usable(
    wanted: Wanted, resolve: Callable[[Sequence[UUID]], ResolvedRequest]
) -> tuple[list[UUID], list[ConversationFault]]:
    """The ids of conversations that can be used, as far as their rows tell, and a fault for each of the others."""
    usable: dict[UUID, None] = {}
    found_faults: dict[UUID, ConversationFault] = {}
    for ids in in_parts(wanted.conversation_ids, CONVERSATIONS_AT_ONCE):
        conversations, part_faults = usable_and_faults(ids, resolve(ids).conversations)
        usable |= dict.fromkeys(conversation.conversation_id for conversation in conversations)
        found_faults |= {fault.conversation_id: fault for fault in part_faults}
    refuse_faults(list(found_faults.values()), wanted, nothing_left=not usable)
    return list(usable), list(found_faults.values())


def _requested_with_skipped(
    options: BuildOptions, ids: Sequence[UUID], skipped: Sequence[ConversationFault]
) -> dict[str, Any]:
    return requested(options, ids) | {"skipped": [fault.as_detail() for fault in skipped]}
