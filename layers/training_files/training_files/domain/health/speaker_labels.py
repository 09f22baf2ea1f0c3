"""Lines that begin with the name of someone of the conversation, as in a script: "Elena: …"."""

import re
from collections.abc import Iterable, Iterator

from training_files.domain.health.code_blocks import without_code

MESSAGE = "has a line that begins with the name of a speaker and a colon"
COLONS = (":", "\uff1a")
# Marks of Markdown that may stand around a name at the beginning of a line.
MARKS = " \t>#*_["
MARKS_BEHIND = " *_]"
LONGEST_NAME = 80
# What is no name of a person in "The Anxious Planner", "Dr. Elena Morales".
NO_NAMES = frozenset(
    {"the", "a", "an", "dr", "mr", "mrs", "ms", "miss", "prof", "herr", "frau", "der", "die", "das", "el", "la", "le"}
)
# Names that are words too, which may well begin a line: by such a first name alone nobody is meant.
NAMES_THAT_ARE_WORDS = frozenset(
    {"angel", "april", "art", "august", "bill", "chance", "charity", "dawn", "faith", "frank", "grace", "hope", "joy"}
    | {"june", "mark", "max", "may", "mercy", "penny", "rich", "sue", "summer", "will"}
)
WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['\u2019-](?=[^\W\d_])){1,40}")
# Behind it are figures: a list of who has or owes what.
FIGURE = re.compile(r"[\s*_]{0,5}[-+~]?[$\u20ac\u00a3\u00a5]?\d")


def names_of_speakers(consultant: str | None, client_persona: str | None) -> frozenset[str]:
    """First and full names, from "Elena Morales, CFP" and "Ana Ruiz - The Anxious Planner"."""
    return frozenset(name for text in (consultant, client_persona) for name in _names_in(text or ""))


def _names_in(text: str) -> Iterator[str]:
    person = re.split(r" [-\u2013\u2014] |[,(|:]", text[:LONGEST_NAME], maxsplit=1)[0]
    words = [word for word in WORD.findall(person) if word.lower() not in NO_NAMES]
    # An article, in front of whatever, begins what is no name.
    if not words or person.lower().startswith(("the ", "a ", "an ")):
        return
    if words[0].lower() not in NAMES_THAT_ARE_WORDS:
        yield words[0]
    if len(words) > 1:
        yield " ".join(words)


def speaker_labels_in(text: str, names: Iterable[str]) -> Iterator[tuple[int, str]]:
    """`names` are `names_of_speakers`; a name counts as it is written, or in capitals."""
    known = {spelling for name in names for spelling in (name, name.upper())}
    if not known or not any(colon in text for colon in COLONS):
        return
    begin = 0
    for line in without_code(text).split("\n"):
        if _begins_with_one_of(known, line):
            yield begin, MESSAGE
        begin += len(line) + 1


def _begins_with_one_of(names: set[str], line: str) -> bool:
    label = line.lstrip(MARKS)
    colon = min((place for mark in COLONS if (place := label.find(mark, 0, LONGEST_NAME)) >= 0), default=-1)
    return colon > 0 and label[:colon].rstrip(MARKS_BEHIND) in names and not FIGURE.match(label, colon + 1)
