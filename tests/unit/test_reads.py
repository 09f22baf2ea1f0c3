"""Pieces that lie close to each other are read at once, and nothing is read that a request would be cheaper for."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training_files.adapters.s3.parts import MEBIBYTE
from training_files.adapters.supabase.reads import LARGEST_GAP_BYTES, LARGEST_READ_BYTES, covers, stretches_to_read
from training_files.ports.objects import BytesPart, LocalPart, Part, StoredPart

NEW = LocalPart(Path("new"), 0, 90_000)


def stored(start: int, end: int, path: str = "old") -> StoredPart:
    return StoredPart(path, start, end)


offsets = st.tuples(st.integers(0, 30 * MEBIBYTE), st.integers(0, 3 * MEBIBYTE))
some_pieces = st.one_of(
    st.just(NEW),
    st.just(BytesPart(b",")),
    st.builds(lambda offset, path: stored(offset[0], sum(offset), path), offsets, st.sampled_from(["old", "another"])),
)


@given(pieces=st.lists(some_pieces, max_size=8), holds_all=st.booleans())
def test_whatever_is_stored_is_read(pieces: list[Part], *, holds_all: bool) -> None:
    stretches = stretches_to_read(pieces, holds_all=holds_all)

    for piece in pieces:
        if isinstance(piece, StoredPart) and piece.size:
            assert any(covers(stretch, piece) for stretch in stretches)


@given(pieces=st.lists(some_pieces, max_size=8), holds_all=st.booleans())
def test_a_read_of_several_pieces_is_bounded(pieces: list[Part], *, holds_all: bool) -> None:
    for stretch in stretches_to_read(pieces, holds_all=holds_all):
        assert stretch in pieces or stretch.size <= LARGEST_READ_BYTES


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([NEW, BytesPart(b"}")], [], id="all new"),
        pytest.param([stored(4, 4)], [], id="an empty one"),
        pytest.param([stored(0, 10), stored(10, 20)], [stored(0, 20)], id="touching"),
        pytest.param([stored(0, 10), stored(50_000, 50_010)], [stored(0, 50_010)], id="one removed between"),
        pytest.param([stored(0, 10), NEW, stored(50_000, 50_010)], [stored(0, 50_010)], id="one refreshed between"),
        pytest.param([stored(0, 9), stored(20, 29), stored(40, 49)], [stored(0, 49)], id="three"),
        pytest.param(
            [stored(0, 10), stored(10 + LARGEST_GAP_BYTES, 20 + LARGEST_GAP_BYTES)],
            [stored(0, 20 + LARGEST_GAP_BYTES)],
            id="the largest gap",
        ),
        pytest.param(
            far := [stored(0, 10), stored(11 + LARGEST_GAP_BYTES, 20 + LARGEST_GAP_BYTES)], far, id="a larger gap"
        ),
        pytest.param(back := [stored(40, 50), stored(0, 10)], back, id="backwards"),
        pytest.param(twice := [stored(0, 10), stored(0, 10)], twice, id="twice"),
        pytest.param(two := [stored(0, 10), stored(10, 20, "another")], two, id="of two objects"),
        pytest.param(
            long := [stored(0, LARGEST_READ_BYTES - 10), stored(LARGEST_READ_BYTES - 5, LARGEST_READ_BYTES + 1)],
            long,
            id="more than memory should hold",
        ),
    ],
)
def test_neighbours_are_read_at_once(pieces: list[Part], expected: list[StoredPart]) -> None:
    assert stretches_to_read(pieces) == expected


@pytest.mark.parametrize(("holds_all", "reads"), [(False, 4), (True, 2)])
def test_pieces_of_two_objects_in_turns_are_two_reads_for_who_holds_both(*, holds_all: bool, reads: int) -> None:
    pieces = [stored(0, 10), stored(0, 5, "another"), stored(20, 30), stored(5, 9, "another")]

    stretches = stretches_to_read(pieces, holds_all=holds_all)

    assert len(stretches) == reads
    assert not holds_all or stretches == [stored(0, 30), stored(0, 9, "another")]
