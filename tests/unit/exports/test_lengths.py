"""Lengths in estimated tokens."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training_files.domain.exports.lengths import LengthTally, estimated_tokens, recommended_max_length


def tally_of(characters: list[int]) -> LengthTally:
    tally = LengthTally()
    for count in characters:
        tally.add_row(count)
    return tally


@pytest.mark.parametrize(("characters", "tokens"), [(0, 0), (1, 1), (4, 1), (5, 2), (6104, 1526)])
def test_four_characters_are_a_token_and_a_part_of_one_counts(characters: int, tokens: int) -> None:
    assert estimated_tokens(characters) == tokens


def test_a_summary_names_lengths_that_rows_have_and_says_how_they_were_found() -> None:
    tally = tally_of([4 * tokens for tokens in range(100, 0, -1)])
    tally.add_target(40)
    summary = tally.summary()

    assert summary["rows"] == {"count": 100, "p5": 5, "p50": 50, "p95": 95, "max": 100}
    assert summary["targets"] == {"count": 1, "p5": 10, "p50": 10, "p95": 10, "max": 10}
    assert (summary["unit"], summary["method"]) == ("tokens", "estimate: characters / 4")
    assert tally.total_tokens == 5050


def test_the_share_over_a_threshold_counts_the_rows_that_it_would_cut() -> None:
    lengths = [1_024, 1_025, 4_097, 20_000]

    assert tally_of([4 * tokens for tokens in lengths]).summary()["over"] == {
        "1024": 0.75,
        "2048": 0.5,
        "4096": 0.5,
        "8192": 0.25,
        "16384": 0.25,
    }


@settings(deadline=None, derandomize=True, database=None)
@given(st.lists(st.integers(0, 200_000), min_size=1))
def test_the_smallest_max_length_cuts_nothing_and_the_recommended_one_leaves_room(characters: list[int]) -> None:
    summary = tally_of(characters).summary()
    tokens = [estimated_tokens(count) for count in characters]

    assert summary["max_length"] == max(tokens)
    assert summary["recommended_max_length"] >= max(tokens)


@pytest.mark.parametrize(("longest", "recommended"), [(0, 256), (232, 256), (233, 256), (2_904, 3_328)])
def test_the_recommended_max_length_is_a_tenth_longer_in_steps(longest: int, recommended: int) -> None:
    assert recommended_max_length(longest) == recommended


def test_nothing_has_no_length() -> None:
    summary = LengthTally().summary()

    assert summary["rows"] == {"count": 0, "p5": None, "p50": None, "p95": None, "max": None}
    assert (summary["max_length"], set(summary["over"].values())) == (0, {0})
