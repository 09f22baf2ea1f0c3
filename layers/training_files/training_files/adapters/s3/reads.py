"""Which stretches of stored objects are read for pieces of them that have to be sent: neighbours by one request."""

from collections.abc import Iterable

from training_files.adapters.s3.parts import MEBIBYTE, USUAL_PART_BYTES
from training_files.ports.objects import Part, StoredPart

# What lies between two pieces, as a conversation that is removed, comes sooner than the answer to one more request.
LARGEST_GAP_BYTES = MEBIBYTE
# Of a read with gaps in it: a part of the usual size with a few of them. Memory holds what was read until it is sent.
LARGEST_READ_BYTES = USUAL_PART_BYTES + 2 * MEBIBYTE


def stretches_to_read(pieces: Iterable[Part]) -> list[StoredPart]:
    """Stretches that cover all pieces of stored objects, where pieces that follow each other closely share one."""
    stretches: list[StoredPart] = []
    for piece in pieces:
        if not isinstance(piece, StoredPart) or not piece.size:
            continue
        if stretches and _is_close(stretches[-1], piece):
            stretches[-1] = StoredPart(piece.path, stretches[-1].start, piece.end)
        else:
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
