"""Names and texts that users write: what a database, a JSON file and a file name can hold."""

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
