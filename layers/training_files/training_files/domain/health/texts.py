"""The texts of a conversation, each at its place.

Pairs repeat the whole conversation before them: a text is looked at where it is said first.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from training_files.domain.conversation.dialogues import system_prompt_in_history
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.conversation.roles import SYSTEM, role_meant
from training_files.domain.text import is_blank

Place = Literal["target", "user's text", "system prompt", "history", "metadata"]
# Longer ones, and those with other characters, are no names of fields.
FIELD_NAME = re.compile(r"[A-Za-z_][\w-]{0,63}")
FIELD_OF_PROMPT_IN_HISTORY = "conversation_history[0].content"


@dataclass(frozen=True, slots=True)
class Text:
    """A text, the turn of its pair, what it is, and the field of the pair by the names of the enriched file."""

    turn: int
    place: Place
    field: str
    content: str


def texts_of(pairs: Sequence[TrainingPairModel]) -> Iterator[Text]:
    """Every text at the turn where it is said first, every target, and every user's text that is blank.

    `pairs` come in the order of their turns.
    """
    said: set[str] = set()
    before: TrainingPairModel | None = None
    for pair in pairs:
        for text in _in_front_of_target(pair):
            if text.content not in said or (_is_blank_of_user(text) and not _goes_on(before, pair)):
                said.add(text.content)
                yield text
        if pair.target_response:
            said.add(pair.target_response)
            yield Text(pair.turn_number, "target", "target_response", pair.target_response)
        before = pair


def metadata_of(pairs: Sequence[TrainingPairModel]) -> Iterator[Text]:
    """Every text in the metadata of the pairs, at the turn where it stands first under its key."""
    seen: set[tuple[str, str]] = set()
    for pair in pairs:
        for key, value in (pair.conversation_metadata or {}).items():
            if isinstance(value, str) and (key, value) not in seen:
                seen.add((key, value))
                name = f".{key}" if FIELD_NAME.fullmatch(key) else ""
                yield Text(pair.turn_number, "metadata", f"conversation_metadata{name}", value)


def _in_front_of_target(pair: TrainingPairModel) -> Iterator[Text]:
    turn = pair.turn_number
    if pair.system_prompt and not is_blank(pair.system_prompt):
        yield Text(turn, "system prompt", "system_prompt", pair.system_prompt)
    history = pair.conversation_history or []
    own = pair.current_user_input
    if prompt := system_prompt_in_history(pair):
        yield Text(turn, "system prompt", FIELD_OF_PROMPT_IN_HISTORY, prompt)
    for index, message in enumerate(history):
        is_prompt = index == 0 and role_meant(message.role) == SYSTEM
        if message.content != own and not is_prompt:
            yield Text(turn, "history", f"conversation_history[{index}].content", message.content)
    # An empty field beside a history that has the user's text says nothing.
    has_text = bool(history) and role_meant(history[-1].role) == "user" and not is_blank(history[-1].content)
    if own is not None and (not has_text or not is_blank(own)):
        yield Text(turn, "user's text", "current_user_input", own)


def _is_blank_of_user(text: Text) -> bool:
    return text.place == "user's text" and is_blank(text.content)


def _goes_on(before: TrainingPairModel | None, pair: TrainingPairModel) -> bool:
    """Whether a pair repeats the user's text of the one before, which had no target."""
    return before is not None and not before.trainable and before.current_user_input == pair.current_user_input
