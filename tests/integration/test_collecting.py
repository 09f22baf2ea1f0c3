"""Collection rules on the real stack: what matches is added by itself, once, however often it is announced."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tests.support.agreement import agreed_conversation_ids
from tests.support.builders import a_scored_pair, an_enriched_file
from tests.support.errors import the_invalid_fields
from tests.support.world import User, World
from training_files.bootstrap import Application, application_from
from training_files.settings import settings_from


class ImmediateQueue:
    """Implements `training_files.ports.queue.BuildQueue`: builds when told to, in order."""

    def __init__(self) -> None:
        self.waiting: list[UUID] = []

    def send(self, revision_id: UUID) -> None:
        self.waiting.append(revision_id)

    def send_export(self, export_id: UUID) -> None:
        raise NotImplementedError


@pytest.fixture
def queue() -> ImmediateQueue:
    return ImmediateQueue()


@pytest.fixture
def running(world: World, queue: ImmediateQueue) -> Iterator[Application]:
    environment = {"SUPABASE_URL": world.supabase.url, "SUPABASE_SERVICE_ROLE_KEY": world.supabase.secret_key}
    application = application_from(settings_from(environment, lambda *_: ""))
    application.service.context = replace(application.service.context, queue=queue)
    yield application
    application.close()


def a_collecting_file(world: World, owner: User, **rule: Any) -> str:
    created = owner.created(world.some_conversations(owner, 1))
    changed = owner.http.patch(f"/api/training-files/{created['id']}", json={"collect": rule})
    assert changed.status_code == 200, changed.text
    return str(created["id"])


def announced(running: Application, queue: ImmediateQueue, *conversation_ids: str) -> int:
    """Tells of enriched conversations and builds what that asks for. Returns the number of additions."""
    ids = [UUID(conversation_id) for conversation_id in conversation_ids]
    additions = running.service.collect_conversations(ids).additions
    while queue.waiting:
        running.service.build_revision(queue.waiting.pop(0))
    return additions


def test_a_rule_is_shown_and_can_be_switched_off(world: World, user: User) -> None:
    other = str(user.created(world.some_conversations(user, 1))["id"])
    rule = {"min_quality_score": 3.5, "personas": ["planner"], "created_after": "2026-01-31", "not_in": [other]}
    file_id = a_collecting_file(world, user, **rule)
    nothing: dict[str, Any] = {key: [] for key in ("emotional_arcs", "training_topics", "tiers", "batch_ids")}
    whole = {**nothing, **rule, "max_quality_score": None, "created_before": None}
    assert user.get(file_id)["collect"] == {**whole, "created_after": "2026-01-31T00:00:00.000Z"}
    again = user.http.patch(f"/api/training-files/{file_id}", json={"collect": user.get(file_id)["collect"]})
    assert again.json()["trainingFile"] == user.get(file_id)

    user.http.patch(f"/api/training-files/{file_id}", json={"collect": None})

    assert user.get(file_id)["collect"] is None


def test_a_burst_is_one_addition_and_a_repetition_none(
    world: World, user: User, running: Application, queue: ImmediateQueue
) -> None:
    file_id = a_collecting_file(world, user)
    enriched = world.some_conversations(user, 12)

    assert announced(running, queue, *enriched, *enriched) == 1
    assert announced(running, queue, *enriched) == 0

    assert sorted(agreed_conversation_ids(world, file_id)[1:]) == sorted(enriched)
    assert user.get(file_id)["revision"] == 2


@pytest.mark.slow
def test_a_thousand_announcements_make_a_handful_of_revisions(
    world: World, user: User, running: Application, queue: ImmediateQueue
) -> None:
    """In batches as the queue hands them out, some of them twice."""
    file_id = a_collecting_file(world, user)
    enriched = world.many_conversations(user, 1000)

    additions = [announced(running, queue, *enriched[start : start + 400]) for start in (0, 350, 650)]

    assert additions == [1, 1, 1]
    assert user.get(file_id)["revision"] == 4
    assert sorted(agreed_conversation_ids(world, file_id)[1:]) == sorted(enriched)


def test_an_announcement_that_comes_twice_before_the_build_adds_once(
    world: World, user: User, running: Application, queue: ImmediateQueue
) -> None:
    file_id, enriched = a_collecting_file(world, user), world.some_conversations(user, 2)
    ids = [UUID(conversation_id) for conversation_id in enriched]
    assert running.service.collect_conversations(ids).additions == 1
    assert running.service.collect_conversations(ids).additions == 0

    announced(running, queue, *enriched)

    file = user.get(file_id)
    assert (file["revision"], file["conversation_count"]) == (2, 3)
    assert "build_error" not in file


@pytest.mark.parametrize(
    ("rule", "row"),
    [
        ({"personas": ["other"]}, {}),
        ({"emotional_arcs": ["other"]}, {}),
        ({"training_topics": ["other"]}, {}),
        ({"min_quality_score": 4}, {"quality_score": 3.9}),
        ({"max_quality_score": 4}, {"quality_score": 4.1}),
        ({"tiers": ["template"]}, {"tier": "edge_case"}),
        ({"created_before": "2020-01-01"}, {}),
        ({}, {"enrichment_status": "validated"}),
    ],
)
def test_what_a_rule_does_not_take_is_left_alone(
    world: World, user: User, running: Application, queue: ImmediateQueue, rule: dict[str, Any], row: dict[str, Any]
) -> None:
    file_id = a_collecting_file(world, user, **rule)

    assert announced(running, queue, world.a_conversation(user, **row)) == 0

    assert user.get(file_id)["conversation_count"] == 1


def test_a_conversation_without_a_score_of_its_own_is_judged_by_its_pairs(
    world: World, user: User, running: Application, queue: ImmediateQueue
) -> None:
    file_id = a_collecting_file(world, user, min_quality_score=4)
    good = world.a_conversation(user, an_enriched_file(a_scored_pair(1, 4.5)))
    poor = world.a_conversation(user, an_enriched_file(a_scored_pair(1, 2.5)))

    announced(running, queue, poor)
    assert "build_error" not in user.get(file_id)
    announced(running, queue, poor, good)

    assert user.conversation_ids(file_id)[1:] == [good]


@pytest.mark.parametrize(
    ("rule", "score", "is_taken"),
    [
        ({"max_quality_score": 4}, 4.5, False),
        ({"max_quality_score": 4}, 3.5, True),
        ({"max_quality_score": 4}, None, False),
        ({"min_quality_score": 3, "max_quality_score": 4}, 2.5, False),
    ],
)
def test_the_best_score_is_a_limit_as_the_least_one(
    world: World,
    user: User,
    running: Application,
    queue: ImmediateQueue,
    rule: dict[str, Any],
    score: float | None,
    *,
    is_taken: bool,
) -> None:
    file_id = a_collecting_file(world, user, **rule)
    enriched = an_enriched_file(a_scored_pair(1, score))

    announced(running, queue, world.a_conversation(user, enriched))

    assert (user.get(file_id)["conversation_count"] == 2) == is_taken


def test_the_score_of_the_row_goes_before_those_of_pairs(
    world: World, user: User, running: Application, queue: ImmediateQueue
) -> None:
    """As in a list of the same filter."""
    file_id = a_collecting_file(world, user, min_quality_score=4)
    good = world.a_conversation(user, an_enriched_file(a_scored_pair(1, 2.5)), quality_score=4.5)

    announced(running, queue, good)

    assert user.conversation_ids(file_id)[1:] == [good]


def test_nothing_of_another_user_is_collected(
    world: World, user: User, running: Application, queue: ImmediateQueue
) -> None:
    file_id, stranger = a_collecting_file(world, user), world.a_user()

    assert announced(running, queue, world.a_conversation(stranger), world.a_conversation(None)) == 0

    assert user.get(file_id)["conversation_count"] == 1


def test_an_archived_file_collects_nothing(
    world: World, user: User, running: Application, queue: ImmediateQueue
) -> None:
    file_id = a_collecting_file(world, user)
    user.http.patch(f"/api/training-files/{file_id}", json={"status": "archived"})

    assert announced(running, queue, world.a_conversation(user)) == 0


def test_what_was_removed_stays_away_until_somebody_adds_it(
    world: World, user: User, running: Application, queue: ImmediateQueue
) -> None:
    file_id, [first, other] = a_collecting_file(world, user), world.some_conversations(user, 2)
    announced(running, queue, first)
    body = {"conversation_ids": [first]}
    user.http.post(f"/api/training-files/{file_id}/remove-conversations", json=body).raise_for_status()

    announced(running, queue, first, other)
    assert user.conversation_ids(file_id)[1:] == [other]

    user.add(file_id, [first]).raise_for_status()
    assert user.conversation_ids(file_id)[1:] == [other, first]


def test_a_rule_of_before_it_was_a_whole_filter_is_good_for_ever(
    world: World, user: User, running: Application, queue: ImmediateQueue
) -> None:
    file_id = a_collecting_file(world, user)
    rule = '{"min_quality_score": "3.50", "personas": ["planner"], "emotional_arcs": [], "training_topics": []}'
    world.database.execute("update training_files set collect = %s where id = %s", [rule, file_id])
    good, poor = (world.a_conversation(user, quality_score=score) for score in (4, 3))

    announced(running, queue, good, poor)

    assert user.conversation_ids(file_id)[1:] == [good]
    shown = user.get(file_id)["collect"]
    assert (shown["min_quality_score"], shown["personas"], shown["tiers"], shown["not_in"]) == (
        3.5,
        ["planner"],
        [],
        [],
    )


def test_a_key_that_no_conversation_has_is_a_warning_that_names_the_nearest(world: World, user: User) -> None:
    file_id = a_collecting_file(world, user)
    path = f"/api/training-files/{file_id}"

    told = user.http.patch(path, json={"collect": {"personas": ["planner", "planer"], "tiers": ["x"]}}).json()

    assert [(each["field"], each["key"], each["nearest"]) for each in told["warnings"]] == [
        ("personas", "planer", "planner"),
        ("tiers", "x", None),
    ]
    assert told["trainingFile"]["collect"]["personas"] == ["planner", "planer"]
    assert user.http.patch(path, json={"collect": {"personas": ["planner"]}}).json()["warnings"] == []
    assert user.http.patch(path, json={"description": "new"}).json()["warnings"] == []


def test_a_rule_names_no_training_file_of_anybody_else(world: World, user: User) -> None:
    file_id, stranger = a_collecting_file(world, user), world.a_user()
    foreign = str(stranger.created(world.some_conversations(stranger, 1))["id"])
    before = user.get(file_id)

    for named in (foreign, str(UUID(int=7))):
        body = {"name": "renamed", "collect": {"not_in": [file_id, named]}}
        refused = user.http.patch(f"/api/training-files/{file_id}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (404, "training_file_not_found")
        assert named in refused.json()["error"]
    assert user.get(file_id) == before


@pytest.mark.parametrize(
    "rule",
    [
        {"min_quality_score": 6},
        {"min_quality_score": 4, "max_quality_score": 3},
        {"created_after": "yesterday"},
        {"created_after": 1},
        {"created_after": "2026-02-01", "created_before": "2026-01-01"},
        {"not_in": ["x"]},
        {"personas": "planner"},
        {"persona": ["planner"]},
        [],
    ],
)
def test_a_malformed_rule_is_refused(world: World, user: User, rule: Any) -> None:
    created = user.created(world.some_conversations(user, 1))

    refused = user.http.patch(f"/api/training-files/{created['id']}", json={"collect": rule})

    assert (refused.status_code, refused.json()["code"]) == (400, "validation_error")


@pytest.mark.parametrize("written", ['{"persona": {"persona_key": "from a text", "name": "Kim"}}', "no JSON at all"])
def test_a_snapshot_that_is_a_text_is_read_where_it_holds_json(world: World, user: User, written: str) -> None:
    conversation = world.a_conversation(user, persona_key=None)
    world.database.execute(
        "update conversations set scaffolding_snapshot = to_jsonb(%s::text) where conversation_id = %s",
        [written, conversation],
    )

    created = user.created([conversation])

    personas = created["scaffolding_distribution"]["personas"]
    assert ("from a text" in personas) == written.startswith("{")


def test_a_user_has_a_hundred_rules_at_most(world: World, user: User) -> None:
    first = user.created(world.some_conversations(user, 1))["id"]
    world.database.execute(
        "insert into training_files (name, created_by, status, revision, json_file_path, jsonl_file_path, collect) "
        "select 'copy ' || number, created_by, status, revision, json_file_path, jsonl_file_path, '{}' "
        "from training_files cross join generate_series(1, 100) as number where id = %s",
        [first],
    )
    path, rule = f"/api/training-files/{first}", {"collect": {"min_quality_score": 4}}

    assert the_invalid_fields(user.http.patch(path, json=rule)) == ["collect"]

    world.database.execute(
        "update training_files set collect = null where created_by = %s and name = 'copy 1'", [user.id]
    )
    assert user.http.patch(path, json=rule).status_code == 200
    assert user.http.patch(path, json={"collect": {"min_quality_score": 3}}).status_code == 200
