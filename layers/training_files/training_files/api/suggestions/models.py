"""The shapes of the answer with suggestions."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict  # Pydantic asks for this one up to Python 3.11

from training_files.api.models import Count, ScaffoldingDistribution, Score, Uuid


class Suggestion(TypedDict):
    conversation_id: Uuid
    persona_key: str | None
    emotional_arc_key: str | None
    training_topic_key: str | None
    quality_score: Annotated[Score | None, Field(description="Of its row; null where it is judged when it is read.")]
    reason: Annotated[str, Field(description="Which of its keys are rare in the file.")]


class FileBalance(TypedDict):
    conversation_count: Count
    imbalance: Annotated[
        float,
        Field(
            ge=0,
            description="0 when all personas, arcs and topics have equal shares: the sum of the squared deviations.",
        ),
    ]
    scaffolding_distribution: ScaffoldingDistribution


class SuggestionsAnswer(TypedDict):
    suggestions: list[Suggestion]
    conversation_ids: Annotated[list[Uuid], Field(description="The same, ready for add-conversations.")]
    before: FileBalance
    after: FileBalance
