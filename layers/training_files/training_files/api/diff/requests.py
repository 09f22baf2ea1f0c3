"""What callers send to compare revisions."""

from typing import Annotated

from pydantic import AfterValidator, Field

from training_files.api.diff.cursors import place_of
from training_files.api.parsing import Request, RevisionName
from training_files.domain.training_file.comparison import ComparisonPlace

# Longer than any that this service gives.
CURSOR_CHARACTERS = 100


def _checked(cursor: str) -> str:
    place_of(cursor)
    return cursor


class DiffQuery(Request):
    before: RevisionName | None = Field(
        None, alias="from", description="A number or a tag; if left out, the one before `to`."
    )
    after: RevisionName | None = Field(None, alias="to", description="A number or a tag; if left out, the current one.")
    limit: Annotated[int, Field(ge=1, le=1000)] = 1000
    cursor: Annotated[str, Field(max_length=CURSOR_CHARACTERS), AfterValidator(_checked)] | None = None

    @property
    def begin(self) -> ComparisonPlace | None:
        return place_of(self.cursor) if self.cursor is not None else None
