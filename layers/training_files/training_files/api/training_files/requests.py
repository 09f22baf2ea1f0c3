"""What callers send about training files."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StrictBool, model_validator

from training_files.api.conversations.filters import FilterRequest, Limit
from training_files.api.parsing import HIGHEST_INTEGER, Id, Request, RevisionName
from training_files.api.preferences import prefers_background
from training_files.domain.conversation.selection import MAX_SELECTED, Balance, Selection
from training_files.domain.exports.export import CreateExportInput, ExportFormat
from training_files.domain.limits import MOST_WHILE_WAITING
from training_files.domain.text import Name, Text
from training_files.domain.training_file.build_request import (
    MAX_IDS,
    AddConversationsInput,
    CreateTrainingFileInput,
    OnFault,
    OnUnhealthy,
    RefreshConversationsInput,
    RemoveConversationsInput,
    RevertInput,
)
from training_files.domain.training_file.training_file import (
    ListTrainingFilesFilters,
    TrainingFileChanges,
    TrainingFileStatus,
)

MAX_IDS_WHILE_WAITING = MOST_WHILE_WAITING
# What a change may leave as it is, but not take away.
NEVER_NULL = ("name", "status")
OF_ROWS_OR_PAIRS = "Of the row, or else the mean of its pairs; conversations without either are left out then."
SettableStatus = Literal["active", "archived"]
DownloadFormat = Literal["json", "jsonl", ExportFormat]


class ConversationsRequest(Request):
    """What is about conversations that are named."""

    conversation_ids: list[Id] = Field(
        min_length=1, max_length=MAX_IDS, description="conversation_ids or row ids; repeats are folded."
    )

    def is_for_later(self, prefer: str | None) -> bool:
        """Whether the build is too large to be waited for, or the caller prefers not to wait (RFC 7240)."""
        return len(self.unique_ids) > MAX_IDS_WHILE_WAITING or prefers_background(prefer)

    @property
    def unique_ids(self) -> tuple[UUID, ...]:
        """The ids in their order, repeats folded."""
        return tuple(dict.fromkeys(self.conversation_ids))


class SelectRequest(FilterRequest):
    """Conversations that the filter takes, that can be used, and that the file has not."""

    limit: Annotated[int, Field(strict=True, ge=1, le=MAX_SELECTED)] | None = Field(
        None, description="So many at most: the best scored, those without a score last. If left out, all."
    )
    balance: Balance | None = Field(
        None, description="With `limit`: those that bring the file closest to equal shares of the keys."
    )

    @model_validator(mode="after")
    def a_balance_has_something_to_choose(self) -> Self:
        if self.balance is not None and self.limit is None:
            raise ValueError("balance needs limit: without one, all that match are taken, and there is no choice")
        return self

    def to_selection(self) -> Selection:
        return Selection(**dict(self.wanted), limit=self.limit, balance=self.balance)


class BuildRequest(Request):
    """Conversations that are named, or selected, or both: those that are named come first."""

    conversation_ids: Annotated[list[Id], Field(min_length=1, max_length=MAX_IDS)] | None = Field(
        None, description="conversation_ids or row ids, in the order that they get in the file; repeats are folded."
    )
    select: SelectRequest | None = Field(
        None, description="Takes conversations by what they are, in the order in which they were created."
    )
    on_invalid: OnFault = Field("reject", description="What to do when conversations cannot be used.")
    on_duplicate: OnFault = Field("reject", description="What to do when conversations are in the file already.")
    on_unhealthy: OnUnhealthy = Field(
        "allow", description="What to do with conversations in which text health finds an error."
    )
    dry_run: StrictBool = Field(
        default=False,
        description=f"Nothing is written. Up to {MAX_IDS_WHILE_WAITING} conversation_ids are checked as for a build, "
        "and the answer is what it would be; with more, or with `select`, the answer is what rows tell.",
    )

    @model_validator(mode="after")
    def wants_something(self) -> Self:
        if self.conversation_ids is None and self.select is None:
            raise ValueError("send conversation_ids, or select, or both")
        return self

    def is_for_later(self, prefer: str | None) -> bool:
        """Whether the build is too large to be waited for, or the caller prefers not to wait (RFC 7240)."""
        return not self.dry_run and (len(self.unique_ids) > MAX_IDS_WHILE_WAITING or prefers_background(prefer))

    @property
    def is_for_rows(self) -> bool:
        """Whether it asks what would be taken, of more than is read while a caller waits, or of what it cannot know."""
        return self.dry_run and (self.select is not None or len(self.unique_ids) > MAX_IDS_WHILE_WAITING)

    @property
    def unique_ids(self) -> tuple[UUID, ...]:
        """The ids in their order, repeats folded."""
        return tuple(dict.fromkeys(self.conversation_ids or ()))

    def options(self) -> dict[str, Any]:
        """The fields that a create and an addition share, for their inputs."""
        return {
            "conversation_ids": self.unique_ids,
            "select": self.select and self.select.to_selection(),
            "on_invalid": self.on_invalid,
            "on_duplicate": self.on_duplicate,
            "on_unhealthy": self.on_unhealthy,
            "dry_run": self.dry_run,
        }


class CreateTrainingFileRequest(BuildRequest):
    name: Name
    description: Text | None = None
    target_model: Name | None = None

    def to_input(self, created_by: UUID) -> CreateTrainingFileInput:
        return CreateTrainingFileInput(
            name=self.name,
            description=self.description,
            target_model=self.target_model,
            created_by=created_by,
            **self.options(),
        )


class AddConversationsRequest(BuildRequest):
    def to_input(self, training_file_id: UUID) -> AddConversationsInput:
        return AddConversationsInput(training_file_id=training_file_id, **self.options())


class RemoveConversationsRequest(ConversationsRequest):
    on_missing: OnFault = Field("reject", description="What to do when conversations are not in the file.")
    dry_run: StrictBool = Field(
        default=False, description="Every check and the answer as it would be; nothing is written."
    )

    def is_for_later(self, prefer: str | None) -> bool:
        return not self.dry_run and super().is_for_later(prefer)

    def to_input(self, training_file_id: UUID) -> RemoveConversationsInput:
        return RemoveConversationsInput(
            training_file_id=training_file_id,
            conversation_ids=self.unique_ids,
            on_missing=self.on_missing,
            dry_run=self.dry_run,
        )


class RefreshRequest(Request):
    conversation_ids: Annotated[list[Id], Field(min_length=1, max_length=MAX_IDS)] | None = Field(
        None,
        description="conversation_ids or row ids of conversations of the file; if left out, all that have changed.",
    )
    on_invalid: OnFault = Field("reject", description="What to do when conversations cannot be used any more.")
    on_unhealthy: OnUnhealthy = Field(
        "allow", description="What to do with conversations in which text health finds an error now."
    )
    dry_run: StrictBool = Field(
        default=False,
        description=f"Every check and the answer as it would be, for up to {MAX_IDS_WHILE_WAITING} conversations; "
        "nothing is written.",
    )

    def to_input(self, training_file_id: UUID) -> RefreshConversationsInput:
        ids = self.conversation_ids
        return RefreshConversationsInput(
            training_file_id=training_file_id,
            conversation_ids=None if ids is None else tuple(dict.fromkeys(ids)),
            on_invalid=self.on_invalid,
            on_unhealthy=self.on_unhealthy,
            dry_run=self.dry_run,
        )


class RevertRequest(Request):
    revision: RevisionName = Field(description="The number of an earlier revision, or a tag of it.")

    def to_input(self, training_file_id: UUID) -> RevertInput:
        return RevertInput(training_file_id=training_file_id, revision=self.revision)


class CollectionRuleRequest(FilterRequest):
    """Which enriched conversations the file takes by itself. What is left out matches everything."""

    min_quality_score: Limit | None = Field(None, description=OF_ROWS_OR_PAIRS)
    max_quality_score: Limit | None = Field(None, description=OF_ROWS_OR_PAIRS)
    backfill: StrictBool = Field(
        default=False, description="Take what is enriched already, too: once, by a build in the background."
    )


def _as_said_something(schema: dict[str, Any]) -> None:
    """What the validator of UpdateTrainingFileRequest checks, for the schema."""
    schema["minProperties"] = 1
    for field in NEVER_NULL:
        described = schema["properties"][field]
        [not_null] = [option for option in described.pop("anyOf") if option != {"type": "null"}]
        described.update(not_null)


class UpdateTrainingFileRequest(Request):
    model_config = ConfigDict(json_schema_extra=_as_said_something)

    name: Name | None = None
    description: Text | None = None
    status: SettableStatus | None = None
    collect: CollectionRuleRequest | None = Field(None, description="null switches the collection rule off.")

    @model_validator(mode="after")
    def says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("send at least one of name, description, status, collect")
        for field in NEVER_NULL:
            if field in self.model_fields_set and getattr(self, field) is None:
                raise ValueError(f"{field} must not be null")
        return self

    def to_changes(self) -> TrainingFileChanges:
        """Only fields that were sent are changed."""
        return TrainingFileChanges(**self.model_dump(exclude_unset=True, exclude={"collect": {"backfill"}}))

    @property
    def backfills(self) -> bool:
        return self.collect is not None and self.collect.backfill


class ListTrainingFilesQuery(Request):
    status: TrainingFileStatus | None = None
    name: Name | None = Field(None, description="A part of the name, in upper or lower case.")
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None

    def to_filters(self) -> ListTrainingFilesFilters:
        return ListTrainingFilesFilters(status=self.status, name=self.name, limit=self.limit, cursor=self.cursor)


class ConversationsQuery(Request):
    limit: Annotated[int, Field(ge=1, le=1000)] = 1000
    cursor: Annotated[int, Field(ge=1, le=HIGHEST_INTEGER)] | None = None


class RevisionsQuery(Request):
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Id | None = None


class DownloadQuery(Request):
    format: DownloadFormat = "json"
    revision: RevisionName | None = Field(None, description="A number or a tag; the current one unless given.")

    def to_export(self, training_file_id: UUID) -> CreateExportInput | None:
        """The export with defaults that has this format; None for the formats of the training file itself."""
        if self.format == "json" or self.format == "jsonl":
            return None
        return CreateExportInput(training_file_id=training_file_id, format=self.format, revision=self.revision)
