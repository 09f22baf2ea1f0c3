"""What several workers have counted of stretches is, put together, what one has counted of all."""

from dataclasses import replace
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from training_files.domain.exports.lengths import LengthTally
from training_files.domain.exports.readiness import ReadinessTally
from training_files.domain.exports.row_facts import (
    REFUSED_BY_NOVA_VALIDATOR,
    RESERVED_BY_CLAUDE,
    RESERVED_BY_NOVA,
    RowFacts,
)
from training_files.domain.exports.sharding import ExportShards, name_of_shard
from training_files.domain.exports.splits import SPLITS
from training_files.domain.exports.stretches import stretches
from training_files.domain.tokens.estimate import FAMILIES, Tokens

MARKS = (*RESERVED_BY_NOVA, *REFUSED_BY_NOVA_VALIDATOR, *RESERVED_BY_CLAUDE)
PLAIN = settings(deadline=None, derandomize=True, database=None)
tokens = st.lists(st.integers(0, 200_000), min_size=len(FAMILIES), max_size=len(FAMILIES)).map(lambda one: Tokens(*one))
facts = st.builds(
    RowFacts,
    conversation_id=st.just(""),
    turn=st.integers(1, 9),
    split=st.sampled_from(SPLITS),
    characters=st.integers(0, 9),
    bytes=st.integers(0, 9),
    messages=st.integers(1, 5),
    has_system=st.booleans(),
    marks=st.frozensets(st.sampled_from(MARKS), max_size=3),
    tokens=tokens,
)


def as_kept(value: Any) -> Any:
    """As it is read back from an object."""
    return orjson.loads(orjson.dumps(value))


@PLAIN
@given(st.lists(st.lists(st.tuples(tokens, st.booleans(), st.integers(0, 5_000)), max_size=8), max_size=6))
def test_lengths(parts: list[list[tuple[Tokens, bool, int]]]) -> None:
    whole, merged = LengthTally(), LengthTally()
    for part in parts:
        of_part = LengthTally()
        for row, rough, target in part:
            for tally in (whole, of_part):
                tally.add_row(row, rough=rough)
                tally.add_target(target)
        merged.absorb(as_kept(of_part.as_json()))

    assert merged.summary() == whole.summary()
    assert merged.total_tokens == whole.total_tokens


@PLAIN
@given(st.lists(st.lists(st.tuples(facts, st.booleans()), max_size=8), max_size=6))
def test_readiness(parts: list[list[tuple[RowFacts, bool]]]) -> None:
    """The places too, of which only the first five are kept of each limit."""
    whole, merged = (ReadinessTally("bedrock", "turn", ("validation",)) for _ in range(2))
    for number, part in enumerate(parts):
        of_part = ReadinessTally("bedrock", "turn", ("validation",))
        for index, (row, is_unhealthy) in enumerate(part):
            # A conversation is in one part only, with all its rows.
            of_its_own = replace(row, conversation_id=f"{number}-{index // 2}")
            for tally in (whole, of_part):
                tally.add(of_its_own, is_unhealthy=is_unhealthy)
        merged.absorb(as_kept(of_part.as_json()))

    assert merged.readiness({"train": 7}) == whole.readiness({"train": 7})


@PLAIN
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 40)), max_size=40), st.integers(1, 5), st.integers(1, 100))
def test_stretches_are_of_all_conversations_and_no_larger_than_a_shard_may_be(
    gaps_and_sizes: list[tuple[int, int]], conversations: int, size: int
) -> None:
    positions = [sum(gap for gap, _ in gaps_and_sizes[: index + 1]) for index in range(len(gaps_and_sizes))]
    sizes = [size for _, size in gaps_and_sizes]
    found = list(stretches(zip(positions, sizes, strict=True), ExportShards(conversations=conversations, bytes=size)))

    assert [stretch.begin for stretch in found] == [0, *(stretch.end for stretch in found)][: len(found)]
    assert sum(stretch.count for stretch in found) == len(sizes)
    taken = 0
    for stretch in found:
        assert stretch.after_position == (positions[taken - 1] if taken else 0)
        own = sizes[taken : taken + stretch.count]
        taken += stretch.count
        # A comma and the end of a line stand behind each.
        assert stretch.end - stretch.begin == sum(own) + 2 * len(own)
        assert 1 <= stretch.count <= conversations
        assert stretch.count == 1 or stretch.end - stretch.begin <= size


def test_files_are_named_as_hugging_face_names_them() -> None:
    assert name_of_shard("train", "rows", 1, 12) == "train-00001-of-00012.jsonl"
    assert name_of_shard("validation", "metadata", 12, 12) == "validation-00012-of-00012.metadata.jsonl"
