"""What a report reads of the rows, in memory."""

from uuid import UUID

from tests.support.fakes.rows import DEAD_AFTER, Member, Rows
from training_files.domain.analysis.conversation_analysis import findings_from_json
from training_files.domain.analysis.finding_places import WantedFindings
from training_files.domain.training_file.revision import Membership
from training_files.ports.reports import FindingsOfConversation, RevisionSurroundings, SourceDoubt


class InMemoryReports(Rows):
    """Implements `training_files.ports.reports.ReportRepository`."""

    def list_memberships(
        self, training_file_id: UUID, *, revision: int, limit: int, after_position: int = 0
    ) -> list[Membership]:
        return [
            Membership.model_validate(member.figures | {"position": member.position})
            for member in self.members_in(training_file_id, revision)
            if member.position > after_position
        ][:limit]

    def list_findings(
        self, training_file_id: UUID, wanted: WantedFindings, *, revision: int, limit: int, from_position: int = 1
    ) -> list[FindingsOfConversation]:
        members = self.list_memberships(
            training_file_id, revision=revision, limit=1_000_000, after_position=from_position - 1
        )
        kept = [(member, (member.analysis or {}).get("findings", [])) for member in members]
        return [
            FindingsOfConversation(
                conversation_id=member.conversation_id, position=member.position, findings=tuple(findings)
            )
            for member, findings in kept
            if any(map(wanted.has, findings_from_json(str(member.conversation_id), findings)))
        ][:limit]

    def revision_surroundings(
        self, training_file_id: UUID, *, revision: int, limit: int, newer_only: bool = False
    ) -> RevisionSurroundings:
        base = self.get_revision(training_file_id, number=revision)
        members = self.members_in(training_file_id, revision)
        doubts = [doubt for member in members if (doubt := self._doubt(member))]
        doubts = [each for each in doubts if each[1].reason == "newer" or not newer_only]
        doubts.sort(key=lambda each: (each[1].reason == "newer", not each[0]))
        json, jsonl = (
            (self.object(path) for path in (base.json_file_path, base.jsonl_file_path)) if base else (None, None)
        )
        return RevisionSurroundings(
            json_object_bytes=json.bytes if json else None,
            jsonl_object_bytes=jsonl.bytes if jsonl else None,
            doubts=tuple(doubt for _, doubt in doubts[:limit]),
            doubts_total=len(doubts),
        )

    def changed_since(self, training_file_id: UUID, revision: int) -> list[UUID]:
        """Those of its conversations whose enriched file was written since they were added, or just before."""
        members = self.members_in(training_file_id, revision)
        doubts = [doubt for member in members if (doubt := self._doubt(member))]
        return [doubt.conversation_id for _, doubt in doubts if doubt.reason == "newer"]

    def _doubt(self, member: Member) -> tuple[bool, SourceDoubt] | None:
        """Whether its file was written since it was added, and the doubt, if there is one."""
        found = (c for c, _ in self._conversations.values() if c.conversation_id == member.conversation_id)
        conversation = next(found, None)
        path = conversation.enriched_file_path if conversation else None
        file = self.enriched_file(path) if path else None
        if file and file.written_at <= member.added_at - DEAD_AFTER:
            return None
        doubt = SourceDoubt(
            conversation_id=member.conversation_id,
            reason="newer" if file else "file_missing" if conversation else "row_gone",
            enriched_file_path=path,
            enriched_sha256=member.figures["enriched_sha256"],
            bytes=file.bytes if file else 0,
        )
        return bool(file and file.written_at > member.added_at), doubt
