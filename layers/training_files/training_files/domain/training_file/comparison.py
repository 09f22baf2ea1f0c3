"""Two revisions of a training file beside each other."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from training_files.domain.record import Record
from training_files.domain.training_file.revision import Revision

MemberChange = Literal["added", "removed", "replaced", "moved"]


class ChangedMember(Record):
    """A conversation that is another way, and its position in the newer revision; in the older one if it is gone."""

    kind: MemberChange
    conversation_id: UUID
    position: int


class Difference(Record):
    """What one revision has and another has not: how many conversations of each kind, and some of them in file order.

    What is `replaced` is in both and says something else; what is `moved` is the same at another place. No two changes
    have the same position.
    """

    added: int
    removed: int
    replaced: int
    moved: int
    changes: tuple[ChangedMember, ...]

    @property
    def total(self) -> int:
        return self.added + self.removed + self.replaced + self.moved


@dataclass(frozen=True, slots=True)
class ComparisonPlace:
    """A place among the changes from one revision to another: behind this position. Revision 0 has nothing."""

    before: int
    after: int
    position: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two revisions, their difference with some of its changes, and the place of further ones, if there are any.

    `before` is None where the other one is compared with what was there before the first revision, which is nothing.
    """

    before: Revision | None
    after: Revision
    difference: Difference
    next_place: ComparisonPlace | None
