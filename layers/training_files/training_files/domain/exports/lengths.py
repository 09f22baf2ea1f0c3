"""How long rows and targets are, so that a trainer's `max_length` cuts nothing off.

Lengths are estimates: the exact count depends on a model's tokenizer, which is not run here.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from training_files.domain.tokens.estimate import FAMILIES, Family, Tokens

METHOD = (
    "estimate by words, marks and scripts, with a chat template's tokens; of dialogues that were counted, what it "
    "says for a tokenizer was within 10 % of the sum, and for no row more than 5 % too little"
)
METHOD_OF_ROUGH = "rows that were measured before there was this estimate: a quarter of their bytes"
PERCENTILES = (5, 50, 95)
THRESHOLDS_TOKENS = (1_024, 2_048, 4_096, 8_192, 16_384)
# What stands at the beginning of a row whatever is in it: the date in Llama 3.1's and 3.2's template, the system prompt
# that Qwen 2.5's puts where there is none.
PREAMBLE_TOKENS = 30
# The estimate of a dialogue misses a twentieth at most, that of code a tenth.
SPARE_ROOM = 1.1
STEP_TOKENS = 256


def recommended_max_length(longest_tokens: int) -> int:
    """A `max_length` with room for a template's preamble and for what the estimate misses, in steps of 256."""
    return -(-int((longest_tokens + PREAMBLE_TOKENS) * SPARE_ROOM) // STEP_TOKENS) * STEP_TOKENS


class LengthTally:
    """Lengths of rows and of targets, for a model that nobody named: how many there are of each length."""

    def __init__(self) -> None:
        self._rows: Counter[int] = Counter()
        self._targets: Counter[int] = Counter()
        self._total = Tokens()
        self._longest = Tokens()
        self._rough = 0

    def add_row(self, tokens: Tokens, *, rough: bool = False) -> None:
        self._rows[tokens.most] += 1
        self._total = Tokens.total((self._total, tokens))
        self._longest = Tokens(*map(max, self._longest, tokens))
        self._rough += rough

    def add_target(self, tokens: int) -> None:
        self._targets[tokens] += 1

    def as_json(self) -> dict[str, Any]:
        """For `absorb`."""
        return {
            "rows": sorted(self._rows.items()),
            "targets": sorted(self._targets.items()),
            "total": list(self._total),
            "longest": list(self._longest),
            "rough": self._rough,
        }

    def absorb(self, later: Mapping[str, Any]) -> None:
        """Adds what another tally has counted, as it says `as_json`."""
        self._rows.update(dict(later["rows"]))
        self._targets.update(dict(later["targets"]))
        self._total = Tokens.total((self._total, Tokens(*later["total"])))
        self._longest = Tokens(*map(max, self._longest, later["longest"]))
        self._rough += later["rough"]

    @property
    def total_tokens(self) -> int:
        """Of all rows."""
        return sum(length * count for length, count in self._rows.items())

    @property
    def max_length(self) -> int:
        """The smallest `max_length`, in estimated tokens, that cuts nothing; 0 without rows."""
        return max(self._rows, default=0)

    def summary(self) -> dict[str, Any]:
        """In estimated tokens; `over` is the share of rows that are longer than each threshold.

        Every number but those of `by_tokenizer` is of the family that needs most tokens for a row.
        """
        return {
            "unit": "tokens",
            "method": METHOD + (f"; {self._rough} {METHOD_OF_ROUGH}" if self._rough else ""),
            "rows": _spread(self._rows),
            "targets": _spread(self._targets),
            "over": {str(threshold): _share_over(threshold, self._rows) for threshold in THRESHOLDS_TOKENS},
            "max_length": self.max_length,
            "recommended_max_length": recommended_max_length(self.max_length),
            "by_tokenizer": {family: self._of(family) for family in FAMILIES},
        }

    def _of(self, family: Family) -> dict[str, int]:
        longest = self._longest.of(family)
        return {
            "total_tokens": self._total.of(family),
            "max_length": longest,
            "recommended_max_length": recommended_max_length(longest),
        }


def _spread(counts: Counter[int]) -> dict[str, int | None]:
    percentiles = {f"p{percent}": _percentile(percent, counts) for percent in PERCENTILES}
    return {"count": counts.total(), **percentiles, "max": max(counts, default=None)}


def _percentile(percent: int, counts: Counter[int]) -> int | None:
    """The nearest rank: a length that some row has."""
    rank, passed = -(-percent * counts.total() // 100), 0
    for length, count in sorted(counts.items()):
        passed += count
        if passed >= rank:
            return length
    return None


def _share_over(threshold: int, counts: Counter[int]) -> float:
    longer = sum(count for length, count in counts.items() if length > threshold)
    return round(longer / counts.total(), 4) if counts else 0
