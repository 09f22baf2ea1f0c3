"""What text health can find in a conversation or a training file, without the text that it was found in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]
# What one conversation shows by itself.
RuleOfOne = Literal[
    "truncated_target",
    "truncated_user_text",
    "empty_turn",
    "placeholder_text",
    "role_order",
    "personal_data",
    "literal_backslash_n",
    "escaped_text",
    "special_tokens",
    "role_leak",
    "template_left",
    "mojibake",
    "refusal",
    "repeated_text",
    "thinking_left",
    "speaker_label",
    "echo",
    "language_switch",
    "several_system_prompts",
    "history_mismatch",
    "flat_scores",
]
# What only several conversations of a file show together.
RuleOfFile = Literal["repeated_opening", "exact_duplicate", "near_duplicate"]
Rule = Literal[RuleOfOne, RuleOfFile]
# Of personal data it depends on the kind.
SEVERITIES: dict[Rule, Severity] = {
    "truncated_target": "error",
    "empty_turn": "error",
    "placeholder_text": "error",
    "role_order": "error",
    "truncated_user_text": "warning",
    "literal_backslash_n": "warning",
    "escaped_text": "warning",
    "special_tokens": "warning",
    "role_leak": "warning",
    "template_left": "warning",
    "mojibake": "warning",
    "refusal": "warning",
    "repeated_text": "warning",
    "thinking_left": "warning",
    "speaker_label": "warning",
    "echo": "warning",
    "language_switch": "warning",
    "several_system_prompts": "warning",
    "repeated_opening": "warning",
    "exact_duplicate": "warning",
    "near_duplicate": "warning",
    "history_mismatch": "warning",
    "flat_scores": "info",
}
WARNINGS_SHOWN = 100
MOST_SEVERE_FIRST: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding and its place.

    `turn` is None where it is about a conversation, `conversation_id` where it is about a file. `field` is where in the
    pair of that turn, by the names of the enriched file, as `conversation_history[3].content`; `offset` is the first
    place in its text, in characters from 0. Both are None where no single text is to blame.
    """

    rule: Rule
    severity: Severity
    conversation_id: str | None
    turn: int | None
    field: str | None
    offset: int | None
    message: str

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "severity": self.severity,
            "conversation_id": self.conversation_id,
            "turn": self.turn,
            "field": self.field,
            "offset": self.offset,
            "message": self.message,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Finding":
        """What was kept by a version that knew no `field` and no `offset` has none."""
        return cls(**{"field": None, "offset": None, **value})


@dataclass(frozen=True, slots=True)
class Warnings:
    """What is worth a warning in the conversations of a create or an addition: how much, and the gravest of it."""

    first: tuple[Finding, ...] = ()
    total: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"findings": [finding.as_json() for finding in self.first], "total": self.total}


def is_unhealthy(findings: Iterable[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def most_severe_first(findings: Iterable[Finding]) -> list[Finding]:
    """Otherwise in the order in which they come."""
    return sorted(findings, key=lambda finding: MOST_SEVERE_FIRST.index(finding.severity))
