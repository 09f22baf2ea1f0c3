"""Which persona, emotional arc and training topic a conversation was made from."""

from dataclasses import dataclass
from typing import Any

from training_files.domain.conversation.conversation import Conversation
from training_files.domain.conversation.enriched_file import EnrichedFile


@dataclass(frozen=True, slots=True)
class Scaffolding:
    """Keys and names; None where neither row nor file knows one."""

    persona_key: str | None
    persona_name: str | None
    emotional_arc_key: str | None
    emotional_arc: str | None
    training_topic_key: str | None
    training_topic: str | None


def scaffolding_of(conversation: Conversation, enriched: EnrichedFile) -> Scaffolding:
    """Keys come from the row, names from the row's snapshot, and both else from the first pair's metadata."""
    first_pair = enriched.model.training_pairs[0].conversation_metadata or {}
    return Scaffolding(
        persona_key=conversation.persona_key or _text(first_pair.get("persona_archetype")),
        persona_name=conversation.persona_name or _text(first_pair.get("client_persona")),
        emotional_arc_key=conversation.emotional_arc_key or _text(first_pair.get("emotional_arc_key")),
        emotional_arc=conversation.emotional_arc_name or _text(first_pair.get("emotional_arc")),
        training_topic_key=conversation.training_topic_key or _text(first_pair.get("training_topic_key")),
        training_topic=conversation.training_topic_name or _text(first_pair.get("training_topic")),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
