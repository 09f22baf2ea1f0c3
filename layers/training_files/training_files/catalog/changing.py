"""Editing a training file's own columns, and deleting it."""

import logging
from uuid import UUID

from training_files.catalog.finding import ROWS_AT_ONCE, existing, pages_of_revisions, unfinished
from training_files.catalog.folders import remove_export_folders, remove_revision_folders
from training_files.context import Context
from training_files.domain.training_file.training_file import TrainingFile, TrainingFileChanges
from training_files.errors import NotSetUpError, UpstreamUnavailableError

logger = logging.getLogger(__name__)


def update_training_file(context: Context, training_file_id: UUID, changes: TrainingFileChanges) -> TrainingFile:
    """Raises TrainingFileNotFoundError, NameTakenError, TrainingFileProcessingError or TrainingFileFailedError."""
    changed = context.training_files.update_training_file(training_file_id, context.owner, changes)
    if changed is None:
        raise unfinished(context, training_file_id)
    return changed


def delete_training_file(context: Context, training_file_id: UUID) -> None:
    """Removes the rows, all at once, then the objects. Raises TrainingFileNotFoundError.

    In this order nobody finds a training file whose objects are gone. The database remembers whose objects may be
    left, so that housekeeping removes those that could not be removed here.
    """
    existing(context, training_file_id)
    known = [revision.id for page in pages_of_revisions(context, training_file_id) for revision in page]
    exports = _export_ids(context, training_file_id)
    removed = context.training_files.delete_training_file(training_file_id, context.owner) or []
    revisions = list(dict.fromkeys([*known, *removed]))
    try:
        remove_revision_folders(context, revisions)
        remove_export_folders(context, exports)
    except (UpstreamUnavailableError, NotSetUpError) as error:
        logger.warning(
            "objects of %d folders are left to housekeeping: %s", len(revisions) + len(exports), error.message
        )


def _export_ids(context: Context, training_file_id: UUID) -> list[UUID]:
    ids: list[UUID] = []
    before: UUID | None = None
    while page := context.exports.list_exports(training_file_id, limit=ROWS_AT_ONCE, before=before):
        ids += [export.id for export in page]
        before = page[-1].id
    return ids
