"""Which stretches of stored objects are read for pieces of them that go on elsewhere: neighbours by one request."""

from collections.abc import Iterable

from training_files.ports.objects import Part, StoredPart

# What lies between two pieces, as a conversation that is removed, comes sooner than the answer to one more request.
LARGEST_GAP_BYTES = 1024 * 1024
# Of a read with gaps in it: a usual part of an upload over S3, with a few of them. Memory holds what was read.
LARGEST_READ_BYTES = 10 * 1024 * 1024


def stretches_to_read(pieces: Iterable[Part], *, holds_all: bool = False) -> list[StoredPart]:
    """Stretches that cover all pieces of stored objects, where pieces that follow each other closely share one.

    Who `holds_all` stretches at once has no need to read one again where pieces of several objects take turns.
    """
    stretches: list[StoredPart] = []
    last: dict[str, int] = {}
    for piece in pieces:
        if not isinstance(piece, StoredPart) or not piece.size:
            continue
        before = last.get(piece.path) if holds_all else len(stretches) - 1
        if before is not None and before >= 0 and _is_close(stretches[before], piece):
            stretches[before] = StoredPart(piece.path, stretches[before].start, piece.end)
        else:
            last[piece.path] = len(stretches)
            stretches.append(piece)
    return stretches


def covers(stretch: StoredPart, piece: StoredPart) -> bool:
    return stretch.path == piece.path and stretch.start <= piece.start and piece.end <= stretch.end


def _is_close(stretch: StoredPart, piece: StoredPart) -> bool:
    return (
        stretch.path == piece.path
        and 0 <= piece.start - stretch.end <= LARGEST_GAP_BYTES
        and piece.end - stretch.start <= LARGEST_READ_BYTES
    )
