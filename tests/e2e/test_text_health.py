"""Text health over HTTP: a file seeded with every fault, each found at its place; clean text that raises nothing."""

from typing import Any

import httpx
import pytest

from infra.sample_data import sample_conversations
from tests.support.agreement import agreed_conversation_ids
from tests.support.builders import Json, an_enriched_file
from tests.support.errors import the_faults, the_invalid_fields
from tests.support.world import User, World

FILES = "/api/training-files"
TURN = 4

# What is put into the target of turn 4, the rule that finds it, and how grave it is.
FAULTS_OF_TARGETS = {
    "backslash": ("Then you save a little more. \\", "truncated_target", "error"),
    "escaped quote": ('Then she said: \\"', "truncated_target", "error"),
    "open quotation": ('Then she said: "Save a little.', "truncated_target", "error"),
    "open fence": ("Then run:\n```\nsave()", "truncated_target", "error"),
    "no full stop": ("Then you save a little mo", "truncated_target", "error"),
    "blank": ("  \n", "empty_turn", "error"),
    "object": ("[object Object]", "placeholder_text", "error"),
    "NaN": ("NaN", "placeholder_text", "error"),
    "None": ("None", "placeholder_text", "error"),
    "null": ("null", "placeholder_text", "error"),
    "undefined": ("undefined", "placeholder_text", "error"),
    "card": ("It is 4111 1111 1111 1111.", "personal_data", "error"),
    "account": ("It is DE89 3704 0044 0532 0130 00.", "personal_data", "error"),
    "social security number": ("It is 219-45-6789.", "personal_data", "error"),
    "key": ("It is AKIAIOSFODNN7EXAMPLE.", "personal_data", "error"),
    "e-mail": ("It is kim@example.com.", "personal_data", "warning"),
    "phone": ("It is (415) 555-0132.", "personal_data", "warning"),
    "address": ("It is 203.0.113.7.", "personal_data", "warning"),
    "literal line break": ("You save.\\nThen you save more.", "literal_backslash_n", "warning"),
    "escaped quotation": ('You save \\"a little\\" more.', "escaped_text", "warning"),
    "control token": ("You save <|im_end|> a little.", "special_tokens", "warning"),
    "object in a sentence": ("You save [object Object] a month.", "placeholder_text", "error"),
    "zero-width space": ("\u200b", "empty_turn", "error"),
    "role": ("You save.\nUser: And then? You save more.", "role_leak", "warning"),
}


def clean_conversations(count: int, seed: int) -> list[Json]:
    return [sample.enriched for sample in sample_conversations(count, seed=seed)]


def with_target(enriched: Json, target: str) -> Json:
    """With this target at turn 4, and in the histories behind it."""
    pairs = enriched["training_pairs"]
    pairs[TURN - 1]["target_response"] = target
    for pair in pairs:
        pair["conversation_history"] = [
            {**message, "content": target} if message["turn"] == TURN and message["role"] == "assistant" else message
            for message in pair["conversation_history"]
        ]
    return enriched


def out_of_order(enriched: Json) -> Json:
    pair = enriched["training_pairs"][TURN - 1]
    pair["conversation_history"] = [*pair["conversation_history"][:1], *pair["conversation_history"]]
    return enriched


def of_another_history(enriched: Json) -> Json:
    pair = enriched["training_pairs"][TURN - 1]
    user, assistant, *behind = pair["conversation_history"]
    pair["conversation_history"] = [user, {**assistant, "content": "Something else was said."}, *behind]
    return enriched


def of_two_prompts(enriched: Json) -> Json:
    enriched["training_pairs"][TURN - 1]["system_prompt"] = "You are someone else."
    return enriched


FAULTS_OF_CONVERSATIONS = {
    "roles": (out_of_order, "role_order", "error"),
    "history": (of_another_history, "history_mismatch", "warning"),
    "prompts": (of_two_prompts, "several_system_prompts", "warning"),
}


@pytest.fixture(scope="module")
def author(session_world: World) -> User:
    return session_world.a_user()


@pytest.fixture(scope="module")
def seeded(session_world: World, author: User) -> dict[str, str]:
    """Conversations with one fault each, by its name."""
    world, clean = session_world, iter(clean_conversations(len(FAULTS_OF_TARGETS) + len(FAULTS_OF_CONVERSATIONS), 7))
    targets = {name: with_target(next(clean), target) for name, (target, _, _) in FAULTS_OF_TARGETS.items()}
    others = {name: spoil(next(clean)) for name, (spoil, _, _) in FAULTS_OF_CONVERSATIONS.items()}
    return {name: world.a_conversation(author, enriched) for name, enriched in (targets | others).items()}


@pytest.fixture(scope="module")
def found(author: User, seeded: dict[str, str]) -> list[Json]:
    """What the create of a file of all of them warns of."""
    answer = author.create(list(seeded.values())).json()
    assert answer["warnings_total"] == len(answer["warnings"])
    warnings: list[Json] = answer["warnings"]
    return warnings


def unhealthy(seeded: dict[str, str]) -> set[str]:
    grave = {name: severity for name, (_, _, severity) in (FAULTS_OF_TARGETS | FAULTS_OF_CONVERSATIONS).items()}
    return {seeded[name] for name, severity in grave.items() if severity == "error"}


def test_each_fault_is_found_at_its_place(found: list[Json], seeded: dict[str, str]) -> None:
    faults = FAULTS_OF_TARGETS | FAULTS_OF_CONVERSATIONS
    expected = {(seeded[name], rule, severity, TURN) for name, (_, rule, severity) in faults.items()}

    assert {(one["conversation_id"], one["rule"], one["severity"], one["turn"]) for one in found} == expected
    assert len(found) == len(expected)
    in_targets = {seeded[name] for name in FAULTS_OF_TARGETS}
    assert {one["field"] for one in found if one["conversation_id"] in in_targets} == {"target_response"}


def test_errors_come_first(found: list[Json]) -> None:
    severities = [finding["severity"] for finding in found]

    assert severities == sorted(severities)


def test_no_answer_repeats_personal_data(found: list[Json]) -> None:
    said = [f"{finding['rule']} {finding['field']} {finding['message']}" for finding in found]
    values = ["4111", "DE89", "219-45", "AKIA", "kim@", "555-0132", "203.0"]

    assert [value for value in values if any(value in each for each in said)] == []


def test_clean_text_raises_nothing(world: World, user: User) -> None:
    ids = [world.a_conversation(user, enriched) for enriched in clean_conversations(20, seed=11)]

    answer = user.create(ids, on_unhealthy="reject")

    assert (answer.status_code, answer.json()["warnings"], answer.json()["warnings_total"]) == (201, [], 0)


def test_unhealthy_conversations_can_be_left_out(world: World, author: User, seeded: dict[str, str]) -> None:
    answer = author.create(list(seeded.values()), on_unhealthy="skip").json()

    skipped = {fault["conversation_id"]: fault for fault in answer["skipped"]}
    assert set(skipped) == unhealthy(seeded)
    assert {fault["code"] for fault in skipped.values()} == {"unhealthy"}
    assert skipped[seeded["card"]]["reason"] == "is unhealthy: personal_data in turn 4"
    assert {finding["severity"] for finding in answer["warnings"]} == {"warning"}
    kept = agreed_conversation_ids(world, answer["trainingFile"]["id"])
    assert kept == [one for one in seeded.values() if one not in skipped]


def test_an_addition_takes_leaves_out_or_refuses_them_too(world: World, author: User, seeded: dict[str, str]) -> None:
    [clean] = clean_conversations(1, seed=12)
    training_file = author.created([world.a_conversation(author, clean)])
    ids = [seeded["card"], seeded["e-mail"]]

    refused = author.add(training_file["id"], ids, on_unhealthy="reject")
    rehearsed = author.add(training_file["id"], ids, dry_run=True)
    skipped = author.add(training_file["id"], ids, on_unhealthy="skip")
    taken = author.add(training_file["id"], [seeded["card"]])

    assert [fault["conversation_id"] for fault in the_faults(refused)] == [seeded["card"]]
    assert [finding["severity"] for finding in rehearsed.json()["warnings"]] == ["error", "warning"]
    assert [fault["conversation_id"] for fault in skipped.json()["skipped"]] == [seeded["card"]]
    assert [finding["conversation_id"] for finding in taken.json()["warnings"]] == [seeded["card"]]
    assert _revisions(author, training_file["id"]) == [
        (3, [seeded["card"]], 1),
        (2, [seeded["e-mail"]], 1),
        (1, [], 0),
    ]


@pytest.mark.parametrize("value", ["maybe", None, True])
def test_another_value_is_refused(user: User, value: Any) -> None:
    answer = user.create(["00000000-0000-4000-8000-000000000000"], on_unhealthy=value)

    assert the_invalid_fields(answer) == ["on_unhealthy"]


def test_the_analysis_says_where_each_conversation_lies_in_the_jsonl(world: World, user: User) -> None:
    """However the file grew."""
    first, second, third = (
        world.a_conversation(user, enriched) for enriched in [*clean_conversations(2, seed=13), an_enriched_file()]
    )
    training_file = user.created([first, second])
    assert user.add(training_file["id"], [third]).status_code == httpx.codes.OK

    raw = user.download(training_file["id"], "jsonl")

    rows = world.rows(
        "select conversation_id, analysis from public.training_file_conversations "
        "where training_file_id = %s order by position",
        training_file["id"],
    )
    begin = 0
    for row in rows:
        end = begin + row["analysis"]["jsonl_size"]
        lines = raw[begin:end].splitlines()
        assert lines
        assert all(str(row["conversation_id"]).encode() in line for line in lines)
        begin = end
    assert begin == len(raw)


def _revisions(user: User, training_file_id: str) -> list[tuple[int, list[str], int]]:
    """Number, the conversations that were warned of, and how many warnings there are."""
    listed = user.http.get(f"{FILES}/{training_file_id}/revisions").json()["revisions"]
    return [
        (one["number"], [finding["conversation_id"] for finding in one["warnings"]], one["warnings_total"])
        for one in listed
        if one["status"] == "committed"
    ]
