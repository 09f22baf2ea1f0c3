"""What a create or an addition would do, of any size, as far as rows tell: no enriched file is read."""

from collections.abc import Iterable
from uuid import UUID

from training_files.builds.requesting import choices_for_addition, choices_for_creation, usable_among
from training_files.choosing.choices import Choice
from training_files.choosing.counting import KEYS_COUNTED, refuse_unknown
from training_files.choosing.selecting import refuse_count, scope_of, selected
from training_files.context import Context
from training_files.domain.conversation.selection import AdditionPreview
from training_files.domain.training_file.build_request import (
    AddConversationsInput,
    CreateTrainingFileInput,
    WantedConversations,
)


def preview_creation(context: Context, wanted: CreateTrainingFileInput) -> AdditionPreview:
    """Raises what can be known without reading enriched files, as the creation in the background does."""
    owner = context.owner or wanted.created_by
    return _preview(context, wanted, choices_for_creation(context, wanted, owner), owner=owner)


def preview_addition(context: Context, wanted: AddConversationsInput) -> AdditionPreview:
    """Raises what can be known without reading enriched files, as the addition in the background does."""
    choices = choices_for_addition(context, wanted)
    return _preview(context, wanted, choices, owner=context.owner, training_file_id=wanted.training_file_id)


def _preview(
    context: Context,
    wanted: WantedConversations,
    choices: Iterable[Choice],
    *,
    owner: UUID | None,
    training_file_id: UUID | None = None,
) -> AdditionPreview:
    ids, skipped = usable_among(wanted, choices)
    preview = context.conversations.preview_addition(
        owner,
        ids=ids,
        selection=wanted.select,
        scope=scope_of(context.options, wanted),
        keys=KEYS_COUNTED,
        training_file_id=training_file_id,
    )
    refuse_unknown(preview.unknown_training_file)
    if wanted.select is not None:
        # An addition of which all is skipped is none; a training file cannot be made of nothing.
        beside = ids if training_file_id is None else wanted.conversation_ids
        refuse_count(context, wanted.select, preview.selected_count, nothing_beside=not beside)
    return AdditionPreview(
        preview.taken, preview.after, tuple(skipped), selected(context, wanted.select, preview.selected_count)
    )
