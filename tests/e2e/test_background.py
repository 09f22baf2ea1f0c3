"""Builds that nobody waits for: asked for over HTTP, queued, built by a worker, and ended in any case."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from infra.local_queue import LocalQueues
from tests.support.agreement import agreed_conversation_ids
from tests.support.builders import Json, a_pair, an_enriched_file
from tests.support.errors import the_error
from tests.support.world import User, World
from training_files.domain.limits import LARGEST_WHILE_WAITING_BYTES

FILES = "/api/training-files"
LATER = {"Prefer": "respond-async"}
MORE_THAN_CAN_BE_WAITED_FOR = 101
# Of the conversations of a build; the worker says so after each.
CHUNK = 250
# Of the rows of figures that one call takes.
ROWS_AT_ONCE = 500
# Longer than two tries of a build against a storage that is stalled, each call of which is tried twice.
GIVE_UP_AFTER_SECONDS = 40


def _until(holds: Callable[[], Any], what: str) -> Any:
    """The first true value, for which it waits a bounded time."""
    give_up_at = time.monotonic() + GIVE_UP_AFTER_SECONDS
    while not (value := holds()):
        assert time.monotonic() < give_up_at, f"this did not happen: {what}"
        time.sleep(0.02)
    return value


def _create_later(user: User, ids: list[str], name: str | None = None, **options: Any) -> httpx.Response:
    body = {"name": name or f"file {uuid4()}", "conversation_ids": ids, **options}
    return user.http.post(FILES, json=body, headers=LATER)


def _add_later(user: User, training_file_id: str, ids: list[str], **options: Any) -> httpx.Response:
    body = {"conversation_ids": ids, **options}
    return user.http.post(f"{FILES}/{training_file_id}/add-conversations", json=body, headers=LATER)


def _retry(user: User, training_file_id: str) -> httpx.Response:
    return user.http.post(f"{FILES}/{training_file_id}/retry")


def _accepted(answer: httpx.Response) -> str:
    """The id of the training file that a worker is going to build."""
    assert answer.status_code == 202, answer.text
    training_file_id = str(answer.json()["trainingFile"]["id"])
    assert answer.json()["status"] == "processing"
    assert answer.headers["location"] == f"{FILES}/{training_file_id}"
    return training_file_id


def _ended(user: User, training_file_id: str) -> Json:
    """The training file when nobody builds it any more."""

    def at_rest() -> Json | None:
        training_file = user.get(training_file_id)
        return None if "progress" in training_file or training_file["status"] == "processing" else training_file

    training_file: Json = _until(at_rest, f"the build of {training_file_id} ends")
    return training_file


def _active(user: User, training_file_id: str) -> Json:
    training_file = _ended(user, training_file_id)
    assert (training_file["status"], training_file.get("build_error")) == ("active", None)
    return training_file


class _Held:
    """The next request to a path waits at the proxy, from when it has arrived until it is released."""

    def __init__(self, world: World, path_contains: str) -> None:
        self._arrived, self._released = threading.Event(), threading.Event()
        world.proxy.before(path_contains, self._hold)

    def _hold(self) -> None:
        self._arrived.set()
        self._released.wait(GIVE_UP_AFTER_SECONDS)

    def wait(self) -> None:
        assert self._arrived.wait(GIVE_UP_AFTER_SECONDS), "nobody sent the request that was to be held"

    def release(self) -> None:
        self._released.set()


@contextmanager
def _held(world: World, path_contains: str) -> Iterator[_Held]:
    held = _Held(world, path_contains)
    try:
        yield held
    finally:
        held.release()


def _without_what_is_its_own(raw: bytes) -> bytes:
    """The JSON from behind the name and the times of the training file."""
    return raw.partition(b'"format_spec"')[2]


def _store(world: World, conversation_id: str, enriched: Json) -> None:
    bucket = world.client.storage.from_("conversation-files")
    options = {"content-type": "application/json", "upsert": "true"}
    bucket.upload(f"{conversation_id}/enriched.json", json.dumps(enriched).encode(), options)


def _objects_of(world: World, user: User) -> dict[str, str]:
    """The objects of the user's revisions, with the status of their revision."""
    objects = world.object_paths()
    paths = {
        str(row[column]): str(row["status"])
        for row in world.revision_rows(user)
        for column in ("json_file_path", "jsonl_file_path")
    }
    return {path: status for path, status in paths.items() if path in objects}


# --- asked for ---


@pytest.mark.slow
def test_more_conversations_than_can_be_waited_for_are_built_by_a_worker(world: World, user: User) -> None:
    """They are more than one call to the database takes the figures of, too."""
    ids = world.many_conversations(user, ROWS_AT_ONCE + MORE_THAN_CAN_BE_WAITED_FOR)

    answer = user.create(ids, "large")
    training_file_id = _accepted(answer)
    training_file = answer.json()["trainingFile"]
    assert (training_file["name"], training_file["status"], training_file["revision"]) == ("large", "processing", 0)
    assert answer.json()["skipped"] == []

    assert _active(user, training_file_id)["conversation_count"] == len(ids)
    assert agreed_conversation_ids(world, training_file_id) == ids
    assert len([request for request in world.proxy.requests if "/stage_training_file_conversations" in request]) == 1
    [revision] = world.revision_rows(user)
    of_it = "select from public.training_file_staged_conversations where revision_id = %s"
    assert world.rows(of_it, revision["id"]) == []
    assert (revision["progress_done"], revision["progress_total"]) == (len(ids), len(ids))


def test_a_build_in_the_background_makes_the_same_bytes_as_one_while_the_caller_waits(world: World, user: User) -> None:
    ids = world.some_conversations(user, 4)
    waited_for = user.created(ids[:2])["id"]
    assert user.add(waited_for, ids[2:]).status_code == 200

    later = _accepted(_create_later(user, ids[:2]))
    _active(user, later)
    _accepted(_add_later(user, later, ids[2:]))
    _active(user, later)

    assert _without_what_is_its_own(user.download(later)) == _without_what_is_its_own(user.download(waited_for))
    assert user.download(later, "jsonl") == user.download(waited_for, "jsonl")


@pytest.mark.usefixtures("any_row_score")
def test_what_can_be_checked_at_once_is_refused_at_once(world: World, user: User) -> None:
    good, in_file = world.some_conversations(user, 2)
    training_file_id, name = user.created([in_file])["id"], f"file {uuid4()}"
    user.created([good], name)
    bad = {
        str(uuid4()): "not_found",
        world.a_conversation(world.a_user()): "not_found",
        world.a_conversation(user, enrichment_status="validated"): "not_enriched",
        world.a_conversation(user, enriched_file_path=""): "no_enriched_file",
        world.a_conversation(user, quality_score=7): "quality_score_invalid",
    }
    before = world.training_file_rows(user), world.revision_rows(user)

    created = the_error(_create_later(user, [good, *bad]), 400, "conversation_validation_failed")
    added = the_error(_add_later(user, training_file_id, [*bad, good]), 400, "conversation_validation_failed")
    the_error(_create_later(user, [good], name), 409, "name_taken")
    the_error(_add_later(user, training_file_id, [in_file, good]), 409, "conversations_already_in_file")
    the_error(_add_later(user, str(uuid4()), [good]), 404, "training_file_not_found")

    assert {detail["conversation_id"]: detail["code"] for detail in created["details"]} == bad
    assert added["details"] == created["details"]
    assert (world.training_file_rows(user), world.revision_rows(user)) == before


def test_an_archived_file_is_refused_at_once(world: World, user: User) -> None:
    first, second = world.some_conversations(user, 2)
    training_file_id = user.created([first])["id"]
    user.http.patch(f"{FILES}/{training_file_id}", json={"status": "archived"})

    the_error(_add_later(user, training_file_id, [second]), 409, "training_file_archived")


def test_a_dry_run_is_never_put_off(world: World, user: User) -> None:
    answer = _create_later(user, world.some_conversations(user, 1), dry_run=True)

    assert (answer.status_code, answer.json()["dry_run"]) == (200, True)
    assert world.training_file_rows(user) == []


# --- while it lasts ---


def test_a_creation_shows_how_far_it_is(world: World, user: User) -> None:
    last = world.a_conversation(user)
    ids = [*world.many_conversations(user, CHUNK), last]

    with _held(world, f"/object/conversation-files/{last}/") as held:
        training_file_id = _accepted(_create_later(user, ids))
        held.wait()
        training_file = user.get(training_file_id)
        download = user.http.get(f"{FILES}/{training_file_id}/download")

    assert (training_file["status"], training_file["revision"]) == ("processing", 0)
    assert training_file["progress"] == {"done": CHUNK, "total": CHUNK + 1}
    the_error(download, 409, "training_file_processing")
    assert _active(user, training_file_id)["conversation_count"] == CHUNK + 1
    assert agreed_conversation_ids(world, training_file_id) == ids


def test_an_addition_leaves_the_file_readable_until_it_is_done(world: World, user: User) -> None:
    ids = world.some_conversations(user, 4)
    created = user.created(ids[:2])
    before = user.download(created["id"])

    with _held(world, "/training.jsonl?") as held:
        _accepted(_add_later(user, created["id"], ids[2:]))
        held.wait()
        meanwhile = user.get(created["id"])
        downloaded = user.download(created["id"])

    assert meanwhile == created | {"progress": {"done": 2, "total": 2}, "quality_summary": meanwhile["quality_summary"]}
    assert downloaded == before
    assert _active(user, created["id"])["revision"] == 2
    assert agreed_conversation_ids(world, created["id"]) == ids


def test_an_addition_that_was_overtaken_is_built_on_the_other(world: World, user: User) -> None:
    ids = world.some_conversations(user, 6)
    training_file_id = user.created(ids[:2])["id"]
    overtaken: list[httpx.Response] = []
    world.proxy.before(
        "/rpc/commit_training_file_revision",
        lambda: overtaken.append(user.add(training_file_id, ids[2:4])),
    )

    _accepted(_add_later(user, training_file_id, ids[4:]))
    _until(lambda: user.get(training_file_id)["revision"] == 3, "both additions are committed")

    assert [answer.status_code for answer in overtaken] == [200]
    assert agreed_conversation_ids(world, training_file_id) == ids
    assert set(_objects_of(world, user).values()) == {"committed"}


def test_an_addition_to_a_file_that_is_too_large_to_be_waited_for_is_accepted_and_built(
    world: World, user: User
) -> None:
    first, second = world.some_conversations(user, 2)
    created = user.created([first])
    world.rows(
        "update training_files set json_file_size = %s where id = %s returning id",
        LARGEST_WHILE_WAITING_BYTES + 1,
        created["id"],
    )

    assert _accepted(user.add(created["id"], [second])) == created["id"]

    assert _ended(user, created["id"])["revision"] == 2
    assert agreed_conversation_ids(world, created["id"]) == [first, second]


# --- conversations that cannot be used ---


def test_a_failed_creation_names_every_conversation_and_can_be_tried_again_when_they_are_mended(
    world: World, user: User
) -> None:
    good = world.a_conversation(user)
    missing = world.a_conversation(user, stored=False)
    invalid = world.a_conversation(user, an_enriched_file(a_pair(1, target_response=7)))

    training_file_id = _accepted(_create_later(user, [good, missing, invalid], "wanted"))
    failed = _ended(user, training_file_id)

    assert (failed["status"], failed["revision"]) == ("failed", 0)
    assert failed["build_error"].startswith("Conversation validation failed: ")
    assert [(fault["conversation_id"], fault["code"]) for fault in failed["failed_conversations"]] == [
        (missing, "enriched_file_missing"),
        (invalid, "enriched_file_invalid"),
    ]
    assert failed["failed_conversations"][1]["place"] == "training_pairs[0].target_response"
    [listed] = user.http.get(FILES, params={"status": "failed"}).json()["files"]
    assert listed["id"] == training_file_id
    assert "whose build failed" in the_error(user.create([good], "wanted"), 409, "name_taken")["error"]
    path = f"{FILES}/{training_file_id}"
    for answer in (
        user.http.get(f"{path}/download"),
        user.http.get(f"{path}/report"),
        user.http.post(f"{path}/exports", json={"format": "messages"}),
        user.http.patch(path, json={"name": "x"}),
        user.add(training_file_id, [good]),
    ):
        sentence = the_error(answer, 409, "training_file_failed")["error"]
        assert f"failed: Conversation validation failed: conversation {missing} " in sentence
        assert "/retry" in sentence

    for conversation_id in (missing, invalid):
        _store(world, conversation_id, an_enriched_file())
    assert _accepted(_retry(user, training_file_id)) == training_file_id
    assert _active(user, training_file_id)["conversation_count"] == 3
    assert agreed_conversation_ids(world, training_file_id) == [good, missing, invalid]


def test_a_failed_addition_leaves_the_file_as_it_was_and_can_be_tried_again(world: World, user: User) -> None:
    first, missing = world.a_conversation(user), world.a_conversation(user, stored=False)
    created = user.created([first])

    _accepted(_add_later(user, created["id"], [missing]))
    failed = _ended(user, created["id"])

    assert {key: failed[key] for key in created} == created
    assert [fault["conversation_id"] for fault in failed["failed_conversations"]] == [missing]
    _store(world, missing, an_enriched_file())
    _accepted(_retry(user, created["id"]))
    assert "failed_conversations" not in _active(user, created["id"])
    assert agreed_conversation_ids(world, created["id"]) == [first, missing]


def test_conversations_that_are_skipped_are_listed_in_the_revision(world: World, user: User) -> None:
    in_file, good = world.some_conversations(user, 2)
    unknown, missing = str(uuid4()), world.a_conversation(user, stored=False)
    training_file_id = user.created([in_file])["id"]

    answer = _add_later(
        user, training_file_id, [unknown, in_file, missing, good], on_invalid="skip", on_duplicate="skip"
    )
    _accepted(answer)
    _active(user, training_file_id)

    assert [fault["conversation_id"] for fault in answer.json()["skipped"]] == [unknown, in_file]
    latest = user.http.get(f"{FILES}/{training_file_id}/revisions").json()["revisions"][0]
    assert latest["skipped"][:2] == answer.json()["skipped"]
    assert [fault["code"] for fault in latest["skipped"]] == ["not_found", "already_in_file", "enriched_file_missing"]
    assert agreed_conversation_ids(world, training_file_id) == [in_file, good]


def test_asking_how_a_build_is_costs_the_same_however_much_was_asked_for(world: World, user: User) -> None:
    # So many that of the duplicates among them as many are listed as ever are.
    counts = (MORE_THAN_CAN_BE_WAITED_FOR, 3 * MORE_THAN_CAN_BE_WAITED_FOR)
    built = [_accepted(_create_later(user, world.many_conversations(user, count))) for count in counts]
    for training_file_id in built:
        _active(user, training_file_id)

    for path in ("", "/revisions"):
        few_bytes, many_bytes = (_bytes_down_for(world, user, f"{FILES}/{one}{path}") for one in built)

        # Figures have more digits.
        assert many_bytes == pytest.approx(few_bytes, rel=0.05)


def _bytes_down_for(world: World, user: User, path: str) -> int:
    world.proxy.reset()
    assert user.http.get(path).status_code == 200
    return sum(exchange.bytes_down for exchange in world.proxy.exchanges)


def test_there_is_nothing_to_retry_unless_the_open_build_has_failed(world: World, user: User) -> None:
    ids = world.some_conversations(user, 3)
    waited_for = user.created(ids)["id"]
    built = _accepted(_create_later(user, ids))
    _active(user, built)

    the_error(_retry(user, waited_for), 409, "nothing_to_retry")
    the_error(_retry(user, built), 409, "nothing_to_retry")
    the_error(_retry(world.a_user(), built), 404, "training_file_not_found")
    with _held(world, "/training.json?") as held:
        lasting = _accepted(_create_later(user, ids))
        held.wait()
        the_error(_retry(user, lasting), 409, "nothing_to_retry")
    _active(user, lasting)


# --- messages that come again, and builds that break off ---


def _send(queues: LocalQueues, revision_id: object, times: int = 1) -> None:
    for _ in range(times):
        body = json.dumps({"revision_id": str(revision_id)})
        queues.sqs.send_message(QueueUrl=queues.url("BuildQueue"), MessageBody=body)


def _waiting(queues: LocalQueues, queue: str) -> int:
    """How many messages of a queue nobody has been done with."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = queues.sqs.get_queue_attributes(QueueUrl=queues.url(queue), AttributeNames=names)["Attributes"]
    return sum(int(attributes[name]) for name in names)


@pytest.fixture
def impatient_queues(queues: LocalQueues) -> Iterator[LocalQueues]:
    """Messages that were not done with come back after a second."""
    urls = [queues.url(name) for name in ("BuildQueue", "BuildDeadLetterQueue")]
    with ExitStack() as changes:
        for url in urls:
            changes.enter_context(_with_attributes(queues, url, VisibilityTimeout="1"))
        yield queues


@pytest.fixture
def queues_that_give_up_soon(impatient_queues: LocalQueues) -> Iterator[LocalQueues]:
    """After the second try that fails."""
    url = impatient_queues.url("BuildQueue")
    attributes = impatient_queues.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]
    policy = json.loads(attributes["RedrivePolicy"]) | {"maxReceiveCount": 2}
    with _with_attributes(impatient_queues, url, RedrivePolicy=json.dumps(policy)):
        yield impatient_queues


@contextmanager
def _with_attributes(queues: LocalQueues, url: str, **attributes: str) -> Iterator[None]:
    usual = queues.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(attributes))["Attributes"]
    queues.sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    yield
    queues.sqs.set_queue_attributes(QueueUrl=url, Attributes=usual)


def test_a_message_that_comes_to_several_workers_is_built_once(
    world: World, user: User, impatient_queues: LocalQueues
) -> None:
    ids = world.some_conversations(user, 2)

    with _held(world, "/training.json?") as held:
        training_file_id = _accepted(_create_later(user, ids))
        [revision] = world.revision_rows(user)
        held.wait()
        _send(impatient_queues, revision["id"], times=2)
        claims = "POST /rest/v1/rpc/claim_training_file_revision"
        _until(lambda: world.proxy.requests.count(claims) >= 3, "other workers ask for the build")
    _active(user, training_file_id)
    _send(impatient_queues, revision["id"])
    _until(lambda: not _waiting(impatient_queues, "BuildQueue"), "every message is done with")

    assert [(row["status"], row["number"]) for row in world.revision_rows(user)] == [("committed", 1)]
    assert len([request for request in world.proxy.requests if request.endswith("/training.json")]) == 1
    assert agreed_conversation_ids(world, training_file_id) == ids


def test_a_build_that_supabase_breaks_off_is_taken_up_again(
    world: World, user: User, impatient_queues: LocalQueues, functions_log: Path
) -> None:
    ids = world.some_conversations(user, 2)
    # Each call is tried twice.
    world.proxy.fail(path_contains="/training.jsonl?", times=2)

    training_file_id = _accepted(_create_later(user, ids))

    _active(user, training_file_id)
    assert agreed_conversation_ids(world, training_file_id) == ids
    assert sorted(row["status"] for row in world.revision_rows(user)) == ["committed", "failed"]
    assert set(_objects_of(world, user).values()) == {"committed"}
    _until(lambda: not _waiting(impatient_queues, "BuildQueue"), "the message is done with")
    told = [line for line in functions_log.read_text().splitlines() if '"message comes back"' in line]
    assert any("The storage answered 500" in line for line in told)


@pytest.mark.slow
def test_a_build_that_breaks_off_each_time_ends_as_failed_and_can_be_tried_again(
    world: World, user: User, impatient_queues: LocalQueues
) -> None:
    ids = world.some_conversations(user, 2)
    world.proxy.fail(path_contains=f"/object/conversation-files/{ids[1]}", times=None)

    training_file_id = _accepted(_create_later(user, ids))
    failed = _ended(user, training_file_id)

    assert failed["status"] == "failed"
    assert "broke off several times" in failed["build_error"]
    assert failed["failed_conversations"] == []
    queues = ("BuildQueue", "BuildDeadLetterQueue")
    _until(lambda: not any(_waiting(impatient_queues, queue) for queue in queues), "no message is left")

    world.proxy.reset()
    _accepted(_retry(user, training_file_id))
    _active(user, training_file_id)
    assert agreed_conversation_ids(world, training_file_id) == ids
    assert set(_objects_of(world, user).values()) == {"committed"}


@pytest.mark.slow
def test_a_stalled_download_costs_one_time_out_and_a_retry_and_not_the_build(world: World, user: User) -> None:
    ids = world.some_conversations(user, 3)
    stalled = f"/object/conversation-files/{ids[1]}/"
    world.proxy.hang(path_contains=stalled, times=1)

    training_file_id = _accepted(_create_later(user, ids))

    _active(user, training_file_id)
    assert agreed_conversation_ids(world, training_file_id) == ids
    assert len([request for request in world.proxy.requests if stalled in request]) == 2
    assert [row["status"] for row in world.revision_rows(user)] == ["committed"]


@pytest.mark.slow
@pytest.mark.usefixtures("queues_that_give_up_soon")
def test_a_build_whose_storage_is_stalled_altogether_ends_as_failed_with_the_reason(world: World, user: User) -> None:
    ids = world.some_conversations(user, 2)
    world.proxy.hang(path_contains="/storage/v1/", times=None)

    training_file_id = _accepted(_create_later(user, ids))
    failed = _ended(user, training_file_id)

    assert failed["status"] == "failed"
    assert "broke off several times" in failed["build_error"]
    assert "did not answer in time" in failed["build_error"]
    world.proxy.reset()
    _accepted(_retry(user, training_file_id))
    _active(user, training_file_id)
    assert agreed_conversation_ids(world, training_file_id) == ids


def test_a_file_that_is_removed_while_it_is_built_leaves_nothing(
    world: World, user: User, impatient_queues: LocalQueues
) -> None:
    objects = world.object_paths()

    with _held(world, "/training.json?") as held:
        training_file_id = _accepted(_create_later(user, world.some_conversations(user, 2)))
        held.wait()
        assert user.http.delete(f"{FILES}/{training_file_id}").status_code == 204
    _until(lambda: not _waiting(impatient_queues, "BuildQueue"), "the message is done with")

    assert "POST /storage/v1/object/training-files" in " ".join(world.proxy.requests)
    assert world.object_paths() == objects
    assert world.training_file_rows(user) == world.revision_rows(user) == []
