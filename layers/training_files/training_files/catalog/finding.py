"""Training files, their conversations and their revisions, as the rows have them."""

from collections.abc import Iterator
from uuid import UUID

from training_files.context import Context
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.training_file import TrainingFile
from training_files.errors import (
    TrainingFileFailedError,
    TrainingFileNotFoundError,
    TrainingFileProcessingError,
    TrainingFilesError,
)

ROWS_AT_ONCE = 1000


def existing(context: Context, training_file_id: UUID) -> TrainingFile:
    """The training file. Raises TrainingFileNotFoundError."""
    training_file = context.training_files.get_training_file(training_file_id, context.owner)
    if training_file is None:
        raise TrainingFileNotFoundError(training_file_id)
    return training_file


def existing_with_build(context: Context, training_file_id: UUID) -> tuple[TrainingFile, Revision | None]:
    """The training file and its open build in the background, as they belong together.

    Raises TrainingFileNotFoundError.
    """
    # The build is read first: one that ends in between is shown as lasting, never as over beside the old file.
    build = context.builds.open_build(training_file_id)
    training_file = existing(context, training_file_id)
    if training_file.status == "failed" and build and build.status == "building":
        # The build failed in between, and its reasons are what the owner needs.
        build = context.builds.open_build(training_file_id)
    return training_file, build


def unfinished(context: Context, training_file_id: UUID) -> TrainingFilesError:
    """Why a training file has no revision yet: its build lasts, or has failed. Raises TrainingFileNotFoundError."""
    training_file, build = existing_with_build(context, training_file_id)
    if training_file.status != "failed":
        return TrainingFileProcessingError(training_file_id)
    return TrainingFileFailedError(training_file_id, (build.error or {}).get("message") if build else None)


def pages_of_conversations(context: Context, training_file_id: UUID) -> Iterator[list[UUID]]:
    """All conversation ids in file order, page after page."""
    position: int | None = 0
    while position is not None:
        page, position = page_of_conversations(context, training_file_id, limit=ROWS_AT_ONCE, after_position=position)
        yield page


def page_of_conversations(
    context: Context, training_file_id: UUID, *, limit: int, after_position: int = 0
) -> tuple[list[UUID], int | None]:
    """Up to `limit` conversation ids in file order, and the position to go on from when others follow."""
    page = context.training_files.list_conversation_ids(training_file_id, limit=limit, after_position=after_position)
    return [conversation_id for _, conversation_id in page], page[-1][0] if page.more else None


def pages_of_revisions(context: Context, training_file_id: UUID) -> Iterator[list[Revision]]:
    """All revisions, the newest first, page after page."""
    before: UUID | None = None
    while page := context.revisions.list_revisions(training_file_id, limit=ROWS_AT_ONCE, before=before):
        yield page
        before = page[-1].id
