"""Lengths in estimated tokens."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training_files.domain.exports.lengths import METHOD, LengthTally, recommended_max_length
from training_files.domain.tokens.estimate import FAMILIES, Tokens


def tally_of(lengths: list[int]) -> LengthTally:
    tally = LengthTally()
    for tokens in lengths:
        tally.add_row(Tokens.same(tokens))
    return tally


def test_a_summary_names_lengths_that_rows_have_and_says_how_they_were_found() -> None:
    tally = tally_of(list(range(100, 0, -1)))
    tally.add_target(10)
    summary = tally.summary()

    assert summary["rows"] == {"count": 100, "p5": 5, "p50": 50, "p95": 95, "max": 100}
    assert summary["targets"] == {"count": 1, "p5": 10, "p50": 10, "p95": 10, "max": 10}
    assert (summary["unit"], summary["method"]) == ("tokens", METHOD)
    assert tally.total_tokens == 5050


def test_the_share_over_a_threshold_counts_the_rows_that_it_would_cut() -> None:
    lengths = [1_024, 1_025, 4_097, 20_000]

    assert tally_of(lengths).summary()["over"] == {
        "1024": 0.75,
        "2048": 0.5,
        "4096": 0.5,
        "8192": 0.25,
        "16384": 0.25,
    }


@settings(deadline=None, derandomize=True, database=None)
@given(st.lists(st.integers(0, 200_000), min_size=1))
def test_the_smallest_max_length_cuts_nothing_and_the_recommended_one_leaves_room(tokens: list[int]) -> None:
    summary = tally_of(tokens).summary()

    assert summary["max_length"] == max(tokens)
    assert summary["recommended_max_length"] >= max(tokens)


@pytest.mark.parametrize(("longest", "recommended"), [(0, 256), (202, 256), (203, 256), (204, 512), (2_904, 3_328)])
def test_the_recommended_max_length_has_room_for_a_preamble_and_a_tenth_more_in_steps(
    longest: int, recommended: int
) -> None:
    assert recommended_max_length(longest) == recommended


def test_a_summary_is_of_the_tokenizer_that_needs_most_and_tells_of_each() -> None:
    tally = LengthTally()
    tally.add_row(Tokens(o200k=900, cl100k=2_000, llama3=1_000, qwen=1_100, qwen3_5=1_000, tekken=1_050))
    tally.add_row(Tokens(o200k=10, cl100k=20, llama3=40, qwen=30, qwen3_5=10, tekken=20))
    summary = tally.summary()

    assert (summary["max_length"], tally.total_tokens) == (1_100, 1_140)
    assert list(summary["by_tokenizer"]) == list(FAMILIES)
    assert summary["by_tokenizer"]["llama3"] == {
        "total_tokens": 1_040,
        "max_length": 1_000,
        "recommended_max_length": 1_280,
    }


def test_a_summary_says_which_rows_were_measured_in_another_way() -> None:
    tally = tally_of([10])
    tally.add_row(Tokens.same(20), rough=True)

    assert tally.summary()["method"] == (
        f"{METHOD}; 1 rows that were measured before there was this estimate: a quarter of their bytes"
    )


def test_nothing_has_no_length() -> None:
    summary = LengthTally().summary()

    assert summary["rows"] == {"count": 0, "p5": None, "p50": None, "p95": None, "max": None}
    assert (summary["max_length"], set(summary["over"].values())) == (0, {0})
