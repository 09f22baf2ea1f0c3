"""`python -m tests.benchmarks.choosing`: pages and summaries of 100,000 conversations, with and without indexes.

Times are those of the database's functions, over one connection to a local PostgreSQL; a call of the API adds one way
there and back. Conversations belong to two users and to nobody; most have their keys in columns, one in ten in a
snapshot that is a JSON string.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from infra.local_supabase import run_local_supabase, temporary_data_folder
from tests.support.schema import SQL_FOLDER, Database, a_user

CONVERSATIONS = 100_000
PAGE = 50
REPEATS = 7
DEEP_PAGE = 1_000
BEHIND = f"and (created_at, conversation_id) < ($3, $4) order by created_at desc, conversation_id desc limit {PAGE}"
# Both sides of the comparison see the same rows.
FILL = """
    insert into public.conversations (conversation_id, enrichment_status, enriched_file_path, persona_key,
      emotional_arc_key, topic_key, scaffolding_snapshot, quality_score, tier, batch_id, created_by, created_at)
    select gen_random_uuid(), case when n %% 8 = 0 then 'validated' else 'completed' end, whose || '/enriched.json',
      case when n %% 10 > 0 then 'persona_' || n %% 12 end, 'arc_' || n %% 9, 'topic_' || n %% 40,
      case when n %% 10 = 0 then to_jsonb('{"persona": {"persona_key": "persona_' || n %% 12 || '"}}') end,
      case when n %% 3 > 0 then (n * 7919 %% 501)::numeric / 100 end, 'tier_' || n %% 4,
      ('00000000-0000-0000-0000-' || lpad((n %% 500)::text, 12, '0'))::uuid, whose,
      timestamptz '2026-01-01' + n * interval '1 minute'
    from generate_series(1, %s) as n
    cross join lateral (select case when n %% 20 < 13 then %s::uuid when n %% 20 < 19 then %s::uuid end as whose) as of
"""
LIST = "select public.list_conversations_for_training_files(%s, %s, %s, %s, %s, %s)"
SUMMARIZE = "select public.summarize_conversations_for_training_files(%s, %s, %s, array['completed'], false, 1000)"
FILTERS: dict[str, dict[str, Any]] = {
    "no filter": {},
    "one persona": {"personas": ["persona_7"]},
    "a batch that is not there": {"batch_ids": ["none"]},
    "score from 4.5": {"min_quality_score": 4.5},
    "one day": {"created_after": "2026-02-01T00:00:00Z", "created_before": "2026-02-02T00:00:00Z"},
}
STATEMENTS = [
    statement for statement in (SQL_FOLDER / "optional/conversations_indexes.sql").read_text().split(";") if statement
]


def main() -> int:
    with (
        temporary_data_folder() as folder,
        run_local_supabase(folder) as running,
        psycopg.connect(running.database_url, autocommit=True) as database,
    ):
        caller = _fill(database)
        in_reach = _summary(database, caller, {})["conversation_count"]
        print(f"{CONVERSATIONS} conversations, {in_reach} of them in reach of the caller")
        for title in ("without indexes", "with indexes"):
            for statement in STATEMENTS if title == "with indexes" else ():
                database.execute(statement.encode())
            database.execute("vacuum analyze public.conversations")
            for line in _measured(database, caller):
                print(f"{title}: {line}")
        print(*_plan(database, caller), sep="\n")
    return 0


def _fill(database: Database) -> Any:
    caller, other = a_user(database), a_user(database)
    database.execute(FILL, [CONVERSATIONS, caller, other])
    return caller


def _summary(database: Database, caller: Any, wanted: Any) -> dict[str, Any]:
    [[summary]] = database.execute(SUMMARIZE, [caller, False, Jsonb(wanted)]).fetchall()
    found: dict[str, Any] = summary
    return found


def _measured(database: Database, caller: Any) -> Iterator[str]:
    page = partial(_page, database, caller)
    for sort in ("newest", "oldest", "score"):
        deep = page({}, sort, PAGE * (DEEP_PAGE - 1))[-1]["place"]
        yield f"{sort}, first page: {_median(partial(page, {}, sort, PAGE)):.1f} ms"
        yield f"{sort}, page {DEEP_PAGE}: {_median(partial(page, {}, sort, PAGE, deep)):.1f} ms"
    for name, wanted in FILTERS.items():
        yield f"newest, {name}: {_median(partial(page, wanted, 'newest', PAGE)):.1f} ms"
        yield f"summary, {name}: {_median(partial(_summary, database, caller, wanted)):.1f} ms"


def _page(
    database: Database, caller: Any, wanted: Any, sort: str, limit: int, place: Any = None
) -> list[dict[str, Any]]:
    parameters = [caller, False, Jsonb(wanted), sort, limit, None if place is None else Jsonb(place)]
    [[answer]] = database.execute(LIST, parameters).fetchall()
    rows: list[dict[str, Any]] = answer["conversations"]
    return rows


def _median(act: Callable[[], object]) -> float:
    """In milliseconds. The first time pays for what stays in memory."""
    act()
    return statistics.median(_timed(act) for _ in range(REPEATS))


def _timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _plan(database: Database, caller: Any) -> Sequence[str]:
    """How the database goes about a page far behind: what it reads is in the index conditions."""
    place = _page(database, caller, {}, "newest", PAGE * (DEEP_PAGE - 1))[-1]["place"]
    [[query]] = database.execute("select public.training_file_choices_query('c.created_by = $2', '{}')").fetchall()
    database.execute(f"prepare page (jsonb, uuid, timestamptz, uuid) as {query} {BEHIND}".encode())
    arguments = f"('{{}}', '{caller}', '{place['created_at']}', '{place['conversation_id']}')"
    explained = database.execute(f"explain (analyze, costs off) execute page {arguments}".encode())
    return [line for [line] in explained]


if __name__ == "__main__":
    sys.exit(main())
