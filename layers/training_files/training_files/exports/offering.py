"""Exports with links to their files."""

from collections.abc import Sequence
from uuid import UUID

from training_files.catalog.finding import existing
from training_files.context import Context
from training_files.domain.exports.export import Export, OfferedExport
from training_files.domain.limits import LINKS_EXPIRE_IN_SECONDS
from training_files.errors import ExportNotFoundError
from training_files.ports.objects import ObjectMissingError
from training_files.ports.paging import Page


def get_export(context: Context, training_file_id: UUID, export_id: UUID) -> OfferedExport:
    """Raises TrainingFileNotFoundError or ExportNotFoundError."""
    existing(context, training_file_id)
    export = context.exports.get_export(training_file_id, export_id)
    if export is None:
        raise ExportNotFoundError(training_file_id, export_id)
    return with_links(context, export)


def list_exports(context: Context, training_file_id: UUID, *, limit: int, before: UUID | None) -> Page[OfferedExport]:
    """The newest first; `before` is the last one of the page before. Raises TrainingFileNotFoundError."""
    existing(context, training_file_id)
    page = context.exports.list_exports(training_file_id, limit=limit, before=before)
    return Page(_with_links(context, page), more=page.more)


def with_links(context: Context, export: Export, *, built: bool = False) -> OfferedExport:
    """Raises ExportNotFoundError when its objects are gone."""
    [one] = _with_links(context, [export])
    return one.model_copy(update={"built": built})


def _with_links(context: Context, exports: Sequence[Export]) -> list[OfferedExport]:
    """All links are signed in one call, when they are asked for."""
    names = {export.path_of(file): file.filename for export in exports for file in export.files}
    try:
        urls = context.stores.training_files.signed_urls(names, expires_in_seconds=LINKS_EXPIRE_IN_SECONDS)
    except ObjectMissingError as error:
        # Someone has deleted the training file since, or the revision is too old to be kept.
        export = next(one for one in exports if error.path.startswith(str(one.id)))
        raise ExportNotFoundError(export.training_file_id, export.id) from error
    return [
        OfferedExport(export=export, links={file.name: urls[export.path_of(file)] for file in export.files})
        for export in exports
    ]
