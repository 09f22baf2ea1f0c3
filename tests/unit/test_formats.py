"""The bytes of a training file."""

import io
import json
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from tests.support.builders import a_pair, an_enriched_file
from tests.support.domain import MOMENT, Written, a_conversation, written
from training_files.domain.report.objects import Expected, Verdict, check_jsonl

GOLDEN = Path(__file__).parent / "golden"

FIRST = a_conversation(
    conversation_id=UUID("11111111-1111-4111-8111-111111111111"),
    batch_id="22222222-2222-4222-8222-222222222222",
    persona_key="planner",
    persona_name=None,
)
SECOND = a_conversation(
    conversation_id=UUID("33333333-3333-4333-8333-333333333333"),
    quality_score="4.5",
    persona_key=None,
    persona_name="Sam from the snapshot",
    emotional_arc_key="shame_to_hope",
)
METADATA_KEYS = [
    "file_name",
    "version",
    "created_date",
    "last_updated",
    "format_spec",
    "target_model",
    "vertical",
    "total_conversations",
    "total_training_pairs",
    "quality_summary",
    "scaffolding_distribution",
]


def golden() -> Written:
    sources = [(FIRST, (GOLDEN / "first.json").read_bytes()), (SECOND, (GOLDEN / "second.json").read_bytes())]
    return written(sources, target_model="mistral-7b")


def test_the_json_of_a_small_training_file_is_the_golden_one_byte_for_byte() -> None:
    assert golden().json == (GOLDEN / "training.json").read_bytes()


def test_the_jsonl_of_a_small_training_file_is_the_golden_one_byte_for_byte() -> None:
    assert golden().jsonl == (GOLDEN / "training.jsonl").read_bytes()


def test_the_stated_sizes_and_the_body_offset_are_those_of_the_bytes() -> None:
    whole = golden()

    assert whole.training_file.json_file_size == whole.revision.json_file_size == len(whole.json)
    assert whole.training_file.jsonl_file_size == whole.revision.jsonl_file_size == len(whole.jsonl)
    assert whole.json[whole.revision.json_body_offset :].startswith(b'  "consultant_profile": {')


@pytest.mark.parametrize("split", [1, 2, 3])
def test_an_extended_file_has_the_bytes_of_one_created_whole_apart_from_its_header(split: int) -> None:
    sources = [(a_conversation(), an_enriched_file(a_pair(1, id=f"pair {n}"))) for n in range(4)]
    whole = written(sources)
    later = MOMENT.replace(day=4)
    extended = written(sources[split:], written(sources[:split]), last_updated_at=later)

    assert extended.json[extended.revision.json_body_offset :] == whole.json[whole.revision.json_body_offset :]
    assert extended.jsonl == whole.jsonl
    header = whole.document["training_file_metadata"]
    assert extended.document["training_file_metadata"] == header | {"last_updated": "2026-02-04T04:05:06.789Z"}
    assert list(extended.document["training_file_metadata"]) == METADATA_KEYS


def test_a_file_extended_twice_still_has_the_bytes_of_one_created_whole() -> None:
    sources = [(a_conversation(), an_enriched_file()) for _ in range(3)]
    grown = written(sources[2:], written(sources[1:2], written(sources[:1])))

    assert (grown.json, grown.jsonl) == (written(sources).json, written(sources).jsonl)


def test_lines_that_were_written_with_raw_separators_stay_as_they_are_and_are_valid() -> None:
    odd = an_enriched_file(a_pair(1, target_response="One\u2028two\u2029three\x85four."))
    conversation = a_conversation()
    older = written([(conversation, odd)])
    raw = older.jsonl.replace(rb"\u2028", b"\xe2\x80\xa8").replace(rb"\u2029", b"\xe2\x80\xa9")
    revision = older.revision.model_copy(update={"jsonl_file_size": len(raw)})
    grown = written([(a_conversation(), odd)], replace(older, jsonl=raw, revision=revision))
    verdict = Verdict(len(raw))
    expected = Expected(str(conversation.conversation_id), 1, 1, len(raw))

    check_jsonl(verdict, io.BytesIO(grown.jsonl[: len(raw)]), [expected])

    assert verdict.is_valid
    assert grown.jsonl.startswith(raw)
    assert len(raw) < len(older.jsonl)
    assert rb"One\u2028two\u2029three\u0085four." in grown.jsonl[len(raw) :]
    assert grown.training_file.jsonl_file_size == len(grown.jsonl)


def test_profile_and_vertical_are_those_of_the_first_conversation() -> None:
    first = written([(a_conversation(), an_enriched_file(dataset_metadata={"vertical": "first"}))])
    other = an_enriched_file(dataset_metadata={"vertical": "other"}, consultant_profile={"name": "Other"})
    extended = written([(a_conversation(), other)], first)

    assert extended.document["training_file_metadata"]["vertical"] == "first"
    assert extended.document["consultant_profile"]["name"] == "Morgan Reyes"


def test_a_profile_has_its_known_keys_first_and_in_order_even_where_the_file_has_none() -> None:
    enriched = an_enriched_file(consultant_profile={"motto": "kept", "business": "Harbor"})

    assert list(written([(a_conversation(), enriched)]).document["consultant_profile"]) == [
        "name",
        "business",
        "expertise",
        "years_experience",
        "core_philosophy",
        "communication_style",
        "motto",
    ]


@pytest.mark.parametrize("target", [None, ""])
def test_a_pair_without_a_target_is_in_the_json_and_not_in_the_jsonl(target: str | None) -> None:
    enriched = an_enriched_file(a_pair(1, target_response=target), a_pair(2))
    file = written([(a_conversation(), enriched)])

    assert file.document["conversations"][0]["training_pairs"] == enriched["training_pairs"]
    assert [json.loads(line)["turn_number"] for line in file.jsonl.splitlines()] == [2]
    assert file.training_file.total_training_pairs == 2
    assert file.training_file.trainable_pairs == 1


def test_a_conversation_is_dated_in_utc() -> None:
    conversation = a_conversation(created_at="2026-01-31T23:30:00-05:00")
    metadata = written([(conversation, an_enriched_file())]).document["conversations"][0]["conversation_metadata"]

    assert metadata["created_date"] == "2026-02-01"


def test_a_batch_is_named_only_where_the_row_has_one() -> None:
    sources = [(a_conversation(), an_enriched_file()), (a_conversation(batch_id="b"), an_enriched_file())]
    first, second = written(sources).document["conversations"]

    assert "batch_id" not in first["conversation_metadata"]
    assert list(first["conversation_metadata"]) == list(second["conversation_metadata"])[:-1]
    assert second["conversation_metadata"]["batch_id"] == "b"
