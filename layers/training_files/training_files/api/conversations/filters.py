"""The filter of conversations as callers send it: in a query, or in a body."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from training_files.api.parsing import Id, Request
from training_files.domain.conversation.conversation_filter import ConversationFilter
from training_files.domain.text import WITHOUT_NUL, without_nul

# ISO 8601 as RFC 3339 has it, or a date alone: pydantic also takes numbers, and Python offsets of seconds.
MOMENT = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d))?", re.ASCII)
NOT_A_MOMENT = "it must be a time with its offset, as 2026-01-31T09:30:00Z, or a date"


def _written_moment(value: object) -> object:
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        raise ValueError(NOT_A_MOMENT)
    return value


def _in_utc(moment: datetime) -> datetime:
    """A date alone is its midnight in UTC."""
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError(NOT_A_MOMENT) from None


Key = Annotated[
    str, Field(min_length=1, max_length=255, json_schema_extra={**WITHOUT_NUL}), AfterValidator(without_nul)
]
Keys = Annotated[list[Key], Field(max_length=200)]
FileIds = Annotated[list[Id], Field(max_length=100)]
Limit = Annotated[Decimal, Field(ge=0, le=5, decimal_places=2)]
Moment = Annotated[datetime, BeforeValidator(_written_moment), AfterValidator(_in_utc)]
OF_ROWS = "Of the row; conversations without one are left out then."


class FilterRequest(Request):
    """Which conversations are meant. What is left out matches everything."""

    personas: Keys = Field([], description="Conversations must have one of these keys.")
    emotional_arcs: Keys = Field([], description="Conversations must have one of these keys.")
    training_topics: Keys = Field([], description="Conversations must have one of these keys.")
    tiers: Keys = Field([], description="Conversations must be of one of these.")
    batch_ids: Keys = Field([], description="Conversations must be of one of these.")
    min_quality_score: Limit | None = Field(None, description=OF_ROWS)
    max_quality_score: Limit | None = Field(None, description=OF_ROWS)
    created_after: Moment | None = Field(None, description="From this time on.")
    created_before: Moment | None = Field(None, description="Before this time.")
    not_in: FileIds = Field([], description="Training files of yours; conversations that one of them has are left out.")

    @model_validator(mode="after")
    def limits_leave_something(self) -> Self:
        if _crossed(self.min_quality_score, self.max_quality_score):
            raise ValueError("min_quality_score must not be above max_quality_score")
        if _crossed(self.created_after, self.created_before):
            raise ValueError("created_after must not be later than created_before")
        return self

    @property
    def wanted(self) -> ConversationFilter:
        return ConversationFilter(**{name: getattr(self, name) for name in ConversationFilter.model_fields})


def _crossed(least: Any, most: Any) -> bool:
    return least is not None and most is not None and least > most
