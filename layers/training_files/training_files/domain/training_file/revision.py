"""Revisions of a training file, and the conversations that it has."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from training_files.domain.conversation.selection import Selection
from training_files.domain.record import Record

ChangeKind = Literal["create", "add", "remove", "refresh", "revert"]
RevisionStatus = Literal["building", "committed", "failed"]
# What lies in the folder of a revision.
REVISION_OBJECTS = ("training.json", "training.jsonl")


class Change(Record):
    """What makes a revision of the one before.

    `count` is of conversations: those that were asked for, and from the commit on those that are another way since. It
    is None of an attempt of which that is not known. `selection` is what was asked for beside ids.
    """

    kind: ChangeKind
    count: int | None = None
    selection: Selection | None = None

    def as_json(self) -> dict[str, Any]:
        told = {"kind": self.kind, "count": self.count}
        return told if self.selection is None else told | {"selection": self.selection.as_json()}


class Revision(Record):
    """A row of `training_file_revisions`: one attempt to write a version. `id` names its storage folder.

    `tags` are in their order, where the revision was looked up for itself and not as the base of another.
    """

    id: UUID
    training_file_id: UUID
    number: int
    status: RevisionStatus
    change: Change | None = None
    skipped: tuple[dict[str, Any], ...] = ()
    skipped_total: int | None = None
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
    pruned_at: datetime | None = None
    tags: tuple[str, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether its objects are there, and something can be begun from it: housekeeping has not given it up."""
        return self.status == "committed" and self.pruned_at is None


class Membership(Record):
    """A row of `training_file_conversations`: what a training file knows of a conversation that it has or had."""

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
