"""Selections of many thousands: how near to equal shares they come, and where they end."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import product
from uuid import UUID, uuid4

import psycopg
import pytest

from infra.local_supabase import LocalSupabase
from tests.support.schema import Database, a_user
from training_files.domain.conversation.selection import MAX_SELECTED, SelectionScope

SCOPE = SelectionScope(all_conversations=False, usable_statuses=("completed",), enriched_paths="any")
PERSONAS, ARCS, TOPICS = (
    tuple(f"{name} {number}" for number in range(size)) for name, size in {"p": 6, "a": 4, "t": 10}.items()
)


@pytest.fixture
def database(supabase: LocalSupabase) -> Iterator[Database]:
    """A superuser's connection, whose work is undone after the test."""
    with psycopg.connect(supabase.database_url) as connection:
        yield connection
        connection.rollback()


def shares(database: Database, sizes: dict[tuple[str, str, str], int], limit: int) -> dict[tuple[str, str, str], int]:
    cells = json.dumps([[*keys, size] for keys, size in sizes.items()])
    found = database.execute("select * from public.training_file_shares(%s, '{}', %s)", [cells, limit]).fetchall()
    return {(persona, arc, topic): share for persona, arc, topic, share in found}


def spread(taken: dict[tuple[str, str, str], int], place: int) -> int:
    """How far the most frequent key is from the rarest."""
    counts: Counter[str] = Counter()
    for keys, share in taken.items():
        counts[keys[place]] += share
    return max(counts.values()) - min(counts.values())


@pytest.mark.parametrize("limit", [60, 600, 6_000])
def test_the_shares_of_all_keys_are_equal_where_there_is_enough_of_each(database: Database, limit: int) -> None:
    """Groups are of very different sizes, and the larger the group, the better it is scored."""
    sizes = {keys: 20 + 400 // (1 + place) for place, keys in enumerate(product(PERSONAS, ARCS, TOPICS))}

    taken = shares(database, sizes, limit)

    assert sum(taken.values()) == min(limit, sum(sizes.values()))
    assert all(taken[keys] <= size for keys, size in sizes.items())
    if limit < 3_000:
        assert [spread(taken, place) for place in range(3)] == pytest.approx([0, 0, 0], abs=2)


def test_there_may_be_as_many_groups_as_conversations(database: Database) -> None:
    sizes = {(f"p {number % 7}", "a", f"t {number}"): 1 for number in range(3_000)}

    taken = shares(database, sizes, 2_000)

    assert sum(taken.values()) == 2_000
    assert spread(taken, 0) <= 20


@pytest.mark.parametrize(
    ("selected", "beside", "outcome"),
    [
        (MAX_SELECTED, 0, "selected"),
        (MAX_SELECTED + 1, 0, "too_many_selected"),
        (0, 0, "nothing_selected"),
        (0, 1, "selected"),
    ],
)
def test_one_request_takes_half_a_million_and_no_more(
    database: Database, selected: int, beside: int, outcome: str
) -> None:
    query = "select public.training_file_selection_outcome(%s, '{}', %s, %s)"
    [(said,)] = database.execute(query, [a_user(database), selected, beside]).fetchall()

    assert (said["outcome"], said["conversation_count"]) == (outcome, selected)


def test_a_build_is_asked_for_all_that_its_selection_takes(database: Database) -> None:
    owner, revision_id, count = a_user(database), uuid4(), 20_001
    database.execute(
        "insert into public.conversations (conversation_id, enrichment_status, enriched_file_path, created_by) "
        "select gen_random_uuid(), 'completed', 'a/enriched.json', %s from generate_series(1, %s)",
        [owner, count],
    )
    mine = SCOPE.model_copy(update={"by_rule": True})

    begun = begin(database, owner, revision_id, mine)

    assert (begun["outcome"], begun["conversation_count"]) == ("begun", count)
    kept = (
        "select count(*), count(distinct asked.id), max(part) from public.training_file_requested_parts "
        "cross join lateral unnest(conversation_ids) as asked (id) where revision_id = %s"
    )
    assert database.execute(kept, [revision_id]).fetchone() == (count, count, 21)


def begin(database: Database, owner: UUID, revision_id: UUID, scope: SelectionScope) -> dict[str, object]:
    requested = json.dumps({"conversation_ids": [], "selection": {}})
    [(begun,)] = database.execute(
        "select public.begin_training_file_revision(%s, %s, %s, %s, %s, true, %s)",
        [revision_id, uuid4(), owner, requested, json.dumps({"name": "large"}), json.dumps(scope.as_json())],
    ).fetchall()
    return dict(begun)
