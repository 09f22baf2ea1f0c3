"""The quality tier of a conversation, and which scores count as scores."""

from decimal import Decimal
from typing import Literal

QualityTier = Literal["seed_dataset", "production", "experimental", "rejected"]

LOWEST_SCORE = Decimal(0)
HIGHEST_SCORE = Decimal(5)
TIERS: tuple[tuple[Decimal, QualityTier], ...] = (
    (Decimal("4.5"), "seed_dataset"),
    (Decimal("3.5"), "production"),
    (Decimal("2.5"), "experimental"),
)


def quality_tier(mean_score: Decimal | None) -> QualityTier:
    """A conversation without any score has not shown that it deserves less than `experimental`."""
    if mean_score is None:
        return "experimental"
    return next((tier for lowest, tier in TIERS if mean_score >= lowest), "rejected")


def on_scale(score: Decimal | None) -> bool:
    """Whether a row's score has the unit of the pairs' scores; a percentage or a mark out of ten has not."""
    return score is None or (score.is_finite() and LOWEST_SCORE <= score <= HIGHEST_SCORE)
