"""Taking conversations out of a training file: over REST and over S3 the same, whoever else writes."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from infra.local_api import run_local_api
from infra.stack import SECRETS, TEMPLATE, api_environment
from tests.conftest import TIMEOUT_SECONDS
from tests.support.agreement import agreed_conversation_ids
from tests.support.builders import a_pair, an_enriched_file
from tests.support.world import User, World, client_of_api

FILES = "/api/training-files"
# One such conversation alone makes both files larger than a part of an upload.
LARGE_TEXT = "large — " * 700_000


@pytest.fixture(scope="module")
def s3_api_url(session_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environment = {
        **api_environment(session_world.supabase, s3=True),
        "SUPABASE_URL": session_world.proxy.url,
        "SUPABASE_TIMEOUT_SECONDS": TIMEOUT_SECONDS,
    }
    log = tmp_path_factory.mktemp("s3-api") / "functions.log"
    with run_local_api(
        TEMPLATE, environment=environment, secrets=SECRETS, runtime_packages="environment", log=log
    ) as api:
        yield api.url


@pytest.fixture(params=["rest", pytest.param("s3", marks=pytest.mark.slow)])
def writer(request: pytest.FixtureRequest, user: User) -> Iterator[User]:
    """A user of an API that writes over REST, and of one that writes over S3."""
    if request.param == "rest":
        yield user
        return
    with client_of_api(request.getfixturevalue("s3_api_url"), user.token) as http:
        yield User(user.id, user.token, http)


def remove(user: User, training_file_id: str, ids: Sequence[str], **options: Any) -> httpx.Response:
    body = {"conversation_ids": list(ids), **options}
    return user.http.post(f"{FILES}/{training_file_id}/remove-conversations", json=body)


def forget_sizes(world: World, training_file_id: str) -> None:
    """As of conversations that were added before sizes were kept."""
    world.database.execute(
        "update public.training_file_conversations set json_size = null, jsonl_size = null where training_file_id = %s",
        [training_file_id],
    )


def ids_in(document: bytes) -> list[str]:
    return [one["conversation_metadata"]["conversation_id"] for one in json.loads(document)["conversations"]]


def test_the_others_stay_and_so_does_the_revision_before(world: World, writer: User) -> None:
    ids = world.some_conversations(writer, 4)
    file = writer.created(ids)
    before = [writer.download(file["id"], kind) for kind in ("json", "jsonl")]

    answer = remove(writer, file["id"], [ids[0], ids[2]])

    assert answer.status_code == 200, answer.text
    changed = answer.json()["trainingFile"]
    assert (changed["revision"], changed["conversation_count"]) == (2, 2)
    assert agreed_conversation_ids(world, file["id"]) == writer.conversation_ids(file["id"]) == [ids[1], ids[3]]
    assert [writer.download(file["id"], kind, revision=1) for kind in ("json", "jsonl")] == before
    newest, first = writer.http.get(f"{FILES}/{file['id']}/revisions").json()["revisions"]
    assert (newest["change"], first["change"]) == (
        {"kind": "remove", "count": 2},
        {"kind": "create", "count": 4},
    )
    assert newest["created_by"] == writer.id


@pytest.mark.parametrize("sizes", ["known", "to be found"])
def test_large_conversations_around_small_ones_stay_byte_for_byte(world: World, writer: User, sizes: str) -> None:
    """Over S3 the large ones are copied inside the storage, and the small ones are not large enough for that."""
    large = [world.a_conversation(writer, an_enriched_file(a_pair(current_user_input=LARGE_TEXT))) for _ in range(2)]
    small = world.some_conversations(writer, 4)
    ids = [small[0], large[0], small[1], small[2], large[1], small[3]]
    file = writer.created(ids)
    if sizes != "known":
        forget_sizes(world, file["id"])
    whole = json.loads(writer.download(file["id"]))

    changed = remove(writer, file["id"], [small[0], small[2]]).raise_for_status().json()["trainingFile"]

    kept = [large[0], small[1], large[1], small[3]]
    assert agreed_conversation_ids(world, file["id"]) == kept
    document = json.loads(writer.download(file["id"]))
    of_id = {one["conversation_metadata"]["conversation_id"]: one for one in whole["conversations"]}
    assert document["conversations"] == [of_id[one] for one in kept]
    assert document["consultant_profile"] == whole["consultant_profile"]
    assert changed["json_file_size"] == len(writer.download(file["id"]))


def test_report_and_export_follow(world: World, user: User) -> None:
    ids = world.some_conversations(user, 3)
    file_id = user.created(ids)["id"]
    remove(user, file_id, ids[:1]).raise_for_status()

    report = user.http.get(f"{FILES}/{file_id}/report").json()["report"]
    exported = user.http.post(f"{FILES}/{file_id}/exports", json={"format": "messages"}).json()["export"]
    of_before = user.http.post(f"{FILES}/{file_id}/exports", json={"format": "messages", "revision": 1}).json()[
        "export"
    ]

    statuses = {check["id"]: check["status"] for check in report["checks"]}
    assert (statuses["json_valid"], statuses["jsonl_valid"]) == ("pass", "pass")
    assert (exported["status"], of_before["status"]) == ("ready", "ready")
    lines = [httpx.get(each["files"][0]["download_url"]).content.count(b"\n") for each in (exported, of_before)]
    assert lines[0] < lines[1]


def test_what_cannot_be_removed_is_refused(world: World, user: User) -> None:
    ids, stranger = world.some_conversations(user, 2), world.a_conversation(user)
    file_id = user.created(ids)["id"]

    missing = remove(user, file_id, [ids[0], stranger])
    empty = remove(user, file_id, ids)
    skipped = remove(user, file_id, [ids[0], stranger], on_missing="skip", dry_run=True)

    assert (missing.status_code, missing.json()["code"]) == (409, "conversations_not_in_file")
    assert [each["conversation_id"] for each in missing.json()["details"]] == [stranger]
    assert (empty.status_code, empty.json()["code"]) == (409, "training_file_would_be_empty")
    assert [each["conversation_id"] for each in skipped.json()["skipped"]] == [stranger]
    assert skipped.json()["trainingFile"]["conversation_count"] == 1
    assert agreed_conversation_ids(world, file_id) == ids


def test_a_worker_removes_hundreds(world: World, user: User) -> None:
    ids = world.many_conversations(user, 250)
    file_id = user.created(ids[:100])["id"]
    user.add(file_id, ids[100:]).raise_for_status()
    wait_until_built(user, file_id)

    asked = remove(user, file_id, ids[:200])

    assert (asked.status_code, asked.json()["status"]) == (202, "processing")
    wait_until_built(user, file_id)
    assert agreed_conversation_ids(world, file_id) == ids[200:]


def test_those_who_add_and_those_who_remove_at_once_lose_nothing(world: World, user: User) -> None:
    ids, new = world.some_conversations(user, 5), world.some_conversations(user, 4)
    file_id = user.created(ids)["id"]

    with ThreadPoolExecutor(8) as executor:
        removals = [executor.submit(remove, user, file_id, [one]) for one in ids[:4]]
        additions = [executor.submit(user.add, file_id, [one]) for one in new]
        assert {each.result().status_code for each in (*removals, *additions)} == {200}

    found = agreed_conversation_ids(world, file_id)
    assert found[0] == ids[4]
    assert sorted(found[1:]) == sorted(new)
    assert user.get(file_id)["revision"] == 9


def wait_until_built(user: User, file_id: str) -> None:
    while "progress" in user.get(file_id):
        pass


def test_what_was_enriched_anew_is_refreshed_in_its_place(world: World, writer: User) -> None:
    large = world.a_conversation(writer, an_enriched_file(a_pair(current_user_input=LARGE_TEXT)))
    ids = [*world.some_conversations(writer, 2), large, world.a_conversation(writer)]
    file_id = writer.created(ids)["id"]
    before = writer.download(file_id)
    for one in (ids[1], ids[3]):
        content = json.dumps(an_enriched_file(a_pair(1, current_user_input=f"Anew: {one}"), a_pair(2)))
        world.client.storage.from_("conversation-files").update(
            f"{one}/enriched.json", content.encode(), {"content-type": "application/json"}
        )

    planned = writer.http.post(f"{FILES}/{file_id}/refresh", json={"dry_run": True}).raise_for_status().json()
    answer = writer.http.post(f"{FILES}/{file_id}/refresh", json={})
    again = writer.http.post(f"{FILES}/{file_id}/refresh", json={"conversation_ids": ids})

    assert answer.status_code == 200, answer.text
    changed = answer.json()["trainingFile"]
    assert (changed["revision"], changed["json_file_size"]) == (2, planned["trainingFile"]["json_file_size"])
    assert again.json()["trainingFile"]["revision"] == 2
    assert agreed_conversation_ids(world, file_id) == ids
    document, whole = json.loads(writer.download(file_id)), json.loads(before)
    said = [one["training_pairs"][0]["current_user_input"] for one in document["conversations"]]
    assert [text.startswith("Anew") for text in said] == [False, True, False, True]
    assert [document["conversations"][place] for place in (0, 2)] == [whole["conversations"][place] for place in (0, 2)]
    assert writer.download(file_id, revision=1) == before
    [newest] = writer.http.get(f"{FILES}/{file_id}/revisions?limit=1").json()["revisions"]
    assert newest["change"] == {"kind": "refresh", "count": 2}


def test_an_earlier_revision_comes_back(world: World, writer: User) -> None:
    large = world.a_conversation(writer, an_enriched_file(a_pair(current_user_input=LARGE_TEXT)))
    ids = [large, *world.some_conversations(writer, 2)]
    file_id = writer.created(ids)["id"]
    lines = writer.download(file_id, "jsonl")
    remove(writer, file_id, ids[:2]).raise_for_status()

    answer = writer.http.post(f"{FILES}/{file_id}/revert", json={"revision": 1})
    unknown = writer.http.post(f"{FILES}/{file_id}/revert", json={"revision": 9})

    assert answer.status_code == 200, answer.text
    assert agreed_conversation_ids(world, file_id) == writer.conversation_ids(file_id) == ids
    assert writer.download(file_id, "jsonl") == lines
    [newest] = writer.http.get(f"{FILES}/{file_id}/revisions?limit=1").json()["revisions"]
    assert (newest["number"], newest["change"]) == (3, {"kind": "revert", "count": 2})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "revision_not_found")
