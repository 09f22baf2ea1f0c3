"""Training files as their owners see them, and what can be said of them from outside."""

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import Field

from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.conversation.selection import Selected
from training_files.domain.conversation.unknown_keys import UnknownKey
from training_files.domain.health.findings import Warnings
from training_files.domain.record import Record
from training_files.domain.spelling import percentage, plain_number
from training_files.domain.training_file.collection_rule import CollectionRule

TrainingFileStatus = Literal["active", "archived", "processing", "failed"]
Distribution = dict[str, dict[str, int]]


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
    scaffolding_distribution: Distribution = Field(default_factory=dict)
    status: TrainingFileStatus
    revision: int = 0
    collect: CollectionRule | None = None
    last_updated_at: datetime
    created_by: UUID
    created_at: datetime
    updated_at: datetime

    @property
    def has_flat_scores(self) -> bool:
        """Whether all scores of the file are the same, as far as there are any."""
        return self.min_quality_score is not None and self.min_quality_score == self.max_quality_score

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
    `queued` the figures are those of before: a worker is going to build, and nobody knows of warnings yet. `selected`
    is what a selection has taken, where one was asked for.
    """

    skipped: tuple[ConversationFault, ...] = ()
    warnings: Warnings = Warnings()
    selected: Selected | None = None
    dry_run: bool = False
    queued: bool = False


class ChangedTrainingFile(TrainingFile):
    """A training file after an edit.

    `unknown_keys` are those of a new collection rule that no conversation has yet, `backfill` is what it takes of those
    that are enriched already, where it was to do so.
    """

    unknown_keys: tuple[UnknownKey, ...] = ()
    backfill: Selected | None = None


class ListTrainingFilesFilters(Record):
    """All optional. `name` is a part of names, whatever its case. `cursor` is the `next_cursor` of the page before."""

    status: TrainingFileStatus | None = None
    name: str | None = None
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
