"""What text health found in a training file, rule by rule, and which conversations say the same."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from training_files.domain.analysis.conversation_analysis import ConversationAnalysis
from training_files.domain.analysis.file_health import rules_said_of_the_file
from training_files.domain.health.by_target import findings_by_target
from training_files.domain.health.findings import MOST_SEVERE_FIRST, Finding, Rule, Severity

PLACES_SHOWN = 5
GROUPS_SHOWN = 20
IDS_SHOWN = 20
IDS_OF_RULE = 500


@dataclass(slots=True)
class _OfRule:
    severity: Severity
    count: int = 0
    conversations: int = 0
    places: list[dict[str, Any]] = field(default_factory=list)
    # Each once, in file order.
    conversation_ids: dict[str, None] = field(default_factory=dict)

    def keep(self, finding: Finding) -> None:
        if MOST_SEVERE_FIRST.index(finding.severity) < MOST_SEVERE_FIRST.index(self.severity):
            self.severity = finding.severity
        if len(self.places) < PLACES_SHOWN:
            place = {key: value for key, value in finding.as_json().items() if key != "rule"}
            self.places.append(place | {"excerpt": None})
        if finding.conversation_id and len(self.conversation_ids) < IDS_OF_RULE:
            self.conversation_ids[finding.conversation_id] = None


@dataclass(slots=True)
class _Concerned:
    """How much is found of one severity, and in how many conversations and targets."""

    findings: int = 0
    conversations: int = 0
    targets: int = 0
    rules: set[Rule] = field(default_factory=set)

    def as_json(self) -> dict[str, Any]:
        return {
            "findings": self.findings,
            "conversations": self.conversations,
            "targets": self.targets,
            "rules": sorted(self.rules),
        }


class FindingsTally:
    """Counts findings by rule, and keeps the first places of each."""

    def __init__(self) -> None:
        self._rules: dict[Rule, _OfRule] = {}
        self._unhealthy = 0
        self._concerned: dict[Severity, _Concerned] = {"error": _Concerned(), "warning": _Concerned()}

    def add(self, analysis: ConversationAnalysis) -> None:
        self._unhealthy += analysis.is_unhealthy
        self._concern(analysis)
        for finding in analysis.findings:
            self._of(finding).keep(finding)
        for rule, count in analysis.found.items():
            # Of findings beyond those that are kept, only the number is known.
            self._rules.setdefault(rule, _OfRule("info")).count += count
            self._rules[rule].conversations += 1

    def health(self, across: Sequence[Finding]) -> dict[str, Any]:
        """`across` are those that only several conversations together show. A fact about the file is counted once."""
        for rule in rules_said_of_the_file(across):
            self._rules.pop(rule, None)
        for finding in across:
            if concerned := self._concerned.get(finding.severity):
                concerned.findings += 1
                concerned.conversations += finding.conversation_id is not None
                concerned.rules.add(finding.rule)
            found = self._of(finding)
            found.keep(finding)
            found.count += 1
            found.conversations += finding.conversation_id is not None
        in_order = sorted(
            self._rules.items(), key=lambda each: (MOST_SEVERE_FIRST.index(each[1].severity), -each[1].count, each[0])
        )
        return {
            "unhealthy_conversations": self._unhealthy,
            "errors": self._concerned["error"].as_json(),
            "warnings": self._concerned["warning"].as_json(),
            "findings_total": sum(found.count for _, found in in_order),
            "rules": [_entry(rule, found) for rule, found in in_order],
        }

    def _concern(self, analysis: ConversationAnalysis) -> None:
        by_target = findings_by_target(
            ((pair.turn, pair.trainable) for pair in analysis.pairs), analysis.findings, in_one_dialogue=False
        )
        for severity, concerned in self._concerned.items():
            findings = [finding for finding in analysis.findings if finding.severity == severity]
            concerned.findings += len(findings)
            concerned.conversations += bool(findings)
            concerned.rules.update(finding.rule for finding in findings)
            concerned.targets += sum(any(each.severity == severity for each in found) for found in by_target.values())

    def _of(self, finding: Finding) -> _OfRule:
        return self._rules.setdefault(finding.rule, _OfRule(finding.severity))


class DuplicatesTally:
    """Groups conversations that say the same, word for word."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}
        self._others: dict[str, list[str]] = defaultdict(list)

    def add(self, analysis: ConversationAnalysis) -> None:
        first = self._first.setdefault(analysis.content_sha256, analysis.conversation_id)
        if first != analysis.conversation_id:
            self._others[first].append(analysis.conversation_id)

    def duplicates(self) -> dict[str, Any]:
        """`conversations` are those that could go: all of a group but its first."""
        groups = [[first, *others] for first, others in self._others.items()]
        return {
            "conversations": sum(len(others) for others in self._others.values()),
            "groups_total": len(groups),
            "groups": [
                {"conversations": len(group), "conversation_ids": group[:IDS_SHOWN]} for group in groups[:GROUPS_SHOWN]
            ],
        }


def _entry(rule: Rule, found: _OfRule) -> dict[str, Any]:
    return {
        "rule": rule,
        "severity": found.severity,
        "count": found.count,
        "conversations": found.conversations,
        "conversation_ids": list(found.conversation_ids),
        "places": found.places,
    }
