"""What two revisions differ in over HTTP: every change once, by pages, and nobody else's."""

import base64
import json
from typing import Any

import httpx
import pytest

from tests.support.builders import Json, a_scored_pair, an_enriched_file
from tests.support.errors import the_error, the_invalid_fields
from tests.support.world import User, World

FILES = "/api/training-files"
KINDS = ("added", "removed", "replaced", "moved")


@pytest.fixture(scope="module")
def author(session_world: World) -> User:
    return session_world.a_user()


@pytest.fixture(scope="module")
def ids(session_world: World, author: User) -> list[str]:
    """The last one comes later."""
    return [
        session_world.a_conversation(author, an_enriched_file(a_scored_pair(1, score)), persona_key=f"persona {score}")
        for score in (5, 4, 3, 2)
    ]


@pytest.fixture(scope="module")
def file_id(session_world: World, author: User, ids: list[str]) -> str:
    """Up to revision 5: the first two are removed, the last one and the first are added, the third is refreshed."""
    file_id = str(author.created(ids[:3])["id"])
    for call, body in [
        ("remove-conversations", {"conversation_ids": ids[:2]}),
        ("add-conversations", {"conversation_ids": ids[3:]}),
        ("add-conversations", {"conversation_ids": ids[:1]}),
    ]:
        author.http.post(f"{FILES}/{file_id}/{call}", json=body).raise_for_status()
    session_world.client.storage.from_("conversation-files").update(
        f"{ids[2]}/enriched.json",
        json.dumps(an_enriched_file(a_scored_pair(1, 1))).encode(),
        {"content-type": "application/json"},
    )
    refreshed = author.http.post(f"{FILES}/{file_id}/refresh", json={"conversation_ids": ids[2:3]}).raise_for_status()
    assert refreshed.json()["trainingFile"]["revision"] == 5
    return file_id


def answer_of(user: User, file_id: str, **parameters: Any) -> httpx.Response:
    return user.http.get(f"{FILES}/{file_id}/diff", params=parameters)


def diff_of(user: User, file_id: str, **parameters: Any) -> Json:
    answer = answer_of(user, file_id, **parameters)
    assert answer.status_code == 200, answer.text
    diff: Json = answer.json()
    return diff


def changes_in(*pages: Json) -> dict[str, list[str]]:
    return {kind: [one for page in pages for one in page[kind]] for kind in KINDS}


def test_tags_name_what_is_compared(author: User, file_id: str) -> None:
    for tag, revision in {"first": 1, "latest": 5}.items():
        author.http.put(f"{FILES}/{file_id}/tags/{tag}", json={"revision": revision}).raise_for_status()

    found = diff_of(author, file_id, **{"from": "first", "to": "latest"})

    assert found == diff_of(author, file_id, **{"from": 1, "to": 5})
    assert (found["before"]["tags"], found["after"]["tags"]) == (["first"], ["latest"])
    assert the_error(answer_of(author, file_id, to="lates"), 404, "tag_not_found")


def test_every_change_is_told_with_both_revisions(author: User, file_id: str, ids: list[str]) -> None:
    found = diff_of(author, file_id, **{"from": 1, "to": 5})

    assert changes_in(found) == {"added": ids[3:], "removed": ids[1:2], "replaced": ids[2:3], "moved": ids[:1]}
    assert [found[f"{kind}_total"] for kind in KINDS] == [1, 1, 1, 1]
    assert found["next_cursor"] is None
    before, after, file = found["before"], found["after"], author.get(file_id)
    assert (before["revision"], after["revision"]) == (1, 5)
    of_the_file = {name: value for name, value in after.items() if name in file}
    assert of_the_file == {name: file[name] for name in of_the_file}
    assert set(after) - set(of_the_file) == {"tags", "finished_at"}
    assert before["scaffolding_distribution"]["personas"] == {"persona 5": 1, "persona 4": 1, "persona 3": 1}
    assert [each["quality_summary"]["avg_quality_score"] for each in (before, after)] == [4, 2.67]
    assert before["json_file_size"] == len(author.download(file_id, revision=1))


def test_the_way_back_is_the_opposite(author: User, file_id: str, ids: list[str]) -> None:
    found = diff_of(author, file_id, **{"from": 5, "to": 1})

    assert changes_in(found) == {"added": ids[1:2], "removed": ids[3:], "replaced": ids[2:3], "moved": ids[:1]}
    assert (found["before"]["revision"], found["after"]["revision"]) == (5, 1)


def test_without_numbers_it_is_the_last_change(author: User, file_id: str, ids: list[str]) -> None:
    assert changes_in(diff_of(author, file_id))["replaced"] == ids[2:3]
    assert changes_in(diff_of(author, file_id, to=2))["removed"] == ids[:2]
    first = diff_of(author, file_id, to=1)
    assert (first["before"], changes_in(first)["added"]) == (None, ids[:3])


@pytest.mark.parametrize("limit", [1, 3, 4])
def test_pages_have_every_change_once(author: User, file_id: str, limit: int) -> None:
    pages = [diff_of(author, file_id, **{"from": 1, "limit": limit})]
    while cursor := pages[-1]["next_cursor"]:
        pages.append(diff_of(author, file_id, limit=limit, cursor=cursor))

    assert changes_in(*pages) == changes_in(diff_of(author, file_id, **{"from": 1}))
    assert {sum(len(page[kind]) for kind in KINDS) for page in pages[:-1]} <= {limit}
    assert {page["after"]["revision"] for page in pages} == {5}


def test_a_revision_that_is_not_kept_can_be_compared(world: World, user: User) -> None:
    conversations = world.some_conversations(user, 2)
    file = user.created(conversations)
    user.http.post(
        f"{FILES}/{file['id']}/remove-conversations", json={"conversation_ids": conversations[:1]}
    ).raise_for_status()
    world.client.storage.from_("training-files").remove([file["json_file_path"], file["jsonl_file_path"]])
    the_error(user.http.get(f"{FILES}/{file['id']}/download?revision=1"), 404, "training_file_not_found")

    assert diff_of(user, file["id"])["removed"] == conversations[:1]


@pytest.mark.parametrize("parameters", [{"from": 6}, {"to": 6}, {"from": 1, "to": 6}])
def test_an_unknown_revision_is_not_found(author: User, file_id: str, parameters: Json) -> None:
    told = the_error(answer_of(author, file_id, **parameters), 404, "revision_not_found")["error"]

    assert "revision 6" in told


def test_nobody_sees_what_changed_in_anothers_file(world: World, author: User, file_id: str, ids: list[str]) -> None:
    stranger = world.a_user()
    cursor = diff_of(author, file_id, **{"from": 1, "limit": 1})["next_cursor"]
    own = str(stranger.created([world.a_conversation(stranger)])["id"])

    for parameters in ({}, {"from": 1, "to": 2}, {"cursor": cursor}):
        answer = answer_of(stranger, file_id, **parameters)
        the_error(answer, 404, "training_file_not_found")
        assert not any(one in answer.text for one in ids)
    assert the_invalid_fields(answer_of(stranger, own, cursor=cursor)) == ["cursor"]


def written(place: str) -> str:
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"from": 0}, "from"),
        ({"to": "One"}, "to"),
        ({"before": 1}, "before"),
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        *(({"cursor": cursor}, "cursor") for cursor in ("", "?", "ü", "1.5.1")),
        *(
            ({"cursor": written(place)}, "cursor")
            for place in ("", "1.5", "1.0.1", "1.5.0", "01.5.1", "1.6.1", "6.1.1", "1.5.9999999999", "1.5.1)")
        ),
    ],
)
def test_what_is_malformed_is_named(author: User, file_id: str, parameters: Json, field: str) -> None:
    assert the_invalid_fields(answer_of(author, file_id, **parameters)) == [field]
