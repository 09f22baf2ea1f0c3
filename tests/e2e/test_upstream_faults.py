"""Supabase fails, hangs, loses answers or is not set up: callers are told so, and nothing is half written."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from uuid import uuid4

import httpx
import pytest

from tests.support.builders import Json
from tests.support.errors import the_error
from tests.support.fault_proxy import FaultProxy
from tests.support.world import User, World

FILES = "/api/training-files"
COMMIT = "/rpc/commit_training_file_revision"
# What the system asks of Supabase while it creates a training file.
STEPS = {
    "resolve": ("POST", "/rpc/resolve_training_file_request"),
    "read of an enriched file": ("GET", "/object/conversation-files/"),
    "begin": ("POST", "/rpc/begin_training_file_revision"),
    "write of the JSON": ("POST", "/training.json?"),
    "write of the JSONL": ("POST", "/training.jsonl?"),
    "commit": ("POST", COMMIT),
}
FAULTS: dict[str, Callable[..., None]] = {
    "answers 500": FaultProxy.fail,
    "hangs up": FaultProxy.drop,
    "loses the answer": FaultProxy.drop_answer,
}


def _unavailable(answer: httpx.Response) -> str:
    """What a caller is told, after it was checked that it says when to try again."""
    body = the_error(answer, 503, "upstream_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    return str(body["error"])


def _not_set_up(answer: httpx.Response) -> str:
    sentence = str(the_error(answer, 503, "not_set_up")["error"])
    assert "make migrate" in sentence
    assert "retry-after" not in answer.headers
    return sentence


def _assert_in_step(user: User, training_file: Json) -> None:
    """Database, JSON, JSONL and what the API says agree, for the current revision."""
    training_file_id = training_file["id"]
    assert user.get(training_file_id) == training_file
    ids = user.conversation_ids(training_file_id)
    assert len(ids) == len(set(ids)) == training_file["conversation_count"]
    document, lines = json.loads(user.download(training_file_id)), user.download(training_file_id, "jsonl").splitlines()
    assert [c["conversation_metadata"]["conversation_id"] for c in document["conversations"]] == ids
    assert len(lines) == training_file["trainable_pairs"]


# --- one fault: mended unseen ---


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_single_fault_at_every_step_is_not_noticed(world: World, user: User, fault: Callable[..., None]) -> None:
    first, second = world.some_conversations(user, 2)
    for method, asked in STEPS.values():
        fault(world.proxy, method=method, path_contains=asked, times=1)
    created = user.created([first])
    _assert_in_step(user, created)

    fault(world.proxy, path_contains=COMMIT, times=1)
    extended = user.add(created["id"], [second]).json()["trainingFile"]

    assert user.conversation_ids(created["id"]) == [first, second]
    _assert_in_step(user, extended)
    assert [row["status"] for row in world.revision_rows(user)] == ["committed", "committed"]


# --- faults that last ---


@pytest.mark.parametrize(("method", "asked"), STEPS.values(), ids=STEPS)
def test_what_supabase_refuses_leaves_everything_as_it_was(world: World, user: User, method: str, asked: str) -> None:
    first, second = world.some_conversations(user, 2)
    created, name, objects = user.created([first]), f"file {uuid4()}", world.object_paths()
    world.proxy.fail(method=method, path_contains=asked, times=None)

    _unavailable(user.add(created["id"], [second]))
    _unavailable(user.create([second], name))

    world.proxy.reset()
    if asked != COMMIT:
        assert world.object_paths() == objects
        assert [row["name"] for row in world.training_file_rows(user)] == [created["name"]]
        assert user.create([second], name).status_code == 201
    _assert_in_step(user, created)
    assert user.add(created["id"], [second]).status_code == 200
    assert user.conversation_ids(created["id"]) == [first, second]


def test_a_commit_whose_outcome_stays_unknown_says_so_and_adds_once(world: World, user: User) -> None:
    first, second = world.some_conversations(user, 2)
    created = user.created([first])
    world.proxy.drop_answer(path_contains=COMMIT, times=None)

    told = _unavailable(user.add(created["id"], [second]))

    world.proxy.reset()
    assert "may or may not" in told
    current = user.get(created["id"])
    assert current["revision"] == 2
    _assert_in_step(user, current)
    again = the_error(user.add(created["id"], [second]), 409, "conversations_already_in_file")
    assert [detail["conversation_id"] for detail in again["details"]] == [second]
    assert user.conversation_ids(created["id"]) == [first, second]


def test_a_create_whose_begin_stays_unknown_gives_its_name_back(world: World, user: User) -> None:
    conversation, name = world.a_conversation(user), f"file {uuid4()}"
    world.proxy.drop_answer(path_contains="/rpc/begin_training_file_revision", times=2)

    _unavailable(user.create([conversation], name))

    assert world.training_file_rows(user) == []
    assert user.create([conversation], name).status_code == 201


@pytest.mark.parametrize(
    ("method", "rest", "body", "asked"),
    [
        ("GET", "", None, "/rest/v1/training_files"),
        ("GET", "/{id}", None, "/rest/v1/training_files"),
        ("GET", "/{id}/conversations", None, "/rest/v1/training_file_conversations"),
        ("GET", "/{id}/revisions", None, "/rest/v1/training_file_revisions"),
        ("GET", "/{id}/diff", None, "/rpc/compare_training_file_revisions"),
        ("GET", "/{id}/findings", None, "/rest/v1/training_file_conversations"),
        ("GET", "/{id}/download", None, "/object/sign/"),
        ("PATCH", "/{id}", {"description": "new"}, "/rest/v1/training_files"),
        ("DELETE", "/{id}", None, "/rpc/delete_training_file"),
    ],
)
def test_every_other_call_mends_one_fault_and_reports_more(
    world: World, user: User, method: str, rest: str, body: Json | None, asked: str
) -> None:
    path = FILES + rest.format(id=user.created([world.a_conversation(user)])["id"])
    world.proxy.fail(path_contains=asked, status=502, times=2)
    world.proxy.drop_answer(path_contains=asked, times=1)

    _unavailable(user.http.request(method, path, json=body))

    assert user.http.request(method, path, json=body).is_success


def test_a_removal_is_done_when_only_its_objects_cannot_be_removed_now(world: World, user: User) -> None:
    """Nobody finds the training file any more; what is left of it is remembered, for housekeeping."""
    training_file = user.created([world.a_conversation(user)])
    world.proxy.fail(path_contains="/object/training-files", status=502, times=2)

    answer = user.http.delete(f"{FILES}/{training_file['id']}")

    assert answer.status_code == 204
    assert user.http.get(f"{FILES}/{training_file['id']}").status_code == 404
    assert training_file["json_file_path"] in world.object_paths()
    folders = {str(row["revision_id"]) for row in world.rows("select revision_id from training_file_removals")}
    assert training_file["json_file_path"].partition("/")[0] in folders


# --- slow and down ---


@pytest.mark.slow
def test_a_supabase_that_is_slow_is_given_up_in_time(world: World, user: User) -> None:
    read, written, objects = world.a_conversation(user), world.a_conversation(user), world.object_paths()
    for asked in ("/rest/v1/training_files", f"/object/conversation-files/{read}", "/training.jsonl"):
        world.proxy.hang(path_contains=asked, times=None)

    with ThreadPoolExecutor() as executor:
        calls = [
            executor.submit(user.http.get, FILES),
            executor.submit(user.create, [read]),
            executor.submit(user.create, [written]),
        ]

    assert all("in time" in _unavailable(call.result()) for call in calls)
    assert world.training_file_rows(user) == []
    assert world.object_paths() == objects


@pytest.mark.slow
def test_a_stalled_download_costs_one_time_out_and_a_retry_and_not_the_build(world: World, user: User) -> None:
    ids = world.some_conversations(user, 3)
    world.proxy.hang(path_contains=f"/object/conversation-files/{ids[1]}/", times=1)

    created = user.created(ids)

    _assert_in_step(user, created)
    assert user.conversation_ids(created["id"]) == ids
    assert [_downloads_of(world, one) for one in ids] == [1, 2, 1]


@pytest.mark.slow
def test_a_storage_that_is_stalled_altogether_is_reported_in_time_and_nothing_is_left(world: World, user: User) -> None:
    ids, objects = world.some_conversations(user, 3), world.object_paths()
    world.proxy.hang(path_contains="/storage/v1/", times=None)

    assert "in time" in _unavailable(user.create(ids, "wanted"))

    world.proxy.reset()
    assert world.training_file_rows(user) == []
    assert world.object_paths() == objects
    assert user.create(ids, "wanted").status_code == 201


def _downloads_of(world: World, conversation_id: str) -> int:
    return sum(f"/object/conversation-files/{conversation_id}/" in request for request in world.proxy.requests)


@pytest.mark.parametrize(
    ("method", "rest", "body"),
    [
        ("GET", "", None),
        ("GET", "/{id}", None),
        ("PATCH", "/{id}", {"name": "x"}),
        ("DELETE", "/{id}", None),
        ("GET", "/{id}/conversations", None),
        ("GET", "/{id}/revisions", None),
        ("GET", "/{id}/diff", None),
        ("GET", "/{id}/findings", None),
        ("GET", "/{id}/download", None),
        ("POST", "", {"name": "x", "conversation_ids": [str(uuid4())]}),
        ("POST", "/{id}/add-conversations", {"conversation_ids": [str(uuid4())]}),
        ("POST", "/{id}/remove-conversations", {"conversation_ids": [str(uuid4())]}),
        ("POST", "/{id}/refresh", {}),
        ("POST", "/{id}/revert", {"revision": 1}),
        ("PUT", "/{id}/tags/v1", {"revision": 1}),
        ("DELETE", "/{id}/tags/v1", None),
        ("POST", "/{id}/retry", None),
    ],
    ids=lambda value: "" if isinstance(value, dict) else None,
)
def test_a_supabase_that_is_down_is_reported_by_every_call(
    world: World, user: User, method: str, rest: str, body: Json | None
) -> None:
    world.proxy.drop(times=None)

    assert "cannot be reached" in _unavailable(user.http.request(method, FILES + rest.format(id=uuid4()), json=body))


# --- not set up ---


@contextmanager
def _changed(world: World, change: str, restore: str) -> Iterator[None]:
    world.database.execute(change)
    try:
        yield
    finally:
        world.database.execute(restore)


def _hidden(world: World, kind: str, name: str) -> AbstractContextManager[None]:
    """A table or function that goes by another name."""
    return _changed(
        world, f"alter {kind} public.{name} rename to hidden", f"alter {kind} public.hidden rename to {name}"
    )


@pytest.mark.parametrize(
    ("missing", "rest"),
    [
        ("training_files", ""),
        ("training_files", "/{id}"),
        ("training_file_conversations", "/{id}/conversations"),
        ("training_file_revisions", "/{id}/revisions"),
        ("training_file_conversations", "/{id}/findings"),
        ("training_file_revisions", "/{id}/download"),
        ("training_file_tags", "/{id}/revisions"),
        ("training_file_tags", "/{id}/report"),
    ],
)
def test_a_missing_table_is_reported_with_what_mends_it(world: World, user: User, missing: str, rest: str) -> None:
    path = FILES + rest.format(id=user.created([world.a_conversation(user)])["id"])

    with _hidden(world, "table", missing):
        told = _not_set_up(user.http.get(path))

    assert "table or function" in told
    assert user.http.get(path).status_code == 200


@pytest.mark.parametrize("function", ["resolve_training_file_request", "begin_training_file_revision"])
def test_a_missing_function_is_reported_with_what_mends_it(world: World, user: User, function: str) -> None:
    conversation, objects = world.a_conversation(user), world.object_paths()

    with _hidden(world, "function", function):
        _not_set_up(user.create([conversation], "to be made"))

    assert world.training_file_rows(user) == []
    assert world.object_paths() == objects
    assert user.create([conversation], "to be made").status_code == 201


CHOOSING = {
    "list_conversations_for_training_files": "/api/conversations",
    "summarize_conversations_for_training_files": "/api/conversations/summary",
}


@pytest.mark.parametrize("path", CHOOSING.values())
def test_choosing_without_a_function_that_it_needs_is_reported_with_what_mends_it(
    world: World, user: User, path: str
) -> None:
    with _hidden(world, "function", "training_file_choices_query"):
        _not_set_up(user.http.get(path))

    assert user.http.get(path).status_code == 200


@pytest.mark.parametrize(("function", "path"), CHOOSING.items())
def test_choosing_mends_one_fault_and_reports_more(world: World, user: User, function: str, path: str) -> None:
    world.proxy.fail(path_contains=f"/rpc/{function}", status=502, times=2)
    world.proxy.drop_answer(path_contains=f"/rpc/{function}", times=1)

    _unavailable(user.http.get(path))

    assert user.http.get(path).is_success


def test_a_missing_commit_leaves_the_file_as_it_was(world: World, user: User) -> None:
    first, second = world.some_conversations(user, 2)
    created = user.created([first])

    with _hidden(world, "function", "commit_training_file_revision"):
        _not_set_up(user.add(created["id"], [second]))

    _assert_in_step(user, created)
    assert user.add(created["id"], [second]).status_code == 200


def test_a_missing_table_of_conversations_is_reported(world: World, user: User) -> None:
    conversation = world.a_conversation(user)

    with _hidden(world, "table", "conversations"):
        _not_set_up(user.create([conversation]))


def test_a_missing_grant_is_reported(world: World, user: User) -> None:
    signature = "public.resolve_training_file_request(uuid, jsonb, boolean, uuid, text)"

    with _changed(
        world,
        f"revoke execute on function {signature} from service_role",
        f"grant execute on function {signature} to service_role",
    ):
        _not_set_up(user.create([str(uuid4())]))


@pytest.mark.parametrize("bucket", ["conversation-files", "training-files"])
def test_a_missing_bucket_is_reported_with_its_name(world: World, user: User, bucket: str) -> None:
    conversation, objects = world.a_conversation(user), world.object_paths()

    with _without_bucket(world, bucket):
        told = _not_set_up(user.create([conversation]))

    assert bucket in told
    assert world.training_file_rows(user) == []
    assert world.object_paths() == objects
    assert user.create([conversation]).status_code == 201


@contextmanager
def _without_bucket(world: World, bucket: str) -> Iterator[None]:
    """The bucket's row is away; its objects stay, for which the foreign key has to look away."""
    world.database.execute("create table public.hidden_bucket as select * from storage.buckets where id = %s", [bucket])
    world.database.execute("set session_replication_role = replica")
    try:
        world.database.execute("delete from storage.buckets where id = %s", [bucket])
        yield
    finally:
        world.database.execute("insert into storage.buckets select * from public.hidden_bucket")
        world.database.execute("set session_replication_role = default")
        world.database.execute("drop table public.hidden_bucket")
