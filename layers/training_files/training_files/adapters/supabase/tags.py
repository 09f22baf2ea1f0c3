"""Tags of revisions, over PostgREST."""

from uuid import UUID

from training_files.adapters.supabase.database import DatabaseAdapter, rows_of, text_of
from training_files.adapters.supabase.revisions import REVISION_WITH_TAGS, revision_of
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.tags import RevisionName
from training_files.ports.tags import TaggedRevision


class SupabaseTags(DatabaseAdapter):
    """Implements `training_files.ports.tags.TagRepository`."""

    def tag_revision(
        self, training_file_id: UUID, owner: UUID | None, *, tag: str, revision: RevisionName
    ) -> TaggedRevision:
        answer = self._call(
            "tag_training_file_revision",
            p_training_file_id=str(training_file_id),
            p_owner=text_of(owner),
            p_name=tag,
            **named(revision),
        )
        return TaggedRevision.model_validate(answer)

    def untag_revision(self, training_file_id: UUID, owner: UUID | None, *, tag: str) -> None:
        self._call(
            "untag_training_file_revision",
            p_training_file_id=str(training_file_id),
            p_owner=text_of(owner),
            p_name=tag,
        )

    def list_tags(self, training_file_id: UUID) -> list[str]:
        query = self._database.table("training_file_tags").select("name").eq("training_file_id", str(training_file_id))
        return sorted(str(row["name"]) for row in rows_of(query))

    def get_tagged_revision(self, training_file_id: UUID, *, tag: str) -> Revision | None:
        query = (
            self._database.table("training_file_tags")
            .select(f"revision:training_file_revisions({REVISION_WITH_TAGS})")
            .eq("training_file_id", str(training_file_id))
            .eq("name", tag)
        )
        rows = rows_of(query)
        return revision_of(rows[0]["revision"]) if rows else None


def named(revision: RevisionName | None) -> dict[str, int | str | None]:
    """The parameters that name a revision in the functions of sql/."""
    return {
        "p_revision": revision if isinstance(revision, int) else None,
        "p_tag": revision if isinstance(revision, str) else None,
    }
