"""Exports: what a training file becomes for trainers and services, over HTTP, down to the bytes that are downloaded."""

import hashlib
import io
import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from infra.local_queue import LocalQueues
from infra.sample_data import sample_conversations
from tests.support.builders import Json, a_pair, an_enriched_file
from tests.support.downloaded_exports import FILES, ask_for_export, downloads_of, exported, rows_of
from tests.support.errors import the_error, the_invalid_fields
from tests.support.export_reading import READERS, dialogue_in, expected_dialogues, lines_of
from tests.support.world import User, World

LATER = {"Prefer": "respond-async"}
SPLITS = ("train", "validation", "test")
GIVE_UP_AFTER_SECONDS = 25
CONVERSATIONS = 9


def _sample_file(world: World, user: User, count: int = CONVERSATIONS, *, turns: int = 6) -> str:
    return str(user.created(_sample_ids(world, user, count, turns=turns), name="Ernte 2026 / №")["id"])


def _sample_ids(world: World, user: User, count: int, *, turns: int = 6) -> list[str]:
    keys = dict.fromkeys(("persona_key", "emotional_arc_key", "topic_key"))
    samples = sample_conversations(count, seed=uuid4().int, turns=turns)
    return [world.a_conversation(user, sample.enriched, **{**sample.row, **keys}) for sample in samples]


def _export_rows(world: World, training_file_id: str) -> list[Json]:
    return world.rows("select * from public.training_file_exports where training_file_id = %s", training_file_id)


@pytest.fixture(scope="module")
def owner(session_world: World) -> User:
    return session_world.a_user()


@pytest.fixture(scope="module")
def training_file_id(session_world: World, owner: User) -> str:
    return _sample_file(session_world, owner)


# --- what is in them ---


@pytest.mark.parametrize("granularity", ["conversation", "turn"])
@pytest.mark.parametrize("export_format", READERS)
def test_every_format_holds_every_target_and_every_user_turn_once_or_where_it_belongs(
    owner: User, training_file_id: str, export_format: str, granularity: str
) -> None:
    expected = expected_dialogues(owner.download(training_file_id), granularity)

    export = exported(owner, training_file_id, export_format, granularity=granularity)
    rows = rows_of(export, downloads_of(export))["train"]

    assert [dialogue_in(row, export_format) for row, _ in rows] == [one for each in expected.values() for one in each]
    assert [metadata["conversation_id"] for _, metadata in rows] == [
        conversation_id for conversation_id, each in expected.items() for _ in each
    ]
    assert [file["name"] for file in export["files"]] == ["train.jsonl", "train.metadata.jsonl"]
    assert (export["format"], export["granularity"], export["split"]) == (export_format, granularity, None)


def test_the_answer_says_what_is_in_an_export(world: World, user: User) -> None:
    file_id = _sample_file(world, user, 3)
    file = user.get(file_id)

    export = exported(user, file_id)
    rows = rows_of(export, downloads_of(export))["train"]

    characters = sum(len(message["content"]) for row, _ in rows for message in row["messages"])
    assert export["totals"] | {"estimated_tokens": 0} == {
        "rows": 3,
        "conversations": 3,
        "trained_targets": file["trainable_pairs"],
        "characters": characters,
        "estimated_tokens": 0,
    }
    assert characters / 6 < export["totals"]["estimated_tokens"] < characters / 3
    assert export["left_out"]["by_reason"] == {}
    assert export["left_out"]["places"] == []
    assert export["history_mismatch"] == {"count": 0, "places": []}
    assert export["lengths"]["rows"]["count"] == 3
    assert {target["target"]: target["ready"] for target in export["readiness"]}["openai"] is False
    assert (export["training_file_id"], export["revision"], export["splits"]) == (file_id, 1, None)
    assert export["expires_in_seconds"] == 3600
    assert [one["filename"] for one in export["files"]] == [
        "Ernte-2026.messages.train.jsonl",
        "Ernte-2026.messages.train.metadata.jsonl",
    ]


def test_the_metadata_beside_a_row_has_its_conversations_mean_score(world: World, user: User) -> None:
    """The row's own score wins over those of its pairs, as everywhere."""
    pairs = [a_pair(number, training_metadata={"quality_score": number}) for number in (2, 3)]
    reviewed = world.a_conversation(user, an_enriched_file(*pairs), quality_score=4.6)
    unreviewed = world.a_conversation(user, an_enriched_file(*pairs))
    file_id = str(user.created([reviewed, unreviewed])["id"])

    export = exported(user, file_id)

    metadata = lines_of(downloads_of(export)["train.metadata.jsonl"])
    assert [one["quality_score"] for one in metadata] == [4.6, 2.5]
    assert [one["persona_key"] for one in metadata] == ["planner", "planner"]


def test_what_cannot_be_trained_on_is_left_out_and_listed(world: World, user: User) -> None:
    untold = world.a_conversation(user, an_enriched_file(a_pair(1, target_response=None)))
    turned = [{"turn": 1, "role": "assistant", "content": "I begin."}]
    disordered = world.a_conversation(user, an_enriched_file(a_pair(2, conversation_history=turned)))
    blank = world.a_conversation(user, an_enriched_file(a_pair(1, target_response=" \n")))
    good = world.a_conversation(user, an_enriched_file(a_pair(1)))
    file_id = str(user.created([untold, disordered, blank, good])["id"])

    export = exported(user, file_id)

    assert export["totals"]["rows"] == 1
    assert {(place["conversation_id"], place["reason"]) for place in export["left_out"]["places"]} == {
        (untold, "no_target"),
        (untold, "no_trainable_pair"),
        (disordered, "role_order"),
        (blank, "empty_message"),
    }


# --- splits ---


def test_a_split_keeps_conversations_whole_and_proves_it(owner: User, training_file_id: str) -> None:
    wanted = {"validation": 0.3, "test": 0.2, "seed": 7}

    export = exported(owner, training_file_id, granularity="turn", split=wanted)
    rows = rows_of(export, downloads_of(export))
    ids = {split: {metadata["conversation_id"] for _, metadata in rows[split]} for split in SPLITS}

    assert export["split"] == wanted
    assert sum(map(len, ids.values())) == len(set().union(*ids.values())) == CONVERSATIONS
    proof = export["splits"]
    assert proof["conversations"] == {split: len(ids[split]) for split in SPLITS}
    assert proof["rows"] == {split: len(rows[split]) for split in SPLITS}
    assert (proof["shared_conversations"], proof["shared_duplicates"], proof["seed"]) == (0, 0, 7)
    assert sum(proof["rows"].values()) == owner.get(training_file_id)["trainable_pairs"]


def test_a_conversation_keeps_its_split_when_the_file_grows(world: World, user: User) -> None:
    file_id = _sample_file(world, user, 4)
    before = _splits_of(user, file_id)
    assert user.add(file_id, _sample_ids(world, user, 4)).status_code == 200

    after = _splits_of(user, file_id)

    assert len(after) == 8
    assert {conversation_id: after[conversation_id] for conversation_id in before} == before


def test_the_best_seed_is_chosen_recorded_and_found_again(world: World, user: User) -> None:
    file_id = _sample_file(world, user, 12, turns=8)
    wanted = {"validation": 0.25, "test": 0, "seed": "best"}
    export = exported(user, file_id, split=wanted)
    proof = export["splits"]

    assert export["split"] == wanted
    assert (proof["conversations"]["validation"], proof["seeds_tried"], proof["better_seed"]) == (3, 1000, None)
    assert ask_for_export(user, file_id, split=wanted).json()["export"]["id"] == export["id"]
    by_number = exported(user, file_id, split=wanted | {"seed": proof["seed"]})
    assert by_number["id"] != export["id"]
    assert [file["sha256"] for file in by_number["files"]] == [file["sha256"] for file in export["files"]]


def test_near_duplicates_are_in_one_split(world: World, user: User) -> None:
    [sample] = sample_conversations(1, turns=8)
    versions = []
    for n in range(6):
        last = sample.enriched["training_pairs"][-1]
        pairs = [*sample.enriched["training_pairs"][:-1], last | {"target_response": f"{last['target_response']} {n}."}]
        versions.append(world.a_conversation(user, an_enriched_file(*pairs)))
    file_id = str(user.created([*versions, *_sample_ids(world, user, 3)])["id"])

    splits = _splits_of(user, file_id)

    assert len({splits[version] for version in versions}) == 1


def _splits_of(user: User, training_file_id: str) -> dict[str, str]:
    export = exported(user, training_file_id, split={"validation": 0.5})
    rows = rows_of(export, downloads_of(export))
    return {metadata["conversation_id"]: split for split, each in rows.items() for _, metadata in each}


# --- bundles ---


def test_a_bundle_holds_everything_and_a_manifest_that_is_true(owner: User, training_file_id: str) -> None:
    wanted = {"split": {"validation": 0.3, "test": 0.1}, "bundle": True}
    export = exported(owner, training_file_id, **wanted)
    contents = downloads_of(export)

    with zipfile.ZipFile(io.BytesIO(contents["bundle.zip"])) as archive:
        assert archive.testzip() is None
        unpacked = {name: archive.read(name) for name in archive.namelist()}

    manifest = json.loads(unpacked["manifest.json"])
    assert {file["name"]: file["sha256"] for file in manifest["files"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in unpacked.items() if name != "manifest.json"
    }
    assert {name: unpacked[name] for name in contents if contents[name] and name != "bundle.zip"} == {
        name: content for name, content in contents.items() if content and name != "bundle.zip"
    }
    assert (manifest["training_file"]["id"], manifest["revision"]) == (training_file_id, 1)
    assert {"README.md", "dataset_info.json"} <= set(unpacked)
    [bundle] = [file for file in export["files"] if file["kind"] == "bundle"]
    assert (bundle["split"], bundle["rows"], bundle["filename"]) == (None, None, "Ernte-2026.messages.zip")


# --- the same again ---


def test_the_same_request_is_the_same_export_and_builds_nothing_again(world: World, user: User) -> None:
    file_id = _sample_file(world, user, 3)
    first = ask_for_export(user, file_id, split={"validation": 0.1, "seed": 42}, bundle=True)
    world.proxy.reset()

    again = ask_for_export(
        user, file_id, granularity="conversation", bundle=True, split={"validation": "0.10", "test": 0}
    )

    assert (first.status_code, again.status_code) == (201, 200)
    assert _without_links(again.json()["export"]) == _without_links(first.json()["export"])
    asked = [request for request in world.proxy.requests if "/storage/" in request]
    assert asked == ["POST /storage/v1/object/sign/training-files"]


def _without_links(export: Json) -> Json:
    return {**export, "files": [{**file, "download_url": None} for file in export["files"]]}


def test_the_bytes_depend_on_nothing_but_the_conversations(world: World, user: User) -> None:
    """Another training file, written at another time, under another name."""
    ids = _sample_ids(world, user, 3)
    one, other = (str(user.created(ids)["id"]) for _ in range(2))

    hashes = [
        [file["sha256"] for file in exported(user, file_id, "alpaca", split={"validation": 0.4})["files"]]
        for file_id in (one, other)
    ]

    assert hashes[0] == hashes[1]


@pytest.mark.slow
def test_those_who_ask_at_once_get_the_same_export(world: World, user: User) -> None:
    file_id = _sample_file(world, user, 3)

    with ThreadPoolExecutor(4) as executor:
        answers = list(executor.map(lambda _: ask_for_export(user, file_id), range(4)))

    [row] = _export_rows(world, file_id)
    assert {answer.json()["export"]["id"] for answer in answers} == {str(row["id"])}
    assert [answer.status_code for answer in answers].count(201) == 1
    assert {answer.status_code for answer in answers} <= {200, 201, 202}
    assert _ready(user, file_id, str(row["id"]))["totals"]["rows"] == 3


def test_one_that_broke_off_leaves_nothing_and_the_next_request_builds_anew(world: World, user: User) -> None:
    file_id = _sample_file(world, user, 2)
    objects = world.object_paths()
    world.proxy.fail(path_contains="/train.metadata.jsonl", times=2)

    the_error(ask_for_export(user, file_id), 503, "upstream_unavailable")

    assert world.object_paths() == objects
    [failed] = user.http.get(f"{FILES}/{file_id}/exports").json()["exports"]
    assert (failed["status"], failed["error"]["code"], failed["files"]) == ("failed", "upstream_unavailable", [])
    assert exported(user, file_id)["id"] != failed["id"]


# --- which training file ---


def test_an_archived_file_can_be_exported(world: World, user: User) -> None:
    file_id = _sample_file(world, user, 1)
    user.http.patch(f"{FILES}/{file_id}", json={"status": "archived"}).raise_for_status()

    assert exported(user, file_id)["totals"]["rows"] == 1


def test_an_earlier_revision_of_a_file_that_has_grown_can_be_exported(world: World, user: User) -> None:
    file_id = _sample_file(world, user, 2)
    assert user.add(file_id, _sample_ids(world, user, 1)).status_code == 200

    first, current = exported(user, file_id, revision=1), exported(user, file_id)

    assert (first["revision"], first["totals"]["rows"]) == (1, 2)
    assert (current["revision"], current["totals"]["rows"]) == (2, 3)
    assert exported(user, file_id, revision=2)["id"] == current["id"]
    the_error(ask_for_export(user, file_id, revision=3), 404, "training_file_not_found")


def test_a_file_without_a_revision_is_refused(world: World, user: User) -> None:
    file_id = str(uuid4())
    world.database.execute(
        "insert into public.training_files (id, name, created_by) values (%s, 'none yet', %s)", [file_id, user.id]
    )

    the_error(ask_for_export(user, file_id), 409, "training_file_processing")


def test_another_users_exports_are_as_unknown_as_none(world: World, owner: User, training_file_id: str) -> None:
    export_id = exported(owner, training_file_id)["id"]
    stranger = world.a_user()
    own_file = _sample_file(world, stranger, 1)
    path = f"{FILES}/{training_file_id}/exports"

    the_error(ask_for_export(stranger, training_file_id), 404, "training_file_not_found")
    the_error(stranger.http.get(path), 404, "training_file_not_found")
    the_error(stranger.http.get(f"{path}/{export_id}"), 404, "training_file_not_found")
    the_error(stranger.http.get(f"{FILES}/{training_file_id}/download?format=messages"), 404, "training_file_not_found")
    the_error(stranger.http.get(f"{FILES}/{own_file}/exports/{export_id}"), 404, "export_not_found")
    the_error(owner.http.get(f"{path}/{uuid4()}"), 404, "export_not_found")


def test_everything_that_is_wrong_with_a_request_is_answered_at_once(owner: User, training_file_id: str) -> None:
    body = {
        "format": "chatml",
        "granularity": "word",
        "split": {"validation": 1, "test": -0.1, "seed": "x", "folds": 5},
        "bundle": "yes",
        "filter": {"without": ["ugly", "exact_duplicate"], "min_quality_score": 6},
        "repair": ["spelling"],
        "redact": ["names"],
        "revision": 0,
        "name": "x",
    }

    fields = the_invalid_fields(owner.http.post(f"{FILES}/{training_file_id}/exports", json=body))

    assert set(fields) == {
        "format",
        "granularity",
        "split.validation",
        "split.test",
        "split.seed",
        "split.folds",
        "bundle",
        "filter.without[0]",
        "filter.without[1]",
        "filter.min_quality_score",
        "repair[0]",
        "redact[0]",
        "revision",
        "name",
    }


@pytest.mark.parametrize(
    "shares", [{"validation": 0.5, "test": 0.5}, {"validation": 0}, {"validation": 0.00001}], ids=str
)
def test_a_split_that_leaves_nothing_or_sets_nothing_aside_is_refused(
    owner: User, training_file_id: str, shares: Json
) -> None:
    [field] = the_invalid_fields(ask_for_export(owner, training_file_id, split=shares))

    assert field.startswith("split")


# --- found again ---


def test_exports_are_listed_newest_first_and_found_with_fresh_links(world: World, user: User) -> None:
    file_id = _sample_file(world, user, 1)
    made = [exported(user, file_id, export_format)["id"] for export_format in ("messages", "alpaca", "bedrock")]
    path = f"{FILES}/{file_id}/exports"

    first = user.http.get(path, params={"limit": 2}).json()
    second = user.http.get(path, params={"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [export["id"] for page in (first, second) for export in page["exports"]] == made[::-1]
    assert second["next_cursor"] is None
    found = user.http.get(f"{path}/{made[0]}").json()["export"]
    assert _without_links(found) == _without_links(second["exports"][0])
    assert lines_of(downloads_of(found)["train.jsonl"])
    assert "cursor" in the_error(user.http.get(path, params={"cursor": str(uuid4())}), 400, "validation_error")["error"]


def test_a_download_in_an_exports_format_is_the_rows_of_the_export_with_defaults(world: World, user: User) -> None:
    file_id = _sample_file(world, user, 2)

    content = user.download(file_id, "sharegpt")
    link = user.http.get(f"{FILES}/{file_id}/download", params={"format": "sharegpt", "revision": 1}).json()

    export = exported(user, file_id, "sharegpt")
    assert content == downloads_of(export)["train.jsonl"]
    assert set(link) == {"download_url", "filename", "expires_in_seconds"}
    assert link["filename"] == export["files"][0]["filename"]
    assert len(_export_rows(world, file_id)) == 1
    fields = the_invalid_fields(user.http.get(f"{FILES}/{file_id}/download", params={"format": "csv"}))
    assert fields == ["format"]


# --- by a worker ---


def _until(holds: Callable[[], Any], what: str) -> Any:
    """The first true value, for which it waits a bounded time."""
    give_up_at = time.monotonic() + GIVE_UP_AFTER_SECONDS
    while not (value := holds()):
        assert time.monotonic() < give_up_at, f"this did not happen: {what}"
        time.sleep(0.02)
    return value


def _ready(user: User, training_file_id: str, export_id: str) -> Json:
    def over() -> Json | None:
        export: Json = user.http.get(f"{FILES}/{training_file_id}/exports/{export_id}").json()["export"]
        return None if export["status"] == "building" else export

    export: Json = _until(over, f"the export {export_id} ends")
    assert (export["status"], export["error"]) == ("ready", None)
    return export


def _accepted(answer: httpx.Response, training_file_id: str) -> str:
    """The id of the export that a worker is going to build."""
    assert answer.status_code == 202, answer.text
    export = answer.json()["export"]
    assert (export["status"], export["files"], export["totals"]) == ("building", [], None)
    assert answer.headers["location"] == f"{FILES}/{training_file_id}/exports/{export['id']}"
    return str(export["id"])


@contextmanager
def _held(world: World, path_contains: str) -> Iterator[threading.Event]:
    """The next request to a path waits at the proxy; the event says that it has arrived."""
    arrived, released = threading.Event(), threading.Event()

    def hold() -> None:
        arrived.set()
        released.wait(GIVE_UP_AFTER_SECONDS)

    world.proxy.before(path_contains, hold)
    try:
        yield arrived
    finally:
        released.set()


def test_a_worker_builds_what_the_caller_does_not_wait_for(world: World, user: User) -> None:
    file_id = _sample_file(world, user, 2)
    expected = expected_dialogues(user.download(file_id), "conversation")

    export_id = _accepted(ask_for_export(user, file_id, headers=LATER), file_id)
    export = _ready(user, file_id, export_id)

    rows = rows_of(export, downloads_of(export))["train"]
    assert [dialogue_in(row, "messages") for row, _ in rows] == [one for each in expected.values() for one in each]
    again = ask_for_export(user, file_id, headers=LATER)
    assert (again.status_code, again.json()["export"]["id"]) == (200, export_id)


def test_a_download_that_a_worker_has_to_build_says_where_it_will_be(world: World, user: User) -> None:
    file_id = _sample_file(world, user, 1)
    ask = f"{FILES}/{file_id}/download?format=alpaca"

    _ready(user, file_id, _accepted(user.http.get(ask, headers=LATER), file_id))

    assert user.http.get(ask, headers=LATER).status_code == 200


def _send(queues: LocalQueues, export_id: str, times: int) -> None:
    for _ in range(times):
        body = json.dumps({"export_id": export_id})
        queues.sqs.send_message(QueueUrl=queues.url("BuildQueue"), MessageBody=body)


@pytest.mark.slow
def test_a_message_that_comes_to_several_workers_is_built_once(world: World, user: User, queues: LocalQueues) -> None:
    file_id = _sample_file(world, user, 2)

    with _held(world, "/train.jsonl") as arrived:
        export_id = _accepted(ask_for_export(user, file_id, headers=LATER), file_id)
        assert arrived.wait(GIVE_UP_AFTER_SECONDS)
        _send(queues, export_id, times=2)
        claims = "POST /rest/v1/rpc/claim_training_file_export"
        _until(lambda: world.proxy.requests.count(claims) >= 3, "other workers ask for the export")
        meanwhile = ask_for_export(user, file_id)
    _ready(user, file_id, export_id)
    _send(queues, export_id, times=1)
    _until(lambda: world.proxy.requests.count(claims) >= 4, "the message is looked at")

    assert _accepted(meanwhile, file_id) == export_id
    written = [request for request in world.proxy.requests if request.endswith(f"{export_id}/train.jsonl")]
    assert written == [f"POST /storage/v1/object/training-files/{export_id}/train.jsonl"]


def test_an_export_of_a_file_that_is_removed_meanwhile_leaves_nothing(world: World, user: User) -> None:
    objects = world.object_paths()
    file_id = _sample_file(world, user, 2)

    with _held(world, "/train.jsonl") as arrived:
        export_id = _accepted(ask_for_export(user, file_id, headers=LATER), file_id)
        assert arrived.wait(GIVE_UP_AFTER_SECONDS)
        assert user.http.delete(f"{FILES}/{file_id}").status_code == 204
    commits = "POST /rest/v1/rpc/commit_training_file_export"
    _until(lambda: commits in world.proxy.requests, "the worker commits")

    _until(lambda: world.object_paths() == objects, "what it wrote is removed")
    assert world.rows("select from public.training_file_exports where id = %s", export_id) == []


def test_a_removed_file_takes_its_exports_with_it(world: World, user: User) -> None:
    objects = world.object_paths()
    file_id = _sample_file(world, user, 3)
    exported(user, file_id, split={"validation": 0.3, "test": 0.3}, bundle=True)
    exported(user, file_id, "alpaca")
    assert len(world.object_paths() - objects) == 2 + 7 + 2

    assert user.http.delete(f"{FILES}/{file_id}").status_code == 204

    assert world.object_paths() == objects
    assert _export_rows(world, file_id) == []
