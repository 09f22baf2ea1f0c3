"""Conversations on disk, of which any can be dropped again: what comes out is what was put in, without those."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.domain import some_analysis, some_figures, the_totals
from training_files.builds.spool import Spool
from training_files.domain.analysis.conversation_analysis import ConversationAnalysis
from training_files.domain.conversation.figures import ConversationFigures
from training_files.domain.training_file.formats import SEPARATOR
from training_files.domain.training_file.totals import Totals
from training_files.ports.objects import LocalPart

Spooled = tuple[ConversationFigures, ConversationAnalysis, bytes, bytes]

# A conversation without a trainable pair has no line.
CONTENTS = st.lists(st.tuples(st.binary(min_size=1, max_size=9), st.binary(max_size=9)), max_size=8)


def spooled(contents: Iterable[tuple[bytes, bytes]]) -> list[Spooled]:
    return [_spooled(some_figures([n % 5]), *content) for n, content in enumerate(contents)]


def _spooled(figures: ConversationFigures, json: bytes, jsonl: bytes) -> Spooled:
    return figures, some_analysis(figures.conversation_id, jsonl_size=len(jsonl)), json, jsonl


def filled(folder: Path, conversations: Iterable[Spooled]) -> Spool:
    folder.mkdir()
    spool = Spool(folder)
    for conversation in conversations:
        spool.append(*conversation)
    return spool


def content(parts: Iterable[LocalPart]) -> bytes:
    stretches = []
    for part in parts:
        stretches.append(part.file.read_bytes()[part.start : part.end])
        assert len(stretches[-1]) == part.size > 0
    return b"".join(stretches)


def everything(spool: Spool, *, behind_others: bool) -> tuple[object, ...]:
    """All that a revision takes from a spool."""
    return (
        len(spool),
        list(spool.figures()),
        list(spool.analyses()),
        list(spool.rows()),
        spool.added_to(Totals()),
        content(spool.json_parts(behind_others=behind_others)),
        content(spool.jsonl_parts()),
    )


def ids_of(conversations: Sequence[Spooled], chosen: Iterable[bool]) -> set[UUID]:
    return {figures.conversation_id for (figures, *_), choose in zip(conversations, chosen, strict=True) if choose}


@given(st.data(), CONTENTS, st.booleans())
def test_what_was_dropped_leaves_no_trace(
    data: st.DataObject,
    contents: list[tuple[bytes, bytes]],
    behind_others: bool,  # noqa: FBT001 - drawn
) -> None:
    """The same as if it had never been there, in however many steps it was dropped."""
    conversations = spooled(contents)
    choice = st.lists(st.booleans(), min_size=len(conversations), max_size=len(conversations))
    steps = [ids_of(conversations, chosen) for chosen in data.draw(st.lists(choice, max_size=3))]
    dropped = set[UUID]().union(*steps)
    kept = [one for one in conversations if one[0].conversation_id not in dropped]

    with (
        TemporaryDirectory() as folder,
        filled(Path(folder) / "all", conversations) as spool,
        filled(Path(folder) / "kept", kept) as other,
    ):
        for step in steps:
            spool.drop(step)

        assert everything(spool, behind_others=behind_others) == everything(other, behind_others=behind_others)


@pytest.mark.parametrize("behind_others", [False, True])
def test_the_parts_are_the_conversations_in_their_order(tmp_path: Path, *, behind_others: bool) -> None:
    conversations = spooled([(b"a", b"1"), (b"b", b""), (b"c", b"3")])

    with filled(tmp_path / "spool", conversations) as spool:
        separator = SEPARATOR if behind_others else b""
        assert content(spool.json_parts(behind_others=behind_others)) == separator + SEPARATOR.join([b"a", b"b", b"c"])
        assert content(spool.jsonl_parts()) == b"13"
        assert list(spool.figures()) == [figures for figures, *_ in conversations]
        assert list(spool.analyses()) == [analysis for _, analysis, *_ in conversations]
        assert list(spool.rows()) == [
            figures.as_row() | {"json_size": len(json), "jsonl_size": len(jsonl)} | {"analysis": analysis.as_json()}
            for figures, analysis, json, jsonl in conversations
        ]
        assert spool.added_to(Totals()) == the_totals(*(figures for figures, *_ in conversations))


def test_neighbours_are_one_part(tmp_path: Path) -> None:
    """So that a write has as many parts as there are gaps, not as there are conversations."""
    conversations = spooled([(b"%d" % n, b"%d" % n) for n in range(9)])

    with filled(tmp_path / "spool", conversations) as spool:
        assert [len(list(parts)) for parts in (spool.json_parts(behind_others=False), spool.jsonl_parts())] == [1, 1]

        spool.drop({conversations[4][0].conversation_id})

        assert [len(list(parts)) for parts in (spool.json_parts(behind_others=False), spool.jsonl_parts())] == [2, 2]


@pytest.mark.parametrize("behind_others", [False, True])
@pytest.mark.parametrize("dropped", [[], [True, True]], ids=["never filled", "all dropped"])
def test_an_empty_one_has_no_parts(tmp_path: Path, dropped: list[bool], *, behind_others: bool) -> None:
    conversations = spooled([(b"a", b"1"), (b"b", b"2")][: len(dropped)])

    with filled(tmp_path / "spool", conversations) as spool:
        spool.drop(ids_of(conversations, dropped))

        assert not spool
        assert everything(spool, behind_others=behind_others) == (0, [], [], [], Totals(), b"", b"")


def test_conversations_can_follow_after_it_was_read(tmp_path: Path) -> None:
    first, second = spooled([(b"a", b"1"), (b"b", b"2")])

    with filled(tmp_path / "spool", [first]) as spool:
        assert content(spool.jsonl_parts()) == b"1"
        spool.append(*second)

        assert content(spool.jsonl_parts()) == b"12"
        assert list(spool.figures()) == [first[0], second[0]]


@given(
    count=st.integers(min_value=0, max_value=9),
    most_rows=st.integers(min_value=1, max_value=4),
    rows_that_fit=st.integers(min_value=0, max_value=4),
)
def test_pages_of_rows_have_all_rows_in_order_within_both_bounds(
    count: int, most_rows: int, rows_that_fit: int
) -> None:
    with TemporaryDirectory() as name, filled(Path(name) / "spool", spooled([(b"a", b"b")] * count)) as spool:
        rows = list(spool.rows())
        size = max((len(orjson.dumps(row)) for row in rows), default=0)

        pages = list(spool.pages_of_rows(most_rows=most_rows, most_bytes=rows_that_fit * size))

    assert [row for page in pages for row in page] == rows
    assert all(1 <= len(page) <= max(1, min(most_rows, rows_that_fit)) for page in pages)
