"""The shapes of answers about training files."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # Pydantic asks for this one up to Python 3.11

from training_files.api.conversations.models import KeyCounts, ScoreCounts
from training_files.api.conversations.models import Warnings as KeyWarnings
from training_files.api.models import (
    Bytes,
    ConversationFault,
    Count,
    Cursor,
    FindingField,
    FindingOffset,
    Link,
    Moment,
    ScaffoldingDistribution,
    Score,
    Uuid,
)
from training_files.api.training_files.answers import FAULTS_SHOWN, WARNINGS_ON_A_PAGE
from training_files.domain.conversation.selection import Balance
from training_files.domain.health.findings import Rule, Severity
from training_files.domain.training_file.revision import ChangeKind, RevisionStatus
from training_files.domain.training_file.training_file import TrainingFileStatus


class QualitySummary(TypedDict):
    avg_quality_score: Score | None
    min_quality_score: Score | None
    max_quality_score: Score | None
    human_reviewed_count: Count
    human_reviewed_percentage: Annotated[float, Field(ge=0, le=100)]


class CollectionRule(TypedDict):
    """Which enriched conversations the file takes by itself. Empty lists, and null, match everything."""

    personas: list[str]
    emotional_arcs: list[str]
    training_topics: list[str]
    tiers: list[str]
    batch_ids: list[str]
    min_quality_score: Score | None
    max_quality_score: Score | None
    created_after: Moment | None
    created_before: Moment | None
    not_in: list[Uuid]


class Figures(TypedDict):
    name: str
    description: str | None
    status: TrainingFileStatus
    revision: Annotated[int, Field(ge=0, description="The number of the current revision; 0 before the first.")]
    conversation_count: Count
    total_training_pairs: Count
    trainable_pairs: Annotated[int, Field(ge=0, description="Pairs that have a target: the lines of the JSONL.")]
    avg_quality_score: Score | None
    min_quality_score: Score | None
    max_quality_score: Score | None
    human_reviewed_count: Count
    scaffolding_distribution: ScaffoldingDistribution
    target_model: str | None
    collect: CollectionRule | None
    vertical: str | None
    storage_bucket: str
    json_file_path: str | None
    jsonl_file_path: str | None
    json_file_size: Bytes
    jsonl_file_size: Bytes
    created_by: Uuid
    created_at: Moment
    updated_at: Moment
    last_updated_at: Annotated[Moment, Field(description="When the current revision was committed.")]


class ListedTrainingFile(Figures):
    id: Uuid


class PlannedTrainingFile(Figures):
    """A training file as a create would make it, which has no id yet."""

    id: None
    quality_summary: QualitySummary


class BuildProgress(TypedDict):
    """How many conversations of a build in the background are done."""

    done: Count
    total: Count
    last_error: NotRequired[
        Annotated[str, Field(description="Why the last try broke off, while the build waits for the next one.")]
    ]
    attempt: NotRequired[Annotated[int | None, Field(description="Which try that was, counted from 1.")]]
    next_try_at: NotRequired[Annotated[Moment | None, Field(description="When the next try is, if known.")]]


FailedConversations = Annotated[
    list[ConversationFault],
    Field(description="Each that failed, with as many of its faults as an answer has room for."),
]
FailedTotal = Annotated[int, Field(ge=0, description="How many conversations failed.")]


class TrainingFile(ListedTrainingFile):
    """What is told of a build in the background stands in the answer of `get_training_file` only."""

    quality_summary: QualitySummary
    progress: NotRequired[Annotated[BuildProgress, Field(description="While a build in the background lasts.")]]
    build_error: NotRequired[
        Annotated[str | None, Field(description="Why a build in the background failed that awaits a retry.")]
    ]
    failed_conversations: NotRequired[FailedConversations]
    failed_total: NotRequired[FailedTotal]


class TrainingFilesAnswer(TypedDict):
    files: list[ListedTrainingFile]
    next_cursor: Cursor


class TrainingFileAnswer(TypedDict):
    trainingFile: TrainingFile


class BackfillOutcome(TypedDict):
    """What a new collection rule takes of what is enriched already; a worker adds it."""

    conversation_count: Count


class UpdatedAnswer(TypedDict):
    trainingFile: TrainingFile
    warnings: KeyWarnings
    backfill: NotRequired[Annotated[BackfillOutcome, Field(description="Where `collect` was sent with `backfill`.")]]


class HealthFinding(TypedDict):
    """What text health found, and where; never the text. A file as a whole has no conversation and no turn."""

    rule: Rule
    severity: Severity
    conversation_id: Uuid | None
    turn: int | None
    field: FindingField
    offset: FindingOffset
    message: str


Warnings = Annotated[list[HealthFinding], Field(description="Of the new conversations, the gravest 100.")]


class SelectionOutcome(TypedDict):
    """What a selection has taken; `warnings` name keys of its filter that no conversation has."""

    conversation_count: Count
    warnings: KeyWarnings


Selected = Annotated[SelectionOutcome, Field(description="Where `select` was sent.")]


class BuiltAnswer(TypedDict):
    trainingFile: TrainingFile
    skipped: list[ConversationFault]
    warnings: Warnings
    warnings_total: Count
    selection: NotRequired[Selected]


class DryRunAnswer(BuiltAnswer):
    dry_run: Literal[True]


class PlannedAnswer(TypedDict):
    trainingFile: PlannedTrainingFile
    skipped: list[ConversationFault]
    warnings: Warnings
    warnings_total: Count
    dry_run: Literal[True]


class ConversationsByRows(TypedDict):
    """What the rows of conversations tell of them."""

    conversation_count: Count
    personas: KeyCounts
    emotional_arcs: KeyCounts
    training_topics: KeyCounts
    tiers: KeyCounts
    scores: ScoreCounts


class PreviewAnswer(TypedDict):
    """What rows tell of more conversations than are read while a caller waits, or of what `select` takes."""

    taken: Annotated[ConversationsByRows, Field(description="The conversations that would be taken.")]
    after: Annotated[ConversationsByRows, Field(description="The training file as it would be.")]
    skipped: Annotated[list[ConversationFault], Field(description="The first 100, as far as an answer has room.")]
    skipped_total: Count
    selection: NotRequired[Selected]
    dry_run: Literal[True]


ShownWarnings = Annotated[
    list[HealthFinding], Field(description=f"The gravest {WARNINGS_ON_A_PAGE}; with `limit=1` the gravest 100.")
]


class QueuedAnswer(TypedDict):
    trainingFile: TrainingFile
    skipped: list[ConversationFault]
    selection: NotRequired[Selected]
    status: Literal["processing"]


class RetriedAnswer(TypedDict):
    trainingFile: TrainingFile
    status: Literal["processing"]


class ConversationsAnswer(TypedDict):
    conversation_ids: Annotated[list[Uuid], Field(description="In file order.")]
    next_cursor: Cursor


ShownFaults = Annotated[
    list[ConversationFault],
    Field(description=f"The first {FAULTS_SHOWN}; with `limit=1` each, as far as an answer has room."),
]


class RevisionError(TypedDict):
    message: str
    code: NotRequired[str]
    failed_conversations: NotRequired[ShownFaults]
    failed_total: NotRequired[FailedTotal]
    continued_as: NotRequired[Annotated[Uuid, Field(description="The attempt that went on with the same build.")]]
    retried_as: NotRequired[Annotated[Uuid, Field(description="The build that took this one up again.")]]
    settled_by: NotRequired[Annotated[Uuid, Field(description="The later revision after which nobody retries it.")]]


class RevisionSelection(TypedDict):
    """What was asked for with `select`, without what was left out."""

    personas: NotRequired[list[str]]
    emotional_arcs: NotRequired[list[str]]
    training_topics: NotRequired[list[str]]
    tiers: NotRequired[list[str]]
    batch_ids: NotRequired[list[str]]
    min_quality_score: NotRequired[Score]
    max_quality_score: NotRequired[Score]
    created_after: NotRequired[Moment]
    created_before: NotRequired[Moment]
    not_in: NotRequired[list[Uuid]]
    limit: NotRequired[Annotated[int, Field(ge=1)]]
    balance: NotRequired[Balance]


class RevisionChange(TypedDict):
    """What made a revision of the one before."""

    kind: ChangeKind
    count: Annotated[
        Count | None,
        Field(description="The conversations that are another way since; of an attempt, those that were asked for."),
    ]
    selection: NotRequired[RevisionSelection]


class Revision(TypedDict):
    """An attempt to write a version; its id names the folder of its objects."""

    id: Uuid
    number: Annotated[int, Field(ge=1)]
    status: RevisionStatus
    change: RevisionChange | None
    tags: Annotated[list[str], Field(description="The tags that name it.")]
    kept: Annotated[
        bool, Field(description="Whether it can be downloaded, reported on, exported, tagged, and gone back to.")
    ]
    conversation_count: Count | None
    total_training_pairs: Count | None
    trainable_pairs: Count | None
    json_file_size: Bytes | None
    jsonl_file_size: Bytes | None
    skipped: ShownFaults
    skipped_total: Annotated[int, Field(ge=0, description="How many conversations were skipped.")]
    warnings: ShownWarnings
    warnings_total: Count | None
    error: RevisionError | None
    created_by: Uuid
    created_at: Moment
    finished_at: Moment | None


class RevisionsAnswer(TypedDict):
    revisions: list[Revision]
    next_cursor: Cursor


class DownloadAnswer(TypedDict):
    download_url: Link
    filename: str
    expires_in_seconds: Annotated[int, Field(ge=1)]
