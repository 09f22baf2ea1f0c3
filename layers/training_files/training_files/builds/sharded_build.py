"""A build beyond one worker."""

from uuid import UUID

from training_files.context import Context


class ShardedBuild:
    """Implements `training_files.background.sharded_work.ShardedWork`."""

    def __init__(self, context: Context, revision_id: UUID) -> None:
        self._context = context
        self._revision_id = revision_id

    def plan(self) -> list[int]:
        raise NotImplementedError

    def build_shard(self, shard: int) -> None:
        raise NotImplementedError

    def assemble(self) -> bool:
        raise NotImplementedError

    def commit(self) -> bool:
        raise NotImplementedError

    def fail(self, reason: str) -> None:
        raise NotImplementedError
