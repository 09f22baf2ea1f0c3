"""Removing the folders of revisions and exports from the bucket, now or by housekeeping."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from training_files.context import Context
from training_files.deadline import grace
from training_files.domain.exports.export import EXPORT_OBJECTS
from training_files.domain.training_file.revision import REVISION_OBJECTS
from training_files.errors import NotSetUpError, UpstreamUnavailableError

PATHS_AT_ONCE = 1000

logger = logging.getLogger(__name__)


def remove_revision_folders(context: Context, revision_ids: Sequence[UUID]) -> None:
    """Removes the objects of revisions; objects that are not there are no fault."""
    _remove(context, revision_ids, REVISION_OBJECTS)


def remove_export_folders(context: Context, export_ids: Sequence[UUID]) -> None:
    """Removes the objects of exports; objects that are not there are no fault."""
    _remove(context, export_ids, EXPORT_OBJECTS)
    _remove_found(context, export_ids)


def remove_folders(context: Context, ids: Sequence[UUID]) -> None:
    """Removes the objects of folders of which it is not known whether a revision or an export owned them."""
    _remove(context, ids, (*REVISION_OBJECTS, *EXPORT_OBJECTS))


def remove_objects_at(context: Context, paths: Sequence[str]) -> None:
    """Removes objects at any paths; those that are not there are no fault."""
    for start in range(0, len(paths), PATHS_AT_ONCE):
        context.stores.training_files.remove(paths[start : start + PATHS_AT_ONCE])


@contextmanager
def left_to_housekeeping(what: object) -> Iterator[None]:
    """A cleaning step that may fail: housekeeping finds by its row, or by its folder, what is left.

    It is only logged, because the error that made the cleaning necessary is the one to report.
    """
    try:
        with grace():
            yield
    except (UpstreamUnavailableError, NotSetUpError) as error:
        logger.warning("%s is left to housekeeping: %s", what, error.message)


def _remove_found(context: Context, folder_ids: Sequence[UUID]) -> None:
    """What else there is: nobody knows how many shards an export was made in."""
    if folder_ids:
        remove_objects_at(context, context.exports.list_objects(folder_ids))


def _remove(context: Context, folder_ids: Sequence[UUID], names: Sequence[str]) -> None:
    remove_objects_at(context, [f"{folder_id}/{name}" for folder_id in folder_ids for name in names])
