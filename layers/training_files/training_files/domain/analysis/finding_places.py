"""Where findings stand among all of a revision, and which of them somebody wants to see."""

from dataclasses import dataclass
from uuid import UUID

from training_files.domain.health.findings import Finding, Rule, Severity


@dataclass(frozen=True, slots=True)
class WantedFindings:
    """What is None does not matter."""

    rule: Rule | None = None
    severity: Severity | None = None
    conversation_id: UUID | None = None

    def has(self, finding: Finding) -> bool:
        return (
            self.rule in (None, finding.rule)
            and self.severity in (None, finding.severity)
            and (self.conversation_id is None or str(self.conversation_id) == finding.conversation_id)
        )


@dataclass(frozen=True, slots=True)
class FindingPlace:
    """The place of a finding: those of conversations in file order, then those that only the whole file shows.

    `position` is that of the conversation, from 1; None for findings of the whole file. `index` counts from 0 among all
    findings there, wanted or not. A training file grows at its end, so a place stays good in its revision.
    """

    revision: int
    position: int | None
    index: int


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """Some findings of a revision in their order, and the place of the next one, if there is another."""

    revision: int
    findings: tuple[Finding, ...]
    next_place: FindingPlace | None
