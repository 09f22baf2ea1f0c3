"""Everything that the rows of a training file tell about it, collected while they pass by once."""

from collections.abc import Iterable, Iterator
from typing import Any

from training_files.domain.analysis.conversation_analysis import ConversationAnalysis
from training_files.domain.analysis.file_health import findings_across
from training_files.domain.report.balance import BalanceTally
from training_files.domain.report.excerpts import Excerpts
from training_files.domain.report.findings import DuplicatesTally, FindingsTally
from training_files.domain.report.objects import Expected
from training_files.domain.report.sample import SampleChoice, Stretch
from training_files.domain.report.scores import ScoresTally
from training_files.domain.report.sizes import SizesTally
from training_files.domain.training_file.revision import Membership


class ReportTally:
    """Memory holds about 100 bytes for each conversation, beside what is counted."""

    def __init__(self, seed: str) -> None:
        self._balance = BalanceTally()
        self._scores = ScoresTally()
        self._sizes = SizesTally()
        self._findings = FindingsTally()
        self._duplicates = DuplicatesTally()
        self._health: dict[str, Any] = {}
        self._not_analysed = 0
        self._offset: int | None = 0
        self.sample = SampleChoice(seed)
        self.excerpts = Excerpts({"rules": []})
        self.expected: list[Expected] = []

    def take(self, members: Iterable[Membership]) -> None:
        """Takes all rows, in file order."""
        across = findings_across(self._analyses(members))
        self._health = self._findings.health(across)
        self.excerpts = Excerpts(self._health)

    def offset_of(self, conversation_id: str) -> int | None:
        """Where its lines begin in the JSONL; None where nobody knows."""
        offset = 0
        for expected in self.expected:
            if expected.conversation_id == conversation_id:
                return offset
            if expected.jsonl_size is None:
                break
            offset += expected.jsonl_size
        return None

    def figures(self) -> dict[str, Any]:
        """The parts of a report that need nothing but the rows."""
        return {
            "balance": self._balance.balance(),
            "cross_tables": self._balance.cross_tables(),
            "scores": self._scores.summary(),
            "lengths": self._sizes.lengths(),
            "readiness": self._sizes.readiness(),
            "left_out": self._sizes.left_out(),
            "duplicates": self._duplicates.duplicates(),
            "health": self._health,
            "not_analysed": self._not_analysed,
        }

    def _analyses(self, members: Iterable[Membership]) -> Iterator[ConversationAnalysis]:
        for member in members:
            analysis = self._add(member)
            if analysis:
                yield analysis

    def _add(self, member: Membership) -> ConversationAnalysis | None:
        analysis = None
        if member.analysis is not None:
            analysis = ConversationAnalysis.from_json(str(member.conversation_id), member.analysis)
        self._balance.add(member)
        self._scores.add(member, analysis.pairs if analysis else ())
        self._place(member, analysis)
        if analysis is None:
            self._not_analysed += 1
            return None
        self._sizes.add(analysis)
        self._findings.add(analysis)
        self._duplicates.add(analysis)
        return analysis

    def _place(self, member: Membership, analysis: ConversationAnalysis | None) -> None:
        size = analysis.jsonl_size if analysis else None
        self.expected.append(Expected(str(member.conversation_id), member.training_pairs, member.trainable_pairs, size))
        self.sample.add(Stretch(member.model_copy(update={"analysis": None}), analysis, self._offset))
        self._offset = None if self._offset is None or size is None else self._offset + size
