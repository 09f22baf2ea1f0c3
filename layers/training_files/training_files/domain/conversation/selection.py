"""Conversations that are asked for by what they are, and not by their ids."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from training_files.domain.conversation.choices import ConversationCounts
from training_files.domain.conversation.conversation import EnrichedPaths, EnrichmentStatus
from training_files.domain.conversation.conversation_filter import ConversationFilter
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.conversation.unknown_keys import UnknownKey
from training_files.domain.record import Record
from training_files.domain.spelling import plain_number

# What one commit of the database takes in the 60 seconds that a hosted project has for it; sql/ knows it too.
MAX_SELECTED = 500_000
Balance = Literal["personas", "emotional_arcs", "training_topics", "all"]


class Selection(ConversationFilter):
    """Of the conversations that the filter takes and that can be used, those that the training file has not.

    With a `limit` the best scored: those without a score stand behind the others, and older ones before younger ones.
    With a `balance` beside it those that bring the file closest to equal shares of the keys of one aspect, or of all
    three; conversations that lack a key are taken last. In the file they stand in the order in which they were created.
    """

    limit: Annotated[int, Field(ge=1, le=MAX_SELECTED)] | None = None
    balance: Balance | None = None

    def as_json(self) -> dict[str, Any]:
        """What was asked for, without what was not; scores as numbers."""
        written = self.model_dump(mode="json", exclude_defaults=True)
        numbers = {name: value for name in written if isinstance(value := getattr(self, name), Decimal)}
        return written | {name: plain_number(value) for name, value in numbers.items()}


class SelectionScope(Record):
    """Among which conversations a selection chooses.

    `by_rule` is what a collection rule takes of them: none of nobody, none that the training file had once or that an
    addition by a rule waits to add, and also
    those without a score, which are judged when they are read.
    """

    all_conversations: bool
    usable_statuses: tuple[EnrichmentStatus, ...]
    enriched_paths: EnrichedPaths
    by_rule: bool = False

    def as_json(self) -> dict[str, Any]:
        """As the functions of sql/ take it."""
        return {
            "all_conversations": self.all_conversations,
            "by_rule": self.by_rule,
            "usable_statuses": list(self.usable_statuses),
            "any_path": self.enriched_paths == "any",
        }


@dataclass(frozen=True, slots=True)
class Selected:
    """How many conversations a selection has taken, and the keys of its filter that no conversation has."""

    conversation_count: int
    unknown_keys: tuple[UnknownKey, ...] = ()


@dataclass(frozen=True, slots=True)
class AdditionPreview:
    """What a create or an addition would take, and what the training file would be then, as far as rows tell.

    `skipped` are conversations among the ids that were asked for. `selected` is None where nothing was to be selected.
    """

    taken: ConversationCounts
    after: ConversationCounts
    skipped: tuple[ConversationFault, ...] = ()
    selected: Selected | None = None
