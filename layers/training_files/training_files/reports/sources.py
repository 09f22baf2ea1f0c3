"""Whether the enriched files of a training file are still those that were added."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from training_files.domain.report.whole import sources_of
from training_files.ports.objects import ObjectMissingError, ObjectStore, ObjectTooLargeError
from training_files.ports.reports import RevisionSurroundings, SourceDoubt
from training_files.reports.concurrently import concurrently

SOURCES_COMPARED = 100
SOURCES_COMPARED_BYTES = 50 * 1024 * 1024
SOURCES_SHOWN = 50


def compared_sources(enriched_files: ObjectStore, surroundings: RevisionSurroundings) -> dict[str, Any]:
    """Reads as many of the files in doubt again as can be waited for."""
    gone = [doubt for doubt in surroundings.doubts if doubt.reason != "newer"]
    newer = [doubt for doubt in surroundings.doubts if doubt.reason == "newer"]
    in_doubt = list(_up_to(SOURCES_COMPARED_BYTES, newer))
    compared = concurrently(lambda doubt: _change_of(enriched_files, doubt), in_doubt)
    changes = [_change(doubt, doubt.reason) for doubt in gone] + [change for change in compared if change]
    return sources_of(
        changes,
        compared=len(in_doubt),
        not_checked=surroundings.doubts_total - len(gone) - len(in_doubt),
        shown=SOURCES_SHOWN,
    )


def _change_of(enriched_files: ObjectStore, doubt: SourceDoubt) -> dict[str, Any] | None:
    try:
        content = enriched_files.read(doubt.enriched_file_path or "")
    except ObjectMissingError:
        return _change(doubt, "file_missing")
    except ObjectTooLargeError:
        # It was small enough when it was added.
        return _change(doubt, "changed")
    is_same = hashlib.sha256(content).hexdigest() == doubt.enriched_sha256
    return None if is_same else _change(doubt, "changed")


def _up_to(most_bytes: int, doubts: Sequence[SourceDoubt]) -> Iterator[SourceDoubt]:
    total = 0
    for doubt in doubts:
        total += doubt.bytes
        if total > most_bytes:
            return
        yield doubt


def _change(doubt: SourceDoubt, change: str) -> dict[str, Any]:
    return {"conversation_id": str(doubt.conversation_id), "change": change}
