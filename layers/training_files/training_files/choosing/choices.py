"""From the ids of a request to the conversations that can be used, in as few queries as it takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from training_files.catalog.finding import unfinished
from training_files.context import Context
from training_files.domain.conversation import faults
from training_files.domain.conversation.conversation import Conversation
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.conversation.usable import usable_and_faults
from training_files.domain.training_file.build_request import AddConversationsInput, CreateTrainingFileInput
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.training_file import TrainingFile
from training_files.errors import (
    NameTakenError,
    TrainingFileArchivedError,
    TrainingFileNotFoundError,
)
from training_files.ports.conversations import ResolvedRequest

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Choice:
    """Of the ids that were asked for: the conversations that can be used, in this order, and a fault for each other.

    This is as far as their rows tell. `base` is the revision to build on.
    """

    ids: Sequence[UUID]
    usable: Sequence[Conversation]
    faults: Sequence[ConversationFault]
    base: Revision | None = None


def choose_for_creation(context: Context, wanted: CreateTrainingFileInput, ids: Sequence[UUID], owner: UUID) -> Choice:
    """Among `ids`, all or some of those that are wanted. Raises NameTakenError."""
    resolved = context.conversations.resolve(
        ids=ids, owner=owner, all_conversations=context.options.all_conversations, name=wanted.name
    )
    if resolved.name_taken:
        raise NameTakenError(wanted.name, by_failed=resolved.name_of_failed)
    return _choice(context, ids, resolved, owner)


def choose_for_addition(
    context: Context, wanted: AddConversationsInput, ids: Sequence[UUID]
) -> tuple[Choice, TrainingFile]:
    """Among `ids`, all or some of those that are wanted, with the training file.

    Raises TrainingFileNotFoundError, TrainingFileArchivedError, TrainingFileProcessingError or
    TrainingFileFailedError.
    """
    resolved = _resolved_in_file(context, wanted.training_file_id, ids)
    if resolved.training_file is None:
        raise TrainingFileNotFoundError(wanted.training_file_id)
    refuse_unless_active(context, wanted.training_file_id, resolved.training_file.status)
    return _choice(context, ids, resolved, resolved.training_file.created_by), resolved.training_file


def choose_in_file(context: Context, training_file_id: UUID, ids: Sequence[UUID]) -> Choice:
    """For a build that was begun already, whatever the training file's status."""
    resolved = _resolved_in_file(context, training_file_id, ids)
    return _choice(context, ids, resolved, resolved.training_file.created_by if resolved.training_file else None)


def choose_for_refresh(context: Context, training_file_id: UUID, ids: Sequence[UUID]) -> Choice:
    """Of conversations that the training file has: those that can be used again, and a fault for each other one.

    Raises TrainingFileNotFoundError.
    """
    resolved = _resolved_in_file(context, training_file_id, ids)
    if resolved.training_file is None:
        raise TrainingFileNotFoundError(training_file_id)
    members = [
        one.model_copy(update={"already_in_file": False}) for one in resolved.conversations if one.already_in_file
    ]
    others = {id_ for one in resolved.conversations if not one.already_in_file for id_ in (one.id, one.conversation_id)}
    of_file = resolved.model_copy(update={"conversations": tuple(members)})
    choice = _choice(context, ids, of_file, resolved.training_file.created_by)
    found_faults = [
        faults.not_in_file(fault.conversation_id, "on_invalid")
        if fault.code == "not_found" and fault.conversation_id in others
        else fault
        for fault in choice.faults
    ]
    return replace(choice, faults=found_faults)


def members_among(context: Context, training_file_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Those of the conversations that the training file has."""
    resolved = _resolved_in_file(context, training_file_id, ids)
    return {one.conversation_id for one in resolved.conversations if one.already_in_file}


def in_parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Thousands of ids are looked up in parts: all rows at once would take more memory than the build itself."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def refuse_unless_active(context: Context, training_file_id: UUID, status: str) -> None:
    """Raises TrainingFileArchivedError, TrainingFileProcessingError or TrainingFileFailedError."""
    if status == "archived":
        raise TrainingFileArchivedError(training_file_id)
    if status != "active":
        raise unfinished(context, training_file_id)


def _resolved_in_file(context: Context, training_file_id: UUID, ids: Sequence[UUID]) -> ResolvedRequest:
    return context.conversations.resolve(
        ids=ids,
        owner=context.owner,
        all_conversations=context.options.all_conversations,
        training_file_id=training_file_id,
    )


def _choice(context: Context, ids: Sequence[UUID], resolved: ResolvedRequest, caller: UUID | None) -> Choice:
    usable, found_faults = usable_and_faults(
        ids,
        resolved.conversations,
        caller=caller,
        enriched_paths=context.options.enriched_paths,
        usable_statuses=context.options.usable_statuses,
    )
    return Choice(ids, usable, found_faults, resolved.base)
