"""The files of sql/ can be run again, fit the tables that a project has, and open nothing."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from infra.local_supabase import LocalSupabase
from tests.support.schema import SQL_FILES, SQL_FOLDER, Database, a_user, apply_all, catalog

MOST_LINES = 250
# Up to 500,000 conversations, or all that housekeeping looks after.
OVER_MANY_ROWS = (
    "begin_training_file_revision",
    "commit_training_file_revision",
    "abandon_training_file_revision",
    "claim_training_file_revision",
    "continue_training_file_revision",
    "retry_training_file_build",
    "delete_training_file",
    "list_training_file_housekeeping",
    "forget_training_file_shard_tries",
    "training_file_revision_surroundings",
    "look_up_training_file_members",
    "compare_training_file_revisions",
    "estimate_training_file_build",
    "select_training_file_conversations",
    "look_up_training_file_selection",
    "preview_training_file_addition",
    "list_training_file_shards_to_do",
)

GIVE_UP_AFTER_SECONDS = 10


@pytest.fixture
def database(supabase: LocalSupabase) -> Iterator[Database]:
    """A superuser's connection, whose work is undone after the test."""
    with psycopg.connect(supabase.database_url) as connection:
        yield connection
        connection.rollback()


def test_the_files_are_numbered_without_gap() -> None:
    assert [file.name[:2] for file in SQL_FILES] == [f"{number:02}" for number in range(len(SQL_FILES))]


def test_every_file_is_short_and_stands_in_the_readme() -> None:
    readme = (SQL_FOLDER / "README.md").read_text(encoding="utf-8")

    assert re.findall(r"^\| `(\d\d_\w+\.sql)` \|", readme, re.MULTILINE) == [file.name for file in SQL_FILES]
    assert [file.name for file in SQL_FILES if len(file.read_text().splitlines()) > MOST_LINES] == []


def test_the_last_file_closes_every_function_that_the_others_make() -> None:
    *others, last = (file.read_text() for file in SQL_FILES)
    made = re.findall(r"create or replace function public\.(\w+)", "".join(others))
    closed = re.findall(r"^ {4}'(\w+)'", last, re.MULTILINE)

    assert sorted(closed) == sorted(made)
    assert [file.name for file in SQL_FILES[:-1] if re.search(r"on function|notify", file.read_text())] == []


def test_applying_again_changes_nothing(database: Database) -> None:
    before = catalog(database)
    assert all(before.values())

    apply_all(database)

    assert catalog(database) == before


def test_applying_again_keeps_rows(database: Database) -> None:
    owner, file_id = a_user(database), uuid4()
    database.execute(
        "insert into public.training_files (id, name, created_by) values (%s, 'kept', %s)", [file_id, owner]
    )
    before = database.execute("select * from public.training_files").fetchall()

    apply_all(database)

    assert database.execute("select * from public.training_files").fetchall() == before


@pytest.mark.parametrize("file", SQL_FILES, ids=lambda file: file.name)
def test_no_file_ends_the_transaction_that_it_runs_in(file: Path) -> None:
    """A file that fails half way must leave nothing behind."""
    statements = re.sub(r"\$\$.*?\$\$|--[^\n]*", "", file.read_text(), flags=re.DOTALL)

    assert not re.search(r"(?im)^\s*(begin|commit|rollback|start\s+transaction)\b", statements)


class TestTheBucket:
    def test_is_private_and_takes_json_ndjson_zip_and_text(self, database: Database) -> None:
        assert self.bucket(database) == (
            False,
            52_428_800,
            ["application/json", "application/x-ndjson", "application/zip", "text/plain"],
        )

    def test_keeps_a_size_limit_that_was_set(self, database: Database) -> None:
        self.apply_with(database, "524288000")
        assert self.bucket(database)[1] == 524_288_000

        self.apply_with(database, "")

        assert self.bucket(database)[1] == 524_288_000

    def test_keeps_a_size_limit_that_was_changed_by_hand(self, database: Database) -> None:
        database.execute("update storage.buckets set file_size_limit = null where id = 'training-files'")

        apply_all(database)

        assert self.bucket(database)[1] is None

    def test_becomes_private_again(self, database: Database) -> None:
        database.execute("update storage.buckets set public = true, allowed_mime_types = null")

        apply_all(database)

        assert self.bucket(database)[0] is False
        assert self.bucket(database)[2] == ["application/json", "application/x-ndjson", "application/zip", "text/plain"]

    @staticmethod
    def apply_with(database: Database, limit: str) -> None:
        database.execute("select set_config('training_files.bucket_size_limit', %s, true)", [limit])
        apply_all(database)

    @staticmethod
    def bucket(database: Database) -> tuple[Any, ...]:
        query = "select public, file_size_limit, allowed_mime_types from storage.buckets where id = 'training-files'"
        [found] = database.execute(query).fetchall()
        return tuple(found)


# As an enrichment pipeline of another make has it: more columns, other defaults, an own key, no batch_id, no RLS.
OTHER_CONVERSATIONS = """
    drop table public.conversations;
    create table public.conversations (
      id                   uuid primary key default gen_random_uuid(),
      conversation_id      uuid unique not null,
      project              bigint generated always as identity,
      enrichment_status    varchar(50) default 'not_started',
      enriched_file_path   text,
      persona_key          varchar(100),
      emotional_arc_key    varchar(100),
      topic_key            varchar(100),
      scaffolding_snapshot jsonb,
      quality_score        numeric(3, 2),
      tier                 text,
      created_by           uuid,
      created_at           timestamptz default now(),
      raw_response         text not null default 'raw',
      search               tsvector generated always as (to_tsvector('english', coalesce(persona_key, ''))) stored
    );
    grant select on public.conversations to service_role, anon;
    create index conversations_of_their_own_idx on public.conversations (project);
"""
CONVERSATION_ROW = """
    insert into public.conversations (id, conversation_id, enrichment_status, persona_key, created_by, quality_score)
    values (%s, %s, 'completed', 'planner', %s, 4.5)
"""


class TestAnExistingConversationsTable:
    def test_stays_as_it_is(self, database: Database) -> None:
        database.execute(OTHER_CONVERSATIONS)
        row_id = self.a_conversation(database)
        before = self.everything_about(database)
        assert len(before) > 15
        row = database.execute("select * from public.conversations").fetchall()

        apply_all(database)

        assert self.everything_about(database) == before
        assert database.execute("select * from public.conversations").fetchall() == row
        assert row[0][0] == row_id

    def test_may_lack_batch_id(self, database: Database) -> None:
        database.execute(OTHER_CONVERSATIONS)
        apply_all(database)
        row_id = self.a_conversation(database)

        [found] = self.resolved(database, row_id)

        assert (found["id"], found["batch_id"], found["persona_key"]) == (str(row_id), None, "planner")
        assert float(found["quality_score"]) == 4.5

    @pytest.mark.parametrize("kind", ["uuid", "text", "bigint"])
    def test_may_get_batch_id_later_of_any_type(self, database: Database, kind: str) -> None:
        database.execute(OTHER_CONVERSATIONS)
        apply_all(database)
        row_id = self.a_conversation(database)
        assert self.resolved(database, row_id)[0]["batch_id"] is None
        value = {"uuid": str(uuid4()), "text": "batch 7", "bigint": "7"}[kind]

        database.execute(f"alter table public.conversations add column batch_id {kind}".encode())
        database.execute(f"update public.conversations set batch_id = '{value}'".encode())  # noqa: S608 - own values

        assert self.resolved(database, row_id)[0]["batch_id"] == value

    @pytest.mark.parametrize("column", ["tier", "batch_id"])
    def test_may_lack_what_a_filter_asks_for_and_get_it_later(self, database: Database, column: str) -> None:
        database.execute(OTHER_CONVERSATIONS)
        database.execute(f"alter table public.conversations drop column if exists {column}".encode())
        apply_all(database)
        row_id = self.a_conversation(database)
        [found] = self.chosen(database, {})
        assert (found["id"], found[column], found["persona_key"]) == (str(row_id), None, "planner")
        assert self.chosen(database, {f"{column}s": ["7"]}) == []

        database.execute(f"alter table public.conversations add column {column} bigint default 7".encode())

        assert [row[column] for row in self.chosen(database, {f"{column}s": ["7"]})] == ["7"]

    @pytest.mark.parametrize("kind", ["numeric", "real", "double precision", "integer"])
    def test_may_have_scores_of_any_type(self, database: Database, kind: str) -> None:
        database.execute(OTHER_CONVERSATIONS)
        database.execute(f"alter table public.conversations alter column quality_score type {kind}".encode())
        apply_all(database)
        ids = [self.a_conversation(database) for _ in range(3)]
        database.execute("update public.conversations set quality_score = 4.1 where id = %s", [ids[0]])

        found, place = [], None
        for _ in ids:
            [row] = self.chosen(database, {}, limit=1, after=place)
            found.append(row["id"])
            place = row["place"]

        assert sorted(found) == sorted(map(str, ids))
        assert self.chosen(database, {}, limit=1, after=place) == []

    def test_may_have_the_indexes_for_choosing(self, database: Database) -> None:
        indexes = (SQL_FOLDER / "optional/conversations_indexes.sql").read_text(encoding="utf-8")
        assert indexes.count("concurrently if not exists") == 4

        database.execute(indexes.replace("concurrently", "").encode())
        # A table of a few rows is read as it is.
        database.execute("set local enable_seqscan = off; set local enable_sort = off")

        for sort, index in (("newest", "age"), ("oldest", "age"), ("score", "score")):
            plan = self.plan_of_a_page(database, sort)
            assert f"conversations_by_{index}_idx" in plan
            assert "Sort" not in plan

    @staticmethod
    def plan_of_a_page(database: Database, sort: str) -> str:
        [[query]] = database.execute("select public.training_file_choices_query('c.created_by = $2', '{}')").fetchall()
        order = {
            "newest": "created_at desc, conversation_id desc",
            "oldest": "created_at, conversation_id",
            "score": "coalesce(-quality_score::numeric, 'Infinity'::numeric), created_at, conversation_id",
        }[sort]
        database.execute(f"prepare page_{sort} (jsonb, uuid) as {query} order by {order} limit 5".encode())
        explained = database.execute(f"explain execute page_{sort} ('{{}}', '{uuid4()}')".encode())
        return "\n".join(line for [line] in explained)

    @staticmethod
    def chosen(database: Database, wanted: dict[str, Any], *, limit: int = 10, after: Any = None) -> list[Any]:
        database.execute("set local role service_role")
        [[answer]] = database.execute(
            "select public.list_conversations_for_training_files(null, true, %s, 'score', %s, %s)",
            [Jsonb(wanted), limit, after and Jsonb(after)],
        ).fetchall()
        database.execute("reset role")
        conversations: list[Any] = answer["conversations"]
        return conversations

    @staticmethod
    def a_conversation(database: Database) -> object:
        row_id = uuid4()
        database.execute(CONVERSATION_ROW, [row_id, uuid4(), a_user(database)])
        return row_id

    @staticmethod
    def resolved(database: Database, row_id: object) -> list[dict[str, Any]]:
        database.execute("set local role service_role")
        [[answer]] = database.execute(
            "select public.resolve_training_file_request(null, %s, true)", [Jsonb([str(row_id)])]
        ).fetchall()
        database.execute("reset role")
        conversations: list[dict[str, Any]] = answer["conversations"]
        return conversations

    @staticmethod
    def everything_about(database: Database) -> list[str]:
        of_tables = {what: rows for what, rows in catalog(database).items() if what not in ("functions", "buckets")}
        return [f"{what}: {row}" for what, rows in of_tables.items() for row in rows if "'conversations" in row]


GRANTS = """
    select grantee::regrole::text, object, privilege_type from (
      select relname::text as object, (aclexplode(relacl)).* from pg_class
      where relnamespace = 'public'::regnamespace
      union all
      select relname || '.' || attname, (aclexplode(attacl)).* from pg_attribute
      join pg_class on pg_class.oid = attrelid where relnamespace = 'public'::regnamespace
      union all
      select proname || '()', (aclexplode(proacl)).* from pg_proc where pronamespace = 'public'::regnamespace
    ) as granted
    where grantee <> grantor order by 1, 2, 3
"""
SQL = "".join(file.read_text(encoding="utf-8") for file in SQL_FILES)
TABLES = set(re.findall(r"create table (?:if not exists )?public\.(\w+)", SQL))
READABLE_BY_USERS = {
    "conversations",
    "training_file_conversations",
    "training_file_exports",
    "training_file_revisions",
    "training_file_tags",
    "training_files",
}
EDITABLE_BY_USERS = {
    "training_files.name",
    "training_files.description",
    "training_files.status",
    "training_file_exports.used_at",
}
FUNCTIONS = set(re.findall(r"create or replace function public\.(\w+)", SQL))
# A trigger needs no grant to run.
GRANTED_TO_NOBODY = set(re.findall(r"function public\.(\w+)\(\) returns trigger", SQL))


class TestWhatIsOpen:
    def test_is_granted_explicitly_and_nothing_to_anon_or_to_everyone(self, database: Database) -> None:
        """The same whether the project grants everything on new objects by itself, as old ones do, or nothing."""
        rights = ("SELECT", "INSERT", "UPDATE", "DELETE")
        expected = {
            *(("authenticated", table, "SELECT") for table in READABLE_BY_USERS),
            *(("authenticated", column, "UPDATE") for column in EDITABLE_BY_USERS),
            *(("service_role", table, right) for table in TABLES for right in rights),
            *(("service_role", f"{function}()", "EXECUTE") for function in FUNCTIONS - GRANTED_TO_NOBODY),
        }

        assert set(database.execute(GRANTS).fetchall()) == expected

    def test_is_no_more_on_projects_that_grant_everything(self, database: Database) -> None:
        before = {grant for grant in database.execute(GRANTS).fetchall() if grant[0] != "service_role"}
        tables, functions = (", ".join(f"public.{name}" for name in sorted(names)) for names in (TABLES, FUNCTIONS))
        database.execute(
            f"""
            drop table {tables} cascade;
            drop function if exists {functions} cascade;
            alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
            alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
            """.encode()
        )

        apply_all(database)

        granted = database.execute(GRANTS).fetchall()
        assert {grant for grant in granted if grant[0] != "service_role"} == before

    @pytest.mark.parametrize("role", ["anon", "authenticated"])
    def test_is_no_function(self, database: Database, role: str) -> None:
        query = """
            select proname from pg_proc
            where pronamespace = 'public'::regnamespace and has_function_privilege(%s, oid, 'execute')"""

        assert database.execute(query, [role]).fetchall() == []

    def test_is_for_the_service_role_every_function_but_those_of_triggers(self, database: Database) -> None:
        query = """
            select proname from pg_proc where pronamespace = 'public'::regnamespace
              and has_function_privilege('service_role', oid, 'execute') = (prorettype = 'trigger'::regtype)"""

        assert database.execute(query).fetchall() == []

    def test_every_function_that_anyone_could_call_has_the_rights_of_its_caller(self, database: Database) -> None:
        """So that a function does no harm between the file that makes it and the last one, which closes it."""
        query = """
            select proname from pg_proc
            where pronamespace = 'public'::regnamespace and prosecdef and prorettype <> 'trigger'::regtype"""

        assert database.execute(query).fetchall() == []

    def test_every_function_has_a_fixed_search_path(self, database: Database) -> None:
        query = "select proname, proconfig from pg_proc where pronamespace = 'public'::regnamespace"

        paths = dict(database.execute(query).fetchall())

        assert set(paths) == FUNCTIONS
        assert {path[0] for path in paths.values()} == {'search_path=""'}

    @pytest.mark.parametrize("function", OVER_MANY_ROWS)
    def test_a_function_over_many_rows_says_how_long_it_may_take(self, database: Database, function: str) -> None:
        """For its call PostgREST takes that in the place of the 8 seconds of hosted projects."""
        query = "select proconfig from pg_proc where pronamespace = 'public'::regnamespace and proname = %s"

        [(settings,)] = database.execute(query, [function]).fetchall()

        assert {"statement_timeout=25s", "statement_timeout=60s"} & set(settings)

    def test_row_level_security_is_on_everywhere(self, database: Database) -> None:
        query = """
            select relname from pg_class where relnamespace in ('public'::regnamespace, 'storage'::regnamespace)
            and relkind in ('r', 'p') and not relrowsecurity and relname !~ 'migrations'"""

        assert database.execute(query).fetchall() == []


class TestABuildThatSeveralAreAt:
    @pytest.mark.parametrize("function", ["claim_training_file_revision", "fail_training_file_revision"])
    def test_is_waited_for_in_the_order_of_a_commit(self, supabase: LocalSupabase, function: str) -> None:
        """Two that hold what the other one waits for would both wait for the database to end one of them."""
        with (
            psycopg.connect(supabase.database_url) as committing,
            psycopg.connect(supabase.database_url) as other,
            ThreadPoolExecutor(1) as thread,
        ):
            file_id, revision_id, worker = self.a_build(committing)
            committing.execute("select from public.training_files where id = %s for update", [file_id])
            arguments = {
                "claim_training_file_revision": [revision_id, uuid4(), uuid4(), 120],
                "fail_training_file_revision": [revision_id, worker, Jsonb({"message": "failed"})],
            }[function]
            call = f"select public.{function}({', '.join(['%s'] * len(arguments))})".encode()
            waiting = thread.submit(lambda: other.execute(call, arguments).fetchall())
            self.wait_until_blocked(committing, other)

            committing.execute("select from public.training_file_revisions where id = %s for update", [revision_id])
            committing.commit()

            assert len(waiting.result(GIVE_UP_AFTER_SECONDS)) == 1
            other.rollback()
            committing.execute("delete from public.training_files where id = %s", [file_id])

    @staticmethod
    def a_build(database: Database) -> tuple[object, object, object]:
        """A build in the background whose worker was lost."""
        owner, file_id, revision_id, worker = a_user(database), uuid4(), uuid4(), uuid4()
        new_file = Jsonb({"name": f"file {file_id}"})
        database.execute(
            "select public.begin_training_file_revision(%s, %s, %s, %s, %s, true)",
            [revision_id, file_id, owner, Jsonb({"conversation_ids": []}), new_file],
        )
        database.execute("select public.claim_training_file_revision(%s, %s, %s, -1)", [revision_id, worker, uuid4()])
        database.commit()
        return file_id, revision_id, worker

    @staticmethod
    def wait_until_blocked(database: Database, other: Database) -> None:
        give_up_at = time.monotonic() + GIVE_UP_AFTER_SECONDS
        query = "select cardinality(pg_blocking_pids(%s)) > 0"
        while not database.execute(query, [other.info.backend_pid]).fetchall()[0][0]:
            assert time.monotonic() < give_up_at
            time.sleep(0.005)


def test_uninstalling_leaves_what_was_there_before_and_everything_can_be_made_again(database: Database) -> None:
    names = "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')"
    functions = "select proname from pg_proc where pronamespace = 'public'::regnamespace"
    policies = "select policyname from pg_policies where policyname like '%%training files'"
    before = catalog(database)
    # As a database has it that was never migrated since.
    database.execute("create table public.training_file_requested_conversations ()")

    database.execute((SQL_FOLDER / "optional/uninstall.sql").read_bytes())

    assert database.execute(names).fetchall() == [("conversations",)]
    assert database.execute(functions).fetchall() == []
    assert database.execute(policies).fetchall() == []

    apply_all(database)
    assert catalog(database) == before
