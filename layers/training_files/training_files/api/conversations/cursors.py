"""Places among conversations, as callers carry them from one page to the next."""

import base64
import binascii
import re
from uuid import UUID

from training_files.domain.conversation.choices import ConversationPlace, Sort

NOT_OURS = "use the next_cursor of the page before, with the same sort, unchanged"
# A time as PostgreSQL writes it in JSON, also infinity and the years before Christ, then a number, and an id. Whether a
# time is one, the database says.
WRITTEN = re.compile(
    r"(newest|oldest|score)\|"
    r"(-?infinity|\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d(?::\d\d){1,2}(?: BC)?)\|"
    r"(-?\d{1,20}(?:\.\d{1,30})?|NaN|-?Infinity)\|"
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
    re.ASCII,
)
# Longer than any that this service gives.
CURSOR_CHARACTERS = 300


def cursor_of(place: ConversationPlace, sort: Sort) -> str:
    written = f"{sort}|{place.created_at}|{place.score_order}|{place.conversation_id}"
    return base64.urlsafe_b64encode(written.encode("ascii")).decode("ascii").rstrip("=")


def place_of(cursor: str, sort: Sort) -> ConversationPlace:
    """Raises ValueError for what `cursor_of` has not made of this sort."""
    match = WRITTEN.fullmatch(_decoded(cursor))
    if match is None or match[1] != sort:
        raise ValueError(NOT_OURS)
    place = ConversationPlace(created_at=match[2], score_order=match[3], conversation_id=UUID(match[4]))
    if cursor_of(place, sort) != cursor:
        raise ValueError(NOT_OURS)
    return place


def _decoded(cursor: str) -> str:
    padded = f"{cursor}{'=' * (-len(cursor) % 4)}"
    try:
        return base64.b64decode(padded.encode("ascii"), b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeError):
        return ""
