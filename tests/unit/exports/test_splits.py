"""Splits: by conversation, the same for ever, and proved afterwards."""

import hashlib
import random
from decimal import Decimal
from uuid import UUID

import pytest

from training_files.domain.conversation.signature import BINS
from training_files.domain.exports.groups import Groups, Member
from training_files.domain.exports.split_proof import SplitTally
from training_files.domain.exports.splits import SPLITS, Split, SplitRequest, assignment

TENTH = SplitRequest(Decimal("0.1"))
WITH_TEST = SplitRequest(Decimal("0.1"), Decimal("0.2"))
SCAFFOLDING = {"persona_key": "planner", "emotional_arc_key": "fear_to_calm", "training_topic_key": None}


def ids(count: int, seed: int = 1) -> list[str]:
    source = random.Random(seed)  # noqa: S311 - Repeatable, not secret.
    return [str(UUID(int=source.getrandbits(128), version=4)) for _ in range(count)]


def content(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def splits_of(conversation_ids: list[str], request: SplitRequest) -> dict[str, Split]:
    return {one: assignment(one, request) for one in conversation_ids}


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


def test_exact_duplicates_stay_with_the_first_of_them_however_the_file_grows() -> None:
    conversation_ids = ids(500)
    groups = Groups()
    found = [groups.add(one, content(str(n % 50)), None).leader for n, one in enumerate(conversation_ids)]

    assert found == [conversation_ids[n % 50] for n in range(500)]


def signature(of: int, changed: int = 0, by: int = 0) -> bytes:
    """As if `changed` of its bins had other shingles than those of any other."""
    bins = random.Random(of).randbytes(BINS)  # noqa: S311 - Repeatable, not secret.
    others = random.Random(1_000 + by).randbytes(BINS)  # noqa: S311
    return others[:changed] + bins[changed:]


def test_near_duplicates_follow_the_earliest_that_they_are_near_to() -> None:
    groups = Groups()
    signatures = [signature(1), signature(2), signature(1, 10, by=1), signature(1, 10, by=2), signature(2, 20, by=3)]
    members = [groups.add(f"c{n}", content(str(n)), each) for n, each in enumerate(signatures)]

    assert [member.leader for member in members] == ["c0", "c1", "c0", "c0", "c1"]
    assert [member.near_to for member in members] == [(), (), ("c0",), ("c0", "c2"), ("c1",)]


def test_one_that_is_near_to_a_follower_alone_is_of_the_same_group() -> None:
    first, second = signature(1), signature(1, 30, by=1)
    third = second[:30] + signature(1, 60, by=2)[30:]
    groups = Groups()
    members = [groups.add(f"c{n}", content(str(n)), each) for n, each in enumerate((first, second, third))]

    assert members == [Member("c0"), Member("c0", ("c0",)), Member("c0", ("c1",))]


def test_one_that_is_near_to_two_groups_follows_the_earlier_and_moves_nobody() -> None:
    first, second = signature(1), signature(1, 58, by=1)
    between = first[:29] + second[29:]
    groups = Groups()
    members = [groups.add(f"c{n}", content(str(n)), each) for n, each in enumerate((first, second, between))]

    assert members == [Member("c0"), Member("c1"), Member("c0", ("c0", "c1"))]


def test_what_was_assigned_stays_when_near_duplicates_come() -> None:
    sizes = range(1, 200)
    signatures = [signature(n % 20, n % 50, by=n) for n in sizes]
    grown = Groups()
    all_leaders = [grown.add(str(n), content(str(n)), each).leader for n, each in zip(sizes, signatures, strict=True)]
    smaller = Groups()
    few = [
        smaller.add(str(n), content(str(n)), each).leader for n, each in zip(sizes[:80], signatures[:80], strict=True)
    ]

    assert all_leaders[:80] == few
    assert len(set(all_leaders)) < len(all_leaders)


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


def test_near_duplicates_in_two_splits_are_counted_and_told() -> None:
    tally = SplitTally(SplitRequest(Decimal("0.5")))
    for n, (split, near_to) in enumerate([("train", ()), ("validation", ()), ("train", ("0", "1")), ("train", ("0",))]):
        member = Member(str(n), near_to)
        tally.add(split, str(n), content_sha256=content(str(n)), scaffolding={}, rows=1, member=member)
    proof = tally.proof()

    assert proof["shared_near_duplicates"] == 1
    assert "near_duplicates_in_two_splits" in [warning["rule"] for warning in proof["warnings"]]


@pytest.mark.parametrize(
    ("validation", "rules"), [(0, ["empty_split"]), (9, ["few_validation_conversations"]), (10, [])]
)
def test_a_validation_set_of_under_ten_conversations_or_none_is_warned_of(validation: int, rules: list[str]) -> None:
    splits: dict[str, Split] = {f"v{n}": "validation" for n in range(validation)}
    warnings = tally_of(splits | {"t": "train"}, TENTH).proof()["warnings"]

    assert [warning["rule"] for warning in warnings] == rules


def test_a_proof_of_nothing_has_no_shares() -> None:
    assert set(SplitTally(TENTH).proof()["got"].values()) == {0}
