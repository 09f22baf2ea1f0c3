"""What callers send to choose from conversations."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from training_files.api.conversations.cursors import CURSOR_CHARACTERS, place_of
from training_files.api.conversations.filters import FilterRequest
from training_files.domain.conversation.choices import ConversationPlace, Sort


class ListConversationsQuery(FilterRequest):
    sort: Sort = Field("newest", description="`score`: the best first, then the oldest; those without a score last.")
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: Annotated[str, Field(max_length=CURSOR_CHARACTERS)] | None = None

    @field_validator("cursor")
    @classmethod
    def cursor_is_of_this_sort(cls, cursor: str | None, info: ValidationInfo) -> str | None:
        if cursor is not None and "sort" in info.data:
            place_of(cursor, info.data["sort"])
        return cursor

    @property
    def after(self) -> ConversationPlace | None:
        return place_of(self.cursor, self.sort) if self.cursor is not None else None


class SummaryQuery(FilterRequest):
    """The filter alone."""
