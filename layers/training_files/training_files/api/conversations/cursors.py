"""Places among conversations, as callers carry them from one page to the next."""

import re
from uuid import UUID

from training_files.api.cursors import decoded, encoded
from training_files.domain.conversation.choices import ConversationPlace, Sort

NOT_OURS = "use the next_cursor of the page before, with the same sort, unchanged"
# A time as PostgreSQL writes it in JSON, also infinity and the years before Christ, then a number, and an id. Whether a
# time is one, the database says. Only the order by score needs the number, which has at most the 1,000 digits that a
# numeric(…) may have.
WRITTEN = re.compile(
    r"(newest|oldest|score)\|"
    r"(-?infinity|\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d(?::\d\d){1,2}(?: BC)?)\|"
    r"(?:(-?\d{1,1000}(?:\.\d{1,1000})?|NaN|-?Infinity)\|)?"
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
    re.ASCII,
)
# Longer than any that this service gives.
CURSOR_CHARACTERS = 1500


def cursor_of(place: ConversationPlace, sort: Sort) -> str:
    score = f"{place.score_order}|" if sort == "score" else ""
    return encoded(f"{sort}|{place.created_at}|{score}{place.conversation_id}")


def place_of(cursor: str, sort: Sort) -> ConversationPlace:
    """Raises ValueError for what `cursor_of` has not made of this sort."""
    match = WRITTEN.fullmatch(decoded(cursor))
    if match is None or match[1] != sort:
        raise ValueError(NOT_OURS)
    if sort == "score" and match[3] is None:
        raise ValueError(NOT_OURS)
    return ConversationPlace(created_at=match[2], score_order=match[3], conversation_id=UUID(match[4]))
