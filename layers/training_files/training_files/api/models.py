"""Types that the answers of several subjects have in common, for the API's description of itself.

No handler imports them. Tests hold every answer to them.
"""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict  # Pydantic asks for this one up to Python 3.11

from training_files.domain.conversation.faults import FaultCode

Uuid = Annotated[str, Field(json_schema_extra={"format": "uuid"})]
Moment = Annotated[
    str, Field(description="ISO 8601 in UTC with milliseconds.", json_schema_extra={"format": "date-time"})
]
Count = Annotated[int, Field(ge=0)]
CountsByName = dict[str, Count]
Bytes = Annotated[int, Field(ge=0, description="Bytes of the stored object.")]
Score = Annotated[float, Field(ge=0, le=5)]
Link = Annotated[str, Field(description="Good for anyone who has it.", json_schema_extra={"format": "uri"})]
FindingField = Annotated[
    str | None,
    Field(
        description="Of the pair of that turn, by the names of the enriched file, as "
        "`conversation_history[3].content`. Null where no single text is to blame."
    ),
]
FindingOffset = Annotated[
    int | None,
    Field(ge=0, description="The first place in the text of `field`, in characters (Unicode code points) from 0."),
]
Cursor = Annotated[str | None, Field(description="For the query parameter `cursor`; null on the last page.")]


class ScaffoldingDistribution(TypedDict):
    """How many conversations of the file have each key."""

    personas: CountsByName
    emotional_arcs: CountsByName
    training_topics: CountsByName


class ConversationFault(TypedDict):
    """Why a conversation cannot be used. `place` is where in its enriched file."""

    conversation_id: Uuid
    code: FaultCode
    reason: str
    place: str | None
    hint: str


class InvalidField(TypedDict):
    field: str
    message: str


class GatewayAnswer(TypedDict):
    """What the gateway says by itself, when no function was asked or none answered."""

    message: str
