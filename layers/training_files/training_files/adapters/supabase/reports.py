"""What a report reads of the rows, over PostgREST."""

from uuid import UUID

from training_files.adapters.supabase.database import DatabaseAdapter, rows_of
from training_files.domain.training_file.revision import Membership
from training_files.ports.reports import RevisionSurroundings


class SupabaseReports(DatabaseAdapter):
    """Implements `training_files.ports.reports.ReportRepository`."""

    def list_memberships(
        self, training_file_id: UUID, *, revision: int, limit: int, after_position: int = 0
    ) -> list[Membership]:
        query = (
            self._database.table("training_file_conversations")
            .select(",".join(Membership.model_fields))
            .eq("training_file_id", str(training_file_id))
            .lte("added_in_revision", revision)
            .gt("position", after_position)
            .order("position")
            .limit(limit)
        )
        return [Membership.model_validate(row) for row in rows_of(query)]

    def revision_surroundings(self, training_file_id: UUID, *, revision: int, limit: int) -> RevisionSurroundings:
        answer = self._call(
            "training_file_revision_surroundings",
            p_training_file_id=str(training_file_id),
            p_revision=revision,
            p_limit=limit,
        )
        return RevisionSurroundings.model_validate(answer)
