"""Choosing over HTTP: what a filter takes, page by page and counted, and nothing that the caller may not use."""

import base64
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.support.builders import Json
from tests.support.errors import the_error, the_invalid_fields
from tests.support.world import User, World

CONVERSATIONS = "/api/conversations"
BATCH = str(uuid4())
# In the order of their age.
ROWS: tuple[Json, ...] = (
    {"persona_key": "planner", "tier": "template", "quality_score": 4.5, "created_at": "2026-01-01T00:00:00Z"},
    {"persona_key": "saver", "batch_id": BATCH, "quality_score": 3, "created_at": "2026-01-02T00:00:00Z"},
    {"persona_key": "saver", "emotional_arc_key": "anger", "created_at": "2026-01-03T00:00:00Z"},
    {"topic_key": "debt", "enrichment_status": "validated", "created_at": "2026-01-04T00:00:00.123456Z"},
    {"persona_key": "saver", "quality_score": 5, "created_at": "2026-01-04T00:00:00.123456Z"},
)

# Each process collects the same cases.
SOME_ID = UUID("5f0c3a3e-3d3c-4d43-9d2e-0d9f6a1b7c11")


@pytest.fixture(autouse=True)
def without_those_of_nobody(world: World) -> None:
    """What other tests left without an owner is there for anyone."""
    world.database.execute("delete from public.conversations where created_by is null")


@pytest.fixture(scope="module")
def chooser(session_world: World) -> User:
    return session_world.a_user()


@pytest.fixture(scope="module")
def ids(session_world: World, chooser: User) -> list[str]:
    return [session_world.a_conversation(chooser, **row) for row in ROWS]


def answer_of(user: User, rest: str = "", **parameters: Any) -> httpx.Response:
    return user.http.get(f"{CONVERSATIONS}{rest}", params=parameters)


def page_of(user: User, **parameters: Any) -> Json:
    answer: Json = answer_of(user, **parameters).raise_for_status().json()
    return answer


def summary_of(user: User, **parameters: Any) -> Json:
    answer: Json = answer_of(user, "/summary", **parameters).raise_for_status().json()
    return answer


def listed(user: User, **parameters: Any) -> list[str]:
    """By all pages, the oldest first unless another order is asked for."""
    parameters = {"sort": "oldest", **parameters}
    page = page_of(user, **parameters)
    found = page["conversations"]
    while page["next_cursor"]:
        page = page_of(user, **parameters, cursor=page["next_cursor"])
        found += page["conversations"]
    return [each["conversation_id"] for each in found]


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_each_comes_once_in_the_order_that_was_asked_for(chooser: User, ids: list[str], limit: int) -> None:
    same_moment = sorted(ids[3:])

    assert listed(chooser, limit=limit) == ids[:3] + same_moment
    assert listed(chooser, limit=limit, sort="newest") == same_moment[::-1] + ids[2::-1]
    assert listed(chooser, limit=limit, sort="score") == [ids[4], ids[0], ids[1], ids[2], ids[3]]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"personas": "saver"}, [1, 2, 4]),
        ({"personas": ["saver", "nobody"], "min_quality_score": "3.5"}, [4]),
        ({"emotional_arcs": "anger"}, [2]),
        ({"training_topics": "debt"}, [3]),
        ({"tiers": "template"}, [0]),
        ({"batch_ids": BATCH}, [1]),
        ({"min_quality_score": "4.5"}, [0, 4]),
        ({"max_quality_score": "4.5"}, [0, 1]),
        ({"created_after": "2026-01-02"}, [1, 2, 3, 4]),
        ({"created_before": "2026-01-03T01:00:00+01:00"}, [0, 1]),
        ({"personas": "planner", "training_topics": "debt", "tiers": "template"}, []),
    ],
)
def test_only_what_the_filter_takes_is_listed_and_counted(
    chooser: User, ids: list[str], wanted: Json, expected: list[int]
) -> None:
    assert sorted(listed(chooser, **wanted)) == sorted(ids[index] for index in expected)
    assert summary_of(chooser, **wanted)["conversation_count"] == len(expected)


def test_each_says_what_it_is_and_why_it_cannot_be_used(chooser: User, ids: list[str]) -> None:
    usable, raw = (
        page_of(chooser, **{field: key})["conversations"]
        for field, key in (("tiers", "template"), ("training_topics", "debt"))
    )

    assert usable[0] | {"id": None} == {
        "conversation_id": ids[0],
        "id": None,
        "enrichment_status": "completed",
        "persona_key": "planner",
        "emotional_arc_key": "fear_to_calm",
        "training_topic_key": "budget",
        "tier": "template",
        "batch_id": None,
        "quality_score": 4.5,
        "created_at": "2026-01-01T00:00:00.000Z",
        "usable": True,
        "fault": None,
        "training_file_count": 0,
    }
    refused = chooser.create([ids[3]]).json()["details"]
    assert (raw[0]["usable"], [raw[0]["fault"]]) == (False, refused)


def test_the_summary_says_what_one_needs_to_choose(chooser: User, ids: list[str]) -> None:
    summary = summary_of(chooser)

    assert (summary["conversation_count"], summary["usable_count"]) == (len(ids), 4)
    assert summary["personas"] == {"counts": {"saver": 3, "planner": 2}, "without_key": 0, "further_keys": 0}
    assert (summary["tiers"]["counts"], summary["batch_ids"]["counts"]) == ({"template": 1}, {BATCH: 1})
    assert summary["enrichment_statuses"]["counts"] == {"completed": 4, "validated": 1}
    scores = summary["scores"]
    assert (scores["avg_quality_score"], scores["without_score"], scores["off_scale"]) == (4.17, 2, 0)
    assert {step["from"]: step["count"] for step in scores["histogram"] if step["count"]} == {3: 1, 4.5: 2}


def test_what_is_in_training_files_is_told_and_can_be_left_out(world: World) -> None:
    user = world.a_user()
    first, second = (world.a_conversation(user, created_at=f"2026-01-0{day}T00:00:00Z") for day in (1, 2))
    file_id = user.created([first])["id"]

    counts = [each["training_file_count"] for each in page_of(user, sort="oldest")["conversations"]]

    assert counts == [1, 0]
    assert listed(user, not_in=file_id) == [second]
    assert user.add(file_id, listed(user, not_in=file_id)).status_code == 200
    assert listed(user, not_in=[file_id]) == []


def test_a_key_that_is_misspelled_is_named_with_the_nearest(chooser: User, ids: list[str]) -> None:
    assert ids
    expected = [
        {
            "field": "personas",
            "key": "savers",
            "nearest": "saver",
            "message": "No conversation that you may use has the persona 'savers'; did you mean 'saver'?",
        }
    ]

    assert page_of(chooser, personas=["planner", "savers"])["warnings"] == expected
    assert summary_of(chooser, personas=["planner", "savers"])["warnings"] == expected


class TestOfAnother:
    def test_user_nothing_is_listed_counted_or_told(self, world: World, chooser: User, ids: list[str]) -> None:
        stranger = world.a_user()
        cursor = page_of(chooser, limit=1)["next_cursor"]

        assert ids
        assert listed(stranger) == listed(stranger, cursor=cursor, sort="newest") == []
        assert summary_of(stranger)["conversation_count"] == 0
        assert page_of(stranger, personas="savers")["warnings"][0]["nearest"] is None

    def test_users_files_nothing_is_told(self, world: World, chooser: User, ids: list[str]) -> None:
        """Not even by leaving out what one of them has."""
        stranger, ownerless = world.a_user(), world.a_conversation(None)
        theirs = chooser.created([ids[0], ownerless])["id"]

        for not_in in (theirs, str(uuid4())):
            for rest in ("", "/summary"):
                told = the_error(answer_of(stranger, rest, not_in=not_in), 404, "training_file_not_found")
                assert not_in in told["error"]
        [found] = page_of(stranger)["conversations"]
        assert (found["conversation_id"], found["training_file_count"]) == (ownerless, 0)

    def test_sort_a_cursor_is_refused(self, chooser: User, ids: list[str]) -> None:
        assert ids
        cursor = page_of(chooser, limit=1)["next_cursor"]

        assert the_invalid_fields(answer_of(chooser, sort="score", cursor=cursor)) == ["cursor"]


def written(place: str) -> str:
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "?",
        str(SOME_ID),
        written(f"newest|2026-13-45T00:00:00+00:00|-4|{SOME_ID}"),
        written(f"newest|999999-01-01T00:00:00+00:00|-4|{SOME_ID}"),
        written(f"newest|2026-01-01T00:00:00+99:00|-4|{SOME_ID}"),
        written(f"newest|2026-01-01T00:00:00+00:00|-4') or true --|{SOME_ID}"),
    ],
)
def test_a_forged_cursor_is_refused(chooser: User, cursor: str) -> None:
    assert the_invalid_fields(answer_of(chooser, cursor=cursor)) == ["cursor"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("persona", "saver"),
        ("personas", ""),
        ("min_quality_score", "6"),
        ("created_after", "yesterday"),
        ("not_in", "') or true --"),
        ("created_by", str(SOME_ID)),
    ],
)
def test_a_forged_filter_is_refused(chooser: User, field: str, value: str) -> None:
    for rest in ("", "/summary"):
        [found] = the_invalid_fields(answer_of(chooser, rest, **{field: value}))
        assert found.partition("[")[0] == field


def test_what_a_filter_says_is_never_part_of_the_query(chooser: User, ids: list[str]) -> None:
    assert ids
    for text in ("' or true --", "$1", "%s", "{}", '"', "saver' || '", "\\"):
        assert listed(chooser, personas=text) == []


@pytest.mark.usefixtures("any_row_score")
def test_rows_that_nobody_could_use_are_listed_with_what_is_wrong(world: World) -> None:
    user = world.a_user()
    for row in (
        {"quality_score": 92},
        {"quality_score": "NaN"},
        {"created_at": "infinity"},
        {"created_at": "0044-03-15 00:00:00+00 BC"},
        {"persona_key": None},
    ):
        world.a_conversation(user, **row)
    world.database.execute(
        "update public.conversations set scaffolding_snapshot = to_jsonb('not JSON'::text) where created_by = %s",
        [user.id],
    )

    for sort in ("newest", "oldest", "score"):
        assert len(set(listed(user, sort=sort, limit=1))) == 5
    faults = [each["fault"] and each["fault"]["code"] for each in page_of(user)["conversations"]]
    assert sorted(map(str, faults)) == ["None", *["created_at_invalid"] * 2, *["quality_score_invalid"] * 2]
    assert summary_of(user)["usable_count"] == 1
