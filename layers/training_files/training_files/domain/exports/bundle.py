"""What a bundle is about: the files of rows and metadata, and what stands beside them in the archive."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.base_model import BaseModel, base_model
from training_files.domain.exports.export import ExportFormat
from training_files.domain.exports.splits import Split, SplitRequest
from training_files.domain.exports.targets import TARGETS, TargetName

# What MLX-LM calls the validation file.
MLX_VALIDATION = "valid.jsonl"
SHARD_NUMBER = re.compile(r"-\d{5}-of-")

FileKind = Literal["rows", "metadata"]


@dataclass(frozen=True, slots=True)
class BundledFile:
    """A file of rows or of their metadata, as it was written."""

    name: str
    kind: FileKind
    split: Split
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Treatment:
    """What was asked to be filtered, repaired and redacted, what became of it, and what is found in the rows now."""

    asked: Mapping[str, Any]
    health: Mapping[str, Any]
    filtered: Mapping[str, Any] | None = None
    repaired: Mapping[str, Any] | None = None
    redacted: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            **self.asked,
            "health": self.health,
            "filtered": self.filtered,
            "repaired": self.repaired,
            "redacted": self.redacted,
        }


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle is about, apart from the rows themselves. Nothing in it depends on when it was made."""

    training_file_id: str
    training_file_name: str
    revision: int
    tags: Sequence[str]
    format: ExportFormat
    granularity: Granularity
    split: SplitRequest | None
    files: Sequence[BundledFile]
    totals: Mapping[str, Any]
    left_out: Mapping[str, Any]
    splits: Mapping[str, Any] | None
    lengths: Mapping[str, Any]
    readiness: Sequence[Mapping[str, Any]]
    treatment: Treatment
    target_model: str | None = None

    @property
    def base_model(self) -> BaseModel:
        return base_model(self.target_model)

    @property
    def max_length(self) -> int:
        """For the tokenizer of the model that the recipes begin with, where that is the one the file is meant for."""
        tokenizer = None if self.target_model is None else self.base_model.tokenizer
        lengths = self.lengths["by_tokenizer"][tokenizer] if tokenizer else self.lengths
        recommended: int = lengths["recommended_max_length"]
        return recommended

    def rows_in(self, split: Split) -> int:
        return sum(file.rows for file in self.files_of("rows", split))

    def files_of(self, kind: FileKind, split: Split) -> list[BundledFile]:
        """Those of a split that have rows. They are several where the export was made in shards."""
        return [file for file in self.files if file.rows and (file.kind, file.split) == (kind, split)]

    def pattern_of(self, split: Split) -> str:
        """What the names of the files of its rows match, and no other's."""
        names = [file.name for file in self.files_of("rows", split)]
        return SHARD_NUMBER.sub("-*-of-", names[0]) if names else f"{split}.jsonl"

    @property
    def is_sharded(self) -> bool:
        """Whether the rows for training have to be put together for those that read them from one file."""
        return self.pattern_of("train") != "train.jsonl"

    @property
    def joining(self) -> str:
        """The command that puts them together."""
        return f"cat {self.pattern_of('train')} > train.jsonl"

    def is_read_by(self, target: TargetName) -> bool:
        return self.format in TARGETS[target].reads

    def can_start(self, trainer: TargetName) -> bool:
        """Whether the trainer can read the rows and has one to begin with."""
        return self.is_read_by(trainer) and self.rows_in("train") > 0


def archived_files(bundle: Bundle) -> dict[str, BundledFile]:
    """The files of rows and metadata by their names in the archive.

    Empty ones stay out: several trainers fail on a file without a row.
    """
    files = {file.name: file for file in bundle.files if file.rows}
    validation = bundle.files_of("rows", "validation")
    if len(validation) == 1 and bundle.can_start("mlx_lm"):
        files[MLX_VALIDATION] = validation[0]
    return files
