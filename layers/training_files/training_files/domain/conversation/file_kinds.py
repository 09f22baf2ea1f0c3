"""What a JSON file is that lies where an enriched file belongs, as far as its keys show it."""

from typing import Any

import orjson

TRAINING_FILE = "a training file"
JSONL_OF_TRAINING_FILE = "the JSONL of a training file"
RAW_CONVERSATION = "a raw conversation, which is not enriched yet"

TRAINING_FILE_KEYS = frozenset({"training_file_metadata", "conversations"})
# Where a conversation has what was said before anything is known of it.
SPOKEN_KEYS = ("turns", "messages", "conversation", "dialogue")


def other_kind(document: Any) -> str | None:
    """The kind of a parsed file; None for an enriched file and for what nobody knows."""
    if isinstance(document, list):
        return RAW_CONVERSATION if _is_spoken(document) else None
    if not isinstance(document, dict) or "training_pairs" in document:
        return None
    if document.keys() >= TRAINING_FILE_KEYS:
        return TRAINING_FILE
    if "target_response" in document:
        return JSONL_OF_TRAINING_FILE
    return RAW_CONVERSATION if any(_is_spoken(document.get(key)) for key in SPOKEN_KEYS) else None


def other_kind_of_lines(text: bytes) -> str | None:
    """The kind of a file of JSON lines, by the first one."""
    first, newline, _ = text.partition(b"\n")
    try:
        return other_kind(orjson.loads(first)) if newline else None
    except orjson.JSONDecodeError:
        return None


def _is_spoken(value: Any) -> bool:
    """Whether it is a list that begins as one of turns does: with who says what."""
    first = value[0] if isinstance(value, list) and value else None
    return isinstance(first, dict) and {"role", "content"} <= first.keys()
