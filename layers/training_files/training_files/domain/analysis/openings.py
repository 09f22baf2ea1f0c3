"""How an answer begins, whoever it is said to."""

import hashlib
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

WORD = re.compile(r"\w+(?:['\u2019]\w+)*")
# Enough to be no chance, and few enough to be a habit whatever is said next.
OPENING_WORDS = 4
OPENING_CHARACTERS = 400
# Enough to tell texts apart that nobody chose to be alike.
HASH_CHARACTERS = 12

# What the name of a persona goes before, as in: Ana Brown - The Anxious Planner.
BEHIND_A_NAME = re.compile(r"\s[-\u2013\u2014|]\s|[,(:\n]")
NAME_WORDS = 4
NO_NAMES = frozenset({"a", "an", "the"})
# Words that stand before a comma at the beginning as names do.
NO_VOCATIVES = frozenset(
    {
        "absolutely",
        "and",
        "first",
        "hello",
        "hey",
        "hi",
        "no",
        "now",
        "oh",
        "ok",
        "okay",
        "right",
        "so",
        "sure",
        "thanks",
    }
    | {"well", "yes"}
)


def opening_of(target: str, metadata: Mapping[str, Any] | None) -> str | None:
    """A hash of the first words, whatever their case and punctuation, without the name that they begin with.

    None for a target that has fewer words.
    """
    begin = target[:OPENING_CHARACTERS]
    matches = list(islice(WORD.finditer(begin), OPENING_WORDS + NAME_WORDS))
    names = _names_in(metadata or {})
    words = [match[0].casefold() for match in matches]
    skipped = next((place for place, word in enumerate(words[:NAME_WORDS]) if word not in names), 0)
    if not skipped and matches and _is_vocative(matches[0]):
        skipped = 1
    first = words[skipped : skipped + OPENING_WORDS]
    return hashed(" ".join(first)) if len(first) == OPENING_WORDS else None


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_CHARACTERS]


def _names_in(metadata: Mapping[str, Any]) -> frozenset[str]:
    """Of the client: the words before what they are like."""
    persona = metadata.get("client_persona")
    if not isinstance(persona, str):
        return frozenset()
    name = BEHIND_A_NAME.split(persona[:OPENING_CHARACTERS], maxsplit=1)[0]
    return frozenset(word.casefold() for word in WORD.findall(name)[:NAME_WORDS]) - NO_NAMES


def _is_vocative(first: re.Match[str]) -> bool:
    """A capitalised word and a comma."""
    word = first[0]
    goes_on = first.string[first.end() : first.end() + 1]
    return goes_on == "," and word.istitle() and word.casefold() not in NO_VOCATIVES
