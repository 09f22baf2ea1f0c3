"""Creating and extending a training file while the caller waits."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from uuid import UUID

from training_files.builds.adding import Addition
from training_files.builds.attempts import Attempt, as_of_now, begun
from training_files.builds.intentions import Intention, new_file_of, request_column
from training_files.builds.planning import plan_addition
from training_files.builds.preparing import Prepared, prepare
from training_files.builds.rebasing import commit_rebasing
from training_files.builds.requesting import request_addition, request_creation
from training_files.builds.results import built_training_file
from training_files.builds.spool import temporary_spool
from training_files.choosing.choices import Choice, choose_for_addition, choose_for_creation
from training_files.choosing.selecting import look_up_selection, selected
from training_files.context import Context
from training_files.domain.conversation.selection import MAX_SELECTED, Selected
from training_files.domain.limits import LARGEST_WHILE_WAITING_BYTES, MOST_WHILE_WAITING
from training_files.domain.training_file.build_request import (
    AddConversationsInput,
    CreateTrainingFileInput,
    WantedConversations,
)
from training_files.domain.training_file.training_file import BuiltTrainingFile, TrainingFile
from training_files.ports.revisions import NewTrainingFile


def create_training_file(context: Context, wanted: CreateTrainingFileInput) -> BuiltTrainingFile:
    """Creates a training file, or leaves that to a worker when it selects more conversations than are waited for.

    Raises NameTakenError, ConversationValidationError or NothingSelectedError.
    """
    owner = context.owner or wanted.created_by
    ids, of_selection = _ids_of(context, wanted, owner)
    if ids is None:
        return request_creation(context, wanted)
    choice = choose_for_creation(context, wanted, ids, owner)
    new_file = new_file_of(context, wanted)
    with temporary_spool() as spool:
        prepared = prepare(context.stores.enriched_files, [choice], wanted, spool)
        if wanted.dry_run:
            built = _planned(context, _draft(context, new_file, owner), choice, prepared)
        else:
            built = _committed(context, context.new_id(), owner, wanted, prepared, new_file)
    return built.model_copy(update={"selected": of_selection})


def add_conversations(context: Context, wanted: AddConversationsInput) -> BuiltTrainingFile:
    """Adds conversations, or leaves that to a worker when the training file is too large to be moved meanwhile.

    Raises TrainingFileNotFoundError, TrainingFileArchivedError, TrainingFileProcessingError,
    ConversationValidationError, ConversationsAlreadyInFileError, NothingSelectedError, or TrainingFileBusyError.
    """
    if wanted.select is not None:
        choose_for_addition(context, wanted, ())
    ids, of_selection = _ids_of(context, wanted, context.owner, wanted.training_file_id)
    if ids is None:
        return request_addition(context, wanted)
    choice, training_file = choose_for_addition(context, wanted, ids)
    if not wanted.dry_run and takes_too_long(context, training_file):
        return request_addition(context, wanted, None if wanted.select else choice)
    with temporary_spool() as spool:
        prepared = prepare(context.stores.enriched_files, [choice], wanted, spool)
        if not prepared.spool:
            built = built_training_file(training_file, prepared.skipped, dry_run=wanted.dry_run)
        elif wanted.dry_run:
            built = _planned(context, training_file, choice, prepared)
        else:
            built = _committed(
                context, wanted.training_file_id, context.owner, wanted, prepared, checked_at=training_file.revision
            )
    return built.model_copy(update={"selected": of_selection})


def _ids_of(
    context: Context, wanted: WantedConversations, owner: UUID | None, training_file_id: UUID | None = None
) -> tuple[Sequence[UUID] | None, Selected | None]:
    """The ids that are wanted, and behind them what is selected; None where these are more than a caller waits for.

    Raises what `look_up_selection` raises.
    """
    ids, selection = wanted.conversation_ids, wanted.select
    if selection is None:
        return ids, None
    waits = context.queue is not None and not wanted.dry_run
    most = MOST_WHILE_WAITING - len(ids) if waits else MAX_SELECTED
    found = look_up_selection(
        context, selection, wanted, owner=owner, most=most, training_file_id=training_file_id, beside=ids
    )
    if found.conversation_count > most:
        return None, None
    return (*ids, *found.conversation_ids), selected(context, selection, found.conversation_count)


def takes_too_long(context: Context, training_file: TrainingFile) -> bool:
    """Whether the bytes that the file has would pass through here for longer than a caller waits."""
    moved_bytes = 0 if context.stores.copies_inside else training_file.json_file_size
    return context.queue is not None and moved_bytes > LARGEST_WHILE_WAITING_BYTES


def _committed(
    context: Context,
    training_file_id: UUID,
    owner: UUID | None,
    wanted: CreateTrainingFileInput | AddConversationsInput,
    prepared: Prepared,
    new_file: NewTrainingFile | None = None,
    *,
    checked_at: int = 0,
) -> BuiltTrainingFile:
    def next_attempt(_: Attempt | None) -> AbstractContextManager[Attempt]:
        intention = Intention(training_file_id, owner, request_column(wanted, _ids_in(prepared)), new_file)
        return begun(context, intention)

    addition = Addition(context, training_file_id, wanted, prepared)
    outcome = commit_rebasing(context, training_file_id, addition, next_attempt, checked_at=checked_at)
    return built_training_file(outcome.training_file, prepared.skipped, prepared.health.warnings())


def _ids_in(prepared: Prepared) -> Sequence[UUID]:
    return [figures.conversation_id for figures in prepared.spool.figures()]


def _planned(context: Context, training_file: TrainingFile, choice: Choice, prepared: Prepared) -> BuiltTrainingFile:
    """The answer to a dry run: the training file as it would be."""
    planned = plan_addition(as_of_now(context, training_file), choice.base, prepared).training_file
    planned = planned.model_copy(update={"revision": planned.revision + 1})
    return built_training_file(planned, prepared.skipped, prepared.health.warnings(), dry_run=True)


def _draft(context: Context, new_file: NewTrainingFile, owner: UUID) -> TrainingFile:
    now = context.now()
    return TrainingFile(
        id=None,
        **new_file.model_dump(),
        status="active",
        created_by=owner,
        created_at=now,
        updated_at=now,
        last_updated_at=now,
    )
