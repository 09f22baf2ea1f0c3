"""Places among conversations, as callers carry them from one page to the next."""

import base64
import binascii
import re
from uuid import UUID

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
    return _encoded(f"{sort}|{place.created_at}|{score}{place.conversation_id}")


def place_of(cursor: str, sort: Sort) -> ConversationPlace:
    """Raises ValueError for what `cursor_of` has not made of this sort."""
    match = WRITTEN.fullmatch(_decoded(cursor))
    if match is None or match[1] != sort or _encoded(match[0]) != cursor:
        raise ValueError(NOT_OURS)
    if sort == "score" and match[3] is None:
        raise ValueError(NOT_OURS)
    return ConversationPlace(created_at=match[2], score_order=match[3], conversation_id=UUID(match[4]))


def _encoded(written: str) -> str:
    return base64.urlsafe_b64encode(written.encode("ascii")).decode("ascii").rstrip("=")


def _decoded(cursor: str) -> str:
    padded = f"{cursor}{'=' * (-len(cursor) % 4)}"
    try:
        return base64.b64decode(padded.encode("ascii"), b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeError):
        return ""
