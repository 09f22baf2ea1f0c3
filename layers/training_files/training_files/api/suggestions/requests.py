"""What callers send for suggestions."""

from typing import Annotated

from pydantic import Field

from training_files.api.conversations.filters import FilterRequest


class SuggestionsQuery(FilterRequest):
    limit: Annotated[int, Field(ge=1, le=100)] = 10
