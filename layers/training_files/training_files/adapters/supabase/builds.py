"""Builds in the background, over PostgREST."""

from typing import Any
from uuid import UUID

from training_files.adapters.supabase.database import DatabaseAdapter, rows_of, text_of
from training_files.adapters.supabase.revisions import REVISION_COLUMNS
from training_files.domain.training_file.revision import Revision
from training_files.ports.builds import ClaimedRevision, RetriedBuild, Setback
from training_files.ports.leases import Lease


class SupabaseBuilds(DatabaseAdapter):
    """Implements `training_files.ports.builds.BuildRepository`."""

    def claim_revision(
        self, *, revision_id: UUID, lease: Lease, next_id: UUID, sharded_above: int | None = None
    ) -> ClaimedRevision:
        answer = self._call(
            "claim_training_file_revision",
            p_revision_id=str(revision_id),
            p_worker=str(lease.worker),
            p_next_id=str(next_id),
            p_lease_seconds=lease.seconds,
            p_with_ids=False,
            p_sharded_above=sharded_above,
        )
        return ClaimedRevision.model_validate(answer)

    def list_requested(self, revision_id: UUID, *, limit: int, after_position: int = 0) -> list[tuple[int, UUID]]:
        answer = self._call(
            "list_requested_conversations",
            p_revision_id=str(revision_id),
            p_limit=limit,
            p_after_position=after_position,
        )
        return [(position, UUID(conversation_id)) for position, conversation_id in answer]

    def continue_revision(self, *, revision_id: UUID, lease: Lease, next_id: UUID, reason: str) -> None:
        self._call(
            "continue_training_file_revision",
            p_revision_id=str(revision_id),
            p_worker=str(lease.worker),
            p_next_id=str(next_id),
            p_lease_seconds=lease.seconds,
            p_reason=reason,
        )

    def report_progress(self, *, revision_id: UUID, lease: Lease, done: int) -> bool:
        return bool(
            self._call(
                "report_training_file_progress",
                p_revision_id=str(revision_id),
                p_worker=str(lease.worker),
                p_done=done,
                p_lease_seconds=lease.seconds,
            )
        )

    def release_revision(self, *, revision_id: UUID, lease: Lease, setback: Setback) -> None:
        self._call(
            "release_training_file_revision",
            p_revision_id=str(revision_id),
            p_worker=str(lease.worker),
            p_setback=setback.model_dump(mode="json", exclude_none=True),
        )

    def fail_revision(self, *, revision_id: UUID, lease: Lease, error: dict[str, Any]) -> None:
        self._call(
            "fail_training_file_revision",
            p_revision_id=str(revision_id),
            p_worker=str(lease.worker),
            p_error=error,
        )

    def retry_build(self, training_file_id: UUID, owner: UUID | None, *, next_id: UUID) -> RetriedBuild:
        answer = self._call(
            "retry_training_file_build",
            p_training_file_id=str(training_file_id),
            p_owner=text_of(owner),
            p_next_id=str(next_id),
        )
        return RetriedBuild.model_validate(answer)

    def open_build(self, training_file_id: UUID) -> Revision | None:
        query = (
            self._database.table("training_file_revisions")
            .select(REVISION_COLUMNS)
            .eq("training_file_id", str(training_file_id))
            .is_("background", "true")
            .or_("status.eq.building,awaits_retry.is.true")
            .order("status")  # `building` comes before `failed`.
            .order("created_at", desc=True)
            .order("id", desc=True)
            .limit(1)
        )
        rows = rows_of(query)
        return Revision.model_validate(rows[0]) if rows else None
