"""Places in lists, as callers carry them from one page to the next."""

import base64
import binascii
import re

from training_files.api.parsing import HIGHEST_INTEGER

UNCHANGED = "use the next_cursor of the page before, unchanged"


def encoded(written: str) -> str:
    return base64.urlsafe_b64encode(written.encode("ascii")).decode("ascii").rstrip("=")


def decoded(cursor: str) -> str:
    """Nothing, if `encoded` has not made it."""
    padded = f"{cursor}{'=' * (-len(cursor) % 4)}"
    try:
        written = base64.b64decode(padded.encode("ascii"), b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeError):
        return ""
    return written if encoded(written) == cursor else ""


def cursor_of_numbers(*numbers: int) -> str:
    return encoded(".".join(map(str, numbers)))


def numbers_in(cursor: str, pattern: re.Pattern[str]) -> list[int]:
    """The groups of the pattern. Raises ValueError for what `cursor_of_numbers` has not made."""
    match = pattern.fullmatch(decoded(cursor))
    numbers = [int(number) for number in match.groups()] if match else []
    if not numbers or max(numbers) > HIGHEST_INTEGER:
        raise ValueError(UNCHANGED)
    return numbers
