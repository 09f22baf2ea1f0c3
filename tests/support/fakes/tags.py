"""Tags of revisions, in memory."""

from uuid import UUID

from tests.support.fakes.rows import Rows
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.tags import MOST_TAGS, RevisionName, Tag
from training_files.ports.tags import TaggedRevision


class InMemoryTags(Rows):
    """Implements `training_files.ports.tags.TagRepository`."""

    def tag_revision(
        self, training_file_id: UUID, owner: UUID | None, *, tag: str, revision: RevisionName
    ) -> TaggedRevision:
        file = self.get_training_file(training_file_id, owner)
        if file is None:
            return TaggedRevision(outcome="not_found")
        if file.revision == 0:
            return TaggedRevision(outcome="processing")
        kept = self.kept_revision(training_file_id, revision)
        if kept is None:
            return TaggedRevision(outcome="no_revision")
        tags = self.tags.setdefault(training_file_id, {})
        if len(tags.keys() - {tag}) >= MOST_TAGS:
            return TaggedRevision(outcome="too_many")
        now = self.clock.now()
        new = Tag(name=tag, revision=kept.number, created_by=owner or file.created_by, created_at=now, updated_at=now)
        before = tags.get(tag, new)
        if before.revision != kept.number:
            before = before.model_copy(update={"revision": kept.number, "updated_at": now})
        tags[tag] = before
        return TaggedRevision(outcome="tagged", tag=before)

    def untag_revision(self, training_file_id: UUID, owner: UUID | None, *, tag: str) -> None:
        if self.get_training_file(training_file_id, owner):
            self.tags.get(training_file_id, {}).pop(tag, None)

    def list_tags(self, training_file_id: UUID) -> list[str]:
        return sorted(self.tags.get(training_file_id, {}))

    def get_tagged_revision(self, training_file_id: UUID, *, tag: str) -> Revision | None:
        found = self.tags.get(training_file_id, {}).get(tag)
        return self.get_revision(training_file_id, number=found.revision) if found else None
