"""Exports, over PostgREST."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from postgrest import SyncSelectRequestBuilder
from postgrest.types import CountMethod

from training_files.adapters.supabase.database import (
    EXACT,
    DatabaseAdapter,
    behind,
    in_revision,
    page_of,
    rows_of,
    text_of,
)
from training_files.adapters.supabase.tags import named
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import Export, ExportResult
from training_files.domain.training_file.tags import RevisionName
from training_files.errors import not_a_cursor
from training_files.ports.exports import BegunExport, ClaimedExport, ConversationScores, ExportMember
from training_files.ports.leases import Lease
from training_files.ports.paging import Page


class SupabaseExports(DatabaseAdapter):
    """Implements `training_files.ports.exports.ExportRepository`."""

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
        answer = self._call(
            "begin_training_file_export",
            p_export_id=str(export_id),
            p_training_file_id=str(training_file_id),
            p_owner=text_of(owner),
            **named(revision),
            p_request=request,
            p_worker=str(lease.worker),
            p_lease_seconds=lease.seconds,
            p_waits_up_to_bytes=waits_up_to_bytes,
        )
        return BegunExport.model_validate(answer)

    def claim_export(self, *, export_id: UUID, lease: Lease) -> ClaimedExport:
        answer = self._call("claim_training_file_export", **_leased(export_id, lease))
        return ClaimedExport.model_validate(answer)

    def renew_export(self, *, export_id: UUID, lease: Lease) -> None:
        self._call("renew_training_file_export", **_leased(export_id, lease))

    def release_export(self, *, export_id: UUID, lease: Lease) -> None:
        self._call("release_training_file_export", p_export_id=str(export_id), p_worker=str(lease.worker))

    def commit_export(self, *, export_id: UUID, result: ExportResult) -> Export | None:
        answer = self._call(
            "commit_training_file_export", p_export_id=str(export_id), p_result=result.model_dump(mode="json")
        )
        return None if answer is None else Export.model_validate(answer)

    def fail_export(self, *, export_id: UUID, lease: Lease, error: dict[str, Any]) -> bool:
        return bool(
            self._call(
                "fail_training_file_export", p_export_id=str(export_id), p_worker=str(lease.worker), p_error=error
            )
        )

    def get_export(self, training_file_id: UUID, export_id: UUID) -> Export | None:
        rows = rows_of(self._of(training_file_id).eq("id", str(export_id)))
        return Export.model_validate(rows[0]) if rows else None

    def use_export(self, training_file_id: UUID, export_id: UUID) -> bool:
        # The database's own time: what users may write is held to it.
        query = (
            self._database.table("training_file_exports")
            .update({"used_at": "now"})
            .eq("training_file_id", str(training_file_id))
            .eq("id", str(export_id))
        )
        return bool(rows_of(query))

    def list_exports(self, training_file_id: UUID, *, limit: int, before: UUID | None = None) -> Page[Export]:
        query = self._of(training_file_id, count=EXACT)
        if before:
            found = rows_of(self._of(training_file_id, "created_at").eq("id", str(before)))
            if not found:
                raise not_a_cursor()
            query = query.or_(behind(found[0]["created_at"], before))
        query = query.order("created_at", desc=True).order("id", desc=True).limit(limit)
        return page_of(query, Export.model_validate)

    def list_scores(
        self, training_file_id: UUID, *, revision: int, limit: int, after_position: int = 0
    ) -> list[ConversationScores]:
        query = (
            self._database.table("training_file_conversations")
            .select("position,conversation_id,score_sum,score_count,min_quality_score,max_quality_score")
            .eq("training_file_id", str(training_file_id))
            .gt("position", after_position)
            .order("position")
            .limit(limit)
        )
        return [ConversationScores.model_validate(row) for row in rows_of(in_revision(query, revision))]

    def list_export_members(
        self,
        training_file_id: UUID,
        *,
        revision: int,
        granularity: Granularity,
        limit: int,
        after_position: int = 0,
    ) -> list[ExportMember]:
        query = (
            self._database.table("training_file_conversations")
            .select(
                "position,conversation_id,json_size,persona_key,emotional_arc_key,training_topic_key,"
                "version:analysis->version,content_sha256:analysis->>content_sha256,signature:analysis->>signature,"
                f"first_row:analysis->rows->{granularity}->0"
            )
            .eq("training_file_id", str(training_file_id))
            .gt("position", after_position)
            .order("position")
            .limit(limit)
        )
        return [ExportMember.model_validate(row) for row in rows_of(in_revision(query, revision))]

    def list_objects(self, export_ids: Sequence[UUID]) -> list[str]:
        names: list[str] = self._call(
            "list_training_file_export_objects", p_export_ids=[str(one) for one in export_ids]
        )
        return names

    def _of(
        self, training_file_id: UUID, columns: str = "*", count: CountMethod | None = None
    ) -> SyncSelectRequestBuilder:
        table = self._database.table("training_file_exports")
        return table.select(columns, count=count).eq("training_file_id", str(training_file_id))


def _leased(export_id: UUID, lease: Lease) -> dict[str, Any]:
    return {"p_export_id": str(export_id), "p_worker": str(lease.worker), "p_lease_seconds": lease.seconds}
