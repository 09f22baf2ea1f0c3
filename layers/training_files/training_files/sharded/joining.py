"""Many stretches to fewer: an object is put together from only so many copies, so some are joined to pieces first."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

from training_files.builds.planning import PlannedRevision
from training_files.builds.preparing import concurrently
from training_files.builds.writing import JSON_TYPE, JSONL_TYPE
from training_files.context import Context
from training_files.ports.objects import LARGEST_COPY_BYTES, Part, StoredPart

# Supabase Storage takes no copy as a part of a higher number than 1,000:
# https://github.com/supabase/storage/blob/master/src/http/routes/s3/commands/upload-part-copy.ts
# A part may need bytes of the next one to be long enough, so not all numbers are used.
MOST_COPIES = 900
# Of each of the two objects.
PIECES_AT_ONCE = 4
# Of more stretches than an addition ever has, as of a refresh that is scattered: what is short is not copied but sent,
# and is in memory meanwhile, with what lies between.
SCATTERED_ABOVE = 2 * MOST_COPIES
SCATTERED_PIECES_AT_ONCE = 2


def joined_pieces(context: Context, revision_id: UUID, planned: PlannedRevision) -> PlannedRevision:
    """The same objects, each from as many parts as the storage takes. Pieces are objects beside these."""
    with ThreadPoolExecutor(2) as executor:
        json_parts = executor.submit(_joined, context, _prefix(revision_id, "json"), planned.json_parts, JSON_TYPE)
        jsonl_parts = executor.submit(_joined, context, _prefix(revision_id, "jsonl"), planned.jsonl_parts, JSONL_TYPE)
    return replace(planned, json_parts=json_parts.result(), jsonl_parts=jsonl_parts.result())


def piece_paths(revision_id: UUID, planned: PlannedRevision) -> list[str]:
    """Of all objects that `joined_pieces` writes."""
    return [
        path
        for name, parts in (("json", planned.json_parts), ("jsonl", planned.jsonl_parts))
        for path, _ in _pieces(_prefix(revision_id, name), parts)
        if path
    ]


def _prefix(revision_id: UUID, name: str) -> str:
    return f"{revision_id}/shard-piece-{name}"


def _joined(context: Context, prefix: str, parts: Sequence[Part], content_type: str) -> Sequence[Part]:
    def write(piece: tuple[str, Sequence[Part]]) -> Sequence[Part]:
        path, stretches = piece
        if not path:
            return stretches
        return [StoredPart(path, 0, context.stores.training_files.write(path, stretches, content_type))]

    at_once = SCATTERED_PIECES_AT_ONCE if len(parts) > SCATTERED_ABOVE else PIECES_AT_ONCE
    joined = concurrently(write, _pieces(prefix, parts), at_once=at_once)
    return [part for stretches in joined for part in stretches]


def _pieces(prefix: str, parts: Sequence[Part]) -> Iterator[tuple[str, Sequence[Part]]]:
    """All parts in their order: those to be joined to one piece with its path, others without."""
    if sum(map(_copies, parts)) <= MOST_COPIES:
        yield "", parts
        return
    enough = sum(part.size for part in parts) // (MOST_COPIES // 2)
    number = size = 0
    gathered: list[Part] = []
    for place, part in enumerate(parts, start=1):
        gathered.append(part)
        size += part.size
        if size >= enough or place == len(parts):
            number += len(gathered) > 1
            yield f"{prefix}-{number:04d}" if len(gathered) > 1 else "", gathered
            gathered, size = [], 0


def _copies(part: Part) -> int:
    return max(1, -(-part.size // LARGEST_COPY_BYTES))
