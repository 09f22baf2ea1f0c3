"""The shapes of answers about conversations to choose from."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict  # Pydantic asks for this one up to Python 3.11

from training_files.api.models import ConversationFault, Count, Cursor, Moment, Score, Uuid

KeyField = Literal["personas", "emotional_arcs", "training_topics", "tiers", "batch_ids"]


class Conversation(TypedDict):
    conversation_id: Uuid
    id: Annotated[Uuid, Field(description="Of its row; either id will do.")]
    enrichment_status: str | None
    persona_key: str | None
    emotional_arc_key: str | None
    training_topic_key: str | None
    tier: str | None
    batch_id: str | None
    quality_score: Annotated[float | None, Field(description="Of its row, as it is there; null where it has none.")]
    created_at: Annotated[Moment | None, Field(description="Null where it is no date that can be written.")]
    usable: Annotated[bool, Field(description="Whether it can be used, as far as its row tells.")]
    fault: Annotated[ConversationFault | None, Field(description="Why it cannot be used.")]
    training_file_count: Annotated[int, Field(ge=0, description="In how many of your training files it is.")]


class UnknownKeyWarning(TypedDict):
    """No conversation that you may use has this key."""

    field: KeyField
    key: str
    nearest: Annotated[str | None, Field(description="The key that is there and most like it.")]
    message: str


Warnings = Annotated[
    list[UnknownKeyWarning], Field(description="Keys of the filter that no conversation has, the first five.")
]


class ConversationsPage(TypedDict):
    conversations: list[Conversation]
    next_cursor: Cursor
    warnings: Warnings


class KeyCounts(TypedDict):
    counts: Annotated[dict[str, Count], Field(description="Conversations by key, the most frequent 1,000 keys first.")]
    without_key: Annotated[int, Field(ge=0, description="Conversations that have none.")]
    further_keys: Annotated[
        int, Field(ge=0, description="Keys that `counts` has no room for, and those of more than 255 characters.")
    ]


# `from` is a word of Python.
ScoreStep = TypedDict("ScoreStep", {"from": Score, "to": Score, "count": Count})


class ScoreCounts(TypedDict):
    """Scores of rows. Those that are not between 0 and 5 count as `off_scale` alone."""

    avg_quality_score: Score | None
    min_quality_score: Score | None
    max_quality_score: Score | None
    without_score: Count
    off_scale: Count
    histogram: Annotated[
        list[ScoreStep], Field(description="In ten steps, each without its `to`; the last one includes 5.")
    ]


class ConversationsSummary(TypedDict):
    conversation_count: Count
    usable_count: Annotated[int, Field(ge=0, description="How many of them can be used, as far as their rows tell.")]
    personas: KeyCounts
    emotional_arcs: KeyCounts
    training_topics: KeyCounts
    tiers: KeyCounts
    batch_ids: KeyCounts
    enrichment_statuses: KeyCounts
    scores: ScoreCounts
    warnings: Warnings
