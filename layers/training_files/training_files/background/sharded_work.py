"""Work beyond one worker, as the state machine has it done: planned, done in shards, put together, committed."""

from typing import Protocol


class WorkEndedError(Exception):
    """The work is over: it has failed for good, was finished before, or is gone. No step of it is worth another try."""


class ShardedWork(Protocol):
    """A build or an export. Each step may be done twice without harm, also by two at once.

    Every step raises WorkEndedError, and UpstreamUnavailableError or another error of ours when it is worth another
    try. What cannot succeed has ended as failed by then.
    """

    def plan(self) -> list[int]:
        """The numbers of the shards that have to be done, in order; none where all are done, or there are none."""

    def build_shard(self, shard: int) -> None: ...

    def assemble(self) -> bool:
        """Puts the shards together; False when some have to be done again first, which `plan` then names."""

    def commit(self) -> bool:
        """Makes what was assembled visible; False when another writer was first: it is planned again then."""

    def fail(self, reason: str) -> None:
        """Ends the work as failed, with what its shards said, or else with the reason. Raises no WorkEndedError."""
