"""Places among the changes between two revisions, as callers carry them from one page to the next."""

import re

from training_files.api.cursors import cursor_of_numbers, numbers_in
from training_files.domain.training_file.comparison import ComparisonPlace

# Both revisions, 0 for what was there before the first one, and the position of the last change.
WRITTEN = re.compile(r"(0|[1-9]\d{0,9})\.([1-9]\d{0,9})\.([1-9]\d{0,9})", re.ASCII)


def cursor_of(place: ComparisonPlace) -> str:
    return cursor_of_numbers(place.before, place.after, place.position)


def place_of(cursor: str) -> ComparisonPlace:
    """Raises ValueError for what `cursor_of` has not made."""
    return ComparisonPlace(*numbers_in(cursor, WRITTEN))
