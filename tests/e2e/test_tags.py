"""Tags over HTTP: one is given, moved and taken away, and does wherever a revision is asked for."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from infra.clients import supabase_client
from tests.support.errors import the_error, the_invalid_fields
from tests.support.world import SHARED_TLS, User, World
from training_files.adapters.supabase.housekeeping import SupabaseHousekeeping

FILES = "/api/training-files"


@pytest.fixture
def file_id(world: World, user: User) -> str:
    """Its first revision has two conversations, its second three, its third one."""
    ids = world.some_conversations(user, 3)
    file_id: str = user.created(ids[:2])["id"]
    user.add(file_id, ids[2:]).raise_for_status()
    body = {"conversation_ids": ids[1:]}
    user.http.post(f"{FILES}/{file_id}/remove-conversations", json=body).raise_for_status()
    return file_id


def tag(user: User, file_id: str, name: str, revision: Any) -> httpx.Response:
    return user.http.put(f"{FILES}/{file_id}/tags/{quote(name)}", json={"revision": revision})


def tagged(user: User, file_id: str, name: str, revision: Any) -> dict[str, Any]:
    answer = tag(user, file_id, name, revision)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()["tag"]
    return told


def tags_of(user: User, file_id: str) -> dict[int, list[str]]:
    revisions = user.http.get(f"{FILES}/{file_id}/revisions").json()["revisions"]
    return {revision["number"]: revision["tags"] for revision in revisions}


def test_a_tag_is_given_and_moved_and_taken_away(user: User, file_id: str) -> None:
    first = tagged(user, file_id, "v1.0", 1)
    assert (first["name"], first["revision"], first["created_by"]) == ("v1.0", 1, user.id)
    assert tagged(user, file_id, "v1.0", 1) == first
    assert tagged(user, file_id, "best", "v1.0")["revision"] == 1
    assert tags_of(user, file_id) == {1: ["best", "v1.0"], 2: [], 3: []}

    moved = tagged(user, file_id, "v1.0", 2)

    assert (moved["revision"], moved["created_at"]) == (2, first["created_at"])
    assert tags_of(user, file_id) == {1: ["best"], 2: ["v1.0"], 3: []}
    assert user.http.delete(f"{FILES}/{file_id}/tags/v1.0").status_code == 204
    assert tags_of(user, file_id) == {1: ["best"], 2: [], 3: []}
    gone = the_error(user.http.delete(f"{FILES}/{file_id}/tags/v1.0"), 404, "tag_not_found")
    assert "best" in gone["error"]


def test_a_tag_does_wherever_a_revision_is_asked_for(user: User, file_id: str) -> None:
    tagged(user, file_id, "two", 1)
    path = f"{FILES}/{file_id}"

    def asked(revision: Any) -> list[Any]:
        export = user.http.post(f"{path}/exports", json={"format": "messages", "revision": revision})
        assert export.status_code in (200, 201), export.text
        report = user.http.get(f"{path}/report", params={"revision": revision}).json()["report"]
        return [
            user.download(file_id, revision=revision),
            user.download(file_id, "messages", revision=revision),
            export.json()["export"]["id"],
            report["training_file"],
            report["summary"],
            user.http.get(f"{path}/findings", params={"revision": revision}).json(),
        ]

    by_tag = asked("two")

    assert by_tag == asked(1)
    told = by_tag[3]
    assert (told["revision"], told["newest_revision"], told["tags"]) == (1, 3, ["two"])
    assert told["conversation_count"] == 2
    page = user.http.get(f"{path}/report?revision=two", headers={"Accept": "text/html"})
    assert "Revision 1 of 3 (two)" in page.text
    back = user.http.post(f"{path}/revert", json={"revision": "two"})
    assert (back.status_code, back.json()["trainingFile"]["conversation_count"]) == (200, 2)


@pytest.mark.parametrize(
    "ask",
    [
        lambda http, path: http.get(f"{path}/download?revision=tow"),
        lambda http, path: http.get(f"{path}/download?format=messages&revision=tow"),
        lambda http, path: http.get(f"{path}/findings?revision=tow"),
        lambda http, path: http.get(f"{path}/report?revision=tow"),
        lambda http, path: http.post(f"{path}/exports", json={"format": "messages", "revision": "tow"}),
        lambda http, path: http.post(f"{path}/revert", json={"revision": "tow"}),
        lambda http, path: http.put(f"{path}/tags/v1", json={"revision": "tow"}),
    ],
    ids=["download", "download an export", "findings", "report", "export", "revert", "tag"],
)
def test_an_unknown_tag_is_answered_with_those_that_there_are(user: User, file_id: str, ask: Any) -> None:
    tagged(user, file_id, "two", 1)

    error = the_error(ask(user.http, f"{FILES}/{file_id}"), 404, "tag_not_found")["error"]

    assert "no tag tow" in error
    assert "two" in error


@pytest.mark.parametrize("name", ["1", "V1", "a b", "-a", "a" * 65, "ä", "💡"])
def test_what_is_no_tag_is_refused_in_words(user: User, file_id: str, name: str) -> None:
    answer = tag(user, file_id, name, 1)

    assert the_invalid_fields(answer) == ["tag"]
    assert the_invalid_fields(user.http.delete(f"{FILES}/{file_id}/tags/{quote(name)}")) == ["tag"]


def test_an_unknown_revision_gets_no_tag(user: User, file_id: str) -> None:
    the_error(tag(user, file_id, "v1", 4), 404, "revision_not_found")
    assert tags_of(user, file_id) == {1: [], 2: [], 3: []}


def test_an_archived_training_file_can_be_tagged(user: User, file_id: str) -> None:
    user.http.patch(f"{FILES}/{file_id}", json={"status": "archived"}).raise_for_status()

    assert tagged(user, file_id, "final", 3)["revision"] == 3


def test_a_browser_may_tag(world: World) -> None:
    asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "PUT"}

    answer = httpx.options(f"{world.api_url}{FILES}/{uuid4()}/tags/v1", headers=asked, verify=SHARED_TLS)

    assert "PUT" in answer.headers["access-control-allow-methods"].split(",")


def test_what_is_tagged_outlives_what_is_not(world: World, user: User, file_id: str) -> None:
    tagged(user, file_id, "keep", 1)
    world.database.execute(
        "update public.training_file_revisions set finished_at = finished_at - interval '2 days' "
        "where training_file_id = %s",
        [file_id],
    )

    with supabase_client(world.supabase.url, world.supabase.secret_key) as client:
        SupabaseHousekeeping(client).list_work(keep_revisions=1, limit=10_000)

    revisions = user.http.get(f"{FILES}/{file_id}/revisions").json()["revisions"]
    assert {one["number"]: one["kept"] for one in revisions} == {1: True, 2: False, 3: True}
    assert user.http.get(f"{FILES}/{file_id}/report?revision=keep").status_code == 200
    the_error(user.http.get(f"{FILES}/{file_id}/report?revision=2"), 404, "revision_not_found")
    the_error(user.http.get(f"{FILES}/{file_id}/findings?revision=2"), 404, "revision_not_found")
    the_error(user.http.post(f"{FILES}/{file_id}/revert", json={"revision": 2}), 404, "revision_not_found")
    the_error(tag(user, file_id, "late", 2), 404, "revision_not_found")
