"""The conversations of a revision, as far as a change of what is in a training file needs them."""

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from training_files.domain.record import Record
from training_files.domain.training_file.comparison import Difference


class NamedMember(Record):
    """A conversation of a revision, `index` counting from 0, and where it lies. Sizes are None where nobody knows them.

    `json_before` is the bytes of all conversations before it in the JSON, without what separates them. `asked_as` are
    the ids that named it.
    """

    asked_as: tuple[UUID, ...]
    conversation_id: UUID
    position: int
    index: int
    enriched_sha256: str
    json_size: int | None = None
    json_before: int | None = None
    jsonl_size: int | None = None
    jsonl_before: int | None = None


class RevisionSizes(Record):
    """How many conversations a revision has, and the bytes of all; None where the size of any is not known.

    Those in the JSON are without what separates them.
    """

    count: int
    json_bytes: int | None
    jsonl_bytes: int | None

    @property
    def has_sizes(self) -> bool:
        return self.json_bytes is not None and self.jsonl_bytes is not None


class RevisionMembers(RevisionSizes):
    """The named conversations in file order, and the totals of all `others`, as in `Totals.as_json`.

    There, a distribution has a third value beside each key and count: the position at which the key is first.
    """

    named: tuple[NamedMember, ...]
    others: dict[str, Any]


class MemberLines(Record):
    """How many lines of the JSONL are a conversation's."""

    conversation_id: UUID
    position: int
    trainable_pairs: int


class MemberSizes(Record):
    """The bytes of the conversation at this position, in the JSON without separators and in the JSONL."""

    position: int
    json_size: int
    jsonl_size: int


class MemberRepository(Protocol):
    """Rows of `training_file_conversations`."""

    def look_up_members(self, training_file_id: UUID, *, revision: int, ids: Sequence[UUID]) -> RevisionMembers:
        """Which conversations of a revision are meant, in one query; by their own id, or else by that of their row."""

    def list_member_lines(
        self, training_file_id: UUID, *, revision: int, limit: int, after_position: int = 0
    ) -> list[MemberLines]:
        """At most `limit` (up to 1,000) conversations that the revision has, in file order."""

    def note_sizes(self, training_file_id: UUID, sizes: Sequence[MemberSizes], *, revision: int) -> None:
        """Keeps the sizes of conversations of a revision."""

    def compare_revisions(
        self, training_file_id: UUID, *, before: int, after: int, limit: int, after_position: int = 0
    ) -> Difference:
        """What the revision `after` has that `before` has not, with up to `limit` changes behind a position.

        Revision 0 has nothing.
        """
