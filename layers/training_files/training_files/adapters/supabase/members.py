"""The conversations of a revision, over PostgREST."""

from collections.abc import Sequence
from uuid import UUID

from training_files.adapters.supabase.database import DatabaseAdapter, in_revision, rows_of
from training_files.domain.training_file.comparison import Difference
from training_files.ports.members import MemberLines, MemberSizes, RevisionMembers


class SupabaseMembers(DatabaseAdapter):
    """Implements `training_files.ports.members.MemberRepository`."""

    def look_up_members(self, training_file_id: UUID, *, revision: int, ids: Sequence[UUID]) -> RevisionMembers:
        answer = self._call_patiently(
            "look_up_training_file_members",
            p_training_file_id=str(training_file_id),
            p_revision=revision,
            p_ids=[str(one) for one in ids],
        )
        return RevisionMembers.model_validate(answer)

    def list_member_lines(
        self, training_file_id: UUID, *, revision: int, limit: int, after_position: int = 0
    ) -> list[MemberLines]:
        query = (
            self._database.table("training_file_conversations")
            .select(",".join(MemberLines.model_fields))
            .eq("training_file_id", str(training_file_id))
            .gt("position", after_position)
            .order("position")
            .limit(limit)
        )
        return [MemberLines.model_validate(row) for row in rows_of(in_revision(query, revision))]

    def note_sizes(self, training_file_id: UUID, sizes: Sequence[MemberSizes], *, revision: int) -> None:
        self._call(
            "note_training_file_sizes",
            p_training_file_id=str(training_file_id),
            p_revision=revision,
            p_sizes=[[each.position, each.json_size, each.jsonl_size] for each in sizes],
        )

    def compare_revisions(
        self, training_file_id: UUID, *, before: int, after: int, limit: int, after_position: int = 0
    ) -> Difference:
        answer = self._call_patiently(
            "compare_training_file_revisions",
            p_training_file_id=str(training_file_id),
            p_from=before,
            p_to=after,
            p_limit=limit,
            p_after_position=after_position,
        )
        return Difference.model_validate(answer)
