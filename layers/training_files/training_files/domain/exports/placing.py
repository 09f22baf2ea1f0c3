"""Into which split each conversation goes, and the proof of it: over a whole file, or over a stretch of one."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol, Self

from training_files.domain.conversation.content import content_sha256
from training_files.domain.conversation.signature import signature_of
from training_files.domain.exports.groups import Groups, Member
from training_files.domain.exports.split_proof import SplitTally
from training_files.domain.exports.splits import STRATA, Split, SplitRequest, assignment
from training_files.domain.training_file.stored_file import StoredConversation


class Placing(Protocol):
    """Asked in file order, for every conversation, whether it has rows or not."""

    def split_of(self, conversation: StoredConversation, *, rows: int) -> Split:
        """The split of a conversation that gives `rows` rows."""


class AllForTraining:
    """Where no split was asked for."""

    def split_of(self, conversation: StoredConversation, *, rows: int) -> Split:  # noqa: ARG002 - As `Placing` has it.
        return "train"


class PlacedAsRead:
    """Of a whole file: whom a conversation follows is found while it is read."""

    def __init__(self, asked: SplitRequest) -> None:
        self.tally = SplitTally(asked)
        self._asked = asked
        self._groups = Groups()

    def split_of(self, conversation: StoredConversation, *, rows: int) -> Split:
        content = content_sha256(conversation.pairs)
        member = self._groups.add(conversation.conversation_id, content, signature_of(conversation.pairs))
        return _counted(self.tally, self._asked, _placed(conversation, content, rows, member))


class PlacedConversation(NamedTuple):
    """What the proof needs to know of a conversation. `leader` and `near_to` are those of its `Member`."""

    conversation_id: str
    content_sha256: str
    rows: int
    leader: str
    near_to: tuple[str, ...]
    scaffolding: tuple[str | None, ...]
    """The keys of its persona, emotional arc and training topic."""

    @classmethod
    def from_json(cls, value: list[Any]) -> Self:
        conversation_id, content, rows, leader, near_to, scaffolding = value
        return cls(conversation_id, content, rows, leader, tuple(near_to), tuple(scaffolding))


class PlacedAsPlanned:
    """Of a stretch: whom a conversation follows was found before, over the whole file.

    `followers` are those that follow another one, or are near to one in another split.
    """

    def __init__(self, asked: SplitRequest, followers: Mapping[str, Member]) -> None:
        self.placed: list[PlacedConversation] = []
        self._asked = asked
        self._followers = followers

    def split_of(self, conversation: StoredConversation, *, rows: int) -> Split:
        member = self._followers.get(conversation.conversation_id) or Member(conversation.conversation_id)
        if rows:
            self.placed.append(_placed(conversation, content_sha256(conversation.pairs), rows, member))
        return assignment(member.leader, self._asked)


def count_placed(tally: SplitTally, asked: SplitRequest, placed: Iterable[PlacedConversation]) -> None:
    """Counts the conversations of a stretch, behind those of earlier ones."""
    for one in placed:
        _counted(tally, asked, one)


def _placed(conversation: StoredConversation, content: str, rows: int, member: Member) -> PlacedConversation:
    scaffolding = tuple(conversation.scaffolding.get(key) for key in STRATA.values())
    return PlacedConversation(conversation.conversation_id, content, rows, member.leader, member.near_to, scaffolding)


def _counted(tally: SplitTally, asked: SplitRequest, one: PlacedConversation) -> Split:
    split = assignment(one.leader, asked)
    tally.add(
        split,
        one.conversation_id,
        content_sha256=one.content_sha256,
        scaffolding=dict(zip(STRATA.values(), one.scaffolding, strict=True)),
        rows=one.rows,
        member=Member(one.leader, one.near_to),
    )
    return split
