"""How an answer begins, whoever it is said to."""

import hashlib
import re
from collections.abc import Mapping
from itertools import accumulate, islice
from typing import Any

# A word, or a character of scripts that are written without spaces. A word of Chinese or Japanese has one or two of
# them, one of Thai, Lao, Burmese or Khmer three or more.
DENSE = "\u3040-\u30ff\u3400-\u9fff"
UNSPACED = f"{DENSE}\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+(?:['\u2019][^\W{UNSPACED}]+)*")
ONE_DENSE = re.compile(f"[{DENSE}]")
ONE_UNSPACED = re.compile(f"[{UNSPACED}]")
# Enough to be no chance, and few enough to be a habit whatever is said next: four words, or six dense characters, or
# twelve others.
OPENING_WEIGHT = 12
WEIGHT_OF_WORD, WEIGHT_OF_DENSE, WEIGHT_OF_UNSPACED = 3, 2, 1
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
    matches = list(islice(WORD.finditer(begin), OPENING_WEIGHT + NAME_WORDS))
    names = _names_in(metadata or {})
    words = [match[0].casefold() for match in matches]
    skipped = next((place for place, word in enumerate(words[:NAME_WORDS]) if word not in names), 0)
    if not skipped and matches and _is_vocative(matches[0]):
        skipped = 1
    first = _of_weight(words[skipped:])
    return hashed(" ".join(first)) if first else None


def _of_weight(words: list[str]) -> list[str]:
    """As many words as make an opening; none if there are too few."""
    weights = list(accumulate(map(_weight_of, words)))
    enough = next((count for count, weight in enumerate(weights, start=1) if weight >= OPENING_WEIGHT), 0)
    return words[:enough]


def _weight_of(word: str) -> int:
    if ONE_DENSE.match(word):
        return WEIGHT_OF_DENSE
    return WEIGHT_OF_UNSPACED if ONE_UNSPACED.match(word) else WEIGHT_OF_WORD


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
