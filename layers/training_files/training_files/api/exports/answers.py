"""Answers about exports, as plain JSON values."""

from typing import Any

from training_files.domain.exports.export import ExportedFile, ExportFilter, ExportSplit, OfferedExport
from training_files.domain.spelling import iso_utc, plain_number
from training_files.ports.paging import Page


def export_answer(offered: OfferedExport, *, expires_in_seconds: int) -> dict[str, Any]:
    return {"export": _export(offered, expires_in_seconds)}


def exports_answer(exports: Page[OfferedExport], *, expires_in_seconds: int) -> dict[str, Any]:
    return {
        "exports": [_export(offered, expires_in_seconds) for offered in exports],
        "next_cursor": str(exports[-1].export.id) if exports.more else None,
    }


def _export(offered: OfferedExport, expires_in_seconds: int) -> dict[str, Any]:
    """Until it is ready, what is found out while it is built is null."""
    export, request, result = offered.export, offered.export.request, offered.export.result
    # What is gone from the storage is of no use to anybody.
    files = [file for file in export.files if file.name in offered.links]
    return {
        "id": str(export.id),
        "training_file_id": str(export.training_file_id),
        "revision": export.revision,
        "format": request.format,
        "granularity": request.granularity,
        "split": None if request.split is None else _split(request.split),
        "bundle": request.bundle,
        "filter": None if request.filter is None else _filter(request.filter),
        "repair": list(request.repair),
        "redact": list(request.redact),
        "status": export.status,
        "error": export.error,
        "files": [_exported_file(file, offered.links[file.name]) for file in files],
        "expires_in_seconds": expires_in_seconds if result else None,
        "totals": result.totals if result else None,
        "left_out": result.left_out if result else None,
        "history_mismatch": result.history_mismatch if result else None,
        "health": result.health if result else None,
        "filtered": result.filtered if result else None,
        "repaired": result.repaired if result else None,
        "redacted": result.redacted if result else None,
        "splits": result.splits if result else None,
        "lengths": result.lengths if result else None,
        "readiness": list(result.readiness) if result else None,
        "created_at": iso_utc(export.created_at),
        "finished_at": None if export.finished_at is None else iso_utc(export.finished_at),
    }


def _filter(asked: ExportFilter) -> dict[str, Any]:
    return {
        "min_quality_score": plain_number(asked.min_quality_score),
        "reviewed_only": asked.reviewed_only,
        "without": list(asked.without),
    }


def _split(split: ExportSplit) -> dict[str, Any]:
    return {"validation": plain_number(split.validation), "test": plain_number(split.test), "seed": split.seed}


def _exported_file(file: ExportedFile, download_url: str) -> dict[str, Any]:
    return file.model_dump(exclude={"object_name"}) | {"download_url": download_url}
