"""What callers send about exports."""

from decimal import Decimal
from typing import Annotated, Literal, Self, get_args
from uuid import UUID

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, model_validator

from training_files.api.parsing import HIGHEST_INTEGER, Id, Request, RevisionName
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import (
    CreateExportInput,
    ExportFilter,
    ExportFormat,
    ExportSplit,
    Redact,
    Repair,
)
from training_files.domain.exports.splits import DEFAULT_SEED
from training_files.domain.health.findings import RuleOfOne


def _number_or_best(value: object) -> object:
    """Said once: a union would name a fault of each of its parts."""
    if value == "best" or (type(value) is int and 0 <= value <= HIGHEST_INTEGER):
        return value
    raise ValueError(f"it must be a whole number from 0 to {HIGHEST_INTEGER}, or best")


Number = Annotated[StrictInt, Field(ge=0, le=HIGHEST_INTEGER)]
Seed = Annotated[Number | Literal["best"], BeforeValidator(_number_or_best)]
Share = Annotated[Decimal, Field(ge=0, lt=1, decimal_places=4)]


class SplitRequest(Request):
    validation: Share = Field(description="Share of the conversations that is kept from training, to validate with.")
    test: Share = Field(Decimal(0), description="Share that is kept from both, to test with.")
    seed: Seed = Field(
        DEFAULT_SEED,
        description="Another seed makes another split. `best` tries up to a thousand; `splits.seed` says which it was.",
    )

    @model_validator(mode="after")
    def leaves_something(self) -> Self:
        if not 0 < self.validation + self.test < 1:
            raise ValueError("validation and test together must be above 0 and below 1")
        return self


Unwanted = Literal["error", "warning", RuleOfOne]


class FilterRequest(Request):
    """Targets that fail are not trained on."""

    min_quality_score: Annotated[Decimal, Field(ge=0, le=5, decimal_places=2)] | None = Field(
        None, description="Lower scored targets fail, and those that nobody has scored."
    )
    reviewed_only: StrictBool = Field(default=False, description="Targets that nobody has reviewed fail.")
    without: list[Unwanted] = Field(
        default_factory=list,
        max_length=len(get_args(Unwanted)),
        description="Targets with findings of these severities or rules fail: in the target, in what it answers, or in "
        "what all of its conversation has.",
    )

    @model_validator(mode="after")
    def asks_for_something(self) -> Self:
        if self.min_quality_score is None and not self.reviewed_only and not self.without:
            raise ValueError("ask for min_quality_score, reviewed_only or without")
        return self


class CreateExportRequest(Request):
    format: ExportFormat
    granularity: Granularity = Field(
        "conversation", description="One row for each conversation, or one for each trainable pair."
    )
    split: SplitRequest | None = Field(None, description="Without one, everything is for training.")
    bundle: StrictBool = Field(default=False, description="Add one ZIP with everything that training needs.")
    filter: FilterRequest | None = Field(
        None,
        description="What is not to be trained on: weight 0 in messages_weight, left out in granularity turn; in the "
        "other formats the row of a conversation ends before the first such target.",
    )
    repair: list[Repair] = Field(
        default_factory=list, max_length=1, description=r"Escape sequences that were meant as characters become those."
    )
    redact: list[Redact] = Field(
        default_factory=list,
        max_length=1,
        description="Personal data become placeholders such as [EMAIL_1], the same for the same within a conversation.",
    )
    revision: RevisionName | None = Field(None, description="A number or a tag; the current one unless given.")

    def to_input(self, training_file_id: UUID) -> CreateExportInput:
        split, unwanted = self.split, self.filter
        return CreateExportInput(
            training_file_id=training_file_id,
            format=self.format,
            granularity=self.granularity,
            split=ExportSplit(validation=split.validation, test=split.test, seed=split.seed) if split else None,
            bundle=self.bundle,
            filter=unwanted and ExportFilter(**unwanted.model_dump()),
            repair=tuple(self.repair),
            redact=tuple(self.redact),
            revision=self.revision,
        )


class ExportsQuery(Request):
    # Each has up to seven links, and hosted Storage signs 500 in one call.
    limit: Annotated[int, Field(ge=1, le=50)] = 20
    cursor: Id | None = None
