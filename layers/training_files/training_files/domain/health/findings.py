"""What text health can find in a conversation or a training file, without the text that it was found in."""

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]
Rule = Literal[
    "truncated_target",
    "empty_turn",
    "placeholder_text",
    "role_order",
    "personal_data",
    "literal_backslash_n",
    "role_leak",
    "several_system_prompts",
    "repeated_opening",
    "exact_duplicate",
    "history_mismatch",
    "flat_scores",
]
WARNINGS_SHOWN = 100
MOST_SEVERE_FIRST: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding and its place; `turn` is None where it is about a conversation, `conversation_id` about a file."""

    rule: Rule
    severity: Severity
    conversation_id: str | None
    turn: int | None
    message: str

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "severity": self.severity,
            "conversation_id": self.conversation_id,
            "turn": self.turn,
            "message": self.message,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Finding":
        return cls(**value)


@dataclass(frozen=True, slots=True)
class Warnings:
    """What is worth a warning in the conversations of a create or an addition: how much, and the gravest of it."""

    first: tuple[Finding, ...] = ()
    total: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"findings": [finding.as_json() for finding in self.first], "total": self.total}
