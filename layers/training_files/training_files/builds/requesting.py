"""Builds in the background are asked for here: checked by their rows alone, recorded, and queued."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from uuid import UUID

from training_files.background.leases import BuiltElsewhereError
from training_files.builds.attempts import Attempt, abandon, begin
from training_files.builds.handing_on import refuse_without_s3
from training_files.builds.intentions import Intention, new_file_of, request_column, scope_to_resolve
from training_files.builds.leased_revision import fail_unclaimed
from training_files.builds.results import built_training_file
from training_files.catalog.finding import existing
from training_files.catalog.folders import left_to_housekeeping
from training_files.choosing.choices import Choice, choose_for_addition, choose_for_creation, in_parts
from training_files.choosing.refusing import refuse_faults
from training_files.choosing.selecting import selected
from training_files.context import Context
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.limits import MOST_OF_ONE_WORKER
from training_files.domain.training_file.build_request import (
    AddConversationsInput,
    CreateTrainingFileInput,
    WantedConversations,
)
from training_files.domain.training_file.training_file import BuiltTrainingFile, TrainingFile
from training_files.errors import (
    NothingSelectedError,
    NothingToRetryError,
    NotSetUpError,
    RequestInvalidError,
    TrainingFileArchivedError,
    TrainingFileNotFoundError,
    UpstreamUnavailableError,
)
from training_files.ports.queue import BuildQueue

CONVERSATIONS_AT_ONCE = 1000
NOT_QUEUED = "not_queued"


def request_creation(context: Context, wanted: CreateTrainingFileInput) -> BuiltTrainingFile:
    """The training file in status processing. Raises what can be known without reading enriched files."""
    queue = queue_of(context)
    owner = context.owner or wanted.created_by
    ids, skipped = usable_among(wanted, choices_for_creation(context, wanted, owner))
    intention = Intention(
        context.new_id(),
        owner,
        request_column(wanted, ids, skipped),
        new_file_of(context, wanted),
        background=True,
        scope=scope_to_resolve(context, wanted),
    )
    return queued(context, queue, intention, skipped)


def request_addition(
    context: Context, wanted: AddConversationsInput, choice: Choice | None = None
) -> BuiltTrainingFile:
    """The training file as it is. Raises what can be known without reading enriched files.

    `choice` is among all that is wanted, where it was made already.
    """
    queue = queue_of(context)
    ids, skipped = usable_among(wanted, [choice] if choice else choices_for_addition(context, wanted))
    if not ids and wanted.select is None:
        return built_training_file(existing(context, wanted.training_file_id), skipped)
    intention = Intention(
        wanted.training_file_id,
        context.owner,
        request_column(wanted, ids, skipped),
        background=True,
        scope=scope_to_resolve(context, wanted),
    )
    try:
        return queued(context, queue, intention, skipped)
    except NothingSelectedError:
        if not wanted.conversation_ids:
            raise
        # All that was named is to be skipped, and there is nothing else.
        training_file = existing(context, wanted.training_file_id)
        return built_training_file(training_file, skipped, selected=selected(context, wanted.select, 0))


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


def queued(
    context: Context, queue: BuildQueue, intention: Intention, skipped: Sequence[ConversationFault]
) -> BuiltTrainingFile:
    """Records the intention of a build in the background, and queues it."""
    attempt = begin(context, context.new_id(), intention)
    if attempt.conversation_count > MOST_OF_ONE_WORKER:
        _refuse_without_s3(context, attempt)
    try:
        queue.send(attempt.revision_id)
    except UpstreamUnavailableError:
        with left_to_housekeeping(attempt.revision_id):
            context.revisions.abandon_revision(
                revision_id=attempt.revision_id, error={"message": "it was not queued", "code": NOT_QUEUED}
            )
        raise
    selection, named = intention.selection, len(intention.requested.get("conversation_ids", ()))
    of_selection = selected(context, selection, attempt.conversation_count - named)
    return built_training_file(attempt.training_file, skipped, queued=True, selected=of_selection)


def _refuse_without_s3(context: Context, attempt: Attempt) -> None:
    """Raises NotSetUpError, and takes back what was recorded."""
    try:
        refuse_without_s3(context)
    except NotSetUpError:
        with left_to_housekeeping(attempt.revision_id):
            abandon(context, attempt.revision_id, "the S3 protocol is not set up")
        raise


def choices_for_creation(context: Context, wanted: CreateTrainingFileInput, owner: UUID) -> Iterator[Choice]:
    """Among all ids that are wanted, by parts; also where there are none, for the name."""
    for part in _parts(wanted):
        yield choose_for_creation(context, wanted, part, owner)


def choices_for_addition(context: Context, wanted: AddConversationsInput) -> Iterator[Choice]:
    """Among all ids that are wanted, by parts; also where there are none, for the training file."""
    for part in _parts(wanted):
        yield choose_for_addition(context, wanted, part)[0]


def _parts(wanted: WantedConversations) -> Iterable[Sequence[UUID]]:
    return in_parts(wanted.conversation_ids, CONVERSATIONS_AT_ONCE) if wanted.conversation_ids else [()]


def usable_among(
    wanted: WantedConversations, choices: Iterable[Choice]
) -> tuple[Sequence[UUID], Sequence[ConversationFault]]:
    """The ids of conversations that can be used, as far as their rows tell, and a fault for each of the others."""
    usable: dict[UUID, None] = {}
    found_faults: dict[UUID, ConversationFault] = {}
    for choice in choices:
        usable |= dict.fromkeys(conversation.conversation_id for conversation in choice.usable)
        found_faults |= {fault.conversation_id: fault for fault in choice.faults}
    refuse_faults(list(found_faults.values()), wanted, nothing_left=not usable and wanted.select is None)
    return list(usable), list(found_faults.values())
