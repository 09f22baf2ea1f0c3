"""All findings of a training file over HTTP: once each, in their order, by pages, and nobody else's."""

import base64
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.builders import Json, an_enriched_file
from tests.support.errors import the_error, the_invalid_fields
from tests.support.exchanges import in_real_shape
from tests.support.world import User, World

FILES = "/api/training-files"
CUT_OFF = "This ends in the mid"
MAIL = "Write to kim@example.com."
CARD = "It is 4111 1111 1111 1111."
OF_THE_WHOLE_FILE = 1


def a_conversation(*targets: str) -> Json:
    exchanges = [(f"Question {number}?", target) for number, target in enumerate(targets, 1)]
    return an_enriched_file(*in_real_shape(exchanges, training_metadata=None))


@pytest.fixture(scope="module")
def author(session_world: World) -> User:
    return session_world.a_user()


@pytest.fixture(scope="module")
def ids(session_world: World, author: User) -> list[str]:
    targets: list[list[str]] = [[MAIL, CUT_OFF], ["It is whole."], [f"Part {n}. {CUT_OFF}" for n in range(5)], [CARD]]
    return [session_world.a_conversation(author, a_conversation(*each)) for each in [*targets, targets[0]]]


@pytest.fixture(scope="module")
def file_id(author: User, ids: list[str]) -> str:
    return str(author.created(ids)["id"])


def answer_of(user: User, file_id: str, **parameters: Any) -> httpx.Response:
    return user.http.get(f"{FILES}/{file_id}/findings", params=parameters)


def page_of(user: User, file_id: str, **parameters: Any) -> Json:
    answer = answer_of(user, file_id, **parameters)
    assert answer.status_code == 200, answer.text
    page: Json = answer.json()
    return page


def pages_of(user: User, file_id: str, **parameters: Any) -> list[Json]:
    pages = [page_of(user, file_id, **parameters)]
    while cursor := pages[-1]["next_cursor"]:
        pages.append(page_of(user, file_id, **parameters, cursor=cursor))
    return pages


def findings_of(user: User, file_id: str, **parameters: Any) -> list[Json]:
    return [each for page in pages_of(user, file_id, **parameters) for each in page["findings"]]


def test_each_comes_once_in_its_order_whatever_the_size_of_a_page(author: User, file_id: str, ids: list[str]) -> None:
    whole = page_of(author, file_id)
    found = whole["findings"]

    assert (whole["revision"], whole["next_cursor"], len(found)) == (1, None, 11)
    in_conversations = found[:-OF_THE_WHOLE_FILE]
    assert [each["conversation_id"] for each in in_conversations] == [
        one for one, count in zip(ids, (2, 0, 5, 1, 2), strict=True) for _ in range(count)
    ]
    assert (found[-1]["rule"], found[-1]["conversation_id"]) == ("exact_duplicate", ids[-1])
    for limit in (1, 2, 10):
        pages = pages_of(author, file_id, limit=limit)
        assert [each for page in pages for each in page["findings"]] == found
        assert {len(page["findings"]) for page in pages[:-1]} == {limit}


def test_each_says_where_it_is_and_not_what_stands_there(author: User, file_id: str, ids: list[str]) -> None:
    answer = answer_of(author, file_id, conversation_id=ids[2])

    places = [(each["turn"], each["field"], each["offset"]) for each in answer.json()["findings"]]
    assert places == [(2 * turn, "target_response", len(f"Part 0. {CUT_OFF}") - 1) for turn in range(1, 6)]
    assert "This ends" not in answer.text


@pytest.mark.parametrize("limit", [1, 100])
def test_only_what_is_wanted_comes(author: User, file_id: str, ids: list[str], limit: int) -> None:
    def rules(**wanted: Any) -> list[str]:
        return [each["rule"] for each in findings_of(author, file_id, limit=limit, **wanted)]

    assert rules(rule="truncated_target") == ["truncated_target"] * 7
    assert rules(rule="personal_data") == ["personal_data"] * 3
    assert rules(rule="personal_data", severity="error") == ["personal_data"]
    assert rules(severity="warning") == ["personal_data"] * 2 + ["exact_duplicate"]
    assert rules(rule="exact_duplicate") == ["exact_duplicate"]
    assert rules(conversation_id=ids[4]) == ["truncated_target", "personal_data", "exact_duplicate"]
    assert rules(conversation_id=ids[1]) == rules(conversation_id=uuid4()) == rules(severity="info") == []


def test_nobody_sees_what_was_found_in_anothers_texts(world: World, author: User, file_id: str, ids: list[str]) -> None:
    stranger = world.a_user()
    own = str(stranger.created([world.a_conversation(stranger, a_conversation(f"Mine. {CUT_OFF}"))])["id"])
    cursor = page_of(author, file_id, limit=1)["next_cursor"]

    for parameters in ({}, {"cursor": cursor}, {"conversation_id": ids[0]}):
        the_error(answer_of(stranger, file_id, **parameters), 404, "training_file_not_found")
    assert findings_of(stranger, own, conversation_id=ids[0]) == []
    assert len(findings_of(stranger, own)) == 1


def test_further_pages_stay_with_the_revision_of_the_first(world: World, user: User) -> None:
    targets = [f"One. {CUT_OFF}", f"Two. {CUT_OFF}", f"Three. {CUT_OFF}"]
    first, second, third = (world.a_conversation(user, a_conversation(target)) for target in targets)
    file_id = str(user.created([first, second])["id"])
    page = page_of(user, file_id, limit=1)
    user.http.post(f"{FILES}/{file_id}/add-conversations", json={"conversation_ids": [third]}).raise_for_status()

    rest = page_of(user, file_id, cursor=page["next_cursor"])

    assert (rest["revision"], [each["conversation_id"] for each in rest["findings"]]) == (1, [second])
    assert [each["conversation_id"] for each in findings_of(user, file_id)] == [first, second, third]


def test_what_older_versions_kept_is_listed_as_far_as_it_goes(world: World, user: User) -> None:
    kept, never = (world.a_conversation(user, a_conversation(f"Part {n}. {CUT_OFF}", MAIL)) for n in range(2))
    file_id = str(user.created([kept, never])["id"])
    world.database.execute(
        """update public.training_file_conversations m set analysis = case m.conversation_id when %s then
             m.analysis || jsonb_build_object('version', 1, 'findings', (
               select jsonb_agg(f - 5 - 4) from jsonb_array_elements(m.analysis->'findings') f)) end
           where m.training_file_id = %s""",
        [kept, file_id],
    )

    found = findings_of(user, file_id, limit=1)

    assert [(each["rule"], each["conversation_id"]) for each in found] == [
        ("truncated_target", kept),
        ("personal_data", kept),
    ]
    assert {(each["field"], each["offset"]) for each in found} == {(None, None)}


def written(place: str) -> str:
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "?",
        "ü",
        "5f0c3a3e-3d3c-4d43-9d2e-0d9f6a1b7c11",
        *map(written, ["", "1", "0.1.0", "1.1.0)", "2.1.0", "2.0.0", "9999999999.1.0"]),
    ],
)
def test_a_forged_cursor_is_refused(author: User, file_id: str, cursor: str) -> None:
    assert the_invalid_fields(answer_of(author, file_id, cursor=cursor)) == ["cursor"]
