"""Places among findings, as callers carry them from one page to the next."""

import base64
import binascii
import re

from training_files.api.parsing import HIGHEST_INTEGER
from training_files.domain.analysis.finding_places import FindingPlace

# The revision, the position of the conversation, 0 for the whole file, and the index there.
WRITTEN = re.compile(r"([1-9]\d{0,9})\.(0|[1-9]\d{0,9})\.(0|[1-9]\d{0,9})", re.ASCII)


def cursor_of(place: FindingPlace) -> str:
    written = f"{place.revision}.{place.position or 0}.{place.index}"
    return base64.urlsafe_b64encode(written.encode("ascii")).decode("ascii").rstrip("=")


def place_of(cursor: str) -> FindingPlace:
    """Raises ValueError for what `cursor_of` has not made."""
    match = WRITTEN.fullmatch(_decoded(cursor))
    numbers = [int(number) for number in match.groups()] if match else []
    if not numbers or max(numbers) > HIGHEST_INTEGER:
        raise ValueError("use the next_cursor of the page before, unchanged")
    revision, position, index = numbers
    place = FindingPlace(revision, position or None, index)
    if cursor_of(place) != cursor:
        raise ValueError("use the next_cursor of the page before, unchanged")
    return place


def _decoded(cursor: str) -> str:
    padded = f"{cursor}{'=' * (-len(cursor) % 4)}"
    try:
        return base64.b64decode(padded.encode("ascii"), b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeError):
        return ""
