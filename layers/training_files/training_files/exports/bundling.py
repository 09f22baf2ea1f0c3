"""The bundle of an export: everything in one archive, dated like the revision."""

import hashlib
import re
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from training_files.domain.exports.bundle import Bundle, BundledFile, Treatment, archived_files
from training_files.domain.exports.bundle_texts import bundle_texts
from training_files.domain.exports.export import Export, ExportedFile, ExportRequest, ExportResult
from training_files.domain.exports.splits import SplitRequest
from training_files.domain.training_file.revision import Revision
from training_files.exports.archive import ZipEntry, write_zip
from training_files.exports.bundle_size import refuse_large_bundle

# What every service takes as a file name; Amazon Nova takes nothing else.
NOT_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")
BUNDLE = "bundle.zip"


def bundled(
    export: Export, revision: Revision, result: ExportResult, folder: Path, split: SplitRequest | None
) -> ExportedFile:
    """The archive of files that lie in the folder. Raises RequestInvalidError when it would be too large."""
    refuse_large_bundle(sum(file.bytes for file in result.files))
    bundle = bundle_of(export, result, split)
    files = (ZipEntry(name, folder / file.name) for name, file in archived_files(bundle).items())
    return archive(export, revision, folder / BUNDLE, files, bundle_texts(bundle))


def archive(
    export: Export, revision: Revision, path: Path, files: Iterable[ZipEntry], texts: dict[str, bytes]
) -> ExportedFile:
    """Writes an archive of files and texts."""
    with path.open("wb") as target:
        entries = chain(files, (ZipEntry(name, text) for name, text in texts.items()))
        write_zip(target, entries, dated=revision.finished_at or revision.created_at)
    with path.open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    return ExportedFile(
        name=path.name,
        kind="bundle",
        split=None,
        rows=None,
        bytes=path.stat().st_size,
        sha256=sha256,
        filename=f"{file_stem(export.request)}.zip",
    )


def bundle_of(export: Export, result: ExportResult, split: SplitRequest | None) -> Bundle:
    """What a bundle, or the texts beside files that are too many for one, say of an export."""
    request = export.request
    return Bundle(
        training_file_id=str(export.training_file_id),
        training_file_name=request.name,
        revision=export.revision,
        tags=request.tags,
        format=request.format,
        granularity=request.granularity,
        split=split,
        files=[
            BundledFile(file.name, file.kind, file.split, file.rows or 0, file.bytes, file.sha256)
            for file in result.files
            if file.kind in ("rows", "metadata") and file.split
        ],
        totals=result.totals,
        left_out=result.left_out,
        splits=result.splits,
        lengths=result.lengths,
        readiness=result.readiness,
        treatment=_treatment(request, result),
        target_model=request.target_model,
    )


def _treatment(request: ExportRequest, result: ExportResult) -> Treatment:
    return Treatment(
        request.model_dump(mode="json", include={"filter", "repair", "redact"}),
        health=result.health or {},
        filtered=result.filtered,
        repaired=result.repaired,
        redacted=result.redacted,
    )


def file_stem(request: ExportRequest) -> str:
    """What downloads are called: the training file, the format, and the granularity where it is not the usual one."""
    name = NOT_IN_FILE_NAMES.sub("-", request.name).strip("-.") or "training-file"
    return f"{name}.{request.format}" + (".turn" if request.granularity == "turn" else "")
