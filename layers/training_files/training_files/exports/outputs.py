"""The files of an export on their way to disk."""

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, Self

from training_files.domain.exports.splits import Split


class Output:
    """One file of lines, which knows what is in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = 0
        self.bytes = 0
        self._sha256 = hashlib.sha256()
        self._file: IO[bytes] = path.open("wb")

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self._sha256.update(content)
        self.bytes += len(content)
        self.lines += 1

    def close(self) -> None:
        self._file.close()

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file of rows, or of their metadata, as it lies on disk by its name, and in the folder of the export."""

    name: str
    kind: Literal["rows", "metadata"]
    split: Split
    rows: int
    bytes: int
    sha256: str


class Outputs:
    """Two files for each split: `<prefix>train.jsonl`, `<prefix>train.metadata.jsonl`, and so on."""

    def __init__(self, folder: Path, splits: tuple[Split, ...], prefix: str = "") -> None:
        self.splits = splits
        self._files = ExitStack()
        self.rows = {split: self._output(folder / f"{prefix}{split}.jsonl") for split in splits}
        self.metadata = {split: self._output(folder / f"{prefix}{split}.metadata.jsonl") for split in splits}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def written(self) -> list[WrittenFile]:
        """What is in the files, which are closed by now; each split's rows before their metadata."""
        return [file for split in self.splits for file in self._written(split)]

    def _written(self, split: Split) -> tuple[WrittenFile, WrittenFile]:
        rows, metadata = self.rows[split], self.metadata[split]
        return (
            WrittenFile(rows.path.name, "rows", split, rows.lines, rows.bytes, rows.sha256),
            WrittenFile(metadata.path.name, "metadata", split, metadata.lines, metadata.bytes, metadata.sha256),
        )

    def _output(self, path: Path) -> Output:
        output = Output(path)
        self._files.callback(output.close)
        return output
