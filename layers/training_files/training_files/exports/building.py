"""Building an export: its files are written on disk, stored, and ready in one step."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from training_files.catalog.folders import left_to_housekeeping, remove_export_folders
from training_files.context import Context
from training_files.deadline import with_same_deadline
from training_files.domain.exports.export import Export, ExportResult
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.stored_file import conversations_in
from training_files.errors import TrainingFileNotFoundError
from training_files.exports.leased_export import LeasedExport
from training_files.exports.rendering import render_export
from training_files.exports.seeding import split_of
from training_files.ports.exports import ConversationScores
from training_files.ports.objects import LocalPart, ObjectMissingError, StoredPart

ROWS_AT_ONCE = 1000
STORED_AT_ONCE = 3
CONTENT_TYPES = {
    "rows": "application/x-ndjson",
    "metadata": "application/x-ndjson",
    "text": "text/plain",
    "bundle": "application/zip",
}


def build(leased: LeasedExport) -> Export:
    """The export, ready. Whoever takes over from a builder that was lost writes the same bytes into the same folder.

    Raises TrainingFileNotFoundError when the training file or the revision was removed meanwhile.
    """
    context, export = leased.context, leased.export
    with TemporaryDirectory(prefix="training-files-") as name:
        folder = Path(name)
        result = _rendered(context, export, leased.revision, folder)
        files = [(file.name, file.bytes, CONTENT_TYPES[file.kind]) for file in result.files]
        store_files(leased, files, folder)
        ready = context.exports.commit_export(export_id=export.id, result=result)
    if ready is None:
        # Nobody else needs what was written.
        with left_to_housekeeping(export.id):
            remove_export_folders(context, [export.id])
        raise TrainingFileNotFoundError(export.training_file_id, revision=export.revision)
    return ready


def _rendered(context: Context, export: Export, revision: Revision, folder: Path) -> ExportResult:
    whole = folder / "training.json"
    with whole.open("w+b") as file:
        _download(context, revision, file)
        file.seek(0)
        split = split_of(export.request, conversations_in(file))
        file.seek(0)
        result = render_export(export, revision, conversations_in(file), _scores(context, export), folder, split)
    whole.unlink()
    return result


def _download(context: Context, revision: Revision, file: IO[bytes]) -> None:
    part = StoredPart(revision.json_file_path, 0, revision.json_file_size or 0)
    try:
        context.stores.training_files.download(part, file)
    except ObjectMissingError as error:
        # Someone has deleted the training file since, or the revision is too old to be kept.
        raise TrainingFileNotFoundError(revision.training_file_id, revision=revision.number) from error


def _scores(context: Context, export: Export) -> Iterator[ConversationScores]:
    position = 0
    while page := context.exports.list_scores(
        export.training_file_id, revision=export.revision, limit=ROWS_AT_ONCE, after_position=position
    ):
        yield from page
        position = page[-1].position


def store_files(leased: LeasedExport, files: Sequence[tuple[str, int, str]], folder: Path) -> None:
    """Writes files of a folder into that of the export, side by side: their names, bytes and content types."""
    write_one = with_same_deadline(leased.context.stores.training_files.write)
    with ThreadPoolExecutor(STORED_AT_ONCE) as executor:
        writes = [
            executor.submit(write_one, f"{leased.id}/{name}", [LocalPart(folder / name, 0, size)], content_type)
            for name, size, content_type in files
        ]
    for write in writes:
        write.result()
