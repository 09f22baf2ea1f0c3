"""Tiers and the scale of scores."""

from decimal import Decimal

import pytest

from training_files.domain.quality import on_scale, quality_tier


@pytest.mark.parametrize(
    ("mean", "tier"),
    [
        ("5", "seed_dataset"),
        ("4.5", "seed_dataset"),
        ("4.4999", "production"),
        ("3.5", "production"),
        ("3.4999", "experimental"),
        ("2.5", "experimental"),
        ("2.4999", "rejected"),
        ("0", "rejected"),
    ],
)
def test_a_tier_begins_at_its_border(mean: str, tier: str) -> None:
    assert quality_tier(Decimal(mean)) == tier


def test_a_conversation_without_scores_is_experimental() -> None:
    assert quality_tier(None) == "experimental"


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (None, True),
        ("0", True),
        ("5", True),
        ("5.01", False),
        ("8.5", False),
        ("85", False),
        ("-0.1", False),
        ("NaN", False),
    ],
)
def test_a_score_of_a_row_has_the_unit_of_the_pairs(score: str | None, *, expected: bool) -> None:
    assert on_scale(None if score is None else Decimal(score)) is expected
