"""What an attempt at a revision is begun for, as it is kept with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from training_files.choosing.selecting import scope_of
from training_files.context import Context
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.conversation.limited_faults import kept_faults
from training_files.domain.conversation.selection import Selection, SelectionScope
from training_files.domain.training_file.build_request import (
    BuildOptions,
    CreateTrainingFileInput,
    WantedConversations,
)
from training_files.ports.revisions import NewTrainingFile


@dataclass(frozen=True, slots=True)
class Intention:
    """`requested` is what `request_column` makes. `new_file` has the columns of a training file that is to be made.

    With a `scope` the selection of `requested` is still to be resolved.
    """

    training_file_id: UUID
    owner: UUID | None
    requested: dict[str, Any]
    new_file: NewTrainingFile | None = None
    background: bool = False
    scope: SelectionScope | None = None

    @property
    def selection(self) -> Selection | None:
        selection = self.requested.get("selection")
        return None if selection is None else Selection.model_validate(selection)


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
    if isinstance(options, WantedConversations) and options.select is not None:
        column["selection"] = options.select.as_json()
    return column if skipped is None else column | kept_faults(skipped)


def scope_to_resolve(context: Context, wanted: WantedConversations) -> SelectionScope | None:
    """For the intention of a build in the background."""
    return None if wanted.select is None else scope_of(context.options, wanted)


def new_file_of(context: Context, wanted: CreateTrainingFileInput) -> NewTrainingFile:
    return NewTrainingFile(
        name=wanted.name,
        description=wanted.description,
        target_model=wanted.target_model or context.options.default_target_model,
    )
