"""The database that SUPABASE_DB_URL names, for the commands that look into it or change it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from infra.terminal import CommandError

CONNECT_TIMEOUT_SECONDS = 10
NOT_A_CONNECTION_STRING = (
    "SUPABASE_DB_URL is not a connection string, postgresql://user:password@host:port/postgres. "
    "In the password, characters such as @ / : % are written as %40 %2F %3A %25."
)

Database = psycopg.Connection[tuple[Any, ...]]


@contextmanager
def project_database(*, autocommit: bool = False) -> Iterator[Database]:
    """A connection to the project's database; without `autocommit`, the block is one transaction.

    Raises:
        CommandError: SUPABASE_DB_URL is missing or wrong, the database is not a Supabase project's, or it refused
            something that the block asked for. The message never holds the password.
    """
    address = _address()
    try:
        with psycopg.connect(address, autocommit=autocommit, connect_timeout=CONNECT_TIMEOUT_SECONDS) as database:
            _expect_supabase(database)
            yield database
    except psycopg.OperationalError as error:
        raise CommandError(f"The database of SUPABASE_DB_URL cannot be used: {_first_line(error)}") from error
    except psycopg.Error as error:
        raise CommandError(f"The database of SUPABASE_DB_URL answered: {_first_line(error)}") from error


def _address() -> str:
    address = os.environ.get("SUPABASE_DB_URL")
    if not address:
        raise CommandError(
            "SUPABASE_DB_URL is not set: the project's connection string, postgresql://… "
            "(Supabase dashboard: Connect, session pooler)."
        )
    try:
        parts = conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        # Its message, which a chained error would show too, repeats what may be the password.
        raise CommandError(NOT_A_CONNECTION_STRING) from None
    if _password_has_spilled(parts):
        raise CommandError(NOT_A_CONNECTION_STRING)
    return address


def _password_has_spilled(parts: dict[str, Any]) -> bool:
    """Whether a password with a bare @ or / was taken for the host, the port or the database, which messages name."""
    host, port, database = (str(parts.get(name) or "") for name in ("host", "port", "dbname"))
    # Several hosts and ports may be given, with commas between.
    return "@" in host + database or not all(one == "" or one.isdecimal() for one in port.split(","))


def _expect_supabase(database: Database) -> None:
    query = """
        select what from (values
          ('auth.users', 'table'), ('storage.buckets', 'table'), ('storage.objects', 'table'),
          ('anon', 'role'), ('authenticated', 'role'), ('service_role', 'role')) as wanted (what, kind)
        where what not in (
          select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where kind = 'table' union all select rolname from pg_roles where kind = 'role')
        order by kind desc, what"""
    missing = [str(row[0]) for row in database.execute(query)]
    if missing:
        raise CommandError(
            f"The database of SUPABASE_DB_URL has no {', no '.join(missing)}: is this a Supabase database?"
        )


def _first_line(error: psycopg.Error) -> str:
    """Without the context, which may hold the connection string's parts."""
    return error.diag.message_primary or str(error).splitlines()[0]
