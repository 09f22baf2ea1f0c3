"""Refreshes in shards, in memory: what a revision consists of with the rows of tries in the place of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from tests.support.fakes.members import SizeSum
from tests.support.fakes.rows import Member, Rows
from training_files.domain.conversation.figures import ConversationFigures
from training_files.domain.training_file.totals import Totals
from training_files.ports.shards import RefreshedRevision, Stretch


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a conversation lies, as a stretch of its own."""

    conversation_id: UUID
    stretch: Stretch


class InMemoryRefreshes(Rows):
    """The part of `training_files.ports.shards.ShardRepository` that is about refreshes."""

    def list_stretches(
        self, training_file_id: UUID, *, revision: int, try_ids: Sequence[UUID], limit: int, after: int = 0
    ) -> list[Stretch]:
        made = {
            place.conversation_id: place.stretch
            for number, try_id in enumerate(try_ids, start=1)
            for place in _places(number, [row for _, row in sorted(self.shard_tries[try_id].rows.items())])
        }
        own = _places(0, [_row(member) for member in self.members_in(training_file_id, revision)])
        found = list[Stretch]()
        for place in islice(own, after, after + limit):
            stretch = made.get(place.conversation_id, place.stretch)
            if found and _follows(stretch, found[-1]):
                stretch = _joined(found.pop(), stretch)
            found.append(stretch)
        return found

    def add_up_refreshed(self, training_file_id: UUID, *, revision: int, try_ids: Sequence[UUID]) -> RefreshedRevision:
        members = self.members_in(training_file_id, revision)
        rows = [row for try_id in try_ids for row in self.shard_tries[try_id].rows.values()]
        made = {UUID(row["conversation_id"]): row for row in rows}
        json_bytes, jsonl_bytes = SizeSum(), SizeSum()
        totals = Totals()
        for member in members:
            json_bytes.add(member.figures.get("json_size"))
            jsonl_bytes.add(member.figures.get("jsonl_size"))
            totals = totals.plus(ConversationFigures.from_row(made.get(member.conversation_id, member.figures)))
        return RefreshedRevision(
            count=len(members), json_bytes=json_bytes.known, jsonl_bytes=jsonl_bytes.known, totals=totals.as_json()
        )


def _row(member: Member) -> dict[str, Any]:
    return member.figures | {"conversation_id": str(member.conversation_id)}


def _places(number: int, rows: Sequence[dict[str, Any]]) -> Iterator[_Place]:
    json_before = jsonl_before = 0
    for index, row in enumerate(rows):
        json_size, jsonl_size = row["json_size"], row["jsonl_size"]
        stretch = Stretch(number, index, 1, json_before, json_size, jsonl_before, jsonl_size)
        yield _Place(UUID(row["conversation_id"]), stretch)
        json_before += json_size
        jsonl_before += jsonl_size


def _follows(stretch: Stretch, before: Stretch) -> bool:
    return (stretch.made_by, stretch.first) == (before.made_by, before.first + before.conversations)


def _joined(first: Stretch, second: Stretch) -> Stretch:
    return first._replace(
        conversations=first.conversations + second.conversations,
        json_size=first.json_size + second.json_size,
        jsonl_size=first.jsonl_size + second.jsonl_size,
    )
