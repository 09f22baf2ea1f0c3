"""Splits: by conversation, the same for ever, and proved afterwards."""

import hashlib
import random
from decimal import Decimal
from uuid import UUID

import pytest

from training_files.domain.exports.splits import SPLITS, Split, SplitRequest, SplitTally, Splitter, assignment

TENTH = SplitRequest(Decimal("0.1"))
WITH_TEST = SplitRequest(Decimal("0.1"), Decimal("0.2"))
SCAFFOLDING = {"persona_key": "planner", "emotional_arc_key": "fear_to_calm", "training_topic_key": None}


def ids(count: int, seed: int = 1) -> list[str]:
    source = random.Random(seed)  # noqa: S311 - Repeatable, not secret.
    return [str(UUID(int=source.getrandbits(128), version=4)) for _ in range(count)]


def content(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def splits_of(conversation_ids: list[str], request: SplitRequest | None) -> dict[str, Split]:
    splitter = Splitter(request)
    return {one: splitter.split_of(one, content(one)) for one in conversation_ids}


def tally_of(splits: dict[str, Split], request: SplitRequest, rows: int = 1) -> SplitTally:
    tally = SplitTally(request)
    for conversation_id, split in splits.items():
        tally.add(split, conversation_id, content_sha256=content(conversation_id), scaffolding=SCAFFOLDING, rows=rows)
    return tally


def test_a_conversation_never_moves_while_a_file_grows_from_100_to_10000() -> None:
    all_ids = ids(10_000)
    grown = splits_of(all_ids, WITH_TEST)

    for size in (100, 1_000, 5_000):
        assert splits_of(all_ids[:size], WITH_TEST).items() <= grown.items()


@pytest.mark.parametrize("request_", [TENTH, WITH_TEST, SplitRequest(Decimal("0.25"), Decimal("0.25"), seed=7)])
def test_of_10000_conversations_each_split_has_its_share_within_a_hundredth(request_: SplitRequest) -> None:
    proof = tally_of(splits_of(ids(10_000), request_), request_).proof()

    assert proof["asked"] == {split: float(request_.share(split)) for split in SPLITS}
    for split in SPLITS:
        assert abs(proof["got"][split] - float(request_.share(split))) < 0.01
    assert sum(proof["conversations"].values()) == 10_000
    assert proof["shared_conversations"] == proof["shared_duplicates"] == 0
    assert proof["warnings"] == []


def test_asking_for_a_test_share_too_moves_nothing_but_what_goes_to_the_test() -> None:
    without, with_test = splits_of(ids(2_000), TENTH), splits_of(ids(2_000), WITH_TEST)
    moved = {(without[one], with_test[one]) for one in without if without[one] != with_test[one]}

    assert moved == {("train", "test")}


def test_a_larger_validation_share_keeps_what_was_in_it() -> None:
    small, large = splits_of(ids(2_000), TENTH), splits_of(ids(2_000), SplitRequest(Decimal("0.2")))

    assert {large[one] for one, split in small.items() if split == "validation"} == {"validation"}


def test_another_seed_is_another_split() -> None:
    assert splits_of(ids(200), TENTH) != splits_of(ids(200), SplitRequest(Decimal("0.1"), seed=43))


@pytest.mark.parametrize(
    ("conversation_id", "split"),
    [
        ("b2221a58-008a-45a6-8464-7159c324c985", "train"),
        ("1e2feb89-414c-443c-9027-c4d1c386bbc4", "validation"),
        ("cd613e30-d8f1-4adf-91b7-584a2265b1f5", "test"),
        ("35bf992d-c9e9-4616-a12e-7696a6cecc1b", "test"),
    ],
)
def test_assignments_are_the_same_on_every_machine_for_ever(conversation_id: str, split: Split) -> None:
    assert assignment(conversation_id, SplitRequest(Decimal("0.3"), Decimal("0.3"))) == split


def test_without_a_request_everything_is_trained_on() -> None:
    assert set(splits_of(ids(50), None).values()) == {"train"}


def test_exact_duplicates_stay_with_the_first_of_them_however_the_file_grows() -> None:
    conversation_ids = ids(500)
    splitter = Splitter(WITH_TEST)
    found = [splitter.split_of(one, content(str(n % 50))) for n, one in enumerate(conversation_ids)]

    assert found == [assignment(conversation_ids[n % 50], WITH_TEST) for n in range(500)]


def test_the_proof_counts_conversations_and_rows_by_split_and_by_what_they_were_made_from() -> None:
    tally = tally_of({"a": "train", "b": "train", "c": "validation"}, TENTH, rows=3)
    tally.add("test", "d", content_sha256=content("d"), scaffolding=SCAFFOLDING, rows=0)
    proof = tally.proof()

    assert proof["conversations"] == {"train": 2, "validation": 1, "test": 0}
    assert proof["rows"] == {"train": 6, "validation": 3, "test": 0}
    assert proof["got"] == {"train": 0.6667, "validation": 0.3333, "test": 0.0}
    assert proof["distribution"]["train"] == {
        "personas": {"planner": 2},
        "emotional_arcs": {"fear_to_calm": 2},
        "training_topics": {},
    }


def test_the_proof_is_counted_and_not_taken_for_granted() -> None:
    tally = SplitTally(TENTH)
    for split, conversation_id in (("train", "a"), ("validation", "a"), ("validation", "b")):
        tally.add(split, conversation_id, content_sha256=content("same"), scaffolding={}, rows=1)

    assert (tally.proof()["shared_conversations"], tally.proof()["shared_duplicates"]) == (1, 1)


@pytest.mark.parametrize(
    ("validation", "rules"), [(0, ["empty_split"]), (9, ["few_validation_conversations"]), (10, [])]
)
def test_a_validation_set_of_under_ten_conversations_or_none_is_warned_of(validation: int, rules: list[str]) -> None:
    splits: dict[str, Split] = {f"v{n}": "validation" for n in range(validation)}
    warnings = tally_of(splits | {"t": "train"}, TENTH).proof()["warnings"]

    assert [warning["rule"] for warning in warnings] == rules


def test_a_proof_of_nothing_has_no_shares() -> None:
    assert set(SplitTally(TENTH).proof()["got"].values()) == {0}
