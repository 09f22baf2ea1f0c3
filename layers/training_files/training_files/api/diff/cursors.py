"""Places among the changes between two revisions, as callers carry them from one page to the next."""

import base64
import binascii
import re

from training_files.api.parsing import HIGHEST_INTEGER
from training_files.domain.training_file.comparison import ComparisonPlace

# Both revisions, 0 for what was there before the first one, and the position of the last change.
WRITTEN = re.compile(r"(0|[1-9]\d{0,9})\.([1-9]\d{0,9})\.([1-9]\d{0,9})", re.ASCII)


def cursor_of(place: ComparisonPlace) -> str:
    written = f"{place.before}.{place.after}.{place.position}"
    return base64.urlsafe_b64encode(written.encode("ascii")).decode("ascii").rstrip("=")


def place_of(cursor: str) -> ComparisonPlace:
    """Raises ValueError for what `cursor_of` has not made."""
    match = WRITTEN.fullmatch(_decoded(cursor))
    numbers = [int(number) for number in match.groups()] if match else []
    if not numbers or max(numbers) > HIGHEST_INTEGER:
        raise ValueError("use the next_cursor of the page before, unchanged")
    before, after, position = numbers
    place = ComparisonPlace(before, after, position)
    if cursor_of(place) != cursor:
        raise ValueError("use the next_cursor of the page before, unchanged")
    return place


def _decoded(cursor: str) -> str:
    padded = f"{cursor}{'=' * (-len(cursor) % 4)}"
    try:
        return base64.b64decode(padded.encode("ascii"), b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeError):
        return ""
