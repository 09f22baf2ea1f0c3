"""What a selection takes: looked up for whoever waits, and counted with the training file as it would be."""

from collections.abc import Sequence
from uuid import UUID

from training_files.choosing.counting import refuse_unknown, unknown_keys
from training_files.context import Context, Options
from training_files.domain.conversation.selection import (
    MAX_SELECTED,
    Selected,
    Selection,
    SelectionScope,
)
from training_files.domain.training_file.build_request import BuildOptions
from training_files.errors import NothingSelectedError, too_many_selected
from training_files.ports.conversations import SelectedConversations


def scope_of(options: Options, wanted: BuildOptions) -> SelectionScope:
    return SelectionScope(
        all_conversations=options.all_conversations,
        usable_statuses=options.usable_statuses,
        enriched_paths=options.enriched_paths,
        by_rule=wanted.by_rule,
    )


def look_up_selection(
    context: Context,
    selection: Selection,
    wanted: BuildOptions,
    *,
    owner: UUID | None,
    most: int,
    training_file_id: UUID | None = None,
    beside: Sequence[UUID] = (),
) -> SelectedConversations:
    """How many conversations the selection takes, and which, where these are at most `most`.

    Raises TrainingFileNotFoundError for a training file of the filter, NothingSelectedError where there is nothing
    beside either, or RequestInvalidError where there are too many.
    """
    found = context.conversations.select_conversations(
        selection,
        owner,
        scope=scope_of(context.options, wanted),
        most=most,
        training_file_id=training_file_id,
        beside=beside,
    )
    refuse_unknown(found.unknown_training_file)
    refuse_count(context, selection, found.conversation_count, nothing_beside=not beside)
    return found


def refuse_count(context: Context, selection: Selection, count: int, *, nothing_beside: bool) -> None:
    """Raises NothingSelectedError or RequestInvalidError."""
    if count > MAX_SELECTED:
        raise too_many_selected(count, MAX_SELECTED)
    if not count and nothing_beside:
        raise NothingSelectedError(unknown_keys(context, selection, {}))


def selected(context: Context, selection: Selection | None, count: int) -> Selected | None:
    """What is told of a selection that has taken so many."""
    return None if selection is None else Selected(count, unknown_keys(context, selection, {}))
