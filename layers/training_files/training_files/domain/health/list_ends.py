"""Whether a text ends with an item of a list, which needs no full stop, and which is not cut off as far as it shows."""

import re

from training_files.domain.health.list_marks import LIST_ITEM
from training_files.domain.health.punctuation import without_closing_marks
from training_files.domain.health.sentence_ends import ends_a_sentence

# Articles, and what joins words: nobody ends an item with one. As they are written within a sentence.
GOES_ON = re.compile(r"\s(?:the|and|or|your|my|our|their|und|oder|eine|einen|el|los|las|del|le|les|et|des|une)$")
ANNOUNCES_MORE = (",", ":", ";", "\uff0c", "\uff1a", "\uff1b", "\u3001", "\u060c", "\u061b")
SENTENCES_BEFORE = 2
# Lines that are items only in company: behind a label of few words, an arrow, or a picture.
LABEL = re.compile(
    r"[ \t>*_]{0,9}(?![a-z])[^\W_][^\s:\uff1a]{0,30}(?: [^\s:\uff1a]{1,30}){0,3}"
    r"(?::[*_]{0,3}\s|[*_]{1,3}:\s|\uff1a)\s*\S"
)
ARROW = re.compile(r"[ \t>]{0,9}(?:[\u2192\u21d2\u2794-\u27be]|[-=]{1,2}>)\s*[^\s>]")
PICTURE = re.compile(
    "[ \t>]{0,9}(?:[\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]|[0-9]\ufe0f?\u20e3)"
    r"[\ufe0e\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff]{0,3}[\s*_]{0,4}\w"
)
MARKS_IN_COMPANY = (LABEL, ARROW, PICTURE)


def ends_with_a_list_item(tail: str) -> bool:
    block = tail.rpartition("\n\n")[2].split("\n")
    inside = LIST_ITEM.match(block[-1]) or (block[-1][:1].isspace() and any(map(LIST_ITEM.match, block)))
    return bool(inside) and not _is_cut_item(block) and not _announces_more(tail)


def ends_with_lines_alike(tail: str) -> bool:
    """A label, an arrow or a picture begins the last line and the one before, which is no sentence."""
    lines = [line for line in tail.split("\n") if line.strip()]
    return any(_is_list_behind(mark, lines) for mark in MARKS_IN_COMPANY) and not _announces_more(tail)


def _is_list_behind(mark: re.Pattern[str], lines: list[str]) -> bool:
    before, last = lines[-2:] if len(lines) > 1 else ("", "")
    is_list = bool(mark.match(before) and mark.match(last))
    return is_list and not ends_a_sentence(before) and not GOES_ON.search(last)


def _is_cut_item(block: list[str]) -> bool:
    """The last item goes on for certain, or all items before it, two at least, are sentences and it is none."""
    *others, last = (line for line in block if LIST_ITEM.match(line)) if LIST_ITEM.match(block[-1]) else (block[-1],)
    if GOES_ON.search(last):
        return True
    return len(others) >= SENTENCES_BEFORE and all(map(ends_a_sentence, others))


def _announces_more(tail: str) -> bool:
    return without_closing_marks(tail).endswith(ANNOUNCES_MORE)
