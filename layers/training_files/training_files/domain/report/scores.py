"""How the training pairs of a file were scored, and whether the scores tell them apart."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from heapq import heappush, heappushpop
from typing import Any

from training_files.domain.analysis.conversation_analysis import PairFacts
from training_files.domain.quality import HIGHEST_SCORE
from training_files.domain.spelling import plain_number, rounded
from training_files.domain.training_file.revision import Membership

BIN_WIDTH = Decimal("0.5")
BINS = int(HIGHEST_SCORE / BIN_WIDTH)
NEARLY_FLAT_SHARE = 0.8
FLAT_FROM_SCORES = 3
LOWEST_SHOWN = 5


class ScoresTally:
    """Counts the scores of pairs, and keeps the conversations that score lowest."""

    def __init__(self) -> None:
        self._scores: Counter[Decimal] = Counter()
        self._unscored = 0
        self._lowest: list[tuple[Decimal, int, str]] = []

    def add(self, member: Membership, pairs: Sequence[PairFacts]) -> None:
        for pair in pairs:
            if pair.score is None:
                self._unscored += 1
            else:
                self._scores[pair.score] += 1
        if member.score_count:
            # The highest of those kept stands first, and is the next to go.
            entry = (-member.score_sum / member.score_count, -member.position, str(member.conversation_id))
            if len(self._lowest) < LOWEST_SHOWN:
                heappush(self._lowest, entry)
            else:
                heappushpop(self._lowest, entry)

    def summary(self) -> dict[str, Any]:
        total = sum(self._scores.values())
        common, count = self._scores.most_common(1)[0] if total else (None, 0)
        share = round(count / total, 4) if total else 0.0
        return {
            "scored_pairs": total,
            "unscored_pairs": self._unscored,
            "histogram": self._histogram(),
            "distinct": len(self._scores),
            "most_common": plain_number(common),
            "most_common_share": share,
            "spread": self._spread(total, share),
            "lowest_conversations": [
                {"conversation_id": conversation_id, "average_score": plain_number(rounded(-mean))}
                for mean, _, conversation_id in sorted(self._lowest, reverse=True)
            ],
        }

    def _spread(self, total: int, share: float) -> str:
        if not total:
            return "none"
        if len(self._scores) == 1 and total >= FLAT_FROM_SCORES:
            return "flat"
        return "nearly_flat" if share >= NEARLY_FLAT_SHARE and total >= FLAT_FROM_SCORES else "varied"

    def _histogram(self) -> list[dict[str, Any]]:
        """Each bin from its lower bound up to, and without, its upper one; the last has both."""
        bins = [0] * BINS
        for score, count in self._scores.items():
            bins[min(int(score / BIN_WIDTH), BINS - 1)] += count
        return [
            {"from": plain_number(place * BIN_WIDTH), "to": plain_number((place + 1) * BIN_WIDTH), "pairs": count}
            for place, count in enumerate(bins)
        ]
