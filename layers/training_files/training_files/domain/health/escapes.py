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

# TeX commands and symbols that begin with the same two characters.
TEX_COMMAND = re.compile(
    r"(?:n(?:abla|e|earrow|eg|eq|ewcommand|ewline|ewpage|exists|geq|i|leq|mid|oindent|olimits|onumber|ormalsize|ot|otin"
    r"|u|warrow)|t(?:ableofcontents|abularnewline|ag|anh?|au|binom|ext(?:bf|it|normal|rm|sc|sf|style|tt|up|width)?|frac"
    r"|hanks|herefore|heta|hinspace|ilde|imes|iny|itle|o|oday|op|oprule|riangle(?:left|q|right)?|t))(?![A-Za-z])"
)
FOLDER = re.compile(r"t(?:emp|emplates|ests?|mp|ools)(?![A-Za-z])")
QUOTES = "\"'\u201c\u201d"
# What parts words, where a path could begin.
SEPARATORS = " \r\n\t\"'(["
LONGEST_PATH = 260
SERVER = re.compile(r"[\w.-]{1,64}\\\w")
CLASSES_OF_PATTERNS = ("\\s", "\\d", "\\w")


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
    reader = _Reader(prose)
    quotes = 0
    for match in SEQUENCE.finditer(prose):
        reader.read_to(match.start())
        meant = _character(match)
        if meant is None or _is_meant_as_written(match, reader):
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


class _Reader:
    """What stands before a place in a text: where its word begins, and whether a quotation is open in its line.

    Goes from place to place, and reads each character once.
    """

    def __init__(self, prose: str) -> None:
        self.prose = prose
        self._position = 0
        self._word = 0
        self._quotes = 0
        self._taken_until = 0

    @property
    def in_quotes(self) -> bool:
        return self._quotes % 2 == 1

    def read_to(self, position: int) -> None:
        between = self.prose[self._position : position]
        last = max(map(between.rfind, SEPARATORS))
        if last >= 0:
            self._word = self._position + last + 1
        line = between.rpartition("\n")
        quotes = line[2].count('"') - line[2].count('\\"')
        self._quotes = quotes + (0 if line[1] else self._quotes)
        self._position = position

    def take(self, match: re.Match[str], meant: str) -> None:
        """Goes on behind a sequence that was meant as a character."""
        self._position = self._word = self._taken_until = match.end()
        if meant.endswith("\n"):
            self._quotes = 0

    def before(self) -> str:
        """The character before the place; none where another sequence ends there."""
        return self.prose[max(self._position - 1, self._taken_until) : self._position]

    def is_in_path(self) -> bool:
        """Whether the word goes on from the drive or the server of a path of Windows."""
        if self._position - self._word > LONGEST_PATH:
            return False
        begin = self.prose[self._word : min(self._position, self._word + 3)]
        return begin[1:3] == ":\\" or begin.startswith("\\\\")

    def follows_a_drive(self) -> bool:
        return self._position - self._word == len("C:") and self.prose[self._position - 1] == ":"


def _is_meant_as_written(match: re.Match[str], reader: _Reader) -> bool:
    prose, begin, end = reader.prose, match.start(), match.end()
    before, behind = reader.before(), prose[end : end + 1]
    if before and behind and before in QUOTES and behind in QUOTES:
        return True
    if match["quote"]:
        return reader.in_quotes or _is_accent(before, behind) or _is_in_pattern(prose, begin, behind)
    if match["code"]:
        return bool(before and behind) and before in "[^-" and behind in "-]"
    if (
        TEX_COMMAND.match(prose, end - 1)
        or reader.is_in_path()
        or (reader.follows_a_drive() and behind.islower())
        or _is_server(match)
    ):
        return True
    if match["line_break"]:
        # The end of a string in code, or what a pattern leaves out.
        return (reader.in_quotes and behind == '"') or (before == "^" and behind == "]")
    return _is_tab_as_written(prose, match, before)


def _is_accent(before: str, behind: str) -> bool:
    r"""As TeX writes G\"odel."""
    return before.isascii() and before.isalpha() and behind.isascii() and (behind.isalpha() or behind == "{")


def _is_in_pattern(prose: str, begin: int, behind: str) -> bool:
    """A class of characters in a regular expression."""
    return prose[max(0, begin - 2) : begin] == "[^" or (prose[begin - 1 : begin] == "[" and behind in {"'", "]"})


def _is_server(match: re.Match[str]) -> bool:
    """As in a network path that begins with the server nas01: two backslashes, a name, a backslash."""
    name = SERVER.match(match.string, match.end() - 1)
    return match[0][:-1] == "\\\\" and bool(name) and not match.string[: match.start()][-1:].isalnum()


def _is_tab_as_written(prose: str, match: re.Match[str], before: str) -> bool:
    """A folder of a path, a part of a regular expression, or a word about the sequence itself."""
    begin, end = match.start(), match.end()
    behind, next_two = prose[end : end + 1], prose[end : end + 2]
    is_folder = behind.islower() and (before.isalnum() or bool(FOLDER.match(prose, end - 1)))
    is_in_class = before in {"[", "|", "^"} or prose[max(0, begin - 2) : begin] in CLASSES_OF_PATTERNS
    is_counted = behind in {"]", "{", "|", "?"} or (behind in {"+", "*"} and not next_two.endswith(" "))
    is_named = before in {" ", "("} and behind in {" ", ",", ".", ")", ";"}
    return is_folder or is_in_class or is_counted or is_named
