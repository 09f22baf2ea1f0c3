"""Conversations that cannot be used: each is named with its reason and place, and nothing is left behind."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest

from tests.support.builders import Json, a_pair, a_scored_pair, an_enriched_file
from tests.support.errors import the_error, the_faults
from tests.support.world import User, World

FILES = "/api/training-files"
GOOD = json.dumps(an_enriched_file()).encode()
TWENTY_MEGABYTES = 20 * 1024 * 1024


@contextmanager
def nothing_written(world: World, user: User) -> Iterator[None]:
    """What is in the block leaves rows and objects as they were."""
    before = _traces(world, user)
    yield
    assert _traces(world, user) == before


def _traces(world: World, user: User) -> list[Any]:
    members = world.rows(
        "select m.* from public.training_file_conversations m where m.added_by = %s order by m.conversation_id", user.id
    )
    return [world.training_file_rows(user), world.revision_rows(user), members, world.object_paths()]


def _with_pair(**changes: Any) -> bytes:
    return json.dumps(an_enriched_file(a_pair() | changes)).encode()


def _deep(levels: int, document: Json) -> bytes:
    """The document with the text "deep" replaced by that many nested lists; json itself would not write them."""
    return json.dumps(document).encode().replace(b'"deep"', b"[" * levels + b"]" * levels)


# Of each kind one; `tests/unit/test_enriched_file.py` has them all.
ENRICHED_FILES: dict[str, tuple[bytes, str, str | None]] = {
    "empty": (b"", "it is empty", None),
    "cut off": (GOOD[:-10], "it is not valid JSON", "line 1 column "),
    "not UTF-8": (GOOD.replace(b"Morgan", b"Morg\xe4n"), "it is not UTF-8", "byte "),
    "20 MB": (b'"' + b"x" * TWENTY_MEGABYTES + b'"', "it is larger than 10 MB", None),
    "no pairs": (b"{}", "a required field is missing", "training_pairs"),
    "two pairs of a turn": (
        json.dumps(an_enriched_file(a_pair(1), a_pair(2), a_pair(1, id="other"))).encode(),
        "another training pair has the same turn_number",
        "training_pairs[2].turn_number",
    ),
    "100 levels in a pair": (
        _deep(100, an_enriched_file(a_pair(1), a_pair(2, emotional_context={"x": "deep"}))),
        "it is nested deeper than 32 levels",
        "training_pairs[1]",
    ),
    "indented, far longer": (
        json.dumps(an_enriched_file(a_pair(added_later=[[[[[[1] * 100_000]]]]])), separators=(",", ":")).encode(),
        "it would be more than 5 times as long",
        None,
    ),
    "a key twice": (
        GOOD.replace(b'"target_response"', b'"target_response": "lost", "target_response"', 1),
        "an object has the same key twice",
        "training_pairs[0]",
    ),
    "3,000 levels": (_deep(3000, an_enriched_file(extra="deep")), "it is not valid JSON", "line 1 column "),
}


@pytest.fixture(scope="module")
def faults_by_file(session_world: World) -> dict[str, list[Json]]:
    """What the answer to one request with all those enriched files says of each."""
    world, user = session_world, session_world.a_user()
    conversations = {world.a_conversation(user, raw): name for name, (raw, _, _) in ENRICHED_FILES.items()}
    named: dict[str, list[Json]] = {name: [] for name in ENRICHED_FILES}

    with nothing_written(world, user):
        found = the_faults(user.create(list(conversations)))
    for fault in found:
        named[conversations[fault["conversation_id"]]].append(fault)
    return named


@pytest.mark.parametrize("name", ENRICHED_FILES)
def test_an_enriched_file_that_is_invalid_is_named_with_the_place(
    faults_by_file: dict[str, list[Json]], name: str
) -> None:
    _, problem, place = ENRICHED_FILES[name]

    (fault,) = faults_by_file[name]

    assert fault["code"] == "enriched_file_invalid"
    assert fault["reason"].startswith(f"has an invalid enriched file: {problem}")
    assert fault["place"] == place or (place and fault["place"].startswith(place))


@pytest.mark.parametrize(
    ("row", "stored", "code"),
    [
        ({}, False, "enriched_file_missing"),
        ({"enriched_file_path": "../conversation-files/x.json"}, False, "enriched_file_elsewhere"),
        ({"enriched_file_path": "/"}, False, "enriched_file_elsewhere"),
        ({"enriched_file_path": None}, False, "no_enriched_file"),
        *(
            ({"created_at": moment}, True, "created_at_invalid")
            for moment in ("infinity", "-infinity", "0044-03-15 BC", "12026-01-01")
        ),
        ({"enriched_file_path": ""}, False, "no_enriched_file"),
        *(
            ({"enrichment_status": status}, True, "not_enriched")
            for status in ("not_started", "validation_failed", "validated", "enrichment_in_progress", "enriched")
        ),
        ({"enrichment_status": "normalization_failed"}, True, "not_enriched"),
    ],
    ids=str,
)
def test_a_row_that_cannot_be_used_is_named(
    world: World,
    user: User,
    row: Json,
    code: str,
    *,
    stored: bool,
) -> None:
    conversation = world.a_conversation(user, stored=stored, **row)

    with nothing_written(world, user):
        (fault,) = the_faults(user.create([conversation]))

    assert (fault["conversation_id"], fault["code"], fault["place"]) == (conversation, code, None)
    assert row.get("enrichment_status", "") in fault["reason"]


@pytest.mark.parametrize(
    "enriched",
    [
        pytest.param(b"\xef\xbb\xbf" + GOOD, id="byte order mark"),
        pytest.param(b"\r\n" + GOOD + b"\n\n", id="space around"),
        pytest.param(_with_pair(target_response="a\0b"), id="NUL"),
        pytest.param(_with_pair(training_metadata={"quality_score": 0}), id="score 0"),
        pytest.param(_with_pair(training_metadata={"quality_score": 5}), id="score 5"),
        pytest.param(_with_pair(training_metadata=None), id="no metadata"),
        pytest.param(_deep(28, an_enriched_file(a_pair(1, emotional_context={"x": "deep"}))), id="32 levels"),
        pytest.param(b'{"training_pairs": [{"id": "x", "turn_number": 1, "target_response": "y"}]}', id="bare"),
    ],
)
def test_what_is_unusual_but_valid_is_taken_value_for_value(world: World, user: User, enriched: bytes) -> None:
    created = user.created([world.a_conversation(user, enriched)])

    (conversation,) = json.loads(user.download(created["id"]))["conversations"]
    assert conversation["training_pairs"] == json.loads(enriched.decode("utf-8-sig"))["training_pairs"]
    assert len(user.download(created["id"], "jsonl").splitlines()) == created["trainable_pairs"]


def test_all_faults_of_all_conversations_are_named_in_one_answer(world: World, user: User) -> None:
    unknown = str(uuid4())
    missing = world.a_conversation(user, stored=False)
    good = world.a_conversation(user)
    waiting = world.a_conversation(user, enrichment_status="validated")
    wrong = world.a_conversation(user, an_enriched_file(a_pair(1, id=None), a_pair() | {"turn_number": "2"}))
    wanted = [unknown, missing, good, waiting, wrong]

    with nothing_written(world, user):
        body = the_error(user.create(wanted), 400, "conversation_validation_failed")

    named = {(fault["conversation_id"], fault["code"], fault["place"]) for fault in body["details"]}
    assert named == {
        (unknown, "not_found", None),
        (missing, "enriched_file_missing", None),
        (waiting, "not_enriched", None),
        (wrong, "enriched_file_invalid", "training_pairs[0].id"),
        (wrong, "enriched_file_invalid", "training_pairs[1].turn_number"),
    }
    assert all(conversation in body["error"] for conversation in set(wanted) - {good})


def test_many_faults_are_counted_in_the_sentence_and_listed_in_the_details(user: User) -> None:
    unknown = [str(uuid4()) for _ in range(100)]

    body = the_error(user.create(unknown), 400, "conversation_validation_failed")

    assert [fault["conversation_id"] for fault in body["details"]] == unknown
    assert body["error"].endswith("; and 95 more (see details)")


def test_an_addition_with_an_invalid_conversation_leaves_the_file_as_it_was(world: World, user: User) -> None:
    created = user.created([world.a_conversation(user)])
    document = user.download(created["id"])

    with nothing_written(world, user):
        the_faults(user.add(created["id"], [world.a_conversation(user), world.a_conversation(user, b"[]")]))

    assert user.get(created["id"]) == created
    assert user.download(created["id"]) == document


# --- reject, skip, and dry runs ---


@pytest.mark.parametrize(
    ("on_invalid", "on_duplicate", "dry_run"),
    [
        *((*options, False) for options in itertools.product([None, "reject", "skip"], repeat=2)),
        *((*options, True) for options in itertools.product(["reject", "skip"], repeat=2)),
    ],
)
def test_what_is_not_skipped_is_refused(
    world: World,
    user: User,
    on_invalid: str | None,
    on_duplicate: str | None,
    *,
    dry_run: bool,
) -> None:
    old, good = world.some_conversations(user, 2)
    invalid = world.a_conversation(user, b"[]")
    created = user.created([old])
    options = {"on_invalid": on_invalid, "on_duplicate": on_duplicate, "dry_run": dry_run}
    sent = {option: value for option, value in options.items() if value}

    answer = user.add(created["id"], [invalid, old, good], **sent)

    if on_invalid != "skip":
        expected = [invalid] if on_duplicate == "skip" else [invalid, old]
        assert sorted(fault["conversation_id"] for fault in the_faults(answer)) == sorted(expected)
    elif on_duplicate != "skip":
        body = the_error(answer, 409, "conversations_already_in_file")
        assert [fault["conversation_id"] for fault in body["details"]] == [old]
    else:
        skipped = {fault["conversation_id"]: fault["code"] for fault in answer.json()["skipped"]}
        assert (answer.status_code, skipped) == (200, {invalid: "enriched_file_invalid", old: "already_in_file"})
    is_built = on_invalid == on_duplicate == "skip" and not dry_run
    assert user.conversation_ids(created["id"]) == ([old, good] if is_built else [old])


def test_a_create_skips_what_is_invalid_and_keeps_the_order_of_the_rest(world: World, user: User) -> None:
    good = world.some_conversations(user, 2)
    invalid = world.a_conversation(user, b"[]")

    answer = user.create([good[1], invalid, good[0]], on_invalid="skip")

    assert [fault["conversation_id"] for fault in answer.json()["skipped"]] == [invalid]
    assert user.conversation_ids(answer.json()["trainingFile"]["id"]) == [good[1], good[0]]


@pytest.mark.parametrize("dry_run", [False, True], ids=["real", "dry run"])
def test_a_create_of_which_nothing_is_left_is_refused(world: World, user: User, *, dry_run: bool) -> None:
    invalid = world.a_conversation(user, b"[]")

    with nothing_written(world, user):
        (fault,) = the_faults(user.create([invalid], on_invalid="skip", dry_run=dry_run))

    assert fault["conversation_id"] == invalid


def test_an_addition_of_nothing_but_skipped_duplicates_is_done_already(world: World, user: User) -> None:
    created = user.created([world.a_conversation(user)])
    (old,) = user.conversation_ids(created["id"])

    with nothing_written(world, user):
        answer = user.add(created["id"], [old], on_duplicate="skip")

    assert answer.status_code == 200
    assert answer.json()["trainingFile"] == created
    assert [fault["code"] for fault in answer.json()["skipped"]] == ["already_in_file"]


# A dry run cannot know them: they are made while building.
MADE_WHILE_BUILDING = {"id", "json_file_path", "jsonl_file_path", "created_at", "updated_at", "last_updated_at"}


def _summary(answer: Json) -> Json:
    training_file = answer["trainingFile"]
    return {key: value for key, value in training_file.items() if key not in MADE_WHILE_BUILDING} | {
        "skipped": answer["skipped"]
    }


def _different_conversations(world: World, user: User) -> list[str]:
    scores = an_enriched_file(a_scored_pair(1, 2.25), a_scored_pair(2, 4, human_reviewed=True))
    return [
        world.a_conversation(user, scores, persona_key="saver"),
        world.a_conversation(user, quality_score=4.5, persona_key=""),
        world.a_conversation(user, b"[]"),
    ]


def test_a_dry_run_of_a_create_says_what_the_create_then_gives(world: World, user: User) -> None:
    wanted, name = _different_conversations(world, user), f"file {uuid4()}"

    with nothing_written(world, user):
        dry = user.create(wanted, name, on_invalid="skip", dry_run=True)
    real = user.create(wanted, name, on_invalid="skip")

    assert (dry.status_code, real.status_code) == (200, 201)
    assert (dry.json()["dry_run"], dry.json()["trainingFile"]["id"]) == (True, None)
    assert "location" not in dry.headers
    assert _summary(dry.json()) == _summary(real.json())


def test_a_dry_run_of_an_addition_says_what_the_addition_then_gives(world: World, user: User) -> None:
    created = user.created([world.a_conversation(user)])
    wanted = _different_conversations(world, user)

    with nothing_written(world, user):
        dry = user.add(created["id"], wanted, on_invalid="skip", dry_run=True)
    real = user.add(created["id"], wanted, on_invalid="skip")

    assert dry.json()["dry_run"] is True
    assert _summary(dry.json()) == _summary(real.json())
    assert user.get(created["id"]) == real.json()["trainingFile"]


def test_a_dry_run_makes_every_check(world: World, user: User) -> None:
    conversation = world.a_conversation(user)
    created = user.created([conversation])

    the_error(user.create([conversation], created["name"], dry_run=True), 409, "name_taken")
    the_error(user.add(str(uuid4()), [conversation], dry_run=True), 404, "training_file_not_found")
    user.http.patch(f"{FILES}/{created['id']}", json={"status": "archived"})
    the_error(user.add(created["id"], [conversation], dry_run=True), 409, "training_file_archived")


# --- units of quality scores ---


@pytest.mark.usefixtures("any_row_score")
@pytest.mark.parametrize("score", [8.5, 85, 5.001, -1, "NaN", "Infinity"], ids=str)
def test_a_row_score_of_another_unit_is_refused(world: World, user: User, score: float | str) -> None:
    conversation = world.a_conversation(user, an_enriched_file(a_scored_pair(1, 4)), quality_score=score)

    with nothing_written(world, user):
        (fault,) = the_faults(user.create([conversation]))

    assert (fault["conversation_id"], fault["code"]) == (conversation, "quality_score_invalid")


def test_a_row_score_wins_for_every_pair_of_its_conversation_and_for_no_other(world: World, user: User) -> None:
    pairs = an_enriched_file(a_scored_pair(1, 1), a_scored_pair(2, 2), a_scored_pair(3, None))
    reviewed = world.a_conversation(user, pairs, quality_score=5)
    zero = world.a_conversation(user, pairs, quality_score=0)
    unreviewed = world.a_conversation(user, pairs)

    summary = user.created([reviewed, zero, unreviewed])["quality_summary"]

    # 3 x 5 and 3 x 0 from the rows, 1 and 2 from the pairs.
    assert summary["avg_quality_score"] == 2.25
    assert (summary["min_quality_score"], summary["max_quality_score"]) == (0, 5)
