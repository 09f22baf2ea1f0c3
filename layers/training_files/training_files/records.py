"""What the service takes and gives: frozen records, parsed once where they come in."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from training_files.domain.faults import ConversationFault
from training_files.domain.spelling import percentage, plain_number

TrainingFileStatus = Literal["active", "archived", "processing", "failed"]
RevisionStatus = Literal["building", "committed", "failed"]
OnFault = Literal["reject", "skip"]
Distribution = dict[str, dict[str, int]]

# In these statuses a conversation has its enriched file.
ENRICHED = ("enriched", "completed")
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


Name = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(printable)]
Text = Annotated[str, Field(max_length=10_000), AfterValidator(without_nul)]
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
    `queued` the figures are those of before: a worker is going to build.
    """

    skipped: tuple[ConversationFault, ...] = ()
    dry_run: bool = False
    queued: bool = False


class Revision(Record):
    """A row of `training_file_revisions`: one attempt to write a version. `id` names its storage folder."""

    id: UUID
    training_file_id: UUID
    number: int
    status: RevisionStatus
    requested: dict[str, Any] = {}
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


class BuildOptions(Record):
    """What to do with conversations that cannot be used or are in the file already.

    Conversations whose mean score is below `min_quality_score`, or that have none, are left out without a word.
    """

    on_invalid: OnFault = "reject"
    on_duplicate: OnFault = "reject"
    dry_run: bool = False
    min_quality_score: Decimal | None = None


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
