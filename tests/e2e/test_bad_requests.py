"""What the API says to requests that nobody could serve: the error table, row by row, and malformed input."""

import base64
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.errors import the_error, the_faults, the_invalid_fields
from tests.support.world import User, World

FILES = "/api/training-files"
ONE_MEGABYTE = 1024 * 1024
LONE_SURROGATE = "\ud800"
UNKNOWN = "0a0a0a0a-0000-4000-8000-00000000000a"


@pytest.fixture
def conversation(world: World, user: User) -> str:
    return world.a_conversation(user)


def _post(user: User, body: bytes, path: str = FILES, content_type: str = "application/json") -> httpx.Response:
    return user.http.post(path, content=body, headers={"Content-Type": content_type})


def _create(user: User, **body: Any) -> httpx.Response:
    """A create whose values httpx would refuse to encode."""
    return _post(user, json.dumps({"name": f"file {uuid4()}"} | body).encode())


# --- bodies ---


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"   ", id="blank"),
        pytest.param(b"name=x", id="not JSON"),
        pytest.param(b'{"name": "x", ', id="cut off"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"text"', id="string"),
        pytest.param(b'{"name": "\xff\xfe"}', id="not UTF-8"),
        pytest.param(b"[" * 100_000, id="nested without end"),
        pytest.param(b'{"name": ' + b"1" * 5000 + b"}", id="number of 5,000 digits"),
        pytest.param(b'{"name": "' + b"x" * ONE_MEGABYTE + b'"}', id="over 1 MB"),
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", "application/octet-stream"])
def test_a_body_that_is_no_json_object_is_refused(user: User, body: bytes, content_type: str) -> None:
    assert the_invalid_fields(_post(user, body, content_type=content_type)) == ["body"]


def test_a_body_beyond_what_the_gateway_takes_is_refused_by_it(user: User) -> None:
    assert _post(user, b" " * (10 * ONE_MEGABYTE + 1)).status_code == 413


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(None, id="null"),
        pytest.param("", id="empty"),
        pytest.param(" \u2003 ", id="blank"),
        pytest.param(7, id="number"),
        pytest.param(["x"], id="list"),
        pytest.param("x" * 256, id="too long"),
        pytest.param("nul \0", id="NUL"),
        pytest.param("new\nline", id="line break"),
        pytest.param("delete \x7f", id="DEL"),
        pytest.param("next \x85", id="control of Latin 1"),
        pytest.param("sheet\u202egpj", id="turned direction"),
        pytest.param("a\u2028b", id="line separator"),
        pytest.param(f"lone {LONE_SURROGATE}", id="lone surrogate"),
    ],
)
def test_a_name_that_is_no_printable_line_of_255_characters_is_refused(
    world: World, user: User, conversation: str, name: Any
) -> None:
    assert the_invalid_fields(_create(user, name=name, conversation_ids=[conversation])) == ["name"]
    assert world.training_file_rows(user) == []


@pytest.mark.parametrize("name", ["ü" * 255, "🜁" * 255, "a/b\\c \"d\" 'e' %41 ../f"], ids=["ü", "🜁", "odd"])
def test_any_other_name_is_kept_as_it_is(user: User, conversation: str, name: str) -> None:
    created = user.created([conversation], name)

    assert created["name"] == name
    assert json.loads(user.download(created["id"]))["training_file_metadata"]["file_name"] == name


def test_names_that_differ_only_in_white_space_or_spelling_are_one_name(user: User, conversation: str) -> None:
    assert user.created([conversation], " caf\u00e9\u2003")["name"] == "caf\u00e9"

    again = _create(user, name="cafe\u0301 ", conversation_ids=[conversation])
    the_error(again, 409, "name_taken")


def test_a_body_of_unknown_fields_is_answered_with_the_first_of_them(user: User) -> None:
    body = {f"field {number} {'x' * 300}"[:300]: 1 for number in range(3_000)}

    answer = _create(user, **body)

    details = the_error(answer, 400, "validation_error")["details"]
    assert len(details) == 100
    assert len(answer.content) < 100_000
    assert "more (see details)" in answer.json()["error"]


@pytest.mark.parametrize(
    "value", ["nul \0", f"lone {LONE_SURROGATE}", "x" * 10_001, 7], ids=["NUL", "lone surrogate", "too long", "number"]
)
@pytest.mark.parametrize("field", ["description", "target_model"])
def test_texts_that_cannot_be_stored_are_refused(user: User, field: str, value: Any) -> None:
    assert the_invalid_fields(_create(user, conversation_ids=[UNKNOWN], **{field: value})) == [field]


@pytest.mark.parametrize(
    ("ids", "field"),
    [
        (None, "body"),
        ([], "conversation_ids"),
        (UNKNOWN, "conversation_ids"),
        ({"a": UNKNOWN}, "conversation_ids"),
        ([UNKNOWN, "not-a-uuid"], "conversation_ids[1]"),
        ([7], "conversation_ids[0]"),
        ([None], "conversation_ids[0]"),
        ([f"{UNKNOWN}{LONE_SURROGATE}"], "conversation_ids[0]"),
    ],
    ids=["null", "empty", "string", "object", "no UUID", "number", "null inside", "lone surrogate"],
)
def test_conversation_ids_that_are_no_list_of_uuids_are_refused(user: User, ids: Any, field: str) -> None:
    assert the_invalid_fields(_create(user, conversation_ids=ids)) == [field]
    assert the_invalid_fields(user.http.post(f"{FILES}/{UNKNOWN}/add-conversations", json={"conversation_ids": []}))


def test_every_field_that_is_wrong_is_named_at_once(user: User) -> None:
    answer = _create(user, name="", conversation_ids=["x"], on_invalid="ignore", on_duplicate=1, dry_run="maybe")

    assert the_invalid_fields(answer) == ["conversation_ids[0]", "on_invalid", "on_duplicate", "dry_run", "name"]


def test_unknown_fields_are_refused_as_spelling_mistakes(user: User) -> None:
    assert the_invalid_fields(_create(user, conversation_ids=[UNKNOWN], dryrun=True, Name="x")) == ["dryrun", "Name"]
    assert the_invalid_fields(_create(user, conversation_ids=[UNKNOWN], **{LONE_SURROGATE: 1})) == ["body"]


@pytest.mark.parametrize("path", [FILES, f"{FILES}/{UNKNOWN}/add-conversations"])
def test_too_many_conversations_are_refused(user: User, path: str) -> None:
    name = {"name": "x"} if path == FILES else {}
    ids = [str(uuid4()) for _ in range(10_001)]

    assert the_invalid_fields(user.http.post(path, json={**name, "conversation_ids": ids})) == ["conversation_ids"]


# --- ids ---


def test_ids_of_one_conversation_are_folded_whichever_they_are(world: World, user: User) -> None:
    row_id, conversation_id = str(uuid4()), str(uuid4())
    world.a_conversation(user, id=row_id, conversation_id=conversation_id)
    other = world.a_conversation(user)

    created = user.created([row_id, other, conversation_id, row_id.upper(), other])

    assert user.conversation_ids(created["id"]) == [conversation_id, other]
    assert created["conversation_count"] == 2


def test_a_hundred_conversations_may_be_named_any_number_of_times(user: User, conversation: str) -> None:
    assert user.created([conversation] * 500)["conversation_count"] == 1


def test_unknown_and_foreign_conversations_have_the_same_answer(world: World, user: User) -> None:
    unknown, foreign = str(uuid4()), world.a_conversation(world.a_user())

    first, second = the_faults(user.create([unknown, foreign]))

    assert (first["conversation_id"], second["conversation_id"]) == (unknown, foreign)
    assert {**first, "conversation_id": ""} == {**second, "conversation_id": ""}
    assert first["code"] == "not_found"
    assert world.training_file_rows(user) == []


@pytest.mark.parametrize("malformed", ["1", "00000000-0000-0000-0000-00000000000g"])
@pytest.mark.parametrize(
    ("method", "rest", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"name": "x"}),
        ("DELETE", "", None),
        ("GET", "/conversations", None),
        ("POST", "/add-conversations", {"conversation_ids": [UNKNOWN]}),
        ("POST", "/remove-conversations", {"conversation_ids": [UNKNOWN]}),
        ("POST", "/refresh", {}),
        ("POST", "/revert", {"revision": 1}),
        ("PUT", "/tags/v1", {"revision": 1}),
        ("DELETE", "/tags/v1", None),
        ("POST", "/retry", None),
        ("GET", "/download", None),
        ("GET", "/revisions", None),
        ("GET", "/diff", None),
        ("GET", "/findings", None),
    ],
)
def test_an_id_in_the_path_must_be_a_uuid(user: User, method: str, rest: str, body: Any, malformed: str) -> None:
    assert the_invalid_fields(user.http.request(method, f"{FILES}/{malformed}{rest}", json=body)) == ["id"]


# --- query parameters and cursors ---


@pytest.mark.parametrize(
    ("rest", "field"),
    [
        ("?status=done", "status"),
        ("?limit=0", "limit"),
        ("?limit=201", "limit"),
        ("?limit=ten", "limit"),
        ("?limit=5&limit=6", "limit"),
        ("?color=red", "color"),
        (f"/{UNKNOWN}/conversations?limit=1001", "limit"),
        (f"/{UNKNOWN}/conversations?cursor=0", "cursor"),
        (f"/{UNKNOWN}/conversations?cursor=x", "cursor"),
        (f"/{UNKNOWN}/conversations?cursor={2**31}", "cursor"),
        (f"/{UNKNOWN}/revisions?cursor=1", "cursor"),
        (f"/{UNKNOWN}/revisions?limit=-1", "limit"),
        (f"/{UNKNOWN}/findings?rule=spelling", "rule"),
        (f"/{UNKNOWN}/findings?severity=grave", "severity"),
        (f"/{UNKNOWN}/findings?conversation_id=1", "conversation_id"),
        (f"/{UNKNOWN}/findings?limit=0", "limit"),
        (f"/{UNKNOWN}/findings?limit=501", "limit"),
        (f"/{UNKNOWN}/findings?cursor=MS4xLjB", "cursor"),
        (f"/{UNKNOWN}/download?format=xml", "format"),
        (f"/{UNKNOWN}/download?revision=V1", "revision"),
        (f"/{UNKNOWN}/findings?revision=0", "revision"),
        (f"/{UNKNOWN}/report?revision=", "revision"),
        (f"/{UNKNOWN}/download?revision=0", "revision"),
        (f"/{UNKNOWN}/download?revision={2**31}", "revision"),
    ],
)
def test_a_malformed_query_parameter_is_named(user: User, rest: str, field: str) -> None:
    assert the_invalid_fields(user.http.get(FILES + rest)) == [field]


@pytest.mark.parametrize("cursor", ["?", "ü", "eHg", "eHg="])
def test_a_cursor_that_is_no_cursor_is_refused(user: User, cursor: str) -> None:
    assert the_invalid_fields(user.http.get(FILES, params={"cursor": cursor})) == ["cursor"]


@pytest.mark.parametrize(
    "position",
    [
        f"noon {UNKNOWN}",
        "2026-01-01T00:00:00+00:00 x",
        f"2026-01-01T00:00:00 {UNKNOWN}",
        f"2026-01-01T00:00:00+23:59 {UNKNOWN}",
        f"0001-01-01T00:00:00+09:00 {UNKNOWN}",
        f'2026-01-01T00:00:00+00:00"),id.not.is.null,or( {UNKNOWN}',
    ],
)
def test_a_forged_cursor_is_refused(user: User, position: str) -> None:
    cursor = base64.urlsafe_b64encode(position.encode()).decode()

    assert the_invalid_fields(user.http.get(FILES, params={"cursor": cursor})) == ["cursor"]


def test_a_revision_cursor_of_another_file_is_refused(user: User, conversation: str) -> None:
    first, second = user.created([conversation]), user.created([conversation])
    (revision,) = user.http.get(f"{FILES}/{first['id']}/revisions").json()["revisions"]

    answer = user.http.get(f"{FILES}/{second['id']}/revisions", params={"cursor": revision["id"]})

    assert the_invalid_fields(answer) == ["cursor"]


# --- changes ---


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"name": None}, "body"),
        ({"status": None}, "body"),
        ({"name": ""}, "name"),
        ({"name": "nul \0"}, "name"),
        ({"description": "nul \0"}, "description"),
        ({"status": "failed"}, "status"),
        ({"status": "processing"}, "status"),
        ({"revision": 7}, "revision"),
        ({"created_by": UNKNOWN}, "created_by"),
    ],
)
def test_a_change_that_is_not_allowed_changes_nothing(user: User, conversation: str, body: Any, field: str) -> None:
    created = user.created([conversation])

    assert the_invalid_fields(user.http.patch(f"{FILES}/{created['id']}", json=body)) == [field]
    assert user.get(created["id"]) == created


def test_a_description_can_be_taken_away_again(user: User, conversation: str) -> None:
    created = user.created([conversation], description="for the spring release")

    changed = user.http.patch(f"{FILES}/{created['id']}", json={"description": None}).json()["trainingFile"]

    assert (created["description"], changed["description"]) == ("for the spring release", None)


# --- the rest of the error table ---


@pytest.mark.parametrize(
    ("method", "rest", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"name": "x"}),
        ("DELETE", "", None),
        ("GET", "/conversations", None),
        ("POST", "/add-conversations", {"conversation_ids": [UNKNOWN]}),
        ("POST", "/remove-conversations", {"conversation_ids": [UNKNOWN]}),
        ("POST", "/refresh", {}),
        ("POST", "/revert", {"revision": 1}),
        ("PUT", "/tags/v1", {"revision": 1}),
        ("DELETE", "/tags/v1", None),
        ("POST", "/retry", None),
        ("GET", "/download", None),
        ("GET", "/revisions", None),
        ("GET", "/diff", None),
        ("GET", "/findings", None),
    ],
)
def test_an_unknown_training_file_is_not_found(user: User, method: str, rest: str, body: Any) -> None:
    answer = user.http.request(method, f"{FILES}/{UNKNOWN}{rest}", json=body)

    assert UNKNOWN in the_error(answer, 404, "training_file_not_found")["error"]


def test_an_unknown_revision_is_not_found(user: User, conversation: str) -> None:
    created = user.created([conversation])

    answer = user.http.get(f"{FILES}/{created['id']}/download", params={"revision": 2})

    assert "revision 2" in the_error(answer, 404, "training_file_not_found")["error"]


def test_a_name_is_taken_only_by_the_same_owner(world: World, user: User) -> None:
    ownerless, name = world.a_conversation(None), f"file {uuid4()}"
    user.created([ownerless], name)
    second = user.created([ownerless])

    again = the_error(user.create([ownerless], name), 409, "name_taken")
    renamed = the_error(user.http.patch(f"{FILES}/{second['id']}", json={"name": name}), 409, "name_taken")

    assert again["error"] == renamed["error"]
    assert name in again["error"]
    assert world.a_user().created([ownerless], name)["name"] == name


def test_a_name_is_free_again_some_time_after_its_creation_died(world: World, user: User, conversation: str) -> None:
    name = f"file {uuid4()}"
    world.database.execute(
        "insert into public.training_files (name, created_by, updated_at) values (%s, %s, now() - %s::interval)",
        [name, user.id, "16 minutes"],
    )

    assert user.created([conversation], name)["revision"] == 1


def test_an_archived_file_takes_no_conversations_until_it_is_active_again(world: World, user: User) -> None:
    first, second = world.some_conversations(user, 2)
    path = f"{FILES}/{user.created([first])['id']}"
    training_file_id = user.http.patch(path, json={"status": "archived"}).json()["trainingFile"]["id"]

    the_error(user.add(training_file_id, [second]), 409, "training_file_archived")
    assert user.conversation_ids(training_file_id) == [first]
    assert user.download(training_file_id)

    user.http.patch(path, json={"status": "active"})
    assert user.add(training_file_id, [second]).status_code == 200


def test_a_file_that_is_still_being_built_can_be_neither_changed_nor_downloaded(
    world: World, user: User, conversation: str
) -> None:
    training_file_id = str(uuid4())
    world.database.execute(
        "insert into public.training_files (id, name, created_by) values (%s, 'being built', %s)",
        [training_file_id, user.id],
    )
    path = f"{FILES}/{training_file_id}"

    the_error(user.add(training_file_id, [conversation]), 409, "training_file_processing")
    the_error(user.http.patch(path, json={"name": "x"}), 409, "training_file_processing")
    the_error(user.http.get(f"{path}/download"), 409, "training_file_processing")
    assert user.get(training_file_id)["status"] == "processing"


def test_conversations_that_are_there_already_are_all_named(world: World, user: User) -> None:
    row_id = str(uuid4())
    first, second, third = (*world.some_conversations(user, 2), world.a_conversation(user, id=row_id))
    created = user.created([first, second, third])

    body = the_error(user.add(created["id"], [row_id, first]), 409, "conversations_already_in_file")

    assert body["error"] == f"Conversations already in training file: {third}, {first}"
    assert [detail["conversation_id"] for detail in body["details"]] == [third, first]
    assert user.get(created["id"]) == created


def test_an_unexpected_fault_shows_nothing_internal(world: World, user: User) -> None:
    world.a_row_that_nobody_can_read(user)

    body = the_error(user.http.get(FILES), 500, "internal_error")

    assert (body["error"], body["details"]) == ("Something went wrong on our side.", [])
