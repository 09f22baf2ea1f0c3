"""The files of sql/ make a database of an earlier version what a new one is, and lose nothing that is in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from infra.local_supabase import LocalSupabase
from tests.support.schema import Database, a_user, apply_all, catalog

VERSION_0_1_0 = Path(__file__).parent / "version_0_1_0.sql"
IDS = [str(uuid4()) for _ in range(3)]
TABLES = ("training_files", "training_file_revisions", "training_file_conversations")

A_TRAINING_FILE = """
    insert into public.training_files (
      id, name, status, revision, conversation_count, json_file_path, jsonl_file_path, created_by)
    values (%(file)s, 'of 0.1.0', 'active', 1, 1, 'training.json', 'training.jsonl', %(owner)s)"""
ITS_REVISION = """
    insert into public.training_file_revisions (
      id, training_file_id, number, status, requested, json_file_path, jsonl_file_path,
      json_file_size, jsonl_file_size, json_body_offset, totals, created_by, finished_at)
    values (%(revision)s::uuid, %(file)s, 1, 'committed', '{"skipped": [{"reason": "duplicate"}]}',
      %(revision)s::uuid || '/training.json', %(revision)s::uuid || '/training.jsonl', 9, 9, 3, '{}',
      %(owner)s, now())"""
ITS_CONVERSATION = """
    insert into public.training_file_conversations (
      training_file_id, conversation_id, position, added_by, added_in_revision, training_pairs, trainable_pairs,
      enriched_sha256)
    values (%(file)s, %(conversation)s, 1, %(owner)s, 1, 2, 1, repeat('a', 64))"""
DROPS = """
    select format('drop %s if exists %s cascade', kind, name) from (
      select 'function' as kind, oid::regprocedure::text as name from pg_proc
      where pronamespace = 'public'::regnamespace
      union all
      select 'table', oid::regclass::text from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'r' and relname like 'training_file%'
    ) as ours order by kind"""


@pytest.fixture
def database(supabase: LocalSupabase) -> Iterator[Database]:
    """A superuser's connection, whose work is undone after the test."""
    with psycopg.connect(supabase.database_url) as connection:
        yield connection
        connection.rollback()


def make_older(database: Database) -> None:
    """As version 0.1.0 left it, with a training file."""
    for (drop,) in database.execute(DROPS).fetchall():
        database.execute(drop)
    database.execute(VERSION_0_1_0.read_bytes())
    ids = {name: str(uuid4()) for name in ("file", "revision", "conversation")}
    for row in (A_TRAINING_FILE, ITS_REVISION, ITS_CONVERSATION):
        database.execute(row, {**ids, "owner": a_user(database)})


def rows(database: Database) -> dict[str, dict[str, Any]]:
    """The only row of each table."""
    found = {}
    for table in TABLES:
        [(found[table],)] = database.execute(f"select to_jsonb(t) from public.{table} as t".encode()).fetchall()  # noqa: S608 - own names
    return found


def schema(database: Database) -> dict[str, list[str]]:
    """A column that came later stands behind the others, which is all the same."""
    return {what: found for what, found in catalog(database).items() if what != "places of columns"}


def test_a_database_of_an_earlier_version_gets_the_schema_of_a_new_one(database: Database) -> None:
    new = schema(database)
    make_older(database)
    assert schema(database) != new

    apply_all(database)

    assert schema(database) == new


def test_a_database_of_an_earlier_version_keeps_its_rows(database: Database) -> None:
    make_older(database)
    before = rows(database)

    apply_all(database)

    after = rows(database)
    assert {table: {column: after[table][column] for column in row} for table, row in before.items()} == before
    assert after["training_file_revisions"]["skipped"] == [{"reason": "duplicate"}]


def test_a_revision_of_an_earlier_version_says_what_made_it(database: Database) -> None:
    make_older(database)

    apply_all(database)

    assert rows(database)["training_file_revisions"]["change"] == {"kind": "create", "count": 1}


def test_a_revision_whose_objects_were_removed_before_is_given_up(database: Database) -> None:
    """Housekeeping of before removed them without a word beforehand."""
    make_older(database)
    apply_all(database)
    database.execute("update public.training_file_revisions set objects_removed_at = '2026-01-31'")
    assert rows(database)["training_file_revisions"]["pruned_at"] is None

    apply_all(database)

    assert rows(database)["training_file_revisions"]["pruned_at"].startswith("2026-01-31")


def test_a_conversation_of_an_earlier_version_can_be_removed_and_added_again(database: Database) -> None:
    """What kept it from having a history is gone, also when all is applied once more behind that."""
    make_older(database)
    apply_all(database)
    database.execute("update public.training_file_conversations set removed_in_revision = 2")
    database.execute(
        "insert into public.training_file_conversations (training_file_id, conversation_id, position, added_by, "
        "added_in_revision, training_pairs, trainable_pairs, enriched_sha256) "
        "select training_file_id, conversation_id, 1, added_by, 3, 2, 1, enriched_sha256 "
        "from public.training_file_conversations"
    )

    apply_all(database)

    history = database.execute(
        "select position, added_in_revision, removed_in_revision from public.training_file_conversations order by 2"
    )
    assert history.fetchall() == [(1, 1, 2), (1, 3, None)]


class TestABuildThatLastsMeanwhile:
    """It was asked for when what is to be built stood in a column of the revision, and not in rows of its own."""

    @pytest.fixture
    def revision_id(self, database: Database) -> UUID:
        """A build in the background that waits, made by what this version has."""
        file_id, revision_id, owner = uuid4(), uuid4(), a_user(database)
        database.execute(
            "insert into public.training_files (id, name, created_by) values (%s, 'waits', %s)", [file_id, owner]
        )
        database.execute(
            "insert into public.training_file_revisions (id, training_file_id, number, background, requested, "
            "json_file_path, jsonl_file_path, created_by, progress_total) values (%(id)s::uuid, %(file)s, 1, true, "
            "%(asked)s, %(id)s::uuid || '/training.json', %(id)s::uuid || '/training.jsonl', %(owner)s, 3)",
            {"id": revision_id, "file": file_id, "owner": owner, "asked": Jsonb({"conversation_ids": IDS, "n": 1})},
        )
        return revision_id

    def test_has_rows_of_what_it_was_asked_for_in_their_order(self, database: Database, revision_id: UUID) -> None:
        for _ in range(2):
            apply_all(database)

        assert asked_for(database, revision_id) == list(enumerate(IDS, start=1))
        assert self.requested(database, revision_id) == {"n": 1}

    def test_keeps_the_rows_that_each_conversation_had_of_its_own_for_a_while(
        self, database: Database, revision_id: UUID
    ) -> None:
        """Nobody needs those of an attempt that has ended."""
        many = [str(uuid4()) for _ in range(1001)]
        database.execute("update public.training_file_revisions set requested = '{}' where id = %s", [revision_id])
        ended = another_attempt(database, revision_id, status="failed")
        keep_as_rows(database, {revision_id: many, ended: IDS})

        for _ in range(2):
            apply_all(database)

        assert asked_for(database, revision_id) == list(enumerate(many[:1000], start=1))
        assert asked_for(database, revision_id, part=2) == [(1, many[1000])]
        assert asked_for(database, ended) == []
        [(left,)] = database.execute("select to_regclass('public.training_file_requested_conversations')").fetchall()
        assert left is None

    def test_is_claimed_by_a_worker_of_before_with_all_ids(self, database: Database, revision_id: UUID) -> None:
        """It may run while the files are applied."""
        apply_all(database)

        [(claimed,)] = database.execute(
            "select public.claim_training_file_revision(%s, %s, %s, 120)", [revision_id, uuid4(), uuid4()]
        ).fetchall()

        assert claimed["requested"] == {"conversation_ids": IDS, "n": 1}

    @pytest.mark.parametrize(("code", "kept"), [("upstream_unavailable", IDS), ("nothing_to_add", [])])
    def test_has_them_after_a_failure_where_it_may_be_tried_again(
        self, database: Database, revision_id: UUID, code: str, kept: list[str]
    ) -> None:
        database.execute(
            "update public.training_file_revisions set status = 'failed', finished_at = now(), error = %s "
            "where id = %s",
            [Jsonb({"message": "No.", "code": code, "failed_conversations": []}), revision_id],
        )

        apply_all(database)

        assert [one for _, one in asked_for(database, revision_id)] == kept
        assert "conversation_ids" not in self.requested(database, revision_id)

    @staticmethod
    def requested(database: Database, revision_id: UUID) -> dict[str, Any]:
        query = "select requested from public.training_file_revisions where id = %s"
        [(requested,)] = database.execute(query, [revision_id]).fetchall()
        return dict(requested)


def another_attempt(database: Database, revision_id: UUID, *, status: str) -> UUID:
    """Of the same training file."""
    database.execute(
        "insert into public.training_file_revisions (id, training_file_id, number, status, background, requested, "
        "json_file_path, jsonl_file_path, created_by, error) "
        "select %(id)s::uuid, training_file_id, number, %(status)s, "
        "background, '{}', %(id)s || '/training.json', %(id)s || '/training.jsonl', created_by, %(error)s "
        "from public.training_file_revisions where id = %(of)s",
        {
            "id": str(attempt_id := uuid4()),
            "of": revision_id,
            "status": status,
            "error": Jsonb({"code": "nothing_to_add"}),
        },
    )
    return attempt_id


def keep_as_rows(database: Database, asked: dict[UUID, list[str]]) -> None:
    """As main kept it before 0.2.0 was released."""
    database.execute(
        "create table public.training_file_requested_conversations (revision_id uuid not null references "
        "public.training_file_revisions (id) on delete cascade, position integer not null check (position > 0), "
        "conversation_id uuid not null, primary key (revision_id, position))"
    )
    for revision_id, conversation_ids in asked.items():
        database.execute(
            "insert into public.training_file_requested_conversations "
            "select %s, place, id from unnest(%s::uuid[]) with ordinality as asked (id, place)",
            [revision_id, conversation_ids],
        )


def asked_for(database: Database, revision_id: UUID, part: int = 1) -> list[tuple[int, str]]:
    query = (
        "select asked.place::integer, asked.id::text from public.training_file_requested_parts "
        "cross join lateral unnest(conversation_ids) with ordinality as asked (id, place) "
        "where revision_id = %s and part = %s order by asked.place"
    )
    return database.execute(query, [revision_id, part]).fetchall()
