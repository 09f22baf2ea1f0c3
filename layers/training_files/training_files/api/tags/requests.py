"""What callers send about tags."""

from pydantic import Field

from training_files.api.parsing import Request, RevisionName


class TagRequest(Request):
    revision: RevisionName = Field(description="The number of the revision, or another tag of it.")
