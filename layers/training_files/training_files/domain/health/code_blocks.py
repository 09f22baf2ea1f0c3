"""What in a text is code, as Markdown marks it. Each function looks at each character a bounded number of times."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Between two backticks on each side, too.
INLINE_CODE = re.compile(r"``[^`\n]+``|`[^`\n]*`")
# What may stand before a fence in its line: quote marks and list markers.
BEFORE_A_FENCE = " \t>-*+.)0123456789"


@dataclass(frozen=True, slots=True)
class Fenced:
    """A text without its fenced code, whether a fence is open at its end, and whether its last line belongs to code."""

    prose: str
    is_open: bool = False
    ends_with_code: bool = False


def without_fenced_code(text: str) -> Fenced:
    if "```" not in text and "~~~" not in text:
        return Fenced(text)
    lines = list(_lines_of(text))
    _, ends_with_code, is_open = lines[-1]
    return Fenced("\n".join(line for line, in_code, _ in lines if not in_code), is_open, ends_with_code)


def without_inline_code(text: str) -> str:
    return INLINE_CODE.sub(" ", text) if "`" in text else text


def without_code(text: str) -> str:
    """A text of the same length, with spaces where code was: what is found in it is at its place in `text`."""
    if "```" in text or "~~~" in text:
        text = "\n".join(" " * len(line) if in_code else line for line, in_code, _ in _lines_of(text))
    return INLINE_CODE.sub(_spaces, text) if "`" in text else text


def _lines_of(text: str) -> Iterator[tuple[str, bool, bool]]:
    """Each line, whether it belongs to fenced code, fences included, and whether a fence is open behind it."""
    fence = ""
    for line in text.split("\n"):
        marker = _fence_in(line)
        in_code = bool(fence or marker)
        if not fence:
            fence = marker
        elif marker.startswith(fence) and line.rstrip().endswith(marker):
            fence = ""
        yield line, in_code, bool(fence)


def _spaces(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _fence_in(line: str) -> str:
    """The run of fence characters that a line begins with; empty where it begins with something else."""
    begin = line.lstrip(BEFORE_A_FENCE)
    if not begin.startswith(("```", "~~~")):
        return ""
    rest = begin.lstrip(begin[0])
    # What follows opening backticks names a language; with more backticks behind it, it is code within a line.
    return "" if begin[0] == "`" and "`" in rest else begin[: len(begin) - len(rest)]
