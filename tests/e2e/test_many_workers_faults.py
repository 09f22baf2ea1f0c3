"""Builds beyond one worker whose steps are killed, fail, or are overtaken: whole in the end, or failed with reasons.

Whatever befalls them, nothing is left over once housekeeping has run, and every end is told once.
"""

import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Literal
from uuid import UUID

import pytest

from tests.support.agreement import agreed_conversation_ids
from tests.support.builders import a_pair, an_enriched_file
from tests.support.fault_proxy import FaultProxy
from tests.support.killable_functions import DOWNLOAD, STEPS, Kill
from tests.support.many_workers import (
    ManyWorkers,
    Wish,
    assert_nothing_left_of_shards,
    attempts_of,
    events_of,
    run_many_workers,
)
from tests.support.world import User, World
from training_files.domain.training_file.build_request import AddConversationsInput

pytestmark = pytest.mark.slow

SEED = 20_261
CREATED, UPDATED, FAILED = "Training File Created", "Training File Updated", "Training File Build Failed"
KILLS_OF_A_SHARD = 10
EFFECTS: tuple[Literal["without effect", "with effect"], ...] = ("without effect", "with effect")
# Enough that every kill is followed by a try.
MANY_TRIES = 40
# A shard, and a little one behind it.
TWO_SHARDS = 1_020
ONE_SHARD = 12
# Of a conversation's only pair, so that twelve of them are put together of parts.
LARGE_TEXT = "You are a planner. " * 25_000


@pytest.fixture(scope="module")
def running(session_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManyWorkers]:
    with run_many_workers(session_world, tmp_path_factory.mktemp("many-workers")) as running:
        yield running


@pytest.fixture
def workers(world: World, running: ManyWorkers) -> Iterator[ManyWorkers]:  # noqa: ARG001 - without its faults
    """Undisturbed, but for what a test asks for."""
    running.functions.reset()
    running.try_each_step(MANY_TRIES)
    yield running
    running.functions.reset()


@pytest.fixture(scope="module")
def large_ids(session_world: World) -> list[str]:
    """Nobody's own, so that every user may use them."""
    enriched = an_enriched_file(a_pair(1, system_prompt=LARGE_TEXT))
    return session_world.many_conversations(None, ONE_SHARD, enriched)


@pytest.fixture(scope="module")
def many_ids(session_world: World) -> list[str]:
    return session_world.many_conversations(None, TWO_SHARDS)


def assert_active(world: World, user: User, wish: Wish, expected: list[str] | None = None) -> None:
    seen = user.get(wish.training_file_id)
    assert (seen["status"], seen["revision"]) == ("active", 1 + bool(wish.before))
    assert "progress" not in seen
    assert "build_error" not in seen
    assert agreed_conversation_ids(world, wish.training_file_id) == (expected or wish.after)


def assert_failed(user: User, wish: Wish, *reasons: str) -> None:
    seen = user.get(wish.training_file_id)
    assert seen["status"] == "failed"
    for reason in reasons:
        assert reason in seen["build_error"]


# --- killed ---


def kills(draw: random.Random, requests: Sequence[str]) -> deque[Kill]:
    """Points drawn over all requests of a step, and as many over those that follow the last download.

    At last come some where it may go on until the signal comes: these leave it time to.
    """
    behind = max(number for number, request in enumerate(requests, start=1) if DOWNLOAD in request) + 1
    first = [
        Kill(draw.randint(start, len(requests)), draw.choice(EFFECTS))
        for start in (1, behind) * (KILLS_OF_A_SHARD * 2 // 5)
    ]
    on_the_way = [Kill(draw.randint(1, len(requests) // 2), "on its way") for _ in range(KILLS_OF_A_SHARD // 5)]
    return deque([*first, *on_the_way])


def test_shards_that_are_killed_at_thirty_points_are_whole_in_the_end(
    workers: ManyWorkers, user: User, many_ids: list[str], large_ids: list[str]
) -> None:
    """Ten of each of two shards of a creation, and ten of an addition's only one."""
    draw, functions = random.Random(SEED), workers.functions  # noqa: S311 - a fixed choice of tests
    for asked, ids, killed, events in (
        (workers.asked_to_create, many_ids, 20, [CREATED]),
        (workers.asked_to_add, large_ids, 10, [CREATED, UPDATED]),
    ):
        functions.reset()
        assert workers.executed(asked(user, ids).build_id) == "SUCCEEDED"
        usual = {one.key: one.requests for one in functions.done if one.key not in STEPS}
        functions.reset()
        functions.kills.update({shard: kills(draw, requests) for shard, requests in usual.items()})
        wish = asked(user, ids)

        assert workers.executed(wish.build_id) == "SUCCEEDED"

        assert functions.killed == killed
        workers.tidy_up(wish)
        assert_active(workers.world, user, wish)
        assert_nothing_left_of_shards(workers.world, wish)
        assert events_of(workers.world, wish) == events


# Their requests, each with effect and without; a commit's last ones follow what is committed.
DIRECTED = [
    (step, Kill(request, then))
    for step, requests in (("plan", (2,)), ("assemble", (3, 8)), ("commit", (3, 5, 6)))
    for request in requests
    for then in EFFECTS
]


@pytest.mark.parametrize(("step", "kill"), DIRECTED, ids=str)
def test_a_step_that_is_killed_is_done_by_the_next_try(
    workers: ManyWorkers, user: User, large_ids: list[str], step: str, kill: Kill
) -> None:
    wish = workers.asked_to_add(user, large_ids)
    workers.functions.kills[step].append(kill)

    assert workers.executed(wish.build_id) == "SUCCEEDED"

    assert workers.functions.killed == 1
    workers.tidy_up(wish)
    assert_active(workers.world, user, wish)
    assert_nothing_left_of_shards(workers.world, wish)
    committed = [row["number"] for row in attempts_of(workers.world, wish) if row["status"] == "committed"]
    assert sorted(committed) == [1, 2]
    assert events_of(workers.world, wish) == [CREATED, UPDATED]


# --- failed for good ---


def cannot_be_written(proxy: FaultProxy) -> None:
    proxy.fail(method="PUT", path_contains="/shard-00002", times=None)


def cannot_be_read(proxy: FaultProxy) -> None:
    proxy.fail(path_contains=DOWNLOAD, times=None)


@pytest.mark.parametrize("fault", [cannot_be_written, cannot_be_read])
def test_a_shard_that_fails_for_good_ends_the_build_with_its_number_and_its_reason(
    workers: ManyWorkers, user: User, many_ids: list[str], fault: Callable[[FaultProxy], None]
) -> None:
    workers.try_each_step(2)
    workers.functions.faults = lambda key, proxy: fault(proxy) if key == 2 else None
    wish = workers.asked_to_create(user, many_ids)

    # moto goes on behind shards that failed, and finds the work over.
    assert workers.executed(wish.build_id) in {"FAILED", "SUCCEEDED"}

    assert_failed(user, wish, "again and again: 2.", "The storage answered 500.")
    assert events_of(workers.world, wish) == [FAILED]
    workers.tidy_up(wish)
    assert_nothing_left_of_shards(workers.world, wish)
    assert events_of(workers.world, wish) == [FAILED]

    workers.functions.reset()
    workers.application.service.acting_for(UUID(user.id)).retry_build(UUID(wish.training_file_id))
    assert workers.executed(workers.next_message()) == "SUCCEEDED"
    assert_active(workers.world, user, wish)
    assert_nothing_left_of_shards(workers.world, wish)
    assert events_of(workers.world, wish) == [FAILED, CREATED]


# --- ended by others ---


def test_a_training_file_that_is_removed_while_its_shards_are_built_ends_the_execution(
    workers: ManyWorkers, user: User, large_ids: list[str]
) -> None:
    """Its worker writes on for a while, and another one after housekeeping has been there."""
    wish = workers.asked_to_create(user, large_ids)
    folder, service = str(wish.build_id), workers.application.service.acting_for(UUID(user.id))

    def removed_while_it_writes(_: str | int, proxy: FaultProxy) -> None:
        proxy.before("/shard-00001", lambda: service.delete_training_file(UUID(wish.training_file_id)))

    workers.functions.faults = removed_while_it_writes

    assert workers.executed(wish.build_id) == "SUCCEEDED"

    assert len(workers.functions.taken(1)) == 1
    assert any(path.startswith(f"{folder}/shard-") for path in workers.world.object_paths())
    workers.tidy_up(wish)
    assert_nothing_left_of_shards(workers.world, wish, folders=[folder])
    write_late(workers, f"{folder}/shard-00001-0123abcd.json")
    workers.keep_house()
    assert_nothing_left_of_shards(workers.world, wish, folders=[folder])
    assert events_of(workers.world, wish) == []


def write_late(workers: ManyWorkers, path: str) -> None:
    bucket = workers.world.client.storage.from_("training-files")
    bucket.upload(path, b"{}", {"content-type": "application/json"})


def test_an_execution_that_was_stopped_ends_its_build_when_the_lease_is_over(
    workers: ManyWorkers, user: User, large_ids: list[str]
) -> None:
    wish = workers.asked_to_create(user, large_ids)
    arn = workers.machine.execution_arn(wish.build_id)
    workers.functions.before["assemble"].append(lambda: workers.states.stop_execution(executionArn=arn))

    assert workers.executed(wish.build_id) == "ABORTED"

    # The message comes again: nobody waits for the lease then.
    workers.tidy_up(wish)
    assert_failed(user, wish, "ended before the build did (aborted)")
    assert events_of(workers.world, wish) == [FAILED]
    workers.tidy_up(wish)
    assert_nothing_left_of_shards(workers.world, wish)


def test_what_another_writer_adds_before_the_commit_has_it_planned_again(
    workers: ManyWorkers, user: User, large_ids: list[str]
) -> None:
    wish = workers.asked_to_add(user, large_ids)
    [other] = workers.world.some_conversations(user, 1)
    service = workers.application.service.acting_for(UUID(user.id))
    wanted = AddConversationsInput(training_file_id=UUID(wish.training_file_id), conversation_ids=(UUID(other),))
    workers.functions.before["commit"].append(lambda: service.add_conversations_to_training_file(wanted))

    assert workers.executed(wish.build_id) == "SUCCEEDED"

    assert [one.key for one in workers.functions.done] == [
        "plan",
        1,
        "assemble",
        "commit",
        "plan",
        "assemble",
        "commit",
    ]
    assert agreed_conversation_ids(workers.world, wish.training_file_id) == [*wish.before, other, *large_ids]
    workers.tidy_up(wish)
    assert_nothing_left_of_shards(workers.world, wish)
    assert events_of(workers.world, wish) == [CREATED, UPDATED, UPDATED]
