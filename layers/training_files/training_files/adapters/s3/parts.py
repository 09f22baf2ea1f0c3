"""How an object is cut for a multipart upload: what the storage copies by itself, and what is sent from here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from training_files.ports.objects import LARGEST_COPY_BYTES, BytesPart, LocalPart, Part, StoredPart

MEBIBYTE = 1024 * 1024
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
# Every part but the last has at least this many bytes,
SMALLEST_PART_BYTES = 5 * MEBIBYTE
# and there are at most this many parts.
MOST_PARTS = 10_000
# Supabase Storage takes no copy as a part of a higher number than this:
# https://github.com/supabase/storage/blob/master/src/http/routes/s3/commands/upload-part-copy.ts
MOST_BEFORE_A_COPY = 1_000
# Parts that are sent are in memory, so they do not grow beyond this for the sake of copies: up to 31 GiB of an object
# are copied in any case, and more where its stored parts are long.
LARGEST_FOR_COPIES_BYTES = 32 * MEBIBYTE
USUAL_PART_BYTES = 8 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class PartLimits:
    """Sizes in bytes. Only the last part may be smaller than `smallest`; what is sent has at most `usual`."""

    smallest: int
    usual: int
    largest_copy: int

    @classmethod
    def for_object_of(cls, size: int) -> Self:
        """Parts grow with very large objects, so that there are never too many of them."""
        for_copies = min(-(-size // (MOST_BEFORE_A_COPY - 1)), LARGEST_FOR_COPIES_BYTES)
        smallest = max(SMALLEST_PART_BYTES, for_copies, -(-size // (MOST_PARTS - 1)))
        return cls(smallest, max(USUAL_PART_BYTES, smallest), LARGEST_COPY_BYTES)


@dataclass(frozen=True, slots=True)
class SentPart:
    """A part of the upload whose bytes go through here, piece after piece."""

    pieces: tuple[Part, ...]

    @property
    def size(self) -> int:
        return sum(piece.size for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class CopiedPart:
    """A part of the upload that the storage copies from another object."""

    source: StoredPart

    @property
    def size(self) -> int:
        return self.source.size


UploadPart = SentPart | CopiedPart


def upload_parts(parts: Iterable[Part], limits: PartLimits) -> Iterator[UploadPart]:
    """The same bytes in the same order, as parts that a multipart upload takes.

    Stored bytes are copied, except for less than twice `limits.smallest` of each stored part: where what comes
    before it is too short for a part of its own, and where the rest is, unless that is the end of the object.
    """
    gathered = _Gathered(limits.usual)
    some = [part for part in parts if part.size]
    for place, part in enumerate(some, start=1):
        if not isinstance(part, StoredPart):
            yield from gathered.with_all_of(part)
            continue
        lacking = max(0, limits.smallest - gathered.size) if gathered.size else 0
        head, rest = _split_stored(part, lacking)
        if not _can_be_copied(rest, limits, is_last=place == len(some)):
            yield from gathered.with_all_of(part)
            continue
        yield from gathered.with_all_of(head)
        yield from gathered.left()
        yield from _copies(rest, limits.largest_copy)
    yield from gathered.left()


class _Gathered:
    """Pieces on their way into one part, which goes as soon as it has the usual size."""

    def __init__(self, usual: int) -> None:
        self._usual = usual
        self._pieces: list[Part] = []
        self.size = 0

    def with_all_of(self, part: Part) -> Iterator[SentPart]:
        while part.size:
            piece, part = _split(part, self._usual - self.size)
            self._pieces.append(piece)
            self.size += piece.size
            if self.size == self._usual:
                yield from self.left()

    def left(self) -> Iterator[SentPart]:
        if self._pieces:
            yield SentPart(tuple(self._pieces))
        self._pieces = []
        self.size = 0


def _can_be_copied(rest: StoredPart, limits: PartLimits, *, is_last: bool) -> bool:
    """A stretch may be short at the end, but not one of a short object.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html says so of `x-amz-copy-source-range`.
    """
    return rest.size >= limits.smallest or (is_last and rest.size > 0 and rest.end > limits.smallest)


def _copies(stored: StoredPart, largest: int) -> Iterator[CopiedPart]:
    """As few copies as the limit allows, all about as large, so that none is too small."""
    count = -(-stored.size // largest)
    borders = [stored.start + stored.size * index // count for index in range(count + 1)]
    for start, end in pairwise(borders):
        yield CopiedPart(StoredPart(stored.path, start, end))


def _split(part: Part, size: int) -> tuple[Part, Part]:
    """The part's first `size` bytes, or all of them where it is shorter, and the rest."""
    match part:
        case BytesPart(content):
            return BytesPart(content[:size]), BytesPart(content[size:])
        case LocalPart(file, start, end):
            middle = min(end, start + size)
            return LocalPart(file, start, middle), LocalPart(file, middle, end)
        case StoredPart():
            return _split_stored(part, size)


def _split_stored(part: StoredPart, size: int) -> tuple[StoredPart, StoredPart]:
    middle = min(part.end, part.start + size)
    return StoredPart(part.path, part.start, middle), StoredPart(part.path, middle, part.end)
