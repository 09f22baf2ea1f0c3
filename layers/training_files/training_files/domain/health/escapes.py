"""Escape sequences that were left in texts where the characters were meant that they stand for.

As JSON spells them (RFC 8259, section 7): a line break, a tab, a double quote, and characters by their code. A text
that was escaped once too often has them. What belongs to code, TeX, a path, a regular expression or a quotation of the
sequence itself is meant as it is written. Where it could be either, it is left alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from training_files.domain.health.code_blocks import without_code
from training_files.domain.health.escapes_as_written import is_meant_as_written
from training_files.domain.health.escapes_reader import Reader

# The backslashes of a text that was escaped twice or three times belong to the sequence.
BACKSLASHES = r"(?<!\\)\\{1,4}"
SEQUENCE = re.compile(
    rf'{BACKSLASHES}(?:(?P<line_break>(?:r\\{{1,4}})?n)|(?P<quote>")|(?P<tab>t)|u(?P<code>[0-9A-Fa-f]{{4}})'
    r"(?:\\{1,4}u(?P<low>[Dd][C-Fc-f][0-9A-Fa-f]{2}))?)"
)
OTHERS = re.compile(r'\\["tu]')
HIGH_SURROGATES, LOW_SURROGATES = range(0xD800, 0xDC00), range(0xDC00, 0xE000)
# Control characters, and codes that are no character: nobody means them in a text.
NOT_MEANT = frozenset({*range(0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF}) - {0x09, 0x0A}


@dataclass(frozen=True, slots=True)
class Escape:
    """A sequence, where it stands in its text, in characters, and the character or two that it was meant as."""

    offset: int
    length: int
    sequence: str
    meant: str


def escapes_in(text: str) -> Iterator[Escape]:
    """The sequences that were left in a text, in their order.

    An escaped quote that ends the text and that no other one closes shows that the text was cut off, and is none.
    """
    if "\\" not in text or _is_json(text):
        return
    prose = without_code(text)
    end = len(text.rstrip())
    reader = Reader(text, prose)
    quotes = 0
    for match in SEQUENCE.finditer(prose):
        reader.read_to(match)
        meant = _character(match)
        if meant is None or is_meant_as_written(match, reader):
            continue
        quotes += meant == '"'
        if meant == '"' and quotes % 2 and match.end() == end:
            continue
        reader.take(match, meant)
        yield Escape(match.start(), match.end() - match.start(), match[0], meant)


def unescaped(text: str) -> tuple[str, int]:
    """A text with each of its `escapes_in` as the character that was meant, and their number; all else as it was."""
    pieces: list[str] = []
    position = count = 0
    for escape in escapes_in(text):
        pieces += text[position : escape.offset], escape.meant
        position = escape.offset + escape.length
        count += 1
    return "".join([*pieces, text[position:]]), count


def escaped_line_breaks_in(text: str) -> Iterator[tuple[int, str]]:
    for escape in escapes_in(text) if "\\n" in text else ():
        if escape.sequence.endswith("n"):
            yield escape.offset, "holds a backslash and an n where a line break was meant"


def other_escapes_in(text: str) -> Iterator[tuple[int, str]]:
    for escape in escapes_in(text) if OTHERS.search(text) else ():
        if escape.sequence.endswith('"'):
            yield escape.offset, "holds a backslash and a quote where a quote was meant"
        elif escape.sequence.endswith("t"):
            yield escape.offset, "holds a backslash and a t where a tab was meant"
        elif not escape.sequence.endswith("n"):
            yield escape.offset, "holds a backslash, a u and a code where the character of that code was meant"


def _is_json(text: str) -> bool:
    """In JSON the sequences are as they have to be."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _character(match: re.Match[str]) -> str | None:
    if match["line_break"]:
        return "\r\n" if match["line_break"].startswith("r") else "\n"
    if match["quote"] or match["tab"]:
        return match["quote"] or "\t"
    code = int(match["code"], 16)
    if match["low"]:
        if code not in HIGH_SURROGATES:
            return None
        code = 0x10000 + (code - HIGH_SURROGATES.start) * 0x400 + int(match["low"], 16) - LOW_SURROGATES.start
    is_half = code in HIGH_SURROGATES or code in LOW_SURROGATES
    return None if is_half or code in NOT_MEANT else chr(code)
