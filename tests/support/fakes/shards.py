"""Shards of builds beyond one worker, in memory."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import count, islice
from typing import Any
from uuid import UUID

import orjson

from tests.support.fakes.builds import InMemoryBuilds
from tests.support.fakes.shard_tries import ShardTry
from training_files.domain.training_file.revision import Revision
from training_files.ports.leases import Lease
from training_files.ports.shards import (
    CONVERSATIONS_OF_A_SHARD,
    AskedConversation,
    BegunShard,
    FailedShard,
    FinishedShard,
    LeftShards,
    ShardResult,
)

NOBODY_WRITES_AFTER = timedelta(minutes=20)
OBJECTS = (".json", ".jsonl", ".analyses.jsonl")
WITHOUT_SHARDS = ("remove", "revert")


class InMemoryShards(InMemoryBuilds):
    """Implements `training_files.ports.shards.ShardRepository`."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._finishes = count()

    def list_shards_to_do(self, build_id: UUID, *, lease: Lease) -> list[int] | None:
        attempt = self._renewed(build_id, lease)
        if attempt is None:
            return None
        if self.requested[attempt.id].get("change") in WITHOUT_SHARDS:
            return []
        done = {each.shard for each in self._finished(attempt.id) if not self._is_stale(attempt, each)}
        return [shard for shard in _shards_of(attempt) if shard not in done]

    def begin_shard(self, build_id: UUID, *, lease: Lease, shard: int, try_id: UUID, path: str) -> BegunShard:
        attempt = self._renewed(build_id, lease)
        if attempt is None:
            return BegunShard(outcome="gone")
        self.shard_tries.setdefault(try_id, ShardTry(try_id, attempt.id, shard, path, self.clock.now()))
        file = self.training_files[attempt.training_file_id]
        asked = enumerate(self.requested_ids[attempt.id], start=1)
        first = (shard - 1) * CONVERSATIONS_OF_A_SHARD
        own = list(islice(asked, first, first + CONVERSATIONS_OF_A_SHARD))
        is_refresh = self.requested[attempt.id].get("change") == "refresh"
        in_file = self._enriched_files_of(attempt) if is_refresh else {}
        return BegunShard(
            outcome="begun",
            revision=attempt,
            requested=self.requested[attempt.id],
            training_file=file,
            base=self._base(file),
            asked=tuple(AskedConversation(position=position, conversation_id=one) for position, one in own),
            in_file={one: in_file[one] for _, one in own if one in in_file},
        )

    def stage_shard(self, try_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
        if begun := self.shard_tries.get(try_id):
            # As columns give them back.
            kept = orjson.loads(orjson.dumps(list(rows)))
            begun.rows.update({row["position"]: row for row in kept if row["position"] not in begun.rows})

    def finish_shard(self, try_id: UUID, *, lease: Lease, result: ShardResult) -> bool:
        begun = self.shard_tries.get(try_id)
        attempt = self._renewed(begun.revision_id, lease) if begun else None
        if begun is None or attempt is None:
            return False
        begun.result = result
        if begun.finished is None:
            begun.finished = next(self._finishes)
        done = sum(
            min(CONVERSATIONS_OF_A_SHARD, attempt.progress_total - (each.shard - 1) * CONVERSATIONS_OF_A_SHARD)
            for each in self._finished(attempt.id)
        )
        self.revisions[attempt.id] = attempt.model_copy(update={"progress_done": done})
        return True

    def note_setback(self, try_id: UUID, message: str) -> None:
        if begun := self.shard_tries.get(try_id):
            begun.message = message

    def list_finished(self, build_id: UUID, *, limit: int, after_shard: int = 0) -> list[FinishedShard]:
        attempt = self.latest_attempt(build_id)
        finished = self._finished(attempt.id) if attempt else []
        return [
            FinishedShard(shard=each.shard, try_id=each.id, result=each.result)
            for each in finished
            if each.shard > after_shard and each.result
        ][:limit]

    def list_failed(self, build_id: UUID, *, limit: int) -> list[FailedShard]:
        attempt = self.latest_attempt(build_id)
        own = [each for each in self.shard_tries.values() if attempt and each.revision_id == attempt.id]
        by_shard: dict[int, list[ShardTry]] = {}
        for each in own:
            by_shard.setdefault(each.shard, []).append(each)
        return [
            FailedShard(shard=shard, tries=len(tries), message=messages[-1] if messages else None)
            for shard, tries in sorted(by_shard.items())
            if all(each.finished is None for each in tries)
            and ((messages := [each.message for each in tries if each.message]) or len(tries) > 1)
        ][:limit]

    def estimated_bytes(self, build_id: UUID) -> tuple[int, int | None]:
        attempt = self.latest_attempt(build_id)
        asked = self.requested_ids.get(attempt.id, []) if attempt else []
        paths = {row.conversation_id: row.enriched_file_path for row, _ in self._conversations.values()}
        objects = (self.enriched_file(path) for one in asked if (path := paths.get(one)))
        return sum(found.bytes for found in objects if found), self.largest_object_bytes

    def list_left(self, *, limit: int) -> LeftShards:
        left = list(islice(self._left(), limit))
        committed = {each.revision_id for each in left if self.revisions[each.revision_id].status == "committed"}
        return LeftShards(
            try_ids=tuple(each.id for each in left),
            paths=(*(f"{each.path}{ending}" for each in left for ending in OBJECTS), *self._ownerless(committed)),
        )

    def forget_tries(self, try_ids: Sequence[UUID]) -> None:
        for try_id in try_ids:
            self.shard_tries.pop(try_id, None)

    def _ownerless(self, folder_ids: Iterable[UUID]) -> Iterator[str]:
        """Objects beside those of tries."""
        owned = tuple(f"{each.path}." for each in self.shard_tries.values())
        folders = tuple(f"{folder_id}/shard-" for folder_id in folder_ids)
        return (path for path in self.object_paths() if path.startswith(folders) and not path.startswith(owned))

    def _renewed(self, build_id: UUID, lease: Lease) -> Revision | None:
        attempt = self.latest_attempt(build_id)
        if attempt is None or not self._is_built_by(attempt.id, lease):
            return None
        self._renew(attempt.id, lease)
        return attempt

    def _finished(self, revision_id: UUID) -> list[ShardTry]:
        """The last finished try of each shard, in the order of the shards."""
        own = [each for each in self.shard_tries.values() if each.revision_id == revision_id]
        in_order = sorted((each for each in own if each.finished is not None), key=lambda each: each.finished or 0)
        last = {each.shard: each for each in in_order}
        return [last[shard] for shard in sorted(last)]

    def _is_stale(self, attempt: Revision, finished: ShardTry) -> bool:
        in_file = self._enriched_files_of(attempt)
        if self.requested[attempt.id].get("change") != "refresh":
            return bool(finished.conversation_ids & in_file.keys())
        return any(
            in_file.get(UUID(row["conversation_id"])) in (None, row["enriched_sha256"])
            for row in finished.rows.values()
        )

    def _enriched_files_of(self, attempt: Revision) -> dict[UUID, str]:
        """The SHA-256 that the training file has of each of its conversations."""
        members = self.members.get(attempt.training_file_id, [])
        return {one.conversation_id: one.figures["enriched_sha256"] for one in members}

    def _left(self) -> Iterator[ShardTry]:
        long_ago = self.clock.now() - NOBODY_WRITES_AFTER
        for each in self.shard_tries.values():
            revision = self.revisions[each.revision_id]
            if revision.status == "failed" and revision.finished_at and revision.finished_at < long_ago:
                yield each
            if revision.status == "committed" and (each.finished is not None or each.begun_at < long_ago):
                yield each


def _shards_of(attempt: Revision) -> range:
    return range(1, -(-attempt.progress_total // CONVERSATIONS_OF_A_SHARD) + 1)
