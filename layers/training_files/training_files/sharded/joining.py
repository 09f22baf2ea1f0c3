"""Many stretches to fewer: an object is put together from only so many copies, so some are joined to pieces first."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

from training_files.builds.planning import PlannedRevision
from training_files.builds.writing import JSON_TYPE
from training_files.context import Context
from training_files.deadline import with_same_deadline
from training_files.ports.objects import Part, StoredPart

# Supabase Storage takes no copy as a part of a higher number:
# https://github.com/supabase/storage/blob/master/src/http/routes/s3/commands/upload-part-copy.ts
# A part may need bytes of the next one to be long enough, so not all numbers are used.
MOST_PARTS = 900


def joined_pieces(context: Context, revision_id: UUID, planned: PlannedRevision) -> PlannedRevision:
    """The same objects, each from as many parts as the storage takes. Pieces are objects beside these.

    Those of both are written side by side.
    """
    join = with_same_deadline(_joined)
    with ThreadPoolExecutor(2) as executor:
        json = executor.submit(join, context, f"{revision_id}/shard-piece-json", planned.json_parts)
        jsonl = executor.submit(join, context, f"{revision_id}/shard-piece-jsonl", planned.jsonl_parts)
    return replace(planned, json_parts=json.result(), jsonl_parts=jsonl.result())


def piece_paths(revision_id: UUID, planned: PlannedRevision) -> list[str]:
    """Of all objects that `joined_pieces` writes."""
    return [
        path
        for name, parts in (("json", planned.json_parts), ("jsonl", planned.jsonl_parts))
        for path, _ in _pieces(f"{revision_id}/shard-piece-{name}", parts)
        if path
    ]


def _joined(context: Context, prefix: str, parts: Sequence[Part]) -> Sequence[Part]:
    joined: list[Part] = []
    for path, stretches in _pieces(prefix, parts):
        if path:
            size = context.stores.training_files.write(path, stretches, JSON_TYPE)
            joined.append(StoredPart(path, 0, size))
        else:
            joined += stretches
    return joined


def _pieces(prefix: str, parts: Sequence[Part]) -> Iterator[tuple[str, Sequence[Part]]]:
    """All parts in their order: those to be joined to one piece with its path, others without."""
    if len(parts) <= MOST_PARTS:
        yield "", parts
        return
    enough = sum(part.size for part in parts) // (MOST_PARTS // 2)
    number = size = 0
    gathered: list[Part] = []
    for place, part in enumerate(parts, start=1):
        gathered.append(part)
        size += part.size
        if size >= enough or place == len(parts):
            number += len(gathered) > 1
            yield f"{prefix}-{number:04d}" if len(gathered) > 1 else "", gathered
            gathered, size = [], 0
