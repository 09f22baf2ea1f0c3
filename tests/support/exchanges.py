"""Conversations as exchanges of a user's text and a target, and the training pairs that state them."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from tests.support.builders import Json, a_pair
from training_files.domain.conversation.dialogues import Dialogue, mapped
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.conversation.granularity import Granularity

Exchange = tuple[str, str]

CONVERSATION_ID = "5f0c3a3e-3d3c-4d43-9d2e-0d9f6a1b7c11"
SYSTEM = "You are a planner."

_PAIRS = TypeAdapter(list[TrainingPairModel])


def in_real_shape(exchanges: Sequence[Exchange], *, tail: str | None = None, **changes: Any) -> list[Json]:
    """Two pairs for each exchange: the user's without a target, and one whose history ends with the user's text."""
    pairs: list[Json] = []
    history: list[Json] = []
    for user, target in [*exchanges, *([(tail, None)] if tail else [])]:
        asked = a_pair(
            len(pairs) + 1, conversation_history=list(history), current_user_input=user, target_response=None, **changes
        )
        pairs.append(asked)
        history.append({"turn": len(pairs), "role": "user", "content": user, "emotional_state": {"primary": "hope"}})
        if target is not None:
            answered = {"conversation_history": list(history), "current_user_input": user, "target_response": target}
            pairs.append(a_pair(len(pairs) + 1, **answered, **changes))
            history.append({"turn": len(pairs), "role": "assistant", "content": target})
    return pairs


def in_simple_shape(exchanges: Sequence[Exchange], **changes: Any) -> list[Json]:
    """One pair for each exchange, whose history ends before the user's text."""
    pairs: list[Json] = []
    history: list[Json] = []
    for user, target in exchanges:
        stated = {"conversation_history": list(history), "current_user_input": user, "target_response": target}
        pairs.append(a_pair(len(pairs) + 1, **stated, **changes))
        history += [{"role": "user", "content": user}, {"role": "assistant", "content": target}]
    return pairs


def models(pairs: Sequence[Json]) -> list[TrainingPairModel]:
    return _PAIRS.validate_python(pairs)


def a_dialogue(
    *exchanges: Exchange, system: str | None = SYSTEM, granularity: Granularity = "conversation"
) -> Dialogue:
    """The last dialogue of a conversation of these exchanges, by default of one."""
    said = exchanges or [("Where do I start?", "With what you have.")]
    pairs = models(in_real_shape(said, system_prompt=system))
    return mapped(CONVERSATION_ID, pairs, granularity).dialogues[-1]
