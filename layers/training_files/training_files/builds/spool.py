"""Conversations on their way into a training file: checked, rendered, and waiting on disk.

The bytes of a conversation are rendered once, however often a revision has to be rebased. Memory holds a few bytes
for each conversation; disk holds about the size of their JSON and JSONL, their figures and their analyses.
"""

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC
from itertools import compress, pairwise, starmap
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import orjson

from training_files.domain.analysis.conversation_analysis import ConversationAnalysis
from training_files.domain.conversation.figures import ConversationFigures
from training_files.domain.training_file.formats import SEPARATOR
from training_files.domain.training_file.totals import Totals
from training_files.errors import NotSetUpError
from training_files.ports.objects import LocalPart


class Spool:
    """Conversations in their order, in a folder of the caller's. Any of them can be dropped again."""

    def __init__(self, folder: Path) -> None:
        self._json = _Stretches(folder / "conversations.json")
        self._jsonl = _Stretches(folder / "lines.jsonl")
        self._figures = _Stretches(folder / "figures.jsonl")
        self._analyses = _Stretches(folder / "analyses.jsonl")
        self._kept = bytearray()

    def __len__(self) -> int:
        return sum(self._kept)

    def append(self, figures: ConversationFigures, analysis: ConversationAnalysis, json: bytes, jsonl: bytes) -> None:
        self._json.append(SEPARATOR + json)
        self._jsonl.append(jsonl)
        sizes = {"json_size": len(json), "jsonl_size": len(jsonl)}
        self._figures.append(orjson.dumps(figures.as_row() | sizes))
        self._analyses.append(orjson.dumps(analysis.as_json()))
        self._kept.append(True)

    def drop(self, conversation_ids: set[UUID]) -> None:
        """Leaves these conversations out of everything that follows."""
        for index, figures in enumerate(self._all_figures()):
            if figures.conversation_id in conversation_ids:
                self._kept[index] = False

    def figures(self) -> Iterator[ConversationFigures]:
        """The figures of each conversation, in order, read one by one."""
        for kept, figures in zip(self._kept, self._all_figures(), strict=True):
            if kept:
                yield figures

    def analyses(self) -> Iterator[ConversationAnalysis]:
        """The analysis of each conversation, in order, read one by one."""
        for row in self.rows():
            yield ConversationAnalysis.from_json(row["conversation_id"], row["analysis"])

    def rows(self) -> Iterator[dict[str, Any]]:
        """What the database keeps of each conversation, in order, read one by one."""
        return starmap(_row, self._kept_rows())

    def pages_of_rows(self, *, most_rows: int, most_bytes: int) -> Iterator[list[dict[str, Any]]]:
        """The rows by pages, each as long as both bounds allow, and of one row at least."""
        page: list[dict[str, Any]] = []
        size = 0
        for figures, analysis in self._kept_rows():
            row_size = len(figures) + len(analysis)
            if page and (len(page) == most_rows or size + row_size > most_bytes):
                yield page
                page, size = [], 0
            page.append(_row(figures, analysis))
            size += row_size
        if page:
            yield page

    def _kept_rows(self) -> Iterator[tuple[bytes, bytes]]:
        return compress(zip(self._figures, self._analyses, strict=True), self._kept)

    def added_to(self, totals: Totals) -> Totals:
        for figures in self.figures():
            totals = totals.plus(figures)
        return totals

    def json_parts(self, *, behind_others: bool) -> Iterator[LocalPart]:
        """The elements of `conversations`, separated; with a separator in front when there are others before them."""
        for part in self._json.runs(self._kept):
            start = part.start if behind_others else part.start + len(SEPARATOR)
            yield LocalPart(part.file, start, part.end)
            behind_others = True

    def jsonl_parts(self) -> Iterator[LocalPart]:
        return self._jsonl.runs(self._kept)

    def parts(self) -> dict[UUID, tuple[LocalPart, LocalPart]]:
        """Of each conversation its element of `conversations`, with a separator in front, and its lines."""
        whole = zip(self._all_figures(), self._json.each(), self._jsonl.each(), strict=True)
        return {figures.conversation_id: (json, jsonl) for figures, json, jsonl in compress(whole, self._kept)}

    def _all_figures(self) -> Iterator[ConversationFigures]:
        return (ConversationFigures.from_row(orjson.loads(row)) for row in self._figures)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for stretches in (self._json, self._jsonl, self._figures, self._analyses):
            stretches.close()


def _row(figures: bytes, analysis: bytes) -> dict[str, Any]:
    row: dict[str, Any] = orjson.loads(figures)
    return row | {"analysis": orjson.loads(analysis)}


class _Stretches:
    """Stretches of bytes behind each other in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("w+b")
        self._ends = array("Q", [0])

    def append(self, content: bytes) -> None:
        self._file.write(content)
        self._ends.append(self._ends[-1] + len(content))

    def __iter__(self) -> Iterator[bytes]:
        self._file.flush()
        with self._path.open("rb") as file:
            for index in range(1, len(self._ends)):
                yield file.read(self._ends[index] - self._ends[index - 1])

    def each(self) -> Iterator[LocalPart]:
        self._file.flush()
        return (LocalPart(self._path, start, end) for start, end in pairwise(self._ends))

    def runs(self, kept: bytearray) -> Iterator[LocalPart]:
        """The kept stretches, those that touch each other as one."""
        self._file.flush()
        begin = 0
        for index, keep in enumerate([*kept, False]):
            if not keep:
                if self._ends[begin] < self._ends[index]:
                    yield LocalPart(self._path, self._ends[begin], self._ends[index])
                begin = index + 1

    def close(self) -> None:
        self._file.close()


@contextmanager
def temporary_spool() -> Iterator[Spool]:
    """An empty spool, whose files are removed afterwards.

    Raises NotSetUpError when they, or the objects that are put together beside them, have no room on this machine.
    """
    try:
        with TemporaryDirectory(prefix="training-files-") as folder, Spool(Path(folder)) as spool:
            yield spool
    except OSError as error:
        if error.errno != ENOSPC:
            raise
        raise NotSetUpError(
            "There is too little temporary storage to build the training file. Raise EphemeralStorage of the function "
            "in template.yaml, or set SUPABASE_S3_*, so that what a file holds is copied inside the storage."
        ) from error
