"""Names and texts that users write: what a database, a JSON file and a file name can hold, and what anybody sees."""

import re
from typing import Annotated
from unicodedata import normalize

from pydantic import AfterValidator, Field


def printable(value: str) -> str:
    """A name as it is kept: in Unicode's composed form, without white space around it.

    So "X" and "X " are one name. PostgreSQL stores no NUL, and a file name is one line that reads as it is written:
    characters that turn the direction of a text could make one name look like another.
    """
    if any(character in NOT_IN_NAMES for character in value):
        raise ValueError("it must not contain control characters")
    name = normalize("NFC", value).strip()
    if not name:
        raise ValueError("it must not be blank")
    return name


def without_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("it must not contain the character NUL")
    return value


def is_blank(text: str) -> bool:
    """Whether nobody sees anything in a text: it is empty, white space, or characters without a shape of their own."""
    return not VISIBLE.search(text)


def without_invisible_end(text: str) -> str:
    """A text up to its last character that is seen. White space goes too."""
    return text.rstrip(INVISIBLE_AT_END)


def _characters(first: int, last: int) -> str:
    return "".join(map(chr, range(first, last + 1)))


# What `str.isspace` says it is.
WHITE_SPACE = (
    f"{_characters(0x09, 0x0D)}{_characters(0x1C, 0x20)}\x85\xa0\u1680{_characters(0x2000, 0x200A)}"
    "\u2028\u2029\u202f\u205f\u3000"
)
# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt 15.1), and the blank of Braille.
INVISIBLE = (
    *((0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F)),
    *((0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A)),
    (0xE0000, 0xE0FFF),
)
VISIBLE = re.compile(f"[^\\s{''.join(f'{chr(first)}-{chr(last)}' for first, last in INVISIBLE)}]")
# The last block of them is part of emoji.
INVISIBLE_AT_END = WHITE_SPACE + "".join(_characters(first, last) for first, last in INVISIBLE[:-1])

MAX_TEXT_CHARACTERS = 10_000
# Those of ASCII and of Latin 1, line and paragraph separators, and those that turn the direction.
NOT_IN_NAMES = frozenset(
    map(chr, (*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)))
)

# The patterns tell callers what the validators check.
_NONE_OF = r"\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069"
PRINTABLE = {"pattern": rf"^[^{_NONE_OF}]*[^\s{_NONE_OF}][^{_NONE_OF}]*$"}
WITHOUT_NUL = {"pattern": r"^[^\u0000]*$"}
Name = Annotated[str, Field(min_length=1, max_length=255, json_schema_extra={**PRINTABLE}), AfterValidator(printable)]
Text = Annotated[
    str, Field(max_length=MAX_TEXT_CHARACTERS, json_schema_extra={**WITHOUT_NUL}), AfterValidator(without_nul)
]
