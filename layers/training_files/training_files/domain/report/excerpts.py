"""The stretch of text around the first places of what text health found, for people to see what is meant."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from training_files.domain.text import is_blank

EXCERPTS_OF_RULE = 3
# What people read before they act; the list of all findings has the places of the others.
EXCERPTS_SHOWN = 40
CHARACTERS_AROUND = 60
HISTORY = re.compile(r"conversation_history\[(\d{1,6})\]\.content")
METADATA = "conversation_metadata."
TEXTS = frozenset({"target_response", "current_user_input", "system_prompt"})
# What stands at a place: an escape sequence, something in brackets, or the beginning of a word.
MARKED = re.compile(r"\\u[0-9A-Fa-f]{4}|\\.|\[[^\[\]\n]{1,40}\]|\{\{[^{}\n]{1,40}\}\}|\S{1,24}|.", re.DOTALL)

Place = dict[str, Any]


class Excerpts:
    """Finds the texts of places while conversations are read, and writes an `excerpt` into each place.

    A place whose text is not met, or is another one than it was, keeps None.
    """

    def __init__(self, health: Mapping[str, Any]) -> None:
        """`health` is that of a report."""
        self._wanted: dict[str, list[Place]] = defaultdict(list)
        first = [
            place for rule in health["rules"] for place in list(filter(_is_in_text, rule["places"]))[:EXCERPTS_OF_RULE]
        ]
        for place in first[:EXCERPTS_SHOWN]:
            self._wanted[place["conversation_id"]].append(place)

    @property
    def conversation_ids(self) -> list[str]:
        """Those whose texts are wanted, of the gravest findings first."""
        return list(self._wanted)

    def look_in(self, conversation_id: str, pairs: Sequence[Any]) -> None:
        """`pairs` are those of the conversation, or only its trainable ones, as a file has them."""
        for place in self._wanted.get(conversation_id, ()):
            text = next(_texts_at(place, [pair for pair in pairs if isinstance(pair, dict)]), None)
            if text is not None and place["offset"] < len(text) and not is_blank(text):
                place["excerpt"] = excerpt_of(text, place["offset"])


def excerpt_of(text: str, offset: int) -> dict[str, Any]:
    """What stands at the offset, and up to 60 characters on both sides of it; and how many more there are."""
    found = MARKED.match(text, offset)
    end = found.end() if found else offset
    begin, behind = max(0, offset - CHARACTERS_AROUND), end + CHARACTERS_AROUND
    return {
        "before": text[begin:offset],
        "marked": text[offset:end],
        "after": text[end:behind],
        "characters_before": begin,
        "characters_after": max(0, len(text) - behind),
    }


def _is_in_text(place: Place) -> bool:
    return None not in (place["conversation_id"], place["turn"], place["field"], place["offset"])


def _texts_at(place: Place, pairs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    turn, field = place["turn"], place["field"]
    for pair in pairs:
        if pair.get("turn_number") == turn and isinstance(text := _text_in(pair, field), str):
            yield text
    if field == "current_user_input":
        # The pair has no target, and so no line. Later ones have what was said in their history.
        for pair in pairs:
            yield from (message["content"] for message in _history(pair) if _is_said_by_user_in(turn, message))


def _text_in(pair: Mapping[str, Any], field: str) -> Any:
    if field in TEXTS:
        return pair.get(field)
    if field.startswith(METADATA):
        metadata = pair.get("conversation_metadata")
        return metadata.get(field.removeprefix(METADATA)) if isinstance(metadata, dict) else None
    found, history = HISTORY.fullmatch(field), _history(pair)
    return history[int(found[1])].get("content") if found and int(found[1]) < len(history) else None


def _history(pair: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    history = pair.get("conversation_history")
    return [message if isinstance(message, dict) else {} for message in history] if isinstance(history, list) else []


def _is_said_by_user_in(turn: int, message: Mapping[str, Any]) -> bool:
    stated = message.get("turn"), message.get("role")
    return stated == (turn, "user") and isinstance(message.get("content"), str)
