"""Revisions, over PostgREST."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from postgrest.exceptions import APIError

from training_files.adapters.supabase.database import (
    EXACT,
    DatabaseAdapter,
    behind,
    page_of,
    rows_of,
    text_of,
)
from training_files.domain.conversation.selection import SelectionScope
from training_files.domain.training_file.revision import Revision
from training_files.errors import UnauthorizedError, not_a_cursor
from training_files.ports.paging import Page
from training_files.ports.revisions import BegunRevision, CommittedRevision, NewTrainingFile, RevisionContent

FOREIGN_KEY_VIOLATION = "23503"
# Without what was asked for, which may name thousands of ids.
REVISION_COLUMNS = ",".join(name for name in Revision.model_fields if name != "tags")
REVISION_WITH_TAGS = f"{REVISION_COLUMNS},tags:training_file_tags(name)"


class SupabaseRevisions(DatabaseAdapter):
    """Implements `training_files.ports.revisions.RevisionRepository`."""

    def begin_revision(
        self,
        *,
        revision_id: UUID,
        training_file_id: UUID,
        owner: UUID | None,
        requested: dict[str, Any],
        new_file: NewTrainingFile | None = None,
        background: bool = False,
        scope: SelectionScope | None = None,
    ) -> BegunRevision:
        try:
            call = self._call_patiently if scope else self._call
            answer = call(
                "begin_training_file_revision",
                p_revision_id=str(revision_id),
                p_training_file_id=str(training_file_id),
                p_owner=text_of(owner),
                p_requested=requested,
                p_new_file=new_file.model_dump() if new_file else None,
                p_background=background,
                p_scope=scope.as_json() if scope else None,
            )
        except APIError as error:
            if error.code != FOREIGN_KEY_VIOLATION:
                raise
            # A token outlives its user; what the user owned went with the row that this would refer to.
            raise UnauthorizedError("The user of this access token does not exist any more.") from error
        return BegunRevision.model_validate(answer)

    def stage_conversations(self, *, revision_id: UUID, conversations: Sequence[dict[str, Any]]) -> None:
        self._call(
            "stage_training_file_conversations",
            p_revision_id=str(revision_id),
            p_conversations=list(conversations),
        )

    def commit_revision(
        self,
        *,
        revision_id: UUID,
        expected_revision: int,
        content: RevisionContent,
        conversations: Sequence[dict[str, Any]],
    ) -> CommittedRevision:
        answer = self._call(
            "commit_training_file_revision",
            p_revision_id=str(revision_id),
            p_expected_revision=expected_revision,
            p_result=content.model_dump(mode="json"),
            p_conversations=list(conversations),
        )
        return CommittedRevision.model_validate(answer)

    def abandon_revision(self, *, revision_id: UUID, error: dict[str, Any]) -> None:
        self._call("abandon_training_file_revision", p_revision_id=str(revision_id), p_error=error)

    def list_revisions(self, training_file_id: UUID, *, limit: int, before: UUID | None = None) -> Page[Revision]:
        query = (
            self._database.table("training_file_revisions")
            .select(REVISION_WITH_TAGS, count=EXACT)
            .eq("training_file_id", str(training_file_id))
        )
        if before:
            query = query.or_(behind(self._created_at_of(training_file_id, before), before))
        query = query.order("created_at", desc=True).order("id", desc=True).limit(limit)
        return page_of(query, revision_of)

    def get_revision(self, training_file_id: UUID, *, number: int) -> Revision | None:
        query = (
            self._database.table("training_file_revisions")
            .select(REVISION_WITH_TAGS)
            .eq("training_file_id", str(training_file_id))
            .eq("number", number)
            .eq("status", "committed")
        )
        rows = rows_of(query)
        return revision_of(rows[0]) if rows else None

    def _created_at_of(self, training_file_id: UUID, revision_id: UUID) -> str:
        query = (
            self._database.table("training_file_revisions")
            .select("created_at")
            .eq("id", str(revision_id))
            .eq("training_file_id", str(training_file_id))
        )
        rows = rows_of(query)
        if not rows:
            raise not_a_cursor()
        return str(rows[0]["created_at"])


def revision_of(row: dict[str, Any]) -> Revision:
    """Of a row that was read with its tags."""
    return Revision.model_validate({**row, "tags": sorted(tag["name"] for tag in row["tags"])})
