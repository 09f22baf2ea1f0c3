"""Shards of builds beyond one worker, over PostgREST."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from training_files.adapters.supabase.database import DatabaseAdapter, rows_of
from training_files.ports.leases import Lease
from training_files.ports.shards import (
    BegunShard,
    FailedShard,
    FinishedShard,
    LeftShards,
    RefreshedRevision,
    ShardResult,
    Stretch,
)


class SupabaseShards(DatabaseAdapter):
    """Implements `training_files.ports.shards.ShardRepository`."""

    def list_shards_to_do(self, build_id: UUID, *, lease: Lease) -> list[int] | None:
        answer = self._call(
            "list_training_file_shards_to_do",
            p_build_id=str(build_id),
            p_worker=str(lease.worker),
            p_lease_seconds=lease.seconds,
        )
        return cast("list[int] | None", answer)

    def begin_shard(self, build_id: UUID, *, lease: Lease, shard: int, try_id: UUID, path: str) -> BegunShard:
        answer = self._call(
            "begin_training_file_shard",
            p_build_id=str(build_id),
            p_worker=str(lease.worker),
            p_lease_seconds=lease.seconds,
            p_shard=shard,
            p_try_id=str(try_id),
            p_path=path,
        )
        asked = [dict(zip(("position", "conversation_id"), one, strict=True)) for one in answer.pop("asked", [])]
        return BegunShard.model_validate({**answer, "asked": asked})

    def stage_shard(self, try_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
        self._call("stage_training_file_shard", p_try_id=str(try_id), p_rows=list(rows))

    def finish_shard(self, try_id: UUID, *, lease: Lease, result: ShardResult) -> bool:
        answer = self._call(
            "finish_training_file_shard",
            p_try_id=str(try_id),
            p_worker=str(lease.worker),
            p_lease_seconds=lease.seconds,
            p_result=result.model_dump(mode="json"),
        )
        return bool(answer)

    def note_setback(self, try_id: UUID, message: str) -> None:
        table = self._database.table("training_file_shard_tries")
        rows_of(table.update({"message": message}).eq("id", str(try_id)))

    def list_finished(self, build_id: UUID, *, limit: int, after_shard: int = 0) -> list[FinishedShard]:
        answer = self._call(
            "list_finished_training_file_shards",
            p_build_id=str(build_id),
            p_limit=limit,
            p_after_shard=after_shard,
        )
        return [FinishedShard.model_validate(row) for row in answer]

    def list_failed(self, build_id: UUID, *, limit: int) -> list[FailedShard]:
        answer = self._call("list_failed_training_file_shards", p_build_id=str(build_id), p_limit=limit)
        return [FailedShard.model_validate(row) for row in answer]

    def list_stretches(
        self, training_file_id: UUID, *, revision: int, try_ids: Sequence[UUID], limit: int, after: int = 0
    ) -> list[Stretch]:
        answer = self._call(
            "list_training_file_stretches",
            p_training_file_id=str(training_file_id),
            p_revision=revision,
            p_try_ids=[str(one) for one in try_ids],
            p_after=after,
            p_limit=limit,
        )
        return [Stretch(*row) for row in answer]

    def add_up_refreshed(self, training_file_id: UUID, *, revision: int, try_ids: Sequence[UUID]) -> RefreshedRevision:
        answer = self._call(
            "add_up_refreshed_training_file",
            p_training_file_id=str(training_file_id),
            p_revision=revision,
            p_try_ids=[str(one) for one in try_ids],
        )
        return RefreshedRevision.model_validate(answer)

    def estimated_bytes(self, build_id: UUID) -> tuple[int, int | None]:
        answer = self._call("estimate_training_file_build", p_build_id=str(build_id))
        return answer["bytes"], answer["most"]

    def list_left(self, *, limit: int) -> LeftShards:
        return LeftShards.model_validate(self._call("list_training_file_shards_left", p_limit=limit))

    def forget_tries(self, try_ids: Sequence[UUID]) -> None:
        self._call("forget_training_file_shard_tries", p_try_ids=[str(try_id) for try_id in try_ids])
