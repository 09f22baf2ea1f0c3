"""Which conversations of an export go to one split together: those that say the same, or almost the same."""

from dataclasses import dataclass

from training_files.domain.conversation.near_duplicates import NearDuplicates


@dataclass(frozen=True, slots=True)
class Member:
    """A conversation in its group. `leader` is the first of the group, whose id decides for all of them.

    `near_to` are earlier conversations that it says almost the same as. They may be of several groups.
    """

    leader: str
    near_to: tuple[str, ...] = ()


class Groups:
    """Files grow at their end, so whom a conversation follows depends on those before it alone and never changes.

    An exact duplicate follows the first of its kind, and a near-duplicate the earliest that it is near to. One that is
    near to two older groups does not join them: it follows the earlier, and the other one stays where it is.
    """

    def __init__(self) -> None:
        self._of_content: dict[bytes, Member] = {}
        self._leaders: dict[str, str] = {}
        self._alike = NearDuplicates()

    def add(self, conversation_id: str, content_sha256: str, signature: bytes | None) -> Member:
        """To be asked in file order, for every conversation of the file, whether it has rows or not."""
        content = bytes.fromhex(content_sha256)
        member = self._of_content.get(content)
        if member is None:
            member = self._of_content[content] = self._placed(conversation_id, signature)
        return member

    def leader_of(self, near: str) -> str:
        """Of a conversation that a later one is near to."""
        return self._leaders.get(near, near)

    def _placed(self, conversation_id: str, signature: bytes | None) -> Member:
        near = self._alike.add(conversation_id, signature) if signature else []
        near_to = tuple(one.conversation_id for one in near)
        if not near_to:
            return Member(conversation_id)
        leader = self.leader_of(near_to[0])
        self._leaders[conversation_id] = leader
        return Member(leader, near_to)
