"""A build beyond one worker, by the very state machine: asked for, handed on, done in shards, and seen by everyone."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.support.agreement import agreed_conversation_ids
from tests.support.builders import a_pair, an_enriched_file
from tests.support.errors import the_error
from tests.support.killable_functions import STEPS
from tests.support.many_workers import ManyWorkers, assert_nothing_left_of_shards, events_of, run_many_workers
from tests.support.world import User, World

FILES = "/api/training-files"
# Three shards, of which the last one is not whole.
CONVERSATIONS = 2_300


@pytest.fixture(scope="module")
def workers(session_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManyWorkers]:
    with run_many_workers(session_world, tmp_path_factory.mktemp("many-workers")) as running:
        yield running


def test_a_build_beyond_one_worker_is_done_by_many_and_seen_by_everyone(workers: ManyWorkers, user: User) -> None:
    world = workers.world
    # Long enough that both files are put together of several parts.
    enriched = an_enriched_file(a_pair(1, system_prompt="You are a planner. " * 150))
    wish = workers.asked_to_create(user, world.many_conversations(user, CONVERSATIONS, enriched))

    workers.work(wish.build_id)
    # The message comes again.
    workers.work(wish.build_id)
    ended = workers.ended(wish.build_id)

    assert ended["status"] == "SUCCEEDED"
    seen = user.get(wish.training_file_id)
    assert (seen["status"], seen["revision"], seen["conversation_count"]) == ("active", 1, CONVERSATIONS)
    assert "progress" not in seen
    assert user.conversation_ids(wish.training_file_id) == wish.after[:1000]
    assert agreed_conversation_ids(world, wish.training_file_id) == wish.after
    assert [one.key for one in workers.functions.done if one.key in STEPS] == ["plan", "assemble", "commit"]
    assert sorted(one.key for one in workers.functions.done if isinstance(one.key, int)) == [1, 2, 3]
    assert_nothing_left_of_shards(world, wish)
    assert events_of(world, wish) == ["Training File Created"]
    heard = [
        event for event in workers.consumer.heard() if event["detail"]["training_file_id"] == wish.training_file_id
    ]
    assert [event["detail-type"] for event in heard] == ["Training File Created"]


def test_what_is_beyond_one_worker_is_refused_where_the_s3_protocol_is_not_set_up(world: World, user: User) -> None:
    persona = f"persona-{uuid4().hex}"
    world.database.execute(
        "insert into public.conversations (enrichment_status, enriched_file_path, created_by, persona_key) "
        "select 'completed', %s, %s, %s from generate_series(1, 10001)",
        [f"{user.id}/enriched.json", user.id, persona],
    )
    wanted = {"name": f"file {uuid4()}", "select": {"personas": [persona]}}

    refused = the_error(user.http.post(FILES, json=wanted, headers={"Prefer": "respond-async"}), 503, "not_set_up")

    for setting in ("SUPABASE_S3_ACCESS_KEY_ID", "SUPABASE_S3_SECRET_ACCESS_KEY", "SUPABASE_S3_REGION"):
        assert setting in refused["error"]
    assert world.training_file_rows(user) == []
    assert [row for row in world.revision_rows(user) if row["status"] != "failed"] == []
