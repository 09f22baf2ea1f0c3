"""From the ids of a request to the rows of its conversations, in as few queries as it takes."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from training_files.context import Context
from training_files.domain.training_file.build_request import AddConversationsInput, CreateTrainingFileInput
from training_files.domain.training_file.training_file import TrainingFile
from training_files.errors import (
    NameTakenError,
    TrainingFileArchivedError,
    TrainingFileNotFoundError,
    TrainingFileProcessingError,
)
from training_files.ports.conversations import ResolvedRequest


def resolved_for_creation(
    context: Context, wanted: CreateTrainingFileInput, ids: Sequence[UUID], owner: UUID
) -> ResolvedRequest:
    """The rows of `ids`, all or some of those that are wanted. Raises NameTakenError."""
    resolved = context.conversations.resolve(
        ids=ids, owner=owner, all_conversations=context.options.all_conversations, name=wanted.name
    )
    if resolved.name_taken:
        raise NameTakenError(wanted.name)
    return resolved


def resolved_for_addition(
    context: Context, wanted: AddConversationsInput, ids: Sequence[UUID]
) -> tuple[ResolvedRequest, TrainingFile]:
    """The rows of `ids`, all or some of those that are wanted, and the training file.

    Raises TrainingFileNotFoundError, TrainingFileArchivedError, or TrainingFileProcessingError.
    """
    resolved = resolved_in_file(context, wanted.training_file_id, ids)
    if resolved.training_file is None:
        raise TrainingFileNotFoundError(wanted.training_file_id)
    refuse_unless_active(wanted.training_file_id, resolved.training_file.status)
    return resolved, resolved.training_file


def resolved_in_file(context: Context, training_file_id: UUID, ids: Sequence[UUID]) -> ResolvedRequest:
    """The rows of `ids`, each with whether the training file has it already."""
    return context.conversations.resolve(
        ids=ids,
        owner=context.owner,
        all_conversations=context.options.all_conversations,
        training_file_id=training_file_id,
    )


def in_parts(ids: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    """Rows of thousands of ids are looked up in parts: all at once would take more memory than the build itself."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def refuse_unless_active(training_file_id: UUID, status: str) -> None:
    """Raises TrainingFileArchivedError or TrainingFileProcessingError."""
    if status == "archived":
        raise TrainingFileArchivedError(training_file_id)
    if status != "active":
        raise TrainingFileProcessingError(training_file_id)
