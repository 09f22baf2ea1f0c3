"""`make migrate`: applies sql/ to the database that SUPABASE_DB_URL names. Applying it again changes nothing."""

import os
import sys
from pathlib import Path

import psycopg

from infra.terminal import fail, step

SQL = Path(__file__).parent.parent / "sql"
SIZE_LIMIT_SETTING = "training_files.bucket_size_limit"


def main() -> int:
    address = os.environ.get("SUPABASE_DB_URL")
    if not address:
        return fail(
            "SUPABASE_DB_URL is not set: the project's connection string, postgresql://… "
            "(Supabase dashboard: Connect, session pooler)."
        )
    size_limit = os.environ.get("TRAINING_FILES_BUCKET_SIZE_LIMIT", "")
    if size_limit and not size_limit.isdecimal():
        return fail("TRAINING_FILES_BUCKET_SIZE_LIMIT must be a number of bytes, for example 524288000.")
    try:
        with psycopg.connect(address) as connection:
            connection.execute("select set_config(%s, %s, false)", [SIZE_LIMIT_SETTING, size_limit])
            migrate(connection)
    except psycopg.OperationalError as error:
        return fail(f"The database of SUPABASE_DB_URL cannot be used: {_first_line(error)}")
    except psycopg.Error as error:
        return fail(f"{_first_line(error)}\nNothing was changed.")
    print("The database is up to date. Next: make verify")
    return 0


def migrate(connection: psycopg.Connection) -> None:
    """Applies all files in name order, in one transaction: all or nothing."""
    with connection.transaction():
        for file in sorted(SQL.glob("*.sql")):
            with step(f"sql/{file.name}"):
                connection.execute(file.read_bytes())


def _first_line(error: psycopg.Error) -> str:
    """Without the context, which may hold the connection string's parts."""
    return error.diag.message_primary or str(error).splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
