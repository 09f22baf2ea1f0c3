"""Exports: what is asked for, what is kept with them, and what they hold."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.splits import DEFAULT_SEED
from training_files.domain.record import Record
from training_files.domain.training_file.tags import RevisionName

ExportFormat = Literal[
    "messages", "messages_weight", "prompt_completion", "bedrock", "bedrock_claude", "gemini", "sharegpt", "alpaca"
]
Repair = Literal["escapes"]
Redact = Literal["personal_data"]
ExportStatus = Literal["building", "ready", "failed"]
# What may lie in the folder of an export.
EXPORT_OBJECTS = (
    *(f"{split}{kind}.jsonl" for split in ("train", "validation", "test") for kind in ("", ".metadata")),
    "bundle.zip",
)


class ExportSplit(Record):
    """Which shares of the conversations are set aside for validation and for a test; the rest is for training.

    Seed `best` is the one that represents the conversations of the revision best.
    """

    validation: Decimal
    test: Decimal = Decimal(0)
    seed: int | Literal["best"] = DEFAULT_SEED


class ExportFilter(Record):
    """Which targets are not trained on: lower scored or not scored, not reviewed, or with one of these findings.

    `without` are rules of text health, and severities: `error`, `warning`.
    """

    min_quality_score: Decimal | None = None
    reviewed_only: bool = False
    without: tuple[str, ...] = ()


class CreateExportInput(Record):
    """`revision` is a number or a tag, None the current one. Without a split, everything is for training."""

    training_file_id: UUID
    format: ExportFormat
    granularity: Granularity = "conversation"
    split: ExportSplit | None = None
    bundle: bool = False
    filter: ExportFilter | None = None
    repair: tuple[Repair, ...] = ()
    redact: tuple[Redact, ...] = ()
    revision: RevisionName | None = None


class ExportRequest(Record):
    """What an export was made of, as it is kept with it. `name` is what the training file was called then.

    `tags` are those that the revision had then: they move, and the export stays as it is.
    `target_model` is the one that the training file is meant for, which a bundle's recipes begin with.
    """

    format: ExportFormat
    granularity: Granularity
    split: ExportSplit | None = None
    bundle: bool = False
    filter: ExportFilter | None = None
    repair: tuple[Repair, ...] = ()
    redact: tuple[Redact, ...] = ()
    name: str
    target_model: str | None = None
    tags: tuple[str, ...] = ()


class ExportedFile(Record):
    """One object of an export. Downloads are saved as `filename`.

    `object_name` is what it is called in the folder of the export, where that is not its `name`: a shard is written
    before anybody knows how many of them have rows.
    """

    name: str
    kind: Literal["rows", "metadata", "text", "bundle"]
    split: Literal["train", "validation", "test"] | None
    rows: int | None
    bytes: int
    sha256: str
    filename: str
    object_name: str | None = None


class ExportResult(Record):
    """What an export holds, and what was found out while it was made."""

    files: tuple[ExportedFile, ...]
    totals: dict[str, int]
    left_out: dict[str, Any]
    history_mismatch: dict[str, Any]
    # None of what was made before it was counted.
    health: dict[str, Any] | None = None
    filtered: dict[str, Any] | None = None
    repaired: dict[str, Any] | None = None
    redacted: dict[str, Any] | None = None
    splits: dict[str, Any] | None = None
    lengths: dict[str, Any]
    readiness: tuple[dict[str, Any], ...]


class Export(Record):
    """A row of `training_file_exports`. `id` names its storage folder; `result` is there when it is ready.

    `used_at` is when somebody was given links to it last, to the hour.
    """

    id: UUID
    training_file_id: UUID
    revision: int
    request: ExportRequest
    status: ExportStatus
    background: bool = False
    result: ExportResult | None = None
    error: dict[str, Any] | None = None
    created_by: UUID
    created_at: datetime
    finished_at: datetime | None = None
    used_at: datetime

    @property
    def files(self) -> tuple[ExportedFile, ...]:
        return self.result.files if self.result else ()

    def path_of(self, file: ExportedFile) -> str:
        return f"{self.id}/{file.object_name or file.name}"


class OfferedExport(Record):
    """An export with links to its files, by their names. `built` says that this very call built it."""

    export: Export
    links: dict[str, str] = Field(default_factory=dict)
    built: bool = False
