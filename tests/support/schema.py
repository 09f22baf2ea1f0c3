"""What the files of sql/ make, read from the catalog of a database that they were applied to."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

SQL_FOLDER = Path(__file__).parents[2] / "sql"
SQL_FILES = sorted(SQL_FOLDER.glob("*.sql"))

Database = psycopg.Connection[Any]

# Everything that the files make or could change. Grants in order, which each revoke and grant shuffles.
CATALOG = {
    "relations": """
        select relname, relkind, relrowsecurity, relforcerowsecurity, reloptions,
          (select array_agg(acl::text order by acl::text) from unnest(relacl) as acl)
        from pg_class where relnamespace = 'public'::regnamespace order by relname""",
    "columns": """
        select attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
          attgenerated, pg_get_expr(adbin, adrelid),
          (select array_agg(acl::text order by acl::text) from unnest(attacl) as acl)
        from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
        join pg_class on pg_class.oid = attrelid
        where relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped order by 1, 2""",
    "places of columns": """
        select attrelid::regclass::text, attnum, attname from pg_attribute
        join pg_class on pg_class.oid = attrelid
        where relnamespace = 'public'::regnamespace and attnum > 0 order by 1, 2""",
    "constraints": """
        select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
        where connamespace = 'public'::regnamespace order by 1, 2""",
    "indexes": "select indexname, indexdef from pg_indexes where schemaname = 'public' order by 1",
    "policies": """
        select * from pg_policies where schemaname in ('public', 'storage') order by 1, 2, 3""",
    "triggers": """
        select tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), tgenabled from pg_trigger
        where tgrelid::regclass::text !~ '^(auth|pg_)' and not tgisinternal order by 1, 2""",
    "functions": """
        select oid::regprocedure::text, pg_get_functiondef(oid),
          (select array_agg(acl::text order by acl::text) from unnest(proacl) as acl) from pg_proc
        where pronamespace = 'public'::regnamespace order by 1""",
    "storage": """
        select oid::regclass::text, relrowsecurity,
          (select array_agg(acl::text order by acl::text) from unnest(relacl) as acl) from pg_class
        where relnamespace = 'storage'::regnamespace and relkind in ('r', 'i') order by 1""",
    "buckets": "select * from storage.buckets order by id",
}


def apply_all(database: Database) -> None:
    for file in SQL_FILES:
        database.execute(file.read_bytes())


def catalog(database: Database) -> dict[str, list[str]]:
    return {what: [str(row) for row in database.execute(query.encode())] for what, query in CATALOG.items()}


def a_user(database: Database) -> UUID:
    user_id = uuid4()
    database.execute("insert into auth.users (id, email) values (%s, %s)", [user_id, f"{user_id}@example.com"])
    return user_id
