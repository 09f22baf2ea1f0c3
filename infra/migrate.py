"""`make migrate`: applies sql/ to the database that SUPABASE_DB_URL names. Applying it again changes nothing."""

import os
import sys
from pathlib import Path

import psycopg

from infra.project_database import project_database
from infra.terminal import CommandError, fail, step

SQL = Path(__file__).parent.parent / "sql"
SIZE_LIMIT_SETTING = "training_files.bucket_size_limit"


def main() -> int:
    size_limit = os.environ.get("TRAINING_FILES_BUCKET_SIZE_LIMIT", "")
    if size_limit and not size_limit.isdecimal():
        return fail("TRAINING_FILES_BUCKET_SIZE_LIMIT must be a number of bytes, for example 524288000.")
    try:
        with project_database() as connection:
            connection.execute("select set_config(%s, %s, false)", [SIZE_LIMIT_SETTING, size_limit])
            migrate(connection)
    except CommandError as error:
        return fail(f"{error}\nNothing was changed.")
    print("The database is up to date. Next: make verify")
    return 0


def migrate(connection: psycopg.Connection) -> None:
    """Applies all files in name order, in one transaction: all or nothing."""
    with connection.transaction():
        for file in sorted(SQL.glob("*.sql")):
            with step(f"sql/{file.name}"):
                try:
                    connection.execute(file.read_bytes())
                except psycopg.errors.UndefinedColumn as error:
                    # A table that is there is not made again, so that a column of it that was dropped stays away.
                    raise CommandError(f"{error.diag.message_primary}. `make verify` says how to add it.") from error


if __name__ == "__main__":
    sys.exit(main())
