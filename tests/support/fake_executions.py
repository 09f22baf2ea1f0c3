"""Executions in memory, as the state machine runs them: step by step, in this process."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from training_files.background.sharded_work import ShardedWork
from training_files.ports.executions import Execution

MOST_ROUNDS = 10


@dataclass(slots=True)
class InMemoryExecutions:
    """Implements `training_files.ports.executions.Executions`. What was started waits for `run`."""

    builds: dict[UUID, Execution] = field(default_factory=dict)
    exports: dict[UUID, Execution] = field(default_factory=dict)

    def start_build(self, revision_id: UUID) -> Execution:
        return self.builds.setdefault(revision_id, Execution("running"))

    def start_export(self, export_id: UUID) -> Execution:
        return self.exports.setdefault(export_id, Execution("running"))


def run_to_its_end(work: ShardedWork, after_each_shard: Callable[[int], None] = lambda _: None) -> None:
    """As the state machine does without any trouble. Raises WorkEndedError."""
    for _ in range(MOST_ROUNDS):
        for shard in work.plan():
            work.build_shard(shard)
            after_each_shard(shard)
        if work.assemble() and work.commit():
            return
    raise AssertionError("the work is planned again and again")
