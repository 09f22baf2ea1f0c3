"""Giving a training file a collection rule that means something."""

from uuid import UUID

from training_files.catalog.changing import update_training_file
from training_files.catalog.finding import existing
from training_files.choosing.listing import summarize_conversations
from training_files.context import Context
from training_files.domain.conversation.conversation_filter import KEYED
from training_files.domain.conversation.unknown_keys import UnknownKey
from training_files.domain.training_file.collection_rule import CollectionRule
from training_files.domain.training_file.training_file import ChangedTrainingFile, TrainingFileChanges


def change_training_file(context: Context, training_file_id: UUID, changes: TrainingFileChanges) -> ChangedTrainingFile:
    """Changes it, and says which keys of a new rule no conversation has: they may be misspelled, or come later.

    Raises TrainingFileNotFoundError, also for a training file of the rule, NameTakenError, TrainingFileProcessingError
    or TrainingFileFailedError.
    """
    unknown = _unknown_keys(context, training_file_id, changes.collect) if changes.collect else ()
    changed = update_training_file(context, training_file_id, changes)
    return ChangedTrainingFile(**dict(changed), unknown_keys=unknown)


def _unknown_keys(context: Context, training_file_id: UUID, rule: CollectionRule) -> tuple[UnknownKey, ...]:
    """Among what the owner of the training file may use."""
    if not rule.not_in and not any(getattr(rule, field) for field in KEYED):
        return ()
    owner = context.owner or existing(context, training_file_id).created_by
    return summarize_conversations(context.acting_for(owner), rule).unknown_keys
