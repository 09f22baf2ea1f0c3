"""Suggestions over HTTP: what they name can be added, and balances the file as they said."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.builders import Json
from tests.support.errors import the_error, the_invalid_fields
from tests.support.world import User, World

FILES = "/api/training-files"


@pytest.fixture(autouse=True)
def without_those_of_nobody(world: World) -> None:
    """What other tests left without an owner would be suggested to anyone."""
    world.database.execute("delete from public.conversations where created_by is null")


def a_conversation(world: World, owner: User | None, persona: str, **row: Any) -> str:
    return world.a_conversation(owner, persona_key=persona, scaffolding_snapshot={}, **row)


def suggestions(user: User, training_file_id: str, **parameters: Any) -> Json:
    response = user.http.get(f"{FILES}/{training_file_id}/suggestions", params=parameters)
    assert response.status_code == 200, response.text
    answer: Json = response.json()
    return answer


def personas(balance: Json) -> dict[str, int]:
    counts: dict[str, int] = balance["scaffolding_distribution"]["personas"]
    return counts


def test_adding_the_suggestions_balances_the_file_as_announced(world: World, user: User) -> None:
    common = [a_conversation(world, user, "common") for _ in range(4)]
    rare = [a_conversation(world, user, "rare", quality_score=score) for score in (4, 5)]
    created = user.created(common[:3])

    answer = suggestions(user, created["id"], limit=2)

    assert answer["conversation_ids"] == [rare[1], rare[0]]
    first, second = answer["suggestions"]
    assert first["reason"] == "persona rare: 0 of 3 conversations"
    assert (second["reason"], second["quality_score"]) == ("persona rare: 1 of 4 conversations", 4)
    assert personas(answer["before"]) == {"common": 3, "rare": 0}
    assert answer["after"]["imbalance"] < answer["before"]["imbalance"]
    added = user.add(created["id"], answer["conversation_ids"]).json()["trainingFile"]
    assert added["conversation_count"] == answer["after"]["conversation_count"] == 5
    assert added["scaffolding_distribution"] == answer["after"]["scaffolding_distribution"]


def test_only_what_the_caller_may_add_is_suggested(world: World, user: User) -> None:
    created = user.created([a_conversation(world, user, "only")])
    a_conversation(world, world.a_user(), "foreign")
    a_conversation(world, user, "raw", enrichment_status="validated")
    assert suggestions(user, created["id"], limit=100)["suggestions"] == []

    ownerless = a_conversation(world, None, "ownerless")

    assert suggestions(user, created["id"], limit=100)["conversation_ids"] == [ownerless]


def test_ten_are_suggested_unless_another_number_is_asked_for(world: World, user: User) -> None:
    ids = world.many_conversations(user, 13)
    created = user.created(ids[:1])

    assert len(suggestions(user, created["id"])["suggestions"]) == 10
    assert len(suggestions(user, created["id"], limit=12)["suggestions"]) == 12


def test_a_filter_leaves_out_others_and_names_what_it_misspells(world: World, user: User) -> None:
    created = user.created([a_conversation(world, user, "common")])
    wanted = [a_conversation(world, user, persona, quality_score=4) for persona in ("wanted", "wanted")]
    a_conversation(world, user, "wanted", quality_score=3.9)
    a_conversation(world, user, "unwanted", quality_score=5)

    answer = suggestions(user, created["id"], personas=["wanted", "comon"], min_quality_score=4)

    assert set(answer["conversation_ids"]) == set(wanted)
    assert [(each["key"], each["nearest"]) for each in answer["warnings"]] == [("comon", "common")]


def test_a_filter_with_someone_elses_file_is_refused(world: World, user: User) -> None:
    created = user.created([a_conversation(world, user, "kim")])
    theirs = world.a_user().created([a_conversation(world, None, "kim")])["id"]

    answer = user.http.get(f"{FILES}/{created['id']}/suggestions", params={"not_in": theirs})

    assert theirs in the_error(answer, 404, "training_file_not_found")["error"]


@pytest.mark.parametrize("limit", ["0", "101", "ten"])
def test_a_malformed_limit_is_refused(user: User, limit: str) -> None:
    path = f"{FILES}/{uuid4()}/suggestions"

    assert the_invalid_fields(user.http.get(path, params={"limit": limit})) == ["limit"]


def test_someone_elses_file_gets_none(world: World, user: User) -> None:
    theirs = world.a_user().created([a_conversation(world, None, "kim")])

    the_error(user.http.get(f"{FILES}/{theirs['id']}/suggestions"), 404, "training_file_not_found")
