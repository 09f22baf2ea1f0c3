"""Lines that begin with the name of someone of the conversation, as in a script: "Elena: …"."""

import re
from collections.abc import Iterable, Iterator

from training_files.domain.health.code_blocks import without_code
from training_files.domain.health.sentence_ends import ends_a_sentence

MESSAGE = "has a line that begins with the name of a speaker and a colon"
COLONS = (":", "\uff1a")
# Marks of Markdown that may stand around a name at the beginning of a line.
MARKS = " \t>#*_["
MARKS_BEHIND = " *_]"
LONGEST_NAME = 80
# Of whoever has a task beside those of the conversation.
LONGEST_LABEL = 30
# Whether a line is a sentence shows in its end.
END_CHARACTERS = 100
# Who speaks begins with a small letter now and then, and speaks of those who talk, or asks.
SPEAKS = re.compile(r"\b(?:i|i['\u2019]m|me|my|you|your|we|ich|du|sie|wir|yo|t\u00fa|je|tu|vous)\b|\?", re.IGNORECASE)
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
    lines = without_code(text).split("\n")
    for index, line in enumerate(lines):
        said = _said_by_one_of(known, line)
        if said is not None and not _is_task(said, lines[max(0, index - 1) : index] + lines[index + 1 : index + 2]):
            yield begin, MESSAGE
        begin += len(line) + 1


def _said_by_one_of(names: set[str], line: str) -> str | None:
    """What stands behind the name and the colon; None for another line, and for a figure behind it."""
    label = line.lstrip(MARKS)
    colon = _colon_in(label)
    is_label = colon > 0 and label[:colon].rstrip(MARKS_BEHIND) in names and not FIGURE.match(label, colon + 1)
    return label[colon + 1 :].strip(MARKS) if is_label else None


def _is_task(said: str, neighbours: list[str]) -> bool:
    """Whether it says what someone does, and not what someone says: Kim: collects the bills.

    It begins with a small letter, or is a phrase among lines with labels and phrases.
    """
    if not said or ends_a_sentence(said[-END_CHARACTERS:]):
        return said[:1].islower() and not SPEAKS.search(said)
    return said[:1].islower() or any(map(_is_labelled_phrase, neighbours))


def _is_labelled_phrase(line: str) -> bool:
    label = line.lstrip(MARKS)
    return (
        0 < _colon_in(label) < LONGEST_LABEL
        and bool(label[-1:].strip(": "))
        and not ends_a_sentence(label[-END_CHARACTERS:])
    )


def _colon_in(label: str) -> int:
    return min((place for mark in COLONS if (place := label.find(mark, 0, LONGEST_NAME)) >= 0), default=-1)
