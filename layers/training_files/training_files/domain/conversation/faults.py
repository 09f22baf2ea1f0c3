"""What can be wrong with a conversation, in words that say what mends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from training_files.domain.conversation.conversation import USABLE_STATUSES

FaultCode = Literal[
    "not_found",
    "not_enriched",
    "no_enriched_file",
    "enriched_file_elsewhere",
    "ambiguous_id",
    "enriched_file_missing",
    "enriched_file_invalid",
    "quality_score_invalid",
    "created_at_invalid",
    "already_in_file",
    "not_in_file",
    "unhealthy",
]


@dataclass(frozen=True, slots=True)
class ConversationFault:
    """One reason why one conversation cannot be used.

    `place` is where in its enriched file, as a path such as `training_pairs[3].quality_score`, or
    `line 4 column 17`; None where the fault is not in the file.
    """

    conversation_id: UUID
    code: FaultCode
    reason: str
    hint: str
    place: str | None = None

    @property
    def sentence(self) -> str:
        where = f" at {self.place}" if self.place else ""
        return f"conversation {self.conversation_id} {self.reason}{where}"

    @classmethod
    def from_detail(cls, detail: dict[str, Any]) -> "ConversationFault":
        return cls(**{**detail, "conversation_id": UUID(detail["conversation_id"])})

    def as_detail(self) -> dict[str, Any]:
        return {
            "conversation_id": str(self.conversation_id),
            "code": self.code,
            "reason": self.reason,
            "place": self.place,
            "hint": self.hint,
        }


def not_found(conversation_id: UUID) -> ConversationFault:
    return ConversationFault(
        conversation_id,
        "not_found",
        "does not exist, or is not yours",
        "Check the id: a conversation_id or the row's id of a conversation that you may use.",
    )


def not_enriched(
    conversation_id: UUID, enrichment_status: str | None, usable_statuses: Sequence[str] = USABLE_STATUSES
) -> ConversationFault:
    wanted, found = " or ".join(map(repr, usable_statuses)), repr(enrichment_status) if enrichment_status else "empty"
    return ConversationFault(
        conversation_id,
        "not_enriched",
        f"enrichment_status must be {wanted} (it is {found})",
        "Run the enrichment pipeline for it, then try again.",
    )


def no_enriched_file(conversation_id: UUID) -> ConversationFault:
    return ConversationFault(
        conversation_id,
        "no_enriched_file",
        "has no enriched file (enriched_file_path is empty)",
        "Run the enrichment pipeline for it again.",
    )


def enriched_file_elsewhere(conversation_id: UUID) -> ConversationFault:
    return ConversationFault(
        conversation_id,
        "enriched_file_elsewhere",
        "has an enriched_file_path that is neither in a folder named by its conversation_id nor in one of its user",
        "Correct its enriched_file_path. Where files lie elsewhere on purpose, the operator sets ENRICHED_PATHS=any.",
    )


def ambiguous_id(wanted_id: UUID) -> ConversationFault:
    return ConversationFault(
        wanted_id,
        "ambiguous_id",
        "is the conversation_id of one conversation and the row's id of another",
        "Send the row's id of the one, or the conversation_id of the other.",
    )


def enriched_file_missing(conversation_id: UUID, path: str) -> ConversationFault:
    return ConversationFault(
        conversation_id,
        "enriched_file_missing",
        f"has an enriched file that is missing in storage: {path}",
        "Run the enrichment pipeline for it again, or correct its enriched_file_path.",
    )


def enriched_file_invalid(conversation_id: UUID, problem: str, place: str | None) -> ConversationFault:
    return ConversationFault(
        conversation_id,
        "enriched_file_invalid",
        f"has an invalid enriched file: {problem}",
        "Correct the enriched file, or run the enrichment pipeline for it again.",
        place,
    )


def not_an_enriched_file(conversation_id: UUID, kind: str) -> ConversationFault:
    return ConversationFault(
        conversation_id,
        "enriched_file_invalid",
        f"has an invalid enriched file: this is {kind}",
        "Correct its enriched_file_path, or run the enrichment pipeline for it.",
    )


def row_quality_score_invalid(conversation_id: UUID) -> ConversationFault:
    return ConversationFault(
        conversation_id,
        "quality_score_invalid",
        "has a quality_score in its row that is not on the scale of the training pairs, 0 to 5",
        "Correct the quality_score of its row, or set it to null to use the scores of its training pairs.",
    )


def row_created_at_invalid(conversation_id: UUID) -> ConversationFault:
    return ConversationFault(
        conversation_id,
        "created_at_invalid",
        "has a created_at in its row that is not between 0001-01-02 and 9999-12-30",
        "Correct the created_at of its row.",
    )


def already_in_file(conversation_id: UUID) -> ConversationFault:
    return ConversationFault(
        conversation_id,
        "already_in_file",
        "is already in the training file",
        "Leave it out, or send on_duplicate: skip.",
    )


def not_in_file(conversation_id: UUID, option: Literal["on_missing", "on_invalid"] = "on_missing") -> ConversationFault:
    """`option` is the one of the request that says what to do with it."""
    return ConversationFault(
        conversation_id,
        "not_in_file",
        "is not in the training file",
        f"Leave it out, or send {option}: skip.",
    )
