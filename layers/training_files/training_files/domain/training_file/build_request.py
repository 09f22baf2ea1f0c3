"""What a create or an addition asks for."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from training_files.domain.conversation.selection import Selection
from training_files.domain.record import Record
from training_files.domain.text import Name, Text
from training_files.domain.training_file.tags import RevisionName

OnFault = Literal["reject", "skip"]
OnUnhealthy = Literal["allow", "skip", "reject"]
MAX_IDS = 10_000
ConversationIds = Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MAX_IDS)]


class BuildOptions(Record):
    """What to do with conversations that cannot be used, are in the file already, or are unhealthy.

    Conversations that are scored below `min_quality_score` or above `max_quality_score`, or have no score where there
    is such a limit, are left out without a word.
    """

    on_invalid: OnFault = "reject"
    on_duplicate: OnFault = "reject"
    on_unhealthy: OnUnhealthy = "allow"
    dry_run: bool = False
    min_quality_score: Decimal | None = None
    max_quality_score: Decimal | None = None
    by_rule: bool = False
    """Nobody asked for it but a collection rule."""

    def takes(self, score: Decimal | None) -> bool:
        """Whether a conversation of this score is not left out."""
        least, most = self.min_quality_score, self.max_quality_score
        if score is None:
            return least is None and most is None
        return (least is None or score >= least) and (most is None or score <= most)


class WantedConversations(BuildOptions):
    """`conversation_ids` may be business keys or row ids, repeats are folded. What `select` takes stands behind them.

    One of both is there. Nothing that `select` takes is in the file by then; what others add meanwhile is skipped,
    unless there are ids whose duplicates are to be rejected.
    """

    conversation_ids: Annotated[tuple[UUID, ...], Field(max_length=MAX_IDS)] = ()
    select: Selection | None = None

    @model_validator(mode="after")
    def wants_something(self) -> Self:
        if not self.conversation_ids and self.select is None:
            raise ValueError("there must be conversation_ids or select")
        return self

    @model_validator(mode="before")
    @classmethod
    def no_selection_has_duplicates(cls, wanted: Any) -> Any:
        if isinstance(wanted, dict) and not wanted.get("conversation_ids"):
            return {**wanted, "on_duplicate": "skip"}
        return wanted


class CreateTrainingFileInput(WantedConversations):
    """`created_by` owns the file."""

    name: Name
    created_by: UUID
    description: Text | None = None
    target_model: Name | None = None


class AddConversationsInput(WantedConversations):
    training_file_id: UUID


class RemoveConversationsInput(Record):
    """`conversation_ids` are of conversations of the training file, or of their rows; repeats are folded.

    `on_missing` is what to do with those that the file has not.
    """

    training_file_id: UUID
    conversation_ids: ConversationIds
    on_missing: OnFault = "reject"
    dry_run: bool = False


class RefreshConversationsInput(BuildOptions):
    """`conversation_ids` are of conversations of the training file, or of their rows; None means all of them."""

    training_file_id: UUID
    conversation_ids: ConversationIds | None = None


class RevertInput(Record):
    """`revision` is the number of an earlier revision, or a tag of it."""

    training_file_id: UUID
    revision: RevisionName
