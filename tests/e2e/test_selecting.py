"""Training files made of what conversations are, over HTTP: now, later, to see, and of nothing of anybody else's."""

import time
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.agreement import agreed_conversation_ids
from tests.support.builders import Json
from tests.support.errors import the_error, the_invalid_fields
from tests.support.world import User, World

FILES = "/api/training-files"
LATER = {"Prefer": "respond-async"}
MORE_THAN_CAN_BE_WAITED_FOR = 101
GIVE_UP_AFTER_SECONDS = 60


@pytest.fixture(autouse=True)
def without_those_of_nobody(world: World) -> None:
    """What other tests left without an owner is there for anyone."""
    world.database.execute("delete from public.conversations where created_by is null")


def create(user: User, select: Json, headers: Json | None = None, **more: Any) -> httpx.Response:
    body = {"name": f"file {uuid4()}", "select": select, **more}
    return user.http.post(FILES, json=body, headers=headers)


def add(user: User, file_id: str, select: Json, headers: Json | None = None, **more: Any) -> httpx.Response:
    return user.http.post(f"{FILES}/{file_id}/add-conversations", json={"select": select, **more}, headers=headers)


def answered(response: httpx.Response, status: int) -> Json:
    assert response.status_code == status, response.text
    answer: Json = response.json()
    return answer


def built(user: User, file_id: str) -> Json:
    """The training file when its build has ended."""
    give_up_at = time.monotonic() + GIVE_UP_AFTER_SECONDS
    while True:
        file = user.get(file_id)
        if file["status"] == "active" and "progress" not in file:
            assert "build_error" not in file
            return file
        assert time.monotonic() < give_up_at, file
        time.sleep(0.1)


def a_row(world: World, owner: User | None, day: int, **columns: Any) -> str:
    return world.a_conversation(owner, created_at=f"2026-01-{day:02}T00:00:00Z", **columns)


def newest_change(user: User, file_id: str) -> Json:
    page = user.http.get(f"{FILES}/{file_id}/revisions", params={"limit": 1}).raise_for_status().json()
    change: Json = page["revisions"][0]["change"]
    return change


def test_a_file_is_made_of_what_is_selected_in_the_order_of_creation(world: World, user: User) -> None:
    late, early, other = (
        a_row(world, user, 3, persona_key="saver"),
        a_row(world, user, 1, persona_key="saver"),
        a_row(world, user, 2, persona_key="planner"),
    )
    a_row(world, user, 4, persona_key="saver", enrichment_status="validated")

    answer = answered(create(user, {"personas": ["saver"]}), 201)

    file_id = answer["trainingFile"]["id"]
    assert answer["selection"] == {"conversation_count": 2, "warnings": []}
    assert agreed_conversation_ids(world, file_id) == [early, late]
    assert newest_change(user, file_id) == {"kind": "create", "count": 2, "selection": {"personas": ["saver"]}}
    added = answered(add(user, file_id, {}, conversation_ids=[other]), 200)
    assert added["selection"]["conversation_count"] == 0
    assert agreed_conversation_ids(world, file_id) == [early, late, other]


def test_more_than_a_caller_waits_for_is_built_by_a_worker(world: World, user: User) -> None:
    ids = world.many_conversations(user, MORE_THAN_CAN_BE_WAITED_FOR)
    first = a_row(world, user, 1)

    answer = answered(create(user, {"created_after": "2026-02-01"}, conversation_ids=[first]), 202)

    file_id = answer["trainingFile"]["id"]
    assert answer["selection"]["conversation_count"] == len(ids)
    assert built(user, file_id)["conversation_count"] == len(ids) + 1
    in_order = world.rows(
        "select conversation_id::text from public.conversations where conversation_id = any (%s::uuid[]) "
        "order by created_at, conversation_id",
        ids,
    )
    assert agreed_conversation_ids(world, file_id) == [first, *(row["conversation_id"] for row in in_order)]
    assert newest_change(user, file_id)["selection"] == {"created_after": "2026-02-01T00:00:00.000Z"}
    left = (
        "select from public.training_file_requested_parts q "
        "join public.training_file_revisions r on r.id = q.revision_id where r.training_file_id = %s"
    )
    assert world.rows(left, file_id) == []


def test_a_rule_takes_what_is_enriched_already_when_it_is_asked_to(world: World, user: User) -> None:
    first, second, third = (a_row(world, user, day, persona_key="saver") for day in (1, 2, 3))
    file_id = str(user.created([second])["id"])
    rule = {"personas": ["saver", "savr"], "backfill": True}

    answer = answered(user.http.patch(f"{FILES}/{file_id}", json={"collect": rule}), 200)

    assert answer["backfill"] == {"conversation_count": 2}
    assert [warning["nearest"] for warning in answer["warnings"]] == ["saver"]
    assert "backfill" not in answer["trainingFile"]["collect"]
    assert built(user, file_id)["revision"] == 2
    assert agreed_conversation_ids(world, file_id) == [second, first, third]
    assert newest_change(user, file_id)["selection"] == {"personas": ["saver", "savr"]}


def test_what_is_asked_for_later_is_built_of_what_was_there_then(world: World, user: User) -> None:
    first, second = a_row(world, user, 1), a_row(world, user, 2)

    created = answered(create(user, {}, LATER), 202)
    a_row(world, user, 1)
    file_id = created["trainingFile"]["id"]
    built(user, file_id)

    assert created["selection"]["conversation_count"] == 2
    assert agreed_conversation_ids(world, file_id) == [first, second]


def test_with_a_limit_the_best_are_added_and_with_a_balance_the_rarest(world: World, user: User) -> None:
    planners = [a_row(world, user, day, persona_key="planner", quality_score=5 - day / 10) for day in (1, 2, 3)]
    saver = a_row(world, user, 4, persona_key="saver", quality_score=1)
    file_id = answered(create(user, {"limit": 1}), 201)["trainingFile"]["id"]
    assert agreed_conversation_ids(world, file_id) == planners[:1]

    balanced = answered(add(user, file_id, {"limit": 2, "balance": "personas"}), 200)

    assert balanced["selection"]["conversation_count"] == 2
    assert agreed_conversation_ids(world, file_id) == [planners[0], planners[1], saver]
    assert answered(add(user, file_id, {"limit": 9, "balance": "all"}), 200)["selection"]["conversation_count"] == 1


def test_a_dry_run_tells_what_rows_tell_and_changes_nothing(world: World, user: User) -> None:
    inside = a_row(world, user, 1, persona_key="saver", quality_score=3)
    file_id = user.created([inside])["id"]
    a_row(world, user, 2, persona_key="planner", quality_score=5, tier="edge")
    before = world.revision_rows(user)

    answer = answered(add(user, file_id, {}, dry_run=True), 200)

    assert answer["taken"]["personas"]["counts"] == {"planner": 1}
    assert answer["taken"]["tiers"]["counts"] == {"edge": 1}
    assert answer["after"]["personas"]["counts"] == {"planner": 1, "saver": 1}
    assert answer["after"]["scores"]["avg_quality_score"] == 4
    assert (answer["dry_run"], answer["skipped"], answer["skipped_total"]) == (True, [], 0)
    new = answered(create(user, {}, dry_run=True), 200)
    assert new["taken"] == new["after"] == answer["after"]
    assert world.revision_rows(user) == before


def test_a_dry_run_of_many_ids_tells_how_many_would_be_skipped(world: World, user: User) -> None:
    good = a_row(world, user, 1)
    unknown = [str(uuid4()) for _ in range(MORE_THAN_CAN_BE_WAITED_FOR)]

    answer = answered(user.create([good, *unknown], dry_run=True, on_invalid="skip"), 200)

    assert answer["taken"]["conversation_count"] == 1
    assert (len(answer["skipped"]), answer["skipped_total"]) == (100, len(unknown))
    refused = user.create([good, *unknown], dry_run=True)
    assert len(the_error(refused, 400, "conversation_validation_failed")["details"]) == len(unknown)


def test_a_key_that_no_conversation_has_is_named_with_the_nearest(world: World, user: User) -> None:
    a_row(world, user, 1, persona_key="saver")

    created = answered(create(user, {"personas": ["saver", "savers"]}), 201)
    nothing = the_error(create(user, {"personas": ["savers"]}), 400, "nothing_selected")

    [warning] = created["selection"]["warnings"]
    assert (warning["field"], warning["key"], warning["nearest"]) == ("personas", "savers", "saver")
    assert nothing["details"] == [warning]
    assert warning["message"] in nothing["error"]
    for headers in (None, LATER):
        file_id = created["trainingFile"]["id"]
        assert the_error(add(user, file_id, {}, headers), 400, "nothing_selected")["details"] == []
    assert [row["status"] for row in world.training_file_rows(user)] == ["active"]


class TestOfAnother:
    def test_user_nothing_is_ever_selected(self, world: World, user: User) -> None:
        stranger = world.a_user()
        a_row(world, stranger, 1)
        own, ownerless = a_row(world, user, 2), a_row(world, None, 3)

        for select in ({}, {"limit": 9}, {"limit": 9, "balance": "all"}):
            file_id = answered(create(user, select), 201)["trainingFile"]["id"]
            assert user.conversation_ids(file_id) == [own, ownerless]
        file_id = answered(create(user, {}, LATER), 202)["trainingFile"]["id"]
        built(user, file_id)
        assert user.conversation_ids(file_id) == [own, ownerless]
        assert answered(create(user, {}, dry_run=True), 200)["taken"]["conversation_count"] == 2

    def test_users_file_is_not_there_to_be_added_to_or_left_out(self, world: World, user: User) -> None:
        stranger = world.a_user()
        a_row(world, user, 1)
        theirs = stranger.created([a_row(world, stranger, 1)])["id"]

        for headers, more in ((None, {}), (LATER, {}), (None, {"dry_run": True})):
            the_error(add(user, theirs, {}, headers, **more), 404, "training_file_not_found")
            told = the_error(create(user, {"not_in": [theirs]}, headers, **more), 404, "training_file_not_found")
            assert theirs in told["error"]
        assert world.training_file_rows(user) == []
        assert len(world.revision_rows(stranger)) == 1


@pytest.mark.parametrize(
    ("select", "field"),
    [
        ({"persona": ["saver"]}, "select.persona"),
        ({"personas": "saver"}, "select.personas"),
        ({"limit": 500_001}, "select.limit"),
        ({"balance": "all"}, "select"),
        ({"balance": "tiers", "limit": 1}, "select.balance"),
        ({"not_in": ["') or true --"]}, "select.not_in[0]"),
        ({"min_quality_score": 4, "max_quality_score": 3}, "select"),
        ([], "select"),
    ],
)
def test_a_selection_that_is_malformed_is_refused(user: User, select: Any, field: str) -> None:
    assert the_invalid_fields(create(user, select)) == [field]


def test_what_a_selection_says_is_never_part_of_the_query(world: World, user: User) -> None:
    a_row(world, user, 1)
    for text in ("' or true --", "$1", "%s", "{}", '"', "saver' || '", "\\"):
        the_error(create(user, {"personas": [text], "limit": 5, "balance": "all"}), 400, "nothing_selected")
