"""Exports without what text health finds, mended, and without personal data, over HTTP."""

import pytest

from tests.support.builders import Json, an_enriched_file
from tests.support.downloaded_exports import downloads_of, exported, rows_of
from tests.support.exchanges import in_real_shape
from tests.support.world import User, World

TROUBLED = [
    ("Where do I start?", r"With what you have.\n\nThen we look at the \"rest\" of it."),
    ("Call me at +1 415 555 0132.", "I write to ana@example.com instead, and not to bob@example.com."),
    ("And then?", "Then you put aside what the next month wi"),
    ("Thank you.", "Gladly, and write to Ana@example.com."),
]
CALM = [("And then?", "Then you rest."), ("Thank you.", "Gladly.")]


@pytest.fixture(scope="module")
def owner(session_world: World) -> User:
    return session_world.a_user()


@pytest.fixture(scope="module")
def troubled_file_id(session_world: World, owner: User) -> str:
    enriched = [an_enriched_file(*in_real_shape(exchanges)) for exchanges in (TROUBLED, CALM)]
    return str(owner.created([session_world.a_conversation(owner, each) for each in enriched])["id"])


def _trained_texts(export: Json) -> list[str]:
    rows = rows_of(export, downloads_of(export))["train"]
    return [message["content"] for row, _ in rows for message in row["messages"] if message.get("weight") == 1]


def test_a_filter_leaves_out_what_is_found_and_keeps_the_rest(owner: User, troubled_file_id: str) -> None:
    whole, filtered = (
        exported(owner, troubled_file_id, "messages_weight", **wanted)
        for wanted in ({}, {"filter": {"without": ["error"]}})
    )

    assert (whole["health"]["unhealthy_rows"], filtered["health"]["unhealthy_rows"]) == (1, 0)
    assert (whole["filtered"], filtered["filtered"]["by_reason"]) == (None, {"truncated_target": 1})
    assert [place["turn"] for place in filtered["filtered"]["places"]] == [6]
    assert set(_trained_texts(whole)) - set(_trained_texts(filtered)) == {TROUBLED[2][1]}
    assert filtered["filter"] == {"min_quality_score": None, "reviewed_only": False, "without": ["error"]}
    assert whole["id"] != filtered["id"]


def test_a_repair_mends_what_was_escaped_and_nothing_else(owner: User, troubled_file_id: str) -> None:
    whole, repaired = (
        _trained_texts(exported(owner, troubled_file_id, "messages_weight", **wanted))
        for wanted in ({}, {"repair": ["escapes"]})
    )

    assert repaired == ['With what you have.\n\nThen we look at the "rest" of it.', *whole[1:]]


def test_redaction_leaves_no_personal_data_and_tells_people_apart(owner: User, troubled_file_id: str) -> None:
    export = exported(owner, troubled_file_id, "messages_weight", redact=["personal_data"])

    texts = _trained_texts(export)
    assert "I write to [EMAIL_1] instead, and not to [EMAIL_2]." in texts
    assert "Gladly, and write to [EMAIL_1]." in texts
    assert b"@example.com" not in b"".join(downloads_of(export).values())
    assert b"555" not in b"".join(downloads_of(export).values())
    assert (export["redacted"]["by_kind"], export["redacted"]["texts"]) == ({"email": 3, "phone": 1}, 3)
    assert "personal_data" not in export["health"]["rows_by_rule"]


def test_the_training_file_stays_as_it_was_enriched(owner: User, troubled_file_id: str) -> None:
    before = owner.download(troubled_file_id, "jsonl")
    exported(owner, troubled_file_id, "alpaca", repair=["escapes"], redact=["personal_data"])

    assert owner.download(troubled_file_id, "jsonl") == before
