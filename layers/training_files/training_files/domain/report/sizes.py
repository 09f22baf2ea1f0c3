"""How long the rows of a training file's exports would be, which targets would take them, and what they leave out."""

from bisect import bisect_left
from collections import Counter
from typing import Any

from training_files.domain.analysis.conversation_analysis import ConversationAnalysis
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.lengths import LengthTally
from training_files.domain.exports.readiness import ReadinessTally
from training_files.domain.health.by_target import findings_by_target
from training_files.domain.health.findings import is_unhealthy
from training_files.domain.health.rules import GRANULARITIES

# Upper bounds of the bars of a chart, in estimated tokens; the last bar has what is longer.
BOUNDS_TOKENS = (256, 512, 1_024, 2_048, 4_096, 8_192, 16_384)
DEFAULT: Granularity = "conversation"


class SizesTally:
    """Measures rows of format `messages`, which those of the other formats resemble."""

    def __init__(self) -> None:
        self._lengths = {granularity: LengthTally() for granularity in GRANULARITIES}
        self._bars = {granularity: [0] * (len(BOUNDS_TOKENS) + 1) for granularity in GRANULARITIES}
        self._left_out: dict[Granularity, Counter[str]] = {granularity: Counter() for granularity in GRANULARITIES}
        self._default = ReadinessTally("messages", DEFAULT)
        self._best = ReadinessTally(None, DEFAULT)
        self._bytes = 0

    def add(self, analysis: ConversationAnalysis) -> None:
        for granularity, rows in analysis.rows.items():
            self._left_out[granularity].update(analysis.left_out[granularity])
            for row in rows:
                self._lengths[granularity].add_row(row.tokens, rough=row.has_rough_tokens)
                self._bars[granularity][bisect_left(BOUNDS_TOKENS, row.tokens.most)] += 1
            for pair in analysis.pairs:
                if pair.trainable:
                    self._lengths[granularity].add_target(pair.target_tokens)
        turns = [(pair.turn, pair.trainable) for pair in analysis.pairs]
        found = findings_by_target(turns, analysis.findings, in_one_dialogue=True)
        for row in analysis.rows[DEFAULT]:
            concerned = [finding for turn, of_target in found.items() if turn <= row.turn for finding in of_target]
            self._default.add(row, is_unhealthy=is_unhealthy(concerned))
            self._best.add(row, is_unhealthy=is_unhealthy(concerned))
            self._bytes += row.bytes

    def lengths(self) -> dict[str, Any]:
        return {granularity: self._lengths_of(granularity) for granularity in GRANULARITIES}

    def _lengths_of(self, granularity: Granularity) -> dict[str, Any]:
        bars = zip([*BOUNDS_TOKENS, None], self._bars[granularity], strict=True)
        histogram = [{"up_to": bound, "rows": count} for bound, count in bars]
        tally = self._lengths[granularity]
        return tally.summary() | {"total_tokens": tally.total_tokens, "histogram": histogram}

    def left_out(self) -> dict[str, dict[str, int]]:
        return {granularity: dict(counts) for granularity, counts in self._left_out.items()}

    def readiness(self) -> dict[str, Any]:
        """By default, and in the format that suits each target best; of one file for training, without a split."""
        return {
            "granularity": DEFAULT,
            "default": self._default.readiness({"train": self._bytes}),
            "best": self._best.readiness({"train": self._bytes}),
        }
