"""The shapes of answers about findings."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict  # Pydantic asks for this one up to Python 3.11

from training_files.api.models import Cursor
from training_files.api.training_files.models import HealthFinding


class FindingsAnswer(TypedDict):
    revision: Annotated[
        int, Field(ge=1, description="What they are about: what was meant when the first page was asked for.")
    ]
    findings: Annotated[
        list[HealthFinding],
        Field(description="Those in conversations in file order, then those that only the whole file shows."),
    ]
    next_cursor: Cursor
