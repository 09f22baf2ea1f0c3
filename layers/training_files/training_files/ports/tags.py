"""Tags of revisions."""

from typing import Literal, Protocol
from uuid import UUID

from training_files.domain.record import Record
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.tags import RevisionName, Tag


class TaggedRevision(Record):
    """`no_revision`: what was to be tagged is not there, or not kept any more. `too_many`: the file has enough tags."""

    outcome: Literal["tagged", "not_found", "processing", "no_revision", "too_many"]
    tag: Tag | None = None


class TagRepository(Protocol):
    """Rows of `training_file_tags`.

    `owner` limits a method to the training files of one user; None means whoever owns them.
    """

    def tag_revision(
        self, training_file_id: UUID, owner: UUID | None, *, tag: str, revision: RevisionName
    ) -> TaggedRevision:
        """Gives a revision a tag, which moves where it names another one. What housekeeping has given up gets none."""

    def untag_revision(self, training_file_id: UUID, owner: UUID | None, *, tag: str) -> None:
        """Takes a tag away; one that is not there is no fault."""

    def list_tags(self, training_file_id: UUID) -> list[str]:
        """The names of all tags of a training file, in their order."""

    def get_tagged_revision(self, training_file_id: UUID, *, tag: str) -> Revision | None:
        """The revision that has the tag."""
