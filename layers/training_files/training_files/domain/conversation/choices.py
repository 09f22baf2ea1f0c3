"""Conversations as one looks at them to choose: a page of them, and a summary of all."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import Field

from training_files.domain.conversation.conversation import Conversation
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.conversation.unknown_keys import UnknownKey
from training_files.domain.record import Record

Sort = Literal["newest", "oldest", "score"]


class ConversationPlace(Record):
    """Where a conversation stands in an order, in the database's words for its moment and its score.

    The score is None where only the order by age is meant.
    """

    created_at: str
    score_order: str | None
    conversation_id: UUID


class ListedConversation(Conversation):
    """A row of `conversations`, and in how many training files of the caller it is."""

    tier: str | None = None
    training_file_count: int = 0
    place: ConversationPlace


@dataclass(frozen=True, slots=True)
class Choice:
    """A conversation, and why it cannot be used, as far as its row tells. None: it can."""

    conversation: ListedConversation
    fault: ConversationFault | None


@dataclass(frozen=True, slots=True)
class ChoicesPage:
    """`next_place` is None on the last page. `unknown_keys` are looked for with the first page."""

    choices: tuple[Choice, ...]
    next_place: ConversationPlace | None = None
    unknown_keys: tuple[UnknownKey, ...] = ()


class KeyCounts(Record):
    """How many conversations have each key: the most frequent keys, and how many further ones there are."""

    counts: dict[str, int] = Field(default_factory=dict)
    without_key: int = 0
    further_keys: int = 0


class ScoreCounts(Record):
    """How the scores of rows lie. `steps` are how many are in each of ten equal steps from 0 to 5, from 1 on.

    `off_scale` are scores that are not between 0 and 5; they count nowhere else.
    """

    without_score: int = 0
    off_scale: int = 0
    avg_quality_score: Decimal | None = None
    min_quality_score: Decimal | None = None
    max_quality_score: Decimal | None = None
    steps: dict[int, int] = Field(default_factory=dict)


class ConversationCounts(Record):
    """How many conversations there are, can be used as far as rows tell, and have what."""

    conversation_count: int = 0
    usable_count: int = 0
    personas: KeyCounts = Field(default_factory=KeyCounts)
    emotional_arcs: KeyCounts = Field(default_factory=KeyCounts)
    training_topics: KeyCounts = Field(default_factory=KeyCounts)
    tiers: KeyCounts = Field(default_factory=KeyCounts)
    batch_ids: KeyCounts = Field(default_factory=KeyCounts)
    enrichment_statuses: KeyCounts = Field(default_factory=KeyCounts)
    scores: ScoreCounts = Field(default_factory=ScoreCounts)


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """What there is to choose from, and the keys of the filter that no conversation has."""

    counts: ConversationCounts
    unknown_keys: tuple[UnknownKey, ...] = field(default=())
