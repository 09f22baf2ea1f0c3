"""Tags in which models think aloud, left in what they are to say."""

import re
from collections.abc import Iterator

from training_files.domain.health.code_blocks import without_code

MESSAGE = "holds a tag of a model's thinking"
NAMES = (
    "thinking|think|thoughts?|reasoning|scratch_?pad|reflection|reflect|inner_(?:thoughts|monologue)|chain_of_thought"
    "|antthinking"
)
TAG = re.compile(rf"</?(?:{NAMES})(?: [^<>\n]{{0,80}})?/?>|(?-i:\[/?THINK\])|\u25c1/?think\u25b7", re.IGNORECASE)
QUOTES = "\"'\u201c\u201d\u2018\u2019\u00ab\u201e"
# A text about such tags names them so.
SAID_TO_BE_A_TAG = re.compile(
    r"[\s,\"'\u201d\u2019\u00bb)]{0,3}(?:(?:and|or) (?:</?\w{1,20}> )?)?"
    r"(?:(?:is|are|was|were|isn['\u2019]t|aren['\u2019]t) (?:[A-Za-z]{1,20} ){0,4})?"
    r"(?:tags?|tokens?|elements?|blocks?|markers?|HTML|XML)\b",
    re.IGNORECASE,
)
NAMED = re.compile(r"\b(?:tags?|tokens?|elements?|markers?|called)[ :(]{1,3}$", re.IGNORECASE)
BEFORE_CHARACTERS = 12


def thinking_tags_in(text: str) -> Iterator[tuple[int, str]]:
    if not ("<" in text or "\u25c1" in text or "[" in text):
        return
    prose = without_code(text)
    for match in TAG.finditer(prose):
        if not _is_named(match):
            yield match.start(), MESSAGE


def _is_named(tag: re.Match[str]) -> bool:
    before = tag.string[max(0, tag.start() - BEFORE_CHARACTERS) : tag.start()]
    is_quoted = before.endswith(tuple(QUOTES))
    return is_quoted or bool(SAID_TO_BE_A_TAG.match(tag.string, tag.end())) or bool(NAMED.search(before))
