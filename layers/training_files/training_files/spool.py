"""Conversations on their way into a training file: checked, rendered, and waiting on disk.

The bytes of a conversation are rendered once, however often a revision has to be rebased, and memory holds its
figures only. Space on disk: about the size of the new conversations' JSON and JSONL.
"""

from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path
from types import TracebackType
from typing import Self

from training_files.domain.aggregation import ConversationFigures
from training_files.ports import LocalPart


@dataclass(frozen=True, slots=True)
class SpooledConversation:
    """One conversation ready to be written: its figures and where its bytes lie."""

    figures: ConversationFigures
    json: LocalPart
    jsonl: LocalPart


class Spool:
    """Two files in a folder of the caller's, to which conversations are appended."""

    def __init__(self, folder: Path) -> None:
        self._json = (folder / "conversations.json").open("wb")
        self._jsonl = (folder / "lines.jsonl").open("wb")

    def append(self, figures: ConversationFigures, json: bytes, jsonl: bytes) -> SpooledConversation:
        return SpooledConversation(figures, _appended(self._json, json), _appended(self._jsonl, jsonl))

    def flush(self) -> None:
        """Makes everything appended so far readable through the parts."""
        self._json.flush()
        self._jsonl.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._json.close()
        self._jsonl.close()


def _appended(file: BufferedWriter, content: bytes) -> LocalPart:
    start = file.tell()
    file.write(content)
    return LocalPart(Path(file.name), start, start + len(content))
