"""The shape of the hook's answer."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict  # Pydantic asks for this one up to Python 3.11


class HookAnswer(TypedDict):
    queued: Annotated[bool, Field(description="Whether the collection rules are going to look at the conversations.")]
