"""Builds beyond one worker: the rows of their shards.

A shard is a stretch of what a build was asked for: its number, from 1 on, says which positions it has. Whoever takes it
makes a try, which has objects and rows of its own, so that two at once do not touch each other; the last try that was
finished is what the shard comes to. A build is named by the revision that it was asked for as, whichever attempt of it
lasts now.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Protocol
from uuid import UUID

from pydantic import Field

from training_files.domain.record import Record
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.training_file import TrainingFile
from training_files.ports.leases import Lease
from training_files.ports.members import RevisionSizes

# Positions of what was asked for.
CONVERSATIONS_OF_A_SHARD = 1000


class AskedConversation(Record):
    """A conversation that a build is to take, with its position among all of these, from 1 on."""

    position: int
    conversation_id: UUID


class BegunShard(Record):
    """`begun`: the caller has a try of the shard now. `gone`: the build has ended, or is not the worker's any more.

    `requested` is what was given to `begin_revision`, without its `conversation_ids`; `revision` is the attempt that
    lasts; `base` the current revision. For a refresh, `in_file` has the SHA-256 of the enriched file that the training
    file has of each of these conversations; those that are not in it any more have none.
    """

    outcome: Literal["begun", "gone"]
    revision: Revision | None = None
    requested: dict[str, Any] = Field(default_factory=dict)
    training_file: TrainingFile | None = None
    base: Revision | None = None
    asked: tuple[AskedConversation, ...] = ()
    in_file: dict[UUID, str] = Field(default_factory=dict)


class ShardResult(Record):
    """What a finished try has made.

    Its three objects are named after `path`: `….json` has the conversations as they are in the JSON, each with a
    separator in front; `….jsonl` their lines; `….analyses.jsonl` a row for each, as the database keeps it of a member.
    `totals` is `Totals.as_json`. `skipped` are details of faults of the first conversations that are skipped, or where
    any are not to be skipped, of the first of these; `skipped_total` and `refused_total` say of how many. `body_start`
    is what the JSON begins with before its conversations, where the first one of this shard is the first of a file.
    """

    path: str
    count: int
    json_size: int
    jsonl_size: int
    analyses_size: int
    totals: dict[str, Any]
    skipped: tuple[dict[str, Any], ...] = ()
    skipped_total: int = 0
    refused_total: int = 0
    body_start: str = ""
    vertical: str | None = None


class FinishedShard(Record):
    """The last finished try of a shard."""

    shard: int
    try_id: UUID
    result: ShardResult


class FailedShard(Record):
    """A shard that has no finished try, and the last reason that one gave for breaking off, where any could."""

    shard: int
    tries: int
    message: str | None = None


class LeftShards(Record):
    """Tries of builds that have ended, and the paths of their objects and of what putting these together has left."""

    try_ids: tuple[UUID, ...] = ()
    paths: tuple[str, ...] = ()


class Stretch(NamedTuple):
    """Conversations that follow each other in a training file that is refreshed, and in the objects that have them.

    `made_by` is the number of the try among those that were given, from 1 on; 0 where they stay as they are. In these
    objects, `first` is the index of the first one, from 0 on, and `json_before` and `jsonl_before` are the bytes before
    it. Those in the JSON are without separators.
    """

    made_by: int
    first: int
    conversations: int
    json_before: int
    json_size: int
    jsonl_before: int
    jsonl_size: int


class RefreshedRevision(RevisionSizes):
    """The sizes of a revision as it is, and its `totals` once it is refreshed, as in `Totals.as_json`."""

    totals: dict[str, Any]


class ShardRepository(Protocol):
    """Rows of `training_file_shard_tries` and of `training_file_sharded_conversations`."""

    def list_shards_to_do(self, build_id: UUID, *, lease: Lease) -> list[int] | None:
        """The numbers of shards that have to be done, in order; None when the build is gone or not this worker's.

        They are those without a finished try, and those whose last one has a conversation that meanwhile is in the
        training file, or for a refresh: is not in it any more, or has the same enriched file there by now. The lease
        is renewed.
        """

    def begin_shard(self, build_id: UUID, *, lease: Lease, shard: int, try_id: UUID, path: str) -> BegunShard:
        """Records a try before its first object is written, and renews the lease. The same call may come again."""

    def stage_shard(self, try_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
        """Lays rows of members aside, with positions among what was asked for. Nothing happens when the try is gone."""

    def finish_shard(self, try_id: UUID, *, lease: Lease, result: ShardResult) -> bool:
        """Ends a try, renews the lease, and counts the shard's positions as progress; False when the build is gone."""

    def note_setback(self, try_id: UUID, message: str) -> None:
        """Says why a try broke off."""

    def list_finished(self, build_id: UUID, *, limit: int, after_shard: int = 0) -> list[FinishedShard]:
        """Up to `limit` (at most 100) shards behind this one, each with its last finished try."""

    def list_failed(self, build_id: UUID, *, limit: int) -> list[FailedShard]:
        """Up to `limit` shards that have no finished try, and of which one broke off.

        A shard with one try that has said nothing may still be at work.
        """

    def list_stretches(
        self, training_file_id: UUID, *, revision: int, try_ids: Sequence[UUID], limit: int, after: int = 0
    ) -> list[Stretch]:
        """What a revision consists of with the rows of tries in the place of its own.

        These are the stretches of up to `limit` conversations behind the first `after` ones, in file order. The sizes
        of all must be known.
        """

    def add_up_refreshed(self, training_file_id: UUID, *, revision: int, try_ids: Sequence[UUID]) -> RefreshedRevision:
        """What a revision adds up to with the rows of tries in the place of its own."""

    def estimated_bytes(self, build_id: UUID) -> tuple[int, int | None]:
        """The bytes of all enriched objects that the build was asked for, and the most that an object of the bucket of
        training files may have; None where nothing is set.
        """

    def list_left(self, *, limit: int) -> LeftShards:
        """Up to `limit` tries of builds that ended a while ago."""

    def forget_tries(self, try_ids: Sequence[UUID]) -> None:
        """Removes tries with their rows: their objects are gone."""
