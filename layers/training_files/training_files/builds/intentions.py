"""What an attempt at a revision is begun for, as it is kept with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from training_files.context import Context
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.training_file.build_request import BuildOptions, CreateTrainingFileInput
from training_files.ports.revisions import NewTrainingFile


@dataclass(frozen=True, slots=True)
class Intention:
    """`requested` is what `request_column` makes. `new_file` has the columns of a training file that is to be made."""

    training_file_id: UUID
    owner: UUID | None
    requested: dict[str, Any]
    new_file: NewTrainingFile | None = None
    background: bool = False


def request_column(
    options: BuildOptions, conversation_ids: Sequence[UUID], skipped: Sequence[ConversationFault] | None = None
) -> dict[str, Any]:
    """What is asked for, and what was skipped before a build in the background was queued."""
    column: dict[str, Any] = {
        "on_invalid": options.on_invalid,
        "on_duplicate": options.on_duplicate,
        "on_unhealthy": options.on_unhealthy,
        "by_rule": options.by_rule,
        "min_quality_score": None if options.min_quality_score is None else str(options.min_quality_score),
        "max_quality_score": None if options.max_quality_score is None else str(options.max_quality_score),
        "conversation_ids": [str(conversation_id) for conversation_id in conversation_ids],
    }
    return column if skipped is None else column | {"skipped": [fault.as_detail() for fault in skipped]}


def new_file_of(context: Context, wanted: CreateTrainingFileInput) -> NewTrainingFile:
    return NewTrainingFile(
        name=wanted.name,
        description=wanted.description,
        target_model=wanted.target_model or context.options.default_target_model,
    )
