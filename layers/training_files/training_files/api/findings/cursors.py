"""Places among findings, as callers carry them from one page to the next."""

import re

from training_files.api.cursors import cursor_of_numbers, numbers_in
from training_files.domain.analysis.finding_places import FindingPlace

# The revision, the position of the conversation, 0 for the whole file, and the index there.
WRITTEN = re.compile(r"([1-9]\d{0,9})\.(0|[1-9]\d{0,9})\.(0|[1-9]\d{0,9})", re.ASCII)


def cursor_of(place: FindingPlace) -> str:
    return cursor_of_numbers(place.revision, place.position or 0, place.index)


def place_of(cursor: str) -> FindingPlace:
    """Raises ValueError for what `cursor_of` has not made."""
    revision, position, index = numbers_in(cursor, WRITTEN)
    return FindingPlace(revision, position or None, index)
