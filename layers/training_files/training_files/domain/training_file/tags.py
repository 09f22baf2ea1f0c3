"""What a revision is called: by its number, or by a tag, which is a name that an owner gives to one."""

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from training_files.domain.record import Record

LONGEST_TAG = 64
# A letter, or digits and another character: digits alone are the number of a revision.
TAG = re.compile(r"(?:[a-z]|[0-9]{1,63}[a-z._-])[a-z0-9._-]{0,63}")
TAG_RULE = (
    "1 to 64 lowercase letters, digits, dots, hyphens and underscores, the first of them a letter or a digit, and not "
    "digits alone"
)
MOST_TAGS = 100

RevisionName = int | str
"""The number of a revision, or a tag of it."""


class Tag(Record):
    """A row of `training_file_tags`, and the number of the revision that it names. It was moved at `updated_at`."""

    name: str
    revision: int
    created_by: UUID
    created_at: datetime
    updated_at: datetime


def is_tag(text: str) -> bool:
    return len(text) <= LONGEST_TAG and TAG.fullmatch(text) is not None


def nearest_first(tag: str, tags: Sequence[str]) -> list[str]:
    """Tags, of which those that are most like this one come first."""
    # Few calls need it, and every function that starts would pay for it.
    from difflib import SequenceMatcher

    return sorted(tags, key=lambda each: (-SequenceMatcher(None, tag, each).ratio(), each))
