"""What a report reads of the rows."""

from typing import Any, Literal, Protocol
from uuid import UUID

from training_files.domain.analysis.finding_places import WantedFindings
from training_files.domain.record import Record
from training_files.domain.training_file.revision import Membership


class SourceDoubt(Record):
    """A conversation of a training file whose source may be another one than when it was added.

    `row_gone`: its row is; `file_missing`: its enriched file is; `newer`: that was written since, or just before.
    """

    conversation_id: UUID
    reason: Literal["row_gone", "file_missing", "newer"]
    enriched_file_path: str | None = None
    enriched_sha256: str
    bytes: int = 0


class RevisionSurroundings(Record):
    """What storage and conversations tell about the current revision. Sizes are None where there is no such object.

    `doubts` are the first of `doubts_total`, those that need no look at a file before the others.
    """

    json_object_bytes: int | None = None
    jsonl_object_bytes: int | None = None
    doubts: tuple[SourceDoubt, ...] = ()
    doubts_total: int = 0


class FindingsOfConversation(Record):
    """All that text health found in a conversation, as its analysis keeps it."""

    conversation_id: UUID
    position: int
    findings: tuple[list[Any], ...]


class ReportRepository(Protocol):
    """Rows of `training_file_conversations`, and what storage and `conversations` say about them."""

    def list_memberships(
        self, training_file_id: UUID, *, revision: int, limit: int, after_position: int = 0
    ) -> list[Membership]:
        """At most `limit` (up to 1,000) conversations that the revision has, in file order. Positions may have gaps."""

    def list_findings(
        self, training_file_id: UUID, wanted: WantedFindings, *, revision: int, limit: int, from_position: int = 1
    ) -> list[FindingsOfConversation]:
        """At most `limit` (up to 1,000) conversations of the revision that have a wanted finding, in file order."""

    def revision_surroundings(
        self, training_file_id: UUID, *, revision: int, limit: int, newer_only: bool = False
    ) -> RevisionSurroundings:
        """Sizes of the revision's objects, and up to `limit` of its conversations whose source may have changed.

        With `newer_only`, what is gone is not among them, and not counted.
        """
