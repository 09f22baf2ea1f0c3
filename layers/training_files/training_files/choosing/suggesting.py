"""Which conversations would balance a training file best."""

from uuid import UUID

from training_files.context import Context
from training_files.domain.balance.suggestions import Suggestions, suggested
from training_files.errors import TrainingFileNotFoundError


def suggest_conversations(context: Context, training_file_id: UUID, *, limit: int) -> Suggestions:
    """Raises TrainingFileNotFoundError."""
    base = context.conversations.suggestion_base(
        training_file_id,
        context.owner,
        all_conversations=context.options.all_conversations,
        limit=limit,
        usable_statuses=context.options.usable_statuses,
    )
    if base.training_file is None:
        raise TrainingFileNotFoundError(training_file_id)
    return suggested(
        base.candidates,
        base.training_file.scaffolding_distribution,
        conversation_count=base.training_file.conversation_count,
        limit=limit,
    )
