"""Writers at the same moment: what was acknowledged is there once, and everything agrees."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar
from uuid import UUID

import httpx
import pytest

from tests.support.agreement import agreed_conversation_ids
from tests.support.world import User, World

pytestmark = pytest.mark.slow


Result = TypeVar("Result")

WRITERS = 8
ROUNDS = 10


def together(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """The calls' results; all of them start at one moment."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Result]) -> Result:
        start.wait(timeout=10)
        return call()

    with ThreadPoolExecutor(len(calls)) as executor:
        return list(executor.map(run, calls))


def test_eight_concurrent_additions_in_ten_rounds_lose_and_double_nothing(world: World, user: User) -> None:
    acknowledged = world.some_conversations(user, 1)
    training_file_id = user.created(acknowledged)["id"]

    for _ in range(ROUNDS):
        answers = together(
            [
                lambda ids=[conversation_id]: (ids, user.add(training_file_id, ids))
                for conversation_id in world.some_conversations(user, WRITERS)
            ]
        )
        acknowledged += [
            conversation_id for ids, answer in answers if answer.status_code == 200 for conversation_id in ids
        ]

        assert {answer.status_code for _, answer in answers} == {200}
        assert sorted(agreed_conversation_ids(world, training_file_id)) == sorted(acknowledged)

    file = user.get(training_file_id)
    assert (file["revision"], file["conversation_count"]) == (1 + WRITERS * ROUNDS, 1 + WRITERS * ROUNDS)
    committed = [row for row in world.revision_rows(user) if row["status"] == "committed"]
    assert sorted(row["number"] for row in committed) == list(range(1, file["revision"] + 1))
    of_committed = {path for row in committed for path in (row["json_file_path"], row["jsonl_file_path"])}
    of_others = {row["json_file_path"] for row in world.revision_rows(user) if row["status"] != "committed"}
    assert of_committed <= world.object_paths()
    assert world.object_paths().isdisjoint(of_others)


@pytest.mark.parametrize("turn", range(3))
def test_eight_concurrent_creations_of_one_name_give_one_file(world: World, user: User, turn: int) -> None:
    ids = world.some_conversations(user, WRITERS)

    answers = together([lambda i=i: user.create([i], name=f"wanted {turn}") for i in ids])

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (WRITERS - 1)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"name_taken"}
    [created] = [answer.json()["trainingFile"] for answer in answers if answer.status_code == 201]
    assert [row["id"] for row in world.training_file_rows(user)] == [UUID(created["id"])]
    assert len(agreed_conversation_ids(world, created["id"])) == 1


def test_a_conversation_that_eight_add_at_once_is_there_once(world: World, user: User) -> None:
    first, wanted = world.some_conversations(user, 2)
    training_file_id = user.created([first])["id"]

    answers = together([lambda: user.add(training_file_id, [wanted])] * WRITERS)

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (WRITERS - 1)
    refusals = [answer.json() for answer in answers if answer.status_code == 409]
    assert {refusal["code"] for refusal in refusals} == {"conversations_already_in_file"}
    assert {detail["conversation_id"] for refusal in refusals for detail in refusal["details"]} == {wanted}
    assert agreed_conversation_ids(world, training_file_id) == [first, wanted]


def test_an_addition_and_a_creation_of_another_name_do_not_meet(world: World, user: User) -> None:
    first, second, third = world.some_conversations(user, 3)
    training_file_id = user.created([first])["id"]

    added, created = together([lambda: user.add(training_file_id, [second]), lambda: user.create([second, third])])

    assert (added.status_code, created.status_code) == (200, 201)
    assert agreed_conversation_ids(world, training_file_id) == [first, second]
    assert agreed_conversation_ids(world, created.json()["trainingFile"]["id"]) == [second, third]


STEPS = ["begin_training_file_revision", "/object/training-files/", "commit_training_file_revision"]


@pytest.mark.parametrize("step", STEPS)
def test_an_addition_to_a_file_that_another_archives_meanwhile_is_refused(world: World, user: User, step: str) -> None:
    first, second = world.some_conversations(user, 2)
    training_file_id = user.created([first])["id"]
    world.proxy.before(step, lambda: changed(user, training_file_id, "archived"))

    answer = user.add(training_file_id, [second])

    assert (answer.status_code, answer.json()["code"]) == (409, "training_file_archived")
    assert agreed_conversation_ids(world, training_file_id) == [first]
    assert_only_committed_revisions_have_objects(world, user)
    changed(user, training_file_id, "active")
    assert user.add(training_file_id, [second]).status_code == 200
    assert agreed_conversation_ids(world, training_file_id) == [first, second]


@pytest.mark.parametrize("step", [*STEPS, "/object/sign/training-files/"])
def test_an_addition_to_a_file_that_another_removes_meanwhile_finds_none(world: World, user: User, step: str) -> None:
    first, second = world.some_conversations(user, 2)
    training_file = user.created([first])
    world.proxy.before(step, lambda: removed(user, training_file["id"]))

    answer = user.add(training_file["id"], [second])

    assert (answer.status_code, answer.json()["code"]) == (404, "training_file_not_found")
    assert world.training_file_rows(user) == world.revision_rows(user) == []


def changed(user: User, training_file_id: str, status: str) -> httpx.Response:
    return user.http.patch(f"/api/training-files/{training_file_id}", json={"status": status}).raise_for_status()


def removed(user: User, training_file_id: str) -> httpx.Response:
    return user.http.delete(f"/api/training-files/{training_file_id}").raise_for_status()


def assert_only_committed_revisions_have_objects(world: World, user: User) -> None:
    uncommitted = {row["json_file_path"] for row in world.revision_rows(user) if row["status"] != "committed"}
    assert world.object_paths().isdisjoint(uncommitted)
