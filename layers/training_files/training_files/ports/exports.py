"""Rows of exports."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, Protocol
from uuid import UUID

from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import Export, ExportResult
from training_files.domain.record import Record
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.tags import RevisionName
from training_files.ports.leases import Lease
from training_files.ports.paging import Page


class BegunExport(Record):
    """`begun`: the caller builds the export, or queues it where it is for the background; `building`: others do."""

    outcome: Literal["begun", "building", "ready", "not_found", "no_revision", "processing"]
    export: Export | None = None
    revision: Revision | None = None


class ClaimedExport(Record):
    """`claimed`: the caller builds the export now. Otherwise there is nothing for the caller to do."""

    outcome: Literal["claimed", "leased", "finished", "gone"]
    export: Export | None = None
    revision: Revision | None = None


class ConversationScores(Record):
    """The scored pairs of one conversation of a training file."""

    position: int
    conversation_id: UUID
    score_sum: Decimal
    score_count: int
    min_quality_score: Decimal | None = None
    max_quality_score: Decimal | None = None

    @property
    def mean(self) -> Decimal | None:
        return self.score_sum / self.score_count if self.score_count else None


class ExportMember(Record):
    """What is kept of a conversation that tells where it lies in the JSON, and whom it follows into a split.

    `json_size` is None where nobody knows it yet. `version` is that of its analysis, None where there is none; what
    stands behind it is of this version. `first_row` is there where it gives a row, without repair and filter.
    """

    position: int
    conversation_id: UUID
    json_size: int | None = None
    version: int | None = None
    content_sha256: str | None = None
    signature: str | None = None
    first_row: list[Any] | None = None
    persona_key: str | None = None
    emotional_arc_key: str | None = None
    training_topic_key: str | None = None


class ExportRepository(Protocol):
    """Rows of exports."""

    def begin_export(
        self,
        *,
        export_id: UUID,
        training_file_id: UUID,
        owner: UUID | None,
        revision: RevisionName | None,
        request: dict[str, Any],
        lease: Lease,
        waits_up_to_bytes: int | None,
    ) -> BegunExport:
        """Finds the export of this revision (None: the current one) for this very request, or makes it.

        It is for a worker in the background when the JSON of the revision has more than `waits_up_to_bytes`, and the
        caller's own, under the lease, otherwise; None means never for the background. The name of the training file
        and the tags of the revision are kept with the request.
        """

    def claim_export(self, *, export_id: UUID, lease: Lease) -> ClaimedExport:
        """Takes an export over that nobody builds, or whose builder was lost."""

    def renew_export(self, *, export_id: UUID, lease: Lease) -> None:
        """Says that the export is still being built."""

    def release_export(self, *, export_id: UUID, lease: Lease) -> None:
        """Gives the lease back, so that the export can be taken up again at once."""

    def commit_export(self, *, export_id: UUID, result: ExportResult) -> Export | None:
        """The export as it is ready, with the result of whoever was first; None when it has failed or is gone."""

    def fail_export(self, *, export_id: UUID, lease: Lease, error: dict[str, Any]) -> bool:
        """Ends an export that cannot succeed. False when it is someone else's now, or ready, or gone."""

    def get_export(self, training_file_id: UUID, export_id: UUID) -> Export | None:
        """The export, None where the training file has none of this id."""

    def use_export(self, training_file_id: UUID, export_id: UUID) -> bool:
        """Says that somebody uses the export: what nobody uses is removed in the end. False when it is gone."""

    def list_exports(self, training_file_id: UUID, *, limit: int, before: UUID | None = None) -> Page[Export]:
        """At most `limit` (up to 1,000) exports, newest first, from behind the export `before`.

        Raises RequestInvalidError when there is no such export.
        """

    def list_scores(
        self, training_file_id: UUID, *, revision: int, limit: int, after_position: int = 0
    ) -> list[ConversationScores]:
        """At most `limit` (up to 1,000) conversations that the revision has, in file order."""

    def list_export_members(
        self,
        training_file_id: UUID,
        *,
        revision: int,
        granularity: Granularity,
        limit: int,
        after_position: int = 0,
    ) -> list[ExportMember]:
        """At most `limit` (up to 1,000) conversations that the revision has, in file order."""

    def list_objects(self, export_ids: Sequence[UUID]) -> list[str]:
        """The paths of all objects in the folders of exports, whether or not there are still such exports."""
