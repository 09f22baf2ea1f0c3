"""A row of `training_file_shard_tries` in memory, with those of its conversations."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from training_files.ports.shards import ShardResult


@dataclass(slots=True)
class ShardTry:
    """`finished` is its place among all that were finished; several may be so at one moment of the clock."""

    id: UUID
    revision_id: UUID
    shard: int
    path: str
    begun_at: datetime
    finished: int | None = None
    result: ShardResult | None = None
    message: str | None = None
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def conversation_ids(self) -> set[UUID]:
        return {UUID(row["conversation_id"]) for row in self.rows.values()}
