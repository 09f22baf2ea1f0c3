"""What makes an enriched file valid, and how its faults are named."""

import json
from typing import Any

import pytest

from tests.support.builders import Json, a_pair, a_scored_pair, an_enriched_file
from tests.support.domain import USER, a_conversation, as_read, written
from training_files.domain.conversation.enriched_file import EnrichedFileInvalidError, read_enriched_file
from training_files.domain.conversation.extent import extent_of
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.conversation.figures import figures_of
from training_files.domain.conversation.scaffolding import scaffolding_of
from training_files.domain.limits import MAX_ENRICHED_FILE_BYTES, MAX_NESTING, MAX_TRAINING_PAIRS, MAX_VALUES
from training_files.domain.training_file.formats import json_conversation


def faults_of(raw: bytes | Json) -> list[ConversationFault]:
    with pytest.raises(EnrichedFileInvalidError) as caught:
        as_read(raw)
    return caught.value.faults


def without(key: str) -> Json:
    return {name: value for name, value in a_pair().items() if name != key}


@pytest.mark.parametrize(
    ("raw", "problem", "place"),
    [
        (b"", "it is empty", None),
        (b" \n", "it is empty", None),
        (b"\xef\xbb\xbf", "it is empty", None),
        (b'{"training_pairs": [', "it is not valid JSON", "line 1 column "),
        (b'{\n  "a": nil}', "it is not valid JSON", "line 2 column "),
        (b"training_pairs: []", "it is not valid JSON", "line 1 column 1"),
        (b'{"training_pairs": []}{"training_pairs": []}', "it is not valid JSON", "line 1 column "),
        (b"NaN", "it is not valid JSON", "line 1 column "),
        (b'{"a": NaN}', "it is not valid JSON", "line 1 column "),
        (b'{"a": "\\ud800"}', "it is not valid JSON", "line 1 column "),
        (b'{"a": "\xff"}', "it is not UTF-8", "byte 7"),
        ("{}".encode("utf-16"), "it is not UTF-8", "byte 0"),
        (b" " * (MAX_ENRICHED_FILE_BYTES + 1), "it is larger than 10 MB", None),
        (b"null", "this should be an object", "the top level"),
        (b"[]", "this should be an object", "the top level"),
        (b"{}", "a required field is missing", "training_pairs"),
        (b'{"training_pairs": null}', "this should be a list", "training_pairs"),
        (b'{"training_pairs": {}}', "this should be a list", "training_pairs"),
        (b'{"training_pairs": "text"}', "this should be a list", "training_pairs"),
        (b'{"training_pairs": []}', "there is nothing in it", "training_pairs"),
        (b'{"training_pairs": [null]}', "this should be an object", "training_pairs[0]"),
    ],
)
def test_a_file_that_holds_no_training_pairs_is_refused_with_the_place(
    raw: bytes, problem: str, place: str | None
) -> None:
    (fault,) = faults_of(raw)

    assert problem in fault.reason
    assert (fault.place or "").startswith(place or "")
    assert (fault.place is None) == (place is None)
    assert (fault.code, fault.conversation_id) == ("enriched_file_invalid", USER)


SPOKEN = [{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "a secret"}]
LINE = a_pair()


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (written([(a_conversation(), an_enriched_file())]).json, "a training file"),
        (written([(a_conversation(), an_enriched_file())]).jsonl, "the JSONL of a training file"),
        (lines(LINE, LINE), "the JSONL of a training file"),
        (lines({"conversation_metadata": {}, "turns": SPOKEN}), "a raw conversation, which is not enriched yet"),
        (lines({"messages": SPOKEN}), "a raw conversation, which is not enriched yet"),
        (lines({"messages": SPOKEN}, {"messages": SPOKEN}), "a raw conversation, which is not enriched yet"),
        (json.dumps(SPOKEN).encode(), "a raw conversation, which is not enriched yet"),
        (b"\xef\xbb\xbf" + json.dumps({"turns": SPOKEN}).encode(), "a raw conversation, which is not enriched yet"),
    ],
)
def test_a_file_of_another_kind_is_told_by_its_kind_and_not_by_what_it_lacks(raw: bytes, kind: str) -> None:
    (fault,) = faults_of(raw)

    assert fault.reason == f"has an invalid enriched file: this is {kind}"
    assert (fault.code, fault.place) == ("enriched_file_invalid", None)
    assert "enriched_file_path" in fault.hint


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (json.dumps({"turns": [], "conversations": []}).encode(), "a required field is missing"),
        (json.dumps({"turns": ["Hello."], "messages": "Hello."}).encode(), "a required field is missing"),
        (json.dumps({"training_pairs": [], "turns": SPOKEN}).encode(), "there is nothing in it"),
        (lines({"a": 1}, {"a": 2}), "it is not valid JSON"),
        (b"[1]\n[2]", "it is not valid JSON"),
        (b'{"turns":\n', "it is not valid JSON"),
    ],
)
def test_a_file_that_shows_no_other_kind_is_told_by_what_is_wrong_with_it(raw: bytes, problem: str) -> None:
    assert problem in faults_of(raw)[0].reason


@pytest.mark.parametrize("key", ["turns", "messages", "training_file_metadata", "conversations", "target_response"])
def test_an_enriched_file_may_have_any_other_key_beside_its_pairs(key: str) -> None:
    assert as_read(an_enriched_file() | {key: SPOKEN}).model.training_pairs


@pytest.mark.parametrize(
    ("pair", "place"),
    [
        (without("id"), "training_pairs[1].id"),
        (a_pair(2, id=""), "training_pairs[1].id"),
        (a_pair(2, id=7), "training_pairs[1].id"),
        (without("target_response"), "training_pairs[1].target_response"),
        (a_pair(2, target_response=7), "training_pairs[1].target_response"),
        (without("turn_number"), "training_pairs[1].turn_number"),
        (a_pair("2"), "training_pairs[1].turn_number"),
        (a_pair(-1), "training_pairs[1].turn_number"),
        (a_pair(1, id="another"), "training_pairs[1].turn_number"),
        (a_pair(2, id=a_pair(1)["id"]), "training_pairs[1].id"),
        (a_pair(2, target_response=["x"]), "training_pairs[1].target_response"),
        *(
            (a_scored_pair(2, score), "training_pairs[1].training_metadata.quality_score")
            for score in ("4", "excellent", 5.01, [4])
        ),
        (a_scored_pair(2, 10), "training_pairs[1].training_metadata.quality_score"),
        (a_scored_pair(2, -1), "training_pairs[1].training_metadata.quality_score"),
        (a_scored_pair(2, quality_score=True), "training_pairs[1].training_metadata.quality_score"),
        (a_pair(2, training_metadata={"human_reviewed": "yes"}), "training_pairs[1].training_metadata.human_reviewed"),
        (
            a_pair(2, conversation_history=[{"role": "user"}]),
            "training_pairs[1].conversation_history[0].content",
        ),
    ],
)
def test_a_fault_in_a_training_pair_is_named_with_its_place(pair: Json, place: str) -> None:
    (fault,) = faults_of(an_enriched_file(a_pair(1), pair))

    assert fault.place == place


def test_every_fault_of_a_file_is_named_up_to_twenty() -> None:
    three = [fault.place for fault in faults_of(an_enriched_file(without("id"), without("turn_number"), a_pair("3")))]
    many = faults_of(an_enriched_file(*[a_pair(turn, target_response=7) for turn in range(30)]))

    assert three == ["training_pairs[0].id", "training_pairs[1].turn_number", "training_pairs[2].turn_number"]
    assert len(many) == 20


@pytest.mark.parametrize(
    "raw",
    [
        json.dumps(an_enriched_file(a_pair(1, current_user_input=["a secret"]))).encode(),
        b'{"training_pairs": "a secret"}',
        b'{"a secret": a secret}',
    ],
)
def test_a_fault_never_repeats_what_a_person_wrote(raw: bytes) -> None:
    assert "secret" not in repr(faults_of(raw))


def test_a_byte_order_mark_is_tolerated() -> None:
    raw = json.dumps(an_enriched_file()).encode()

    assert as_read(b"\xef\xbb\xbf" + raw).model == as_read(raw).model


@pytest.mark.parametrize("metadata", [None, {}, {"quality_score": None, "human_reviewed": None}])
def test_scores_and_reviews_are_optional(metadata: Any) -> None:
    (pair,) = as_read(an_enriched_file(a_pair(training_metadata=metadata))).model.training_pairs

    assert pair.quality_score is None
    assert not pair.human_reviewed


@pytest.mark.parametrize("score", [0, 5, 4.999])
def test_scores_from_0_to_5_are_accepted(score: float) -> None:
    (pair,) = as_read(an_enriched_file(a_scored_pair(1, score))).model.training_pairs

    assert pair.quality_score == score


def test_a_file_may_do_without_profile_and_vertical() -> None:
    enriched = read_enriched_file(USER, json.dumps({"training_pairs": [a_pair()]}).encode())

    assert enriched.consultant_profile == {}
    assert enriched.vertical is None


def test_a_vertical_that_the_database_cannot_store_is_a_fault() -> None:
    (fault,) = faults_of(an_enriched_file(dataset_metadata={"vertical": "a\0b"}))

    assert fault.place == "dataset_metadata.vertical"


def lists_in_lists(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


# The document, its pairs, and a pair are three levels.
@pytest.mark.parametrize(
    ("most", "one_more", "problem", "place"),
    [
        (
            an_enriched_file(a_pair(1), a_pair(2, added_later=lists_in_lists(MAX_NESTING - 3))),
            an_enriched_file(a_pair(1), a_pair(2, added_later=lists_in_lists(MAX_NESTING - 2))),
            "it is nested deeper than 32 levels",
            "training_pairs[1]",
        ),
        (
            an_enriched_file(consultant_profile={"name": lists_in_lists(MAX_NESTING - 2)}),
            an_enriched_file(consultant_profile={"name": lists_in_lists(MAX_NESTING - 1)}),
            "it is nested deeper than 32 levels",
            "consultant_profile",
        ),
        (
            an_enriched_file(*map(a_pair, range(MAX_TRAINING_PAIRS))),
            an_enriched_file(*map(a_pair, range(MAX_TRAINING_PAIRS + 1))),
            "there are more than 2,000",
            "training_pairs",
        ),
        (
            an_enriched_file(extra=["text"] * (MAX_VALUES - 100)),
            an_enriched_file(extra=["text"] * MAX_VALUES),
            "it holds more than 500,000 values",
            None,
        ),
        (
            an_enriched_file(a_pair(), extra=[[1] * 40_000]),
            an_enriched_file(a_pair(added_later=[[[[[[1] * 100_000]]]]])),
            "it would be more than 5 times as long, indented as in a training file",
            None,
        ),
    ],
    ids=["levels of a pair", "levels of the profile", "pairs", "values", "indentation"],
)
def test_a_conversation_has_bounds(most: Json, one_more: Json, problem: str, place: str | None) -> None:
    assert as_read(most).training_pairs

    (fault,) = faults_of(json.dumps(one_more, separators=(",", ":")).encode())

    assert problem in fault.reason
    assert fault.place == place


@pytest.mark.parametrize("shape", [lists_in_lists(20), [[1, 2], {}, [], {"a": [{"b": "text"}]}], {"a": {"b": [{}]}}])
def test_the_length_of_what_is_indented_is_known_before(shape: Any) -> None:
    pair = a_pair(added_later=shape)
    enriched = as_read(an_enriched_file(pair))
    conversation, scaffolding = a_conversation(), scaffolding_of(a_conversation(), enriched)
    figures = figures_of(conversation, enriched, scaffolding, "0" * 64)
    compact = json.dumps([pair], ensure_ascii=False, separators=(",", ":")).encode()

    written = json_conversation(conversation, enriched, scaffolding, figures)
    pairs = written[written.index(b"[") : written.rindex(b"]") + 1]

    assert len(pairs) <= len(compact) + extent_of({"training_pairs": [pair]}).indentation


@pytest.mark.parametrize(
    ("twice", "place"),
    [
        (b'{"training_pairs": [], "training_pairs": [%s]}', "the top level"),
        (b'{"training_pairs": [%s], "consultant_profile": {"a": 1, "a": 1}}', "consultant_profile"),
        (
            b'{"training_pairs": [{"id": "a", "turn_number": 9, "target_response": "x", "target_response": "y"}, %s]}',
            "training_pairs[0]",
        ),
    ],
)
def test_an_object_with_a_key_twice_is_a_fault(twice: bytes, place: str) -> None:
    (fault,) = faults_of(twice.replace(b"%s", json.dumps(a_pair()).encode()))

    assert "an object has the same key twice" in fault.reason
    assert fault.place == place


def test_keys_that_come_twice_within_each_other_are_named_where_they_are_left() -> None:
    inner = b",".join([b'{"a": 1, "a": 2}'] * 50)
    raw = b'{"training_pairs": [%s], "extra": [%s], "extra": 1}'
    (fault,) = faults_of(raw.replace(b"%s", json.dumps(a_pair()).encode(), 1).replace(b"%s", inner))

    assert fault.place == "the top level"
