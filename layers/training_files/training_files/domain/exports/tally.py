"""Everything that is counted of an export's rows, while they are written: in one pass, or by several workers.

Each worker counts a stretch of the conversations. What they say `as_json` is put together by `absorb`, in file order,
and comes to the very same as if one had counted them all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from training_files.domain.conversation.dialogues import LeftOut
from training_files.domain.exports.export import ExportRequest
from training_files.domain.exports.lengths import LengthTally
from training_files.domain.exports.readiness import ReadinessTally
from training_files.domain.exports.row_facts import RowFacts
from training_files.domain.exports.splits import Split
from training_files.domain.exports.treatment import TreatedConversation, TreatmentTally
from training_files.domain.health.findings import Finding, is_unhealthy

PLACES_SHOWN = 20


class ExportTally:
    """All of an export's result but its files and its splits."""

    def __init__(self, request: ExportRequest, splits: Sequence[Split]) -> None:
        self._totals = Counter(dict.fromkeys(("rows", "conversations", "trained_targets", "characters"), 0))
        self._lengths = LengthTally()
        self._readiness = ReadinessTally(request.format, request.granularity, splits[1:])
        self._treatment = TreatmentTally(request)
        self._left_out: Counter[str] = Counter()
        self._left_out_places: list[dict[str, Any]] = []
        self._mismatches = 0
        self._mismatch_places: list[dict[str, Any]] = []

    def add_row(self, facts: RowFacts, findings: Sequence[Finding], target_tokens: Sequence[int]) -> None:
        """A row, what is found in what it trains on, and the tokens of each target."""
        self._treatment.add_row(findings)
        self._readiness.add(facts, is_unhealthy=is_unhealthy(findings))
        self._lengths.add_row(facts.tokens)
        for tokens in target_tokens:
            self._lengths.add_target(tokens)
        self._totals.update(rows=1, trained_targets=len(target_tokens), characters=facts.characters)

    def add_conversation(self, treated: TreatedConversation) -> None:
        """In file order, for every conversation, whether it has rows or not."""
        outcome = treated.mapped
        self._totals["conversations"] += bool(outcome.dialogues)
        self._left_out.update(left_out.reason for left_out in outcome.left_out)
        room = PLACES_SHOWN - len(self._left_out_places)
        self._left_out_places += [_place(left_out) for left_out in outcome.left_out[:room]]
        self._mismatches += len(outcome.history_mismatches)
        room = PLACES_SHOWN - len(self._mismatch_places)
        self._mismatch_places += [
            {"conversation_id": treated.conversation_id, "turn": turn} for turn in outcome.history_mismatches[:room]
        ]
        self._treatment.add(treated)

    def as_json(self) -> dict[str, Any]:
        """For `absorb`."""
        return {
            "totals": self._totals,
            "lengths": self._lengths.as_json(),
            "readiness": self._readiness.as_json(),
            "treatment": self._treatment.as_json(),
            "left_out": self._left_out,
            "left_out_places": self._left_out_places,
            "mismatches": self._mismatches,
            "mismatch_places": self._mismatch_places,
        }

    def absorb(self, later: Mapping[str, Any]) -> None:
        """Adds what another tally, of the same request and of later conversations, says `as_json`."""
        self._totals.update(later["totals"])
        self._lengths.absorb(later["lengths"])
        self._readiness.absorb(later["readiness"])
        self._treatment.absorb(later["treatment"])
        self._left_out.update(later["left_out"])
        self._left_out_places += later["left_out_places"][: PLACES_SHOWN - len(self._left_out_places)]
        self._mismatches += later["mismatches"]
        self._mismatch_places += later["mismatch_places"][: PLACES_SHOWN - len(self._mismatch_places)]

    def summary(self, split_bytes: Mapping[Split, int]) -> dict[str, Any]:
        """The fields of an `ExportResult`. `split_bytes`: of the rows of each split that there is."""
        return {
            "totals": {**self._totals, "estimated_tokens": self._lengths.total_tokens},
            "left_out": {"by_reason": dict(sorted(self._left_out.items())), "places": self._left_out_places},
            "history_mismatch": {"count": self._mismatches, "places": self._mismatch_places},
            **self._treatment.summary(),
            "lengths": self._lengths.summary(),
            "readiness": tuple(self._readiness.readiness(split_bytes)),
        }


def _place(left_out: LeftOut) -> dict[str, Any]:
    return {"conversation_id": left_out.conversation_id, "turn": left_out.turn, "reason": left_out.reason}
