"""Text health of a whole file: what only several of its conversations together show, and the gravest in each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, get_args

from training_files.domain.analysis.conversation_analysis import ConversationAnalysis
from training_files.domain.analysis.finding_places import WantedFindings
from training_files.domain.conversation.near_duplicates import Near, NearDuplicates
from training_files.domain.health.findings import (
    SEVERITIES,
    WARNINGS_SHOWN,
    Finding,
    Rule,
    RuleOfFile,
    Severity,
    Warnings,
)
from training_files.domain.health.whole_conversation import FLAT_FROM_SCORES

# The first two, one conversation shows by itself too.
RuleAcross = Literal["several_system_prompts", "flat_scores", RuleOfFile]
# Of a file, the first so many are compared by what they say: with more, that takes longer than in proportion.
MOST_COMPARED = 100_000
REPEATED_FROM_ANSWERS = 3
REPEATED_ABOVE_SHARE = 0.2


def rules_said_of_the_file(across: Iterable[Finding]) -> frozenset[Rule]:
    """Rules that the file as a whole breaks: what its conversations say by the same rules is the same fact again."""
    return frozenset(finding.rule for finding in across if finding.conversation_id is None)


def findings_across(analyses: Iterable[ConversationAnalysis]) -> list[Finding]:
    """What only several conversations together show; `analyses` in file order."""
    return FileHealth.of(analyses).findings_across()


def may_be_across(wanted: WantedFindings) -> bool:
    """Whether conversations have to be looked at together to have all that is wanted."""
    rules: tuple[RuleAcross, ...] = get_args(RuleAcross)
    return any(wanted.rule in (None, rule) and wanted.severity in (None, SEVERITIES[rule]) for rule in rules)


@dataclass(slots=True)
class _Opening:
    """How many first answers begin alike, and where the first of them is."""

    conversation_id: str
    turn: int
    count: int = 0


@dataclass(slots=True)
class FileHealth:
    """The health of conversations that are added one by one, in file order. What it keeps of each is small."""

    warnings_in_conversations: int = 0
    gravest: dict[Severity, list[Finding]] = field(default_factory=lambda: {"error": [], "warning": []})
    first_of_content: dict[str, str] = field(default_factory=dict)
    alike: NearDuplicates = field(default_factory=NearDuplicates)
    duplicates: list[Finding] = field(default_factory=list)
    first_of_prompt: dict[str, str] = field(default_factory=dict)
    openings: dict[str, _Opening] = field(default_factory=dict)
    first_answers: int = 0
    scores: int = 0
    different_scores: set[Decimal] = field(default_factory=set)

    @classmethod
    def of(cls, analyses: Iterable[ConversationAnalysis]) -> "FileHealth":
        health = cls()
        for analysis in analyses:
            health.add(analysis)
        return health

    def add(self, analysis: ConversationAnalysis) -> None:
        self.warnings_in_conversations += sum(
            count for rule, count in analysis.found.items() if SEVERITIES.get(rule) != "info"
        )
        for finding in analysis.findings:
            kept = self.gravest.get(finding.severity)
            if kept is not None and len(kept) < WARNINGS_SHOWN:
                kept.append(finding)
        self._add_content(analysis)
        self._add_pairs(analysis)

    def warnings(self) -> Warnings:
        """The errors and warnings in conversations and across them, the gravest first."""
        across = [finding for finding in self.findings_across() if finding.severity != "info"]
        first = [*self.gravest["error"], *self.gravest["warning"], *across][:WARNINGS_SHOWN]
        return Warnings(tuple(first), self.warnings_in_conversations + len(across))

    def findings_across(self) -> list[Finding]:
        """What only several conversations together show."""
        return [*self.duplicates, *self._different_prompts(), *self._repeated_openings(), *self._flat_scores()]

    def _add_content(self, analysis: ConversationAnalysis) -> None:
        conversation_id = analysis.conversation_id
        original = self.first_of_content.setdefault(analysis.content_sha256, conversation_id)
        if original != conversation_id:
            message = f"the conversation says the same, word for word, as conversation {original}"
            self.duplicates.append(_finding("exact_duplicate", conversation_id, None, message))
        elif near := self._near(analysis):
            first, likeness = near[0]
            message = f"the conversation says almost the same as conversation {first}: about {likeness:.0%} are alike"
            self.duplicates.append(_finding("near_duplicate", conversation_id, None, message))
        if analysis.system_prompt_hash:
            self.first_of_prompt.setdefault(analysis.system_prompt_hash, conversation_id)

    def _near(self, analysis: ConversationAnalysis) -> list[Near]:
        if not analysis.signature or len(self.first_of_content) > MOST_COMPARED:
            return []
        return self.alike.add(analysis.conversation_id, analysis.signature)

    def _add_pairs(self, analysis: ConversationAnalysis) -> None:
        first = next((pair for pair in analysis.pairs if pair.trainable), None)
        self.first_answers += first is not None
        if first and first.opening:
            self.openings.setdefault(first.opening, _Opening(analysis.conversation_id, first.turn)).count += 1
        for pair in analysis.pairs:
            if pair.score is not None:
                self.scores += 1
                self.different_scores.add(pair.score)

    def _different_prompts(self) -> Iterator[Finding]:
        if len(self.first_of_prompt) > 1:
            message = f"there are {len(self.first_of_prompt)} different system prompts; this is the first other one"
            yield _finding("several_system_prompts", list(self.first_of_prompt.values())[1], None, message)

    def _repeated_openings(self) -> Iterator[Finding]:
        for opening in self.openings.values():
            if opening.count >= REPEATED_FROM_ANSWERS and opening.count > REPEATED_ABOVE_SHARE * self.first_answers:
                alike = f"{opening.count} of {self.first_answers} first answers"
                message = f"{alike} begin with the same words as this one, apart from a name"
                yield _finding("repeated_opening", opening.conversation_id, opening.turn, message, "target_response")

    def _flat_scores(self) -> Iterator[Finding]:
        if self.scores >= FLAT_FROM_SCORES and len(self.different_scores) == 1:
            message = f"all {self.scores} scores of the file are the same, so they say nothing"
            yield _finding("flat_scores", None, None, message)


def _finding(
    rule: RuleAcross, conversation_id: str | None, turn: int | None, message: str, field: str | None = None
) -> Finding:
    return Finding(rule, SEVERITIES[rule], conversation_id, turn, field, None if field is None else 0, message)
