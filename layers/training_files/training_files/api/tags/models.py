"""The shapes of answers about tags."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict  # Pydantic asks for this one up to Python 3.11

from training_files.api.models import Moment, Uuid


class RevisionTag(TypedDict):
    name: str
    revision: Annotated[int, Field(ge=1, description="The number of the revision that it names.")]
    created_by: Uuid
    created_at: Moment
    updated_at: Annotated[Moment, Field(description="When it was moved to this revision.")]


class TagAnswer(TypedDict):
    tag: RevisionTag
