"""Time that has passed, without waiting for it."""

from typing import Any
from uuid import UUID

import psycopg


def age_in_database(database: psycopg.Connection[Any], training_file_id: UUID | str, *, minutes: int) -> None:
    """Moves what says when something was into the past; the trigger that keeps `updated_at` is out of the way."""
    with database.transaction():
        database.execute("set local session_replication_role = replica")
        database.execute(
            "update public.training_files set updated_at = updated_at - make_interval(mins => %s) where id = %s",
            [minutes, training_file_id],
        )
        database.execute(
            "update public.training_file_conversations set added_at = added_at - make_interval(mins => %s) "
            "where training_file_id = %s",
            [minutes, training_file_id],
        )
        database.execute(
            "update public.training_file_revisions set lease_expires_at = lease_expires_at - make_interval(mins => %s) "
            "where training_file_id = %s",
            [minutes, training_file_id],
        )
        database.execute(
            "update public.training_file_exports set lease_expires_at = lease_expires_at - make_interval(mins => %s) "
            "where training_file_id = %s",
            [minutes, training_file_id],
        )
