"""What callers send for a report."""

from typing import Annotated

from pydantic import Field

from training_files.api.parsing import HIGHEST_INTEGER, Request


class ReportQuery(Request):
    seed: Annotated[int, Field(ge=0, le=HIGHEST_INTEGER)] | None = Field(
        None, description="Another seed makes another sample; the number of the revision unless given."
    )
