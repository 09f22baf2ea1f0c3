"""What the service takes and gives: frozen records, parsed once where they come in."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from training_files.domain.faults import ConversationFault
from training_files.domain.findings import Warnings
from training_files.domain.spelling import percentage, plain_number

TrainingFileStatus = Literal["active", "archived", "processing", "failed"]
RevisionStatus = Literal["building", "committed", "failed"]
OnFault = Literal["reject", "skip"]
OnUnhealthy = Literal["allow", "skip", "reject"]
ExportFormat = Literal[
    "messages", "messages_weight", "prompt_completion", "bedrock", "bedrock_claude", "sharegpt", "alpaca"
]
Granularity = Literal["conversation", "turn"]
ExportStatus = Literal["building", "ready", "failed"]
Distribution = dict[str, dict[str, int]]

# In these statuses a conversation has its enriched file.
ENRICHED = ("enriched", "completed")
# What may lie in the folder of a revision, and in that of an export.
REVISION_OBJECTS = ("training.json", "training.jsonl")
EXPORT_OBJECTS = (
    *(f"{split}{kind}.jsonl" for split in ("train", "validation", "test") for kind in ("", ".metadata")),
    "bundle.zip",
)
MAX_IDS = 10_000


def printable(value: str) -> str:
    """PostgreSQL stores no NUL, UTF-8 has no lone surrogates, and a file name is one line."""
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError("it must not contain control characters")
    if not value.strip():
        raise ValueError("it must not be blank")
    return value


def without_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("it must not contain the character NUL")
    return value


# The patterns tell callers what the validators check.
PRINTABLE = {"pattern": r"^[^\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$"}
WITHOUT_NUL = {"pattern": r"^[^\u0000]*$"}
Name = Annotated[str, Field(min_length=1, max_length=255, json_schema_extra={**PRINTABLE}), AfterValidator(printable)]
Text = Annotated[str, Field(max_length=10_000, json_schema_extra={**WITHOUT_NUL}), AfterValidator(without_nul)]
ConversationIds = Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MAX_IDS)]


class Record(BaseModel):
    """Columns that a newer database has and this code does not know are ignored.

    Validators are built when first used: a cold start pays only for the records that its call needs.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True, defer_build=True)


class CollectionRule(Record):
    """Which enriched conversations of its owner a training file takes by itself. Empty lists match everything."""

    min_quality_score: Decimal | None = None
    personas: tuple[str, ...] = ()
    emotional_arcs: tuple[str, ...] = ()
    training_topics: tuple[str, ...] = ()


class TrainingFile(Record):
    """A row of `training_files`. Sizes are bytes of the stored objects, scores lie between 0 and 5."""

    id: UUID | None
    name: str
    description: str | None = None
    json_file_path: str | None = None
    jsonl_file_path: str | None = None
    storage_bucket: str = "training-files"
    target_model: str | None = None
    vertical: str | None = None
    conversation_count: int = 0
    total_training_pairs: int = 0
    trainable_pairs: int = 0
    json_file_size: int = 0
    jsonl_file_size: int = 0
    avg_quality_score: Decimal | None = None
    min_quality_score: Decimal | None = None
    max_quality_score: Decimal | None = None
    human_reviewed_count: int = 0
    scaffolding_distribution: Distribution = {}
    status: TrainingFileStatus
    revision: int = 0
    collect: CollectionRule | None = None
    last_updated_at: datetime
    created_by: UUID
    created_at: datetime
    updated_at: datetime

    @property
    def quality_summary(self) -> dict[str, int | float | None]:
        return {
            "avg_quality_score": plain_number(self.avg_quality_score),
            "min_quality_score": plain_number(self.min_quality_score),
            "max_quality_score": plain_number(self.max_quality_score),
            "human_reviewed_count": self.human_reviewed_count,
            "human_reviewed_percentage": plain_number(percentage(self.human_reviewed_count, self.total_training_pairs)),
        }


class BuiltTrainingFile(TrainingFile):
    """A training file as a create or an addition leaves it.

    `skipped` are the conversations that were left out because the caller asked to skip such ones. With `dry_run`
    nothing was written, the figures are those that would be, and a file that does not exist yet has no `id`. With
    `queued` the figures are those of before: a worker is going to build, and nobody knows of warnings yet.
    """

    skipped: tuple[ConversationFault, ...] = ()
    warnings: Warnings = Warnings()
    dry_run: bool = False
    queued: bool = False


class Revision(Record):
    """A row of `training_file_revisions`: one attempt to write a version. `id` names its storage folder."""

    id: UUID
    training_file_id: UUID
    number: int
    status: RevisionStatus
    skipped: tuple[dict[str, Any], ...] = ()
    background: bool = False
    progress_done: int = 0
    progress_total: int = 0
    error: dict[str, Any] | None = None
    json_file_path: str
    jsonl_file_path: str
    json_file_size: int | None = None
    jsonl_file_size: int | None = None
    json_body_offset: int | None = None
    totals: dict[str, Any] | None = None
    warnings: dict[str, Any] | None = None
    created_by: UUID
    created_at: datetime
    finished_at: datetime | None = None


class Conversation(Record):
    """A row of `conversations` as far as a training file needs it."""

    id: UUID
    conversation_id: UUID
    enrichment_status: str | None = None
    enriched_file_path: str | None = None
    # PostgreSQL's numeric has NaN and Infinity; the check of the row refuses them.
    quality_score: Annotated[Decimal, Field(allow_inf_nan=True)] | None = None
    created_at: datetime
    batch_id: str | None = None
    persona_key: str | None = None
    persona_name: str | None = None
    emotional_arc_key: str | None = None
    emotional_arc_name: str | None = None
    training_topic_key: str | None = None
    training_topic_name: str | None = None
    already_in_file: bool = False


class Candidate(Record):
    """A conversation that could be added to a training file. Its score is that of its row, None where it has none."""

    conversation_id: UUID
    created_at: datetime
    quality_score: Decimal | None = None
    persona_key: str | None = None
    emotional_arc_key: str | None = None
    training_topic_key: str | None = None


class Membership(Record):
    """A row of `training_file_conversations`: what a training file knows of a conversation that it has."""

    conversation_id: UUID
    position: int
    training_pairs: int
    trainable_pairs: int
    score_sum: Decimal = Decimal(0)
    score_count: int = 0
    persona_key: str | None = None
    emotional_arc_key: str | None = None
    training_topic_key: str | None = None
    analysis: dict[str, Any] | None = None


class BuildOptions(Record):
    """What to do with conversations that cannot be used, are in the file already, or are unhealthy.

    Conversations whose mean score is below `min_quality_score`, or that have none, are left out without a word.
    """

    on_invalid: OnFault = "reject"
    on_duplicate: OnFault = "reject"
    on_unhealthy: OnUnhealthy = "allow"
    dry_run: bool = False
    min_quality_score: Decimal | None = None
    by_rule: bool = False
    """Nobody asked for it but a collection rule."""


class CreateTrainingFileInput(BuildOptions):
    """`conversation_ids` may be business keys or row ids, repeats are folded; `created_by` owns the file."""

    name: Name
    conversation_ids: ConversationIds
    created_by: UUID
    description: Text | None = None
    target_model: Name | None = None


class AddConversationsInput(BuildOptions):
    """`conversation_ids` may be business keys or row ids, repeats are folded."""

    training_file_id: UUID
    conversation_ids: ConversationIds


class ListTrainingFilesFilters(Record):
    """All optional. `cursor` is the `next_cursor` of the page before."""

    status: TrainingFileStatus | None = None
    created_by: UUID | None = None
    limit: int = 50
    cursor: str | None = None


class TrainingFilePage(Record):
    """Training files, newest first; `next_cursor` is None on the last page."""

    files: tuple[TrainingFile, ...]
    next_cursor: str | None = None


class TrainingFileChanges(Record):
    """The columns that a user may edit. Only fields that were set are changed."""

    name: str | None = None
    description: str | None = None
    status: Literal["active", "archived"] | None = None
    collect: CollectionRule | None = None


class ExportSplit(Record):
    """Which shares of the conversations are set aside for validation and for a test; the rest is for training."""

    validation: Decimal
    test: Decimal = Decimal(0)
    seed: int = 42


class CreateExportInput(Record):
    """`revision` None means the current one. Without a split, everything is for training."""

    training_file_id: UUID
    format: ExportFormat
    granularity: Granularity = "conversation"
    split: ExportSplit | None = None
    bundle: bool = False
    revision: int | None = None


class ExportRequest(Record):
    """What an export was made of, as it is kept with it. `name` is what the training file was called then."""

    format: ExportFormat
    granularity: Granularity
    split: ExportSplit | None = None
    bundle: bool = False
    name: str


class ExportedFile(Record):
    """One object of an export, `<export id>/<name>`. Downloads are saved as `filename`."""

    name: str
    kind: Literal["rows", "metadata", "bundle"]
    split: Literal["train", "validation", "test"] | None
    rows: int | None
    bytes: int
    sha256: str
    filename: str


class ExportResult(Record):
    """What an export holds, and what was found out while it was made."""

    files: tuple[ExportedFile, ...]
    totals: dict[str, int]
    left_out: dict[str, Any]
    history_mismatch: dict[str, Any]
    splits: dict[str, Any] | None = None
    lengths: dict[str, Any]
    readiness: tuple[dict[str, Any], ...]


class Export(Record):
    """A row of `training_file_exports`. `id` names its storage folder; `result` is there when it is ready."""

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

    @property
    def files(self) -> tuple[ExportedFile, ...]:
        return self.result.files if self.result else ()

    def path_of(self, file: ExportedFile) -> str:
        return f"{self.id}/{file.name}"


class OfferedExport(Record):
    """An export with links to its files, by their names. `built` says that this very call built it."""

    export: Export
    links: dict[str, str] = {}
    built: bool = False
