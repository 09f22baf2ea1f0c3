"""Checks of the tables and functions: they are there, and users get no further than they should."""

from collections.abc import Iterator

from infra.checks.definitions import statement_for
from infra.checks.expected import CONVERSATION_COLUMNS, FUNCTIONS, MIGRATE, TABLES, Table
from infra.checks.finding import Finding
from infra.checks.policies import policies_for_users
from infra.project_database import Database

MISSING = "the table is missing"


def check_tables(database: Database) -> Iterator[Finding]:
    yield Finding("table conversations and its columns", _missing_columns(database, "conversations"))
    yield Finding("grants on conversations", _conversation_grant_fault(database))
    yield Finding("row level security of conversations", warning=_open_conversations(database))
    yield Finding("who writes enriched_file_path of conversations", warning=_writable_paths(database))
    for name, table in TABLES.items():
        yield Finding(f"table {name} and its columns", _missing_columns(database, name))
        yield Finding(f"row level security of {name}", _policy_fault(database, name, table))
        yield Finding(f"grants on {name}", _grant_fault(database, name, table))
        if table.triggers:
            yield Finding(f"triggers of {name}", _trigger_fault(database, name, table))
    for function in FUNCTIONS:
        yield Finding(f"function {function}, for the service role only", _function_fault(database, function))


def _missing_columns(database: Database, name: str) -> str | None:
    query = "select column_name from information_schema.columns where table_schema = 'public' and table_name = %s"
    there = {row[0] for row in database.execute(query, [name])}
    if not there:
        return f"{MISSING}; {MIGRATE}"
    wanted = CONVERSATION_COLUMNS if name == "conversations" else TABLES[name].columns
    absent = [column for column in wanted.split() if column not in there]
    if not absent:
        return None
    if statement := statement_for(name, absent):
        return f"without {', '.join(absent)}; run `{statement}`, then `make migrate`. What was in it is lost"
    return f"without {', '.join(absent)}; {MIGRATE}"


def _conversation_grant_fault(database: Database) -> str | None:
    query = "select has_table_privilege('service_role', to_regclass('public.conversations'), 'select')"
    if database.execute(query).fetchone() != (False,):
        return None  # A table that is missing has been told.
    return "the service role may not read it; run `grant select on public.conversations to service_role;`"


def _trigger_fault(database: Database, name: str, table: Table) -> str | None:
    query = """
        select tgname::text from pg_trigger
        where tgrelid = to_regclass(%s) and not tgisinternal and tgenabled <> 'D'"""
    there = {row[0] for row in database.execute(query, [f"public.{name}"])}
    missing = table.triggers - there
    return f"without {_listed(missing)}, or it is switched off; {MIGRATE}" if missing else None


def _open_conversations(database: Database) -> str | None:
    query = """
        select relrowsecurity or not (
          has_any_column_privilege('anon', oid, 'select') or has_any_column_privilege('authenticated', oid, 'select'))
        from pg_class where oid = to_regclass('public.conversations')"""
    row = database.execute(query).fetchone()
    mended = "every user reads all of it; `alter table public.conversations enable row level security;` mends that"
    return mended if row == (False,) else None


def _writable_paths(database: Database) -> str | None:
    """The file that a row names is read with the server key, so whoever writes the name chooses what is read."""
    query = """
        select c.relrowsecurity,
          array(
            select command from unnest(array['INSERT', 'UPDATE']) as command
            where has_column_privilege('anon', c.oid, a.attnum, command)
              or has_column_privilege('authenticated', c.oid, a.attnum, command))
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'enriched_file_path'
        where c.oid = to_regclass('public.conversations') and not a.attisdropped"""
    row = database.execute(query).fetchone()
    if row is None:
        return None  # which the check of the columns has told
    has_row_security, granted = row
    let_in = {policy.command for policy in policies_for_users(database, "public.conversations")}
    commands = [each for each in granted if not has_row_security or let_in & {each, "ALL"}]
    if not commands:
        return None
    return (
        f"users may {' and '.join(commands).lower()} it, and the file that it names is read with the server key. Keep "
        "ENRICHED_PATHS at own, and revoke insert and update of it from anon and authenticated"
    )


def _policy_fault(database: Database, name: str, table: Table) -> str | None:
    query = "select relrowsecurity from pg_class where oid = to_regclass(%s)"
    if database.execute(query, [f"public.{name}"]).fetchone() != (True,):
        return f"it is switched off; {MIGRATE}"
    policies = {policy.name: policy for policy in policies_for_users(database, f"public.{name}")}
    if missing := table.policies - policies.keys():
        return f"without the policy {_listed(missing)}; {MIGRATE}"
    if changed := {policy for policy in table.policies if not policies[policy].asks_who_calls}:
        return f"the policy {_listed(changed)} does not ask who calls; {MIGRATE}"
    more = policies.keys() - table.policies
    return f"the policy {_listed(more)} lets users at more than their own rows; drop it" if more else None


def _listed(names: set[str] | frozenset[str]) -> str:
    return ", ".join(f'"{name}"' for name in sorted(names))


def _grant_fault(database: Database, name: str, table: Table) -> str | None:
    # Row level security does not bind truncate, and policies say nothing about columns.
    query = """
        select
          has_table_privilege('anon', c.oid, 'select, insert, update, delete, truncate')
            or has_any_column_privilege('anon', c.oid, 'select, insert, update'),
          has_table_privilege('authenticated', c.oid, 'insert, update, delete, truncate'),
          array(
            select attname::text from pg_attribute
            where attrelid = c.oid and attnum > 0 and not attisdropped
              and has_column_privilege('authenticated', c.oid, attnum, 'insert, update')),
          has_table_privilege('service_role', c.oid, 'select')
            and has_table_privilege('service_role', c.oid, 'insert')
            and has_table_privilege('service_role', c.oid, 'update')
            and has_table_privilege('service_role', c.oid, 'delete'),
          has_table_privilege('authenticated', c.oid, 'select')
        from pg_class c where c.oid = to_regclass(%s)"""
    row = database.execute(query, [f"public.{name}"]).fetchone()
    if row is None:
        return f"{MISSING}; {MIGRATE}"
    anon_may, users_write, writable, service_may, users_read = row
    if anon_may or users_write or not table.editable.issuperset(writable):
        return f"anon may use it, or users may write more than they should; {MIGRATE}"
    if table.policies and not users_read:
        return f"users may not read their own rows, as the functions that only read do for them; {MIGRATE}"
    return None if service_may else f"the service role may not use it; {MIGRATE}"


def _function_fault(database: Database, function: str) -> str | None:
    query = """
        select has_function_privilege('anon', oid, 'execute')
            or has_function_privilege('authenticated', oid, 'execute'),
          has_function_privilege('service_role', oid, 'execute'),
          coalesce(array_to_string(proconfig, ',') like '%%search_path=%%', false)
        from pg_proc where pronamespace = 'public'::regnamespace and proname = %s"""
    rows = database.execute(query, [function]).fetchall()
    if not rows:
        return f"the function is missing; {MIGRATE}"
    if rows != [(False, True, True)]:
        return f"its grants or its search_path are wrong, or there are two of it; {MIGRATE}"
    return None
