"""Exports with links to their files."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate
from uuid import UUID

from training_files.catalog.finding import existing
from training_files.context import Context
from training_files.domain.exports.export import Export, OfferedExport
from training_files.domain.limits import LINKS_EXPIRE_IN_SECONDS
from training_files.errors import ExportNotFoundError
from training_files.ports.paging import Page

USED_TO_THE = timedelta(hours=1)
# Up to 900 bytes each, with what is told of the file: a third of what an answer of a Lambda function may have.
MOST_LINKS = 2_000


def get_export(context: Context, training_file_id: UUID, export_id: UUID) -> OfferedExport:
    """Raises TrainingFileNotFoundError or ExportNotFoundError."""
    existing(context, training_file_id)
    export = context.exports.get_export(training_file_id, export_id)
    if export is None or not _in_use(context, export):
        raise ExportNotFoundError(training_file_id, export_id)
    return with_links(context, export)


def list_exports(context: Context, training_file_id: UUID, *, limit: int, before: UUID | None) -> Page[OfferedExport]:
    """The newest first; `before` is the last one of the page before. Raises TrainingFileNotFoundError."""
    existing(context, training_file_id)
    page = _with_room(context.exports.list_exports(training_file_id, limit=limit, before=before))
    return Page(_with_links(context, page), more=page.more)


def _with_room(page: Page[Export]) -> Page[Export]:
    """The first of the exports, as many as an answer has room for with all of their links."""
    links = accumulate(len(export.files) for export in page)
    kept = [export for export, count in zip(page, links, strict=True) if count <= MOST_LINKS] or page[:1]
    return Page(kept, more=page.more or len(kept) < len(page))


def with_links(context: Context, export: Export, *, built: bool = False) -> OfferedExport:
    """Raises ExportNotFoundError when its objects are gone."""
    [one] = _with_links(context, [export])
    if len(one.links) < len(export.files):
        # Someone has deleted the training file since, or the revision is too old to be kept.
        raise ExportNotFoundError(export.training_file_id, export.id)
    return one.model_copy(update={"built": built})


def _in_use(context: Context, export: Export) -> bool:
    """Whether it is there to be used. To the hour is exact enough: callers ask often while an export is built."""
    is_said = context.now() - export.used_at < USED_TO_THE
    return is_said or context.exports.use_export(export.training_file_id, export.id)


def _with_links(context: Context, exports: Sequence[Export]) -> list[OfferedExport]:
    """All links are signed in one call, when they are asked for. An object that is gone has none."""
    names = {export.path_of(file): file.filename for export in exports for file in export.files}
    urls = context.stores.training_files.signed_urls(names, expires_in_seconds=LINKS_EXPIRE_IN_SECONDS)
    return [
        OfferedExport(
            export=export,
            links={file.name: urls[path] for file in export.files if (path := export.path_of(file)) in urls},
        )
        for export in exports
    ]
