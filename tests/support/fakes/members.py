"""The conversations of a revision, in memory."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from tests.support.fakes.rows import Member, Rows
from training_files.domain.conversation.figures import ConversationFigures
from training_files.domain.training_file.comparison import ChangedMember, Difference, MemberChange
from training_files.domain.training_file.totals import Totals
from training_files.ports.members import MemberLines, MemberSizes, NamedMember, RevisionMembers


class InMemoryMembers(Rows):
    """Implements `training_files.ports.members.MemberRepository`."""

    def look_up_members(self, training_file_id: UUID, *, revision: int, ids: Sequence[UUID]) -> RevisionMembers:
        members = self.members_in(training_file_id, revision)
        own_ids = {member.conversation_id for member in members}
        by_row = {row.id: row.conversation_id for row, _ in self._conversations.values()}
        asked = {one: one if one in own_ids else by_row.get(one) for one in ids}
        named, json_before, jsonl_before = [], SizeSum(), SizeSum()
        for index, member in enumerate(members):
            asked_as = tuple(one for one, meant in asked.items() if meant == member.conversation_id)
            json_size, jsonl_size = member.figures.get("json_size"), member.figures.get("jsonl_size")
            if asked_as:
                named.append(
                    NamedMember(
                        asked_as=asked_as,
                        conversation_id=member.conversation_id,
                        position=member.position,
                        index=index,
                        enriched_sha256=member.figures["enriched_sha256"],
                        json_size=json_size,
                        json_before=json_before.known,
                        jsonl_size=jsonl_size,
                        jsonl_before=jsonl_before.known,
                    )
                )
            json_before.add(json_size)
            jsonl_before.add(jsonl_size)
        taken = {one.position for one in named}
        return RevisionMembers(
            count=len(members),
            json_bytes=json_before.known,
            jsonl_bytes=jsonl_before.known,
            named=tuple(named),
            others=_added_up([member for member in members if member.position not in taken]),
        )

    def list_member_lines(
        self, training_file_id: UUID, *, revision: int, limit: int, after_position: int = 0
    ) -> list[MemberLines]:
        return [
            MemberLines(
                conversation_id=member.conversation_id,
                position=member.position,
                trainable_pairs=member.trainable_pairs,
            )
            for member in self.members_in(training_file_id, revision)
            if member.position > after_position
        ][:limit]

    def note_sizes(self, training_file_id: UUID, sizes: Sequence[MemberSizes], *, revision: int) -> None:
        noted = {each.position: {"json_size": each.json_size, "jsonl_size": each.jsonl_size} for each in sizes}
        for members in (self.members[training_file_id], self.former.get(training_file_id, [])):
            for index, member in enumerate(members):
                if member.is_in(revision) and member.position in noted:
                    members[index] = replace(member, figures=member.figures | noted[member.position])

    def compare_revisions(
        self, training_file_id: UUID, *, before: int, after: int, limit: int, after_position: int = 0
    ) -> Difference:
        old = {member.conversation_id: member for member in self.members_in(training_file_id, before)}
        new = {member.conversation_id: member for member in self.members_in(training_file_id, after)}
        changes = [
            ChangedMember(kind=kind, conversation_id=one, position=(new.get(one) or old[one]).position)
            for one in old | new
            if (kind := _change(old.get(one), new.get(one)))
        ]
        count = Counter(change.kind for change in changes)
        behind = [change for change in changes if change.position > after_position]
        return Difference(
            added=count["added"],
            removed=count["removed"],
            replaced=count["replaced"],
            moved=count["moved"],
            changes=tuple(sorted(behind, key=lambda change: change.position)[:limit]),
        )


def _change(old: Member | None, new: Member | None) -> MemberChange | None:
    if old is None:
        return "added"
    if new is None:
        return "removed"
    if old.figures["enriched_sha256"] != new.figures["enriched_sha256"]:
        return "replaced"
    return "moved" if old.position != new.position else None


class SizeSum:
    """Of sizes; None as soon as one is not known."""

    def __init__(self) -> None:
        self.known: int | None = 0

    def add(self, size: int | None) -> None:
        self.known = None if self.known is None or size is None else self.known + size


def _added_up(members: Sequence[Member]) -> dict[str, Any]:
    totals, first = Totals(), dict[tuple[str, str], int]()
    for member in members:
        figures = ConversationFigures.from_row(member.figures)
        totals = totals.plus(figures)
        for kind, key in figures.keys.items():
            if key:
                first.setdefault((kind, key), member.position)
    value = totals.as_json()
    distribution = {
        kind: [[key, times, first[kind, key]] for key, times in counts]
        for kind, counts in value["distribution"].items()
    }
    return value | {"distribution": distribution}
