"""How long rows and targets are, so that a trainer's `max_length` cuts nothing off.

Lengths are estimates: the exact count depends on a model's tokenizer, which is not known here.
"""

from array import array
from collections.abc import Sequence
from typing import Any

METHOD = "estimate: characters / 4"
CHARACTERS_PER_TOKEN = 4
PERCENTILES = (5, 50, 95)
THRESHOLDS_TOKENS = (1_024, 2_048, 4_096, 8_192, 16_384)
# Chat templates put tokens around every message, and not every text has four characters a token.
SPARE_ROOM = 1.1
STEP_TOKENS = 256


def estimated_tokens(characters: int) -> int:
    return -(-characters // CHARACTERS_PER_TOKEN)


def recommended_max_length(longest_tokens: int) -> int:
    """A `max_length` that leaves room for what an estimate of the longest row misses: a tenth, in steps of 256."""
    return max(1, -(-int(longest_tokens * SPARE_ROOM) // STEP_TOKENS)) * STEP_TOKENS


class LengthTally:
    """Lengths of rows and of targets. Memory holds four bytes for each."""

    def __init__(self) -> None:
        self._rows = array("I")
        self._targets = array("I")

    def add_row(self, characters: int) -> None:
        """The characters of all texts of a row, the system prompt with them."""
        self._rows.append(estimated_tokens(characters))

    def add_target(self, characters: int) -> None:
        self._targets.append(estimated_tokens(characters))

    @property
    def total_tokens(self) -> int:
        """Of all rows."""
        return sum(self._rows)

    @property
    def max_length(self) -> int:
        """The smallest `max_length`, in estimated tokens, that cuts nothing; 0 without rows."""
        return max(self._rows, default=0)

    def summary(self) -> dict[str, Any]:
        """In estimated tokens; `over` is the share of rows that are longer than each threshold."""
        rows = sorted(self._rows)
        return {
            "unit": "tokens",
            "method": METHOD,
            "rows": _spread(rows),
            "targets": _spread(sorted(self._targets)),
            "over": {str(threshold): _share_over(threshold, rows) for threshold in THRESHOLDS_TOKENS},
            "max_length": self.max_length,
            "recommended_max_length": recommended_max_length(self.max_length),
        }


def _spread(ascending: Sequence[int]) -> dict[str, int | None]:
    percentiles = {f"p{percent}": _percentile(percent, ascending) for percent in PERCENTILES}
    return {"count": len(ascending), **percentiles, "max": ascending[-1] if ascending else None}


def _percentile(percent: int, ascending: Sequence[int]) -> int | None:
    """The nearest rank: a length that some row has."""
    return ascending[-(-percent * len(ascending) // 100) - 1] if ascending else None


def _share_over(threshold: int, lengths: Sequence[int]) -> float:
    return round(sum(length > threshold for length in lengths) / len(lengths), 4) if lengths else 0
