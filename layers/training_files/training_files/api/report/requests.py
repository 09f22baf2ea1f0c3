"""What callers send for a report."""

from typing import Annotated

from pydantic import Field

from training_files.api.parsing import HIGHEST_INTEGER, Request, RevisionName


class ReportQuery(Request):
    revision: RevisionName | None = Field(None, description="A number or a tag; the current one unless given.")
    seed: Annotated[int, Field(ge=0, le=HIGHEST_INTEGER)] | None = Field(
        None, description="Another seed makes another sample; the number of the revision unless given."
    )
