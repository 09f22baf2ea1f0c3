"""What a program writes in place of a text that it does not have."""

import re
from collections.abc import Iterator

from training_files.domain.health.code_blocks import without_code

# Texts that are nothing else.
PLACEHOLDERS = frozenset({"[object Object]", "NaN", "None", "null", "undefined"})
# A value of metadata may be the word None, or null as a figure.
PLACEHOLDERS_IN_METADATA = frozenset({"NaN", "undefined"})
# An object as JavaScript or Python writes it, or an amount of nothing.
OBJECT = re.compile(
    r"\[object [A-Z][A-Za-z]{1,30}\]|<[\w.]{1,80} object at 0x[0-9A-Fa-f]{4,16}>"
    r"|[$\u20ac\u00a3](?:NaN|undefined|null|None)(?!\w)"
)
QUOTES = "\"'\u201c\u201d\u2018\u2019"
INSTEAD = "holds what a program writes in place of a text"


def placeholder_of(text: str) -> str | None:
    """The placeholder that a text is nothing but."""
    content = text.strip()
    return content if content in PLACEHOLDERS else None


def placeholders_in(text: str) -> Iterator[tuple[int, str]]:
    """Outside of code, and not where one is quoted."""
    if not OBJECT.search(text):
        return
    prose = without_code(text)
    for match in OBJECT.finditer(prose):
        before, behind = prose[match.start() - 1 : match.start()], prose[match.end() : match.end() + 1]
        is_quoted = before and behind and before in QUOTES and behind in QUOTES
        if not is_quoted:
            yield match.start(), INSTEAD


def placeholders_in_metadata(value: str) -> Iterator[tuple[int, str]]:
    if value.strip() in PLACEHOLDERS_IN_METADATA:
        yield 0, INSTEAD
    yield from placeholders_in(value)
