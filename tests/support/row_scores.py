"""Rows whose quality score is off the scale, as a project's own table of conversations may have them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

CONSTRAINT = "conversations_quality_score_check"


@contextmanager
def any_score_allowed(database: psycopg.Connection[Any]) -> Iterator[None]:
    """Without the check that sql/00_conversations.sql makes, while the context lasts."""
    database.execute(f"alter table public.conversations drop constraint {CONSTRAINT}".encode())
    yield
    database.execute("update public.conversations set quality_score = null where quality_score not between 0 and 5")
    database.execute(
        f"alter table public.conversations add constraint {CONSTRAINT} check (quality_score between 0 and 5)".encode()
    )
