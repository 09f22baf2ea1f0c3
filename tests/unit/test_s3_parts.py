"""An object is cut into parts that the S3 protocol takes, without a byte more through here than needed."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training_files.adapters.s3.parts import (
    LARGEST_COPY_BYTES,
    MEBIBYTE,
    CopiedPart,
    PartLimits,
    SentPart,
    UploadPart,
    upload_parts,
)
from training_files.ports.objects import BytesPart, LocalPart, Part, StoredPart

SMALL = PartLimits(smallest=5, usual=8, largest_copy=40)
LONG = bytes(range(250))
GIBIBYTE = 1024 * MEBIBYTE

stretches = st.tuples(st.integers(0, 250), st.integers(0, 250)).map(sorted)
some_parts = st.one_of(
    st.binary(max_size=30).map(BytesPart),
    stretches.map(lambda stretch: LocalPart(Path("local"), *stretch)),
    stretches.map(lambda stretch: StoredPart("stored", *stretch)),
)


def content_of(part: Part) -> bytes:
    return part.content if isinstance(part, BytesPart) else LONG[part.start : part.end]


def content_of_all(parts: Sequence[UploadPart]) -> bytes:
    pieces = [piece for part in parts for piece in (part.pieces if isinstance(part, SentPart) else [part.source])]
    return b"".join(map(content_of, pieces))


def stored_bytes_sent(parts: Sequence[UploadPart]) -> int:
    sent = [piece for part in parts if isinstance(part, SentPart) for piece in part.pieces]
    return sum(piece.size for piece in sent if isinstance(piece, StoredPart))


def sizes(parts: Sequence[UploadPart]) -> list[tuple[type, int]]:
    return [(type(part), part.size) for part in parts]


@given(parts=st.lists(some_parts, max_size=12))
def test_any_parts_become_the_same_bytes_in_parts_of_legal_sizes(parts: list[Part]) -> None:
    planned = list(upload_parts(parts, SMALL))

    assert content_of_all(planned) == b"".join(map(content_of, parts))
    assert all(part.size >= SMALL.smallest for part in planned[:-1])
    assert all(0 < part.size <= (SMALL.usual if isinstance(part, SentPart) else SMALL.largest_copy) for part in planned)


@given(parts=st.lists(some_parts, max_size=12))
def test_of_each_stored_part_only_a_constant_rest_is_sent(parts: list[Part]) -> None:
    stored = [part for part in parts if isinstance(part, StoredPart)]

    assert stored_bytes_sent(list(upload_parts(parts, SMALL))) <= 2 * (SMALL.smallest - 1) * len(stored)


@pytest.mark.parametrize("size", [6 * GIBIBYTE, 31 * GIBIBYTE])
def test_of_an_object_up_to_31_gib_the_storage_takes_every_copy(size: int) -> None:
    limits = PartLimits.for_object_of(size)
    pieces = [BytesPart(b","), StoredPart("stored", 0, 2 * limits.smallest - 1)] * (size // (2 * limits.smallest))

    planned = list(upload_parts(pieces, limits))

    assert len(planned) <= 1_000


@pytest.mark.parametrize("size", [50 * GIBIBYTE, 500 * GIBIBYTE, 5 * 1024 * GIBIBYTE])
@pytest.mark.parametrize("by_turns", [False, True], ids=["new", "new and stored by turns"])
def test_the_largest_object_has_at_most_10000_parts(size: int, *, by_turns: bool) -> None:
    limits = PartLimits.for_object_of(size)
    new = [LocalPart(Path("local"), 0, size)]
    mixed = [BytesPart(b","), StoredPart("stored", 0, 2 * limits.smallest - 1)] * (size // (2 * limits.smallest))

    planned = list(upload_parts(mixed if by_turns else new, limits))

    assert 1_000 < len(planned) <= 10_000


def test_an_addition_to_a_json_file_sends_its_header_5_mib_of_old_bytes_and_what_is_new() -> None:
    parts = [BytesPart(bytes(700)), StoredPart("old", 650, 60 * MEBIBYTE), LocalPart(Path("new"), 0, 90_000)]

    planned = list(upload_parts(parts, PartLimits.for_object_of(61 * MEBIBYTE)))

    assert sizes(planned) == [
        (SentPart, 5 * MEBIBYTE),
        (CopiedPart, 55 * MEBIBYTE + 700 - 650),
        (SentPart, 90_000),
    ]


def test_an_addition_to_a_jsonl_file_sends_nothing_old() -> None:
    parts = [StoredPart("old", 0, 5 * MEBIBYTE), LocalPart(Path("new"), 0, 90_000)]

    planned = list(upload_parts(parts, PartLimits.for_object_of(6 * MEBIBYTE)))

    assert sizes(planned) == [(CopiedPart, 5 * MEBIBYTE), (SentPart, 90_000)]


def test_the_end_of_an_object_is_copied_however_short_it_is() -> None:
    parts = [StoredPart("old", 0, 50), StoredPart("old", 60, 62)]

    assert sizes(list(upload_parts(parts, SMALL))) == [(CopiedPart, 25), (CopiedPart, 25), (CopiedPart, 2)]


def test_the_end_of_an_object_is_copied_behind_what_is_new() -> None:
    parts = [StoredPart("old", 0, 30), LocalPart(Path("new"), 0, 1), StoredPart("old", 40, 46)]

    assert sizes(list(upload_parts(parts, SMALL))) == [(CopiedPart, 30), (SentPart, 5), (CopiedPart, 2)]


def test_of_a_short_object_nothing_is_copied() -> None:
    """S3 takes a stretch of an object only if that has more than 5 MB."""
    parts = [LocalPart(Path("new"), 0, 5), StoredPart("short", 2, SMALL.smallest)]

    assert sizes(list(upload_parts(parts, SMALL))) == [(SentPart, 8)]


def test_a_large_stored_part_is_copied_in_as_few_even_pieces_as_allowed() -> None:
    size = 2 * LARGEST_COPY_BYTES + 1

    planned = list(upload_parts([StoredPart("old", 0, size)], PartLimits.for_object_of(size)))

    assert LARGEST_COPY_BYTES <= 5 * GIBIBYTE
    assert [part.size for part in planned] == [size // 3] * 3


@pytest.mark.parametrize(
    ("size", "smallest", "usual"),
    [
        (0, 5 * MEBIBYTE, 8 * MEBIBYTE),
        (999 * 5 * MEBIBYTE, 5 * MEBIBYTE, 8 * MEBIBYTE),
        (999 * 6 * MEBIBYTE, 6 * MEBIBYTE, 8 * MEBIBYTE),
        (999 * 9 * MEBIBYTE, 9 * MEBIBYTE, 9 * MEBIBYTE),
        (9_999 * 9 * MEBIBYTE, 32 * MEBIBYTE, 32 * MEBIBYTE),
        (9_999 * 40 * MEBIBYTE, 40 * MEBIBYTE, 40 * MEBIBYTE),
    ],
)
def test_parts_grow_with_the_object_where_there_would_be_too_many(size: int, smallest: int, usual: int) -> None:
    limits = PartLimits.for_object_of(size)

    assert (limits.smallest, limits.usual) == (smallest, usual)
