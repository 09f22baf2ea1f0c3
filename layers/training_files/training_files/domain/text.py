"""Names and texts that users write: what a database, a JSON file and a file name can hold."""

from typing import Annotated

from pydantic import AfterValidator, Field


def printable(value: str) -> str:
    """PostgreSQL stores no NUL, UTF-8 has no lone surrogates, and a file name is one line."""
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError("it must not contain control characters")
    if not value.strip():
        raise ValueError("it must not be blank")
    return value


def without_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("it must not contain the character NUL")
    return value


# The patterns tell callers what the validators check.
PRINTABLE = {"pattern": r"^[^\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$"}
WITHOUT_NUL = {"pattern": r"^[^\u0000]*$"}
Name = Annotated[str, Field(min_length=1, max_length=255, json_schema_extra={**PRINTABLE}), AfterValidator(printable)]
Text = Annotated[str, Field(max_length=10_000, json_schema_extra={**WITHOUT_NUL}), AfterValidator(without_nul)]
