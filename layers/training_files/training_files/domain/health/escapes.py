"""Escape sequences that were left in texts where the characters were meant that they stand for."""

import re
from collections.abc import Iterator

from training_files.domain.health.code_blocks import without_code

ESCAPED_LINE_BREAK = "\\n"
WORD = re.compile(r"[A-Za-z]{1,20}")
# TeX commands and symbols that begin with these two characters.
TEX_COMMANDS = frozenset(
    {
        "nabla",
        "ne",
        "nearrow",
        "neg",
        "neq",
        "newcommand",
        "newline",
        "newpage",
        "nexists",
        "ngeq",
        "ni",
        "nleq",
        "nmid",
    }
    | {"noindent", "nolimits", "nonumber", "normalsize", "not", "notin", "nu", "nwarrow"}
)
LONGEST_PATH = 260
QUOTES = "\"'\u201c\u201d"


def escaped_line_breaks_in(text: str) -> Iterator[tuple[int, str]]:
    if ESCAPED_LINE_BREAK not in text:
        return
    prose = without_code(text)
    position = prose.find(ESCAPED_LINE_BREAK)
    while position >= 0:
        if not _is_meant(prose, position):
            yield position, "holds a backslash and an n where a line break was meant"
        position = prose.find(ESCAPED_LINE_BREAK, position + 1)


def _is_meant(prose: str, position: int) -> bool:
    """A TeX command, a folder's name in a path of Windows, or the very characters between quotes."""
    name = WORD.match(prose, position + 1)
    if name and name[0] in TEX_COMMANDS:
        return True
    end = position + len(ESCAPED_LINE_BREAK)
    behind = prose[end : end + 1]
    if position and behind and prose[position - 1] in QUOTES and behind in QUOTES:
        return True
    in_front = re.split(r"[\s\"'(\[]", prose[max(0, position - LONGEST_PATH) : position])[-1]
    return in_front[1:3] == ":\\" or in_front.startswith("\\\\") or (in_front[1:] == ":" and behind.islower())
