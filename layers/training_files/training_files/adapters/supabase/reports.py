"""What a report reads of the rows, over PostgREST."""

import json
from uuid import UUID

from training_files.adapters.supabase.database import DatabaseAdapter, in_revision, rows_of
from training_files.domain.analysis.finding_places import WantedFindings
from training_files.domain.training_file.revision import Membership
from training_files.ports.reports import FindingsOfConversation, RevisionSurroundings


class SupabaseReports(DatabaseAdapter):
    """Implements `training_files.ports.reports.ReportRepository`."""

    def list_memberships(
        self, training_file_id: UUID, *, revision: int, limit: int, after_position: int = 0
    ) -> list[Membership]:
        query = (
            self._database.table("training_file_conversations")
            .select(",".join(Membership.model_fields))
            .eq("training_file_id", str(training_file_id))
            .gt("position", after_position)
            .order("position")
            .limit(limit)
        )
        return [Membership.model_validate(row) for row in rows_of(in_revision(query, revision))]

    def list_findings(
        self, training_file_id: UUID, wanted: WantedFindings, *, revision: int, limit: int, from_position: int = 1
    ) -> list[FindingsOfConversation]:
        query = (
            self._database.table("training_file_conversations")
            .select("conversation_id,position,findings:analysis->findings")
            .eq("training_file_id", str(training_file_id))
            .gte("position", from_position)
            .filter("analysis", "cs", _with_one_of(wanted))
            .order("position")
            .limit(limit)
        )
        if wanted.conversation_id:
            query = query.eq("conversation_id", str(wanted.conversation_id))
        return [FindingsOfConversation.model_validate(row) for row in rows_of(in_revision(query, revision))]

    def revision_surroundings(
        self, training_file_id: UUID, *, revision: int, limit: int, newer_only: bool = False
    ) -> RevisionSurroundings:
        answer = self._call(
            "training_file_revision_surroundings",
            p_training_file_id=str(training_file_id),
            p_revision=revision,
            p_limit=limit,
            p_newer_only=newer_only,
        )
        return RevisionSurroundings.model_validate(answer)


def _with_one_of(wanted: WantedFindings) -> str:
    """For `@>`: findings among which one has these values, whatever else it has.

    https://www.postgresql.org/docs/current/datatype-json.html#JSON-CONTAINMENT
    """
    return json.dumps({"findings": [[value for value in (wanted.rule, wanted.severity) if value]]})
