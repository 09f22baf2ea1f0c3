"""What callers send for suggestions."""

from typing import Annotated

from pydantic import Field

from training_files.api.parsing import Request


class SuggestionsQuery(Request):
    limit: Annotated[int, Field(ge=1, le=100)] = 10
