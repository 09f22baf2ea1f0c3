"""The trigger of sql/optional tells the hook of what was enriched, in few calls. Only pg_net itself is a stand-in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from infra.local_supabase import LocalSupabase
from training_files.api.hooks.requests import MAX_ENRICHED_IDS, ConversationEnrichedRequest
from training_files.domain.conversation.conversation import USABLE_STATUSES

WEBHOOK = Path(__file__).parents[2] / "sql/optional/conversation_enriched_webhook.sql"

Database = psycopg.Connection[Any]

# Its function with the signature that it has there, and its name among the extensions, so that it is not asked for.
PG_NET = """
    create schema vault;
    create table vault.decrypted_secrets (name text, decrypted_secret text);
    insert into vault.decrypted_secrets values ('other', 'o'), ('training_files_hook_secret', 'the secret');
    create schema net;
    create table net.calls (url text, body jsonb, headers jsonb);
    create function net.http_post(
      url text, body jsonb default '{}', params jsonb default '{}',
      headers jsonb default '{"Content-Type": "application/json"}', timeout_milliseconds integer default 5000
    ) returns bigint language sql as $$ insert into net.calls values (url, body, headers) returning 1::bigint $$;
    insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
      select 4294967295, 'pg_net', nspowner, oid, false, '0' from pg_namespace where nspname = 'net';
"""
# As projects have it that grant everything on new objects by themselves.
GRANT_EVERYTHING = "alter default privileges in schema public grant all on functions to anon, authenticated"


@pytest.fixture
def database(supabase: LocalSupabase) -> Iterator[Database]:
    """A superuser's connection with the trigger, applied twice, whose work is undone after the test."""
    with psycopg.connect(supabase.database_url) as connection:
        connection.execute(PG_NET)
        connection.execute(GRANT_EVERYTHING)
        for _ in range(2):
            connection.execute(WEBHOOK.read_bytes())
        yield connection
        connection.rollback()


def some_conversations(database: Database, count: int, *, status: str = "validated", path: str = "a.json") -> set[UUID]:
    ids = [uuid4() for _ in range(count)]
    database.execute(
        "insert into public.conversations (conversation_id, enrichment_status, enriched_file_path) "
        "select unnest(%s::uuid[]), %s, %s",
        [ids, status, path],
    )
    return set(ids)


def update(database: Database, ids: set[UUID], changes: str) -> None:
    statement = f"update public.conversations set {changes} where conversation_id = any (%s)"  # noqa: S608 - own values
    database.execute(statement.encode(), [list(ids)])


def calls(database: Database) -> list[list[UUID]]:
    """The conversations that each call since the last look names, as the hook reads them."""
    bodies = database.execute("with seen as (delete from net.calls returning body) select body from seen").fetchall()
    return [ConversationEnrichedRequest.model_validate(body).ids_with(USABLE_STATUSES) for (body,) in bodies]


def test_a_statement_makes_few_calls_that_name_each_conversation_once(database: Database) -> None:
    ids = some_conversations(database, 1000)
    assert calls(database) == []

    update(database, ids, "enrichment_status = 'completed'")

    made = calls(database)
    assert len(made) == 1000 / MAX_ENRICHED_IDS
    assert sorted(one for call in made for one in call) == sorted(ids)


def test_rows_inserted_as_enriched_are_reported(database: Database) -> None:
    ids = some_conversations(database, 3, status="completed")

    [call] = calls(database)
    assert set(call) == ids


def test_only_rows_that_have_become_enriched_are_reported(database: Database) -> None:
    enriched, others = some_conversations(database, 2, status="completed"), some_conversations(database, 2)
    calls(database)

    update(database, enriched | others, "enrichment_status = 'completed'")

    [call] = calls(database)
    assert set(call) == others


def test_a_row_is_reported_when_it_gets_its_enriched_file(database: Database) -> None:
    ids = some_conversations(database, 1, status="completed", path="")
    assert calls(database) == []

    update(database, ids, "enriched_file_path = 'a.json'")

    assert calls(database) == [[*ids]]


@pytest.mark.parametrize(
    "changes", ["quality_score = 4", "enrichment_status = enrichment_status", "enrichment_status = 'validated'"]
)
def test_an_update_that_enriches_nothing_makes_no_call(database: Database, changes: str) -> None:
    ids = some_conversations(database, 2, status="completed") | some_conversations(database, 2)
    calls(database)

    update(database, ids, changes)
    update(database, {uuid4()}, "enrichment_status = 'completed'")

    assert calls(database) == []


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_nobody_else_may_call_the_function(database: Database, role: str) -> None:
    query = "select has_function_privilege(%s, 'public.tell_of_enriched_conversation()', 'execute')"

    assert database.execute(query, [role]).fetchall() == [(False,)]


def test_the_secret_comes_from_the_vault_and_is_in_no_source(database: Database) -> None:
    update(database, some_conversations(database, 1), "enrichment_status = 'completed'")

    [(url, headers)] = database.execute("select url, headers from net.calls").fetchall()
    assert url.endswith("/api/hooks/conversation-enriched")
    assert headers == {"Content-Type": "application/json", "X-Webhook-Secret": "the secret"}
    source = database.execute("select prosrc from pg_proc where proname = 'tell_of_enriched_conversation'").fetchone()
    assert source is not None
    assert "the secret'" not in source[0]


def test_without_a_secret_nobody_is_told_and_the_statement_goes_on(database: Database) -> None:
    database.execute("delete from vault.decrypted_secrets where name = 'training_files_hook_secret'")

    update(database, some_conversations(database, 1), "enrichment_status = 'completed'")

    assert calls(database) == []
