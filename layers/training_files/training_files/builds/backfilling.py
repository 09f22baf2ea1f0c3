"""Giving a training file a collection rule that takes what is enriched already as well."""

from uuid import UUID

from training_files.builds.handing_on import refuse_without_s3
from training_files.builds.requesting import queue_of, request_addition
from training_files.catalog.finding import existing
from training_files.choosing.choices import refuse_unless_active
from training_files.choosing.ruling import change_training_file
from training_files.choosing.selecting import look_up_selection
from training_files.context import Context
from training_files.domain.conversation.selection import Selected, Selection
from training_files.domain.limits import MOST_OF_ONE_WORKER
from training_files.domain.training_file.build_request import AddConversationsInput
from training_files.domain.training_file.collection_rule import CollectionRule
from training_files.domain.training_file.training_file import ChangedTrainingFile, TrainingFileChanges
from training_files.errors import NothingSelectedError


def change_and_backfill(
    context: Context, training_file_id: UUID, changes: TrainingFileChanges, rule: CollectionRule
) -> ChangedTrainingFile:
    """Changes the training file, and has a worker add what its new rule would have taken.

    What cannot be done is known before anything is changed. Raises what `change_training_file` raises,
    TrainingFileArchivedError, RequestInvalidError where there are too many or no queue, or NotSetUpError where so many
    need the S3 protocol.
    """
    queue_of(context)
    file = existing(context, training_file_id)
    refuse_unless_active(context, training_file_id, changes.status or file.status)
    selection = Selection(**dict(rule))
    wanted = _addition(training_file_id, selection)
    count = _count(context, selection, wanted, file.created_by)
    if count > MOST_OF_ONE_WORKER:
        refuse_without_s3(context)
    changed = change_training_file(context, training_file_id, changes)
    if count:
        try:
            count = _requested(context.acting_for(file.created_by), wanted)
        except NothingSelectedError:
            # Somebody else has added them since.
            count = 0
    return changed.model_copy(update={"backfill": Selected(count)})


def _addition(training_file_id: UUID, selection: Selection) -> AddConversationsInput:
    return AddConversationsInput(
        training_file_id=training_file_id,
        select=selection,
        on_invalid="skip",
        min_quality_score=selection.min_quality_score,
        max_quality_score=selection.max_quality_score,
        by_rule=True,
    )


def _count(context: Context, selection: Selection, wanted: AddConversationsInput, owner: UUID) -> int:
    """Raises TrainingFileNotFoundError for a training file of the rule, or RequestInvalidError for too many."""
    try:
        found = look_up_selection(
            context, selection, wanted, owner=owner, most=0, training_file_id=wanted.training_file_id
        )
    except NothingSelectedError:
        return 0
    return found.conversation_count


def _requested(context: Context, wanted: AddConversationsInput) -> int:
    queued = request_addition(context, wanted)
    return queued.selected.conversation_count if queued.selected else 0
