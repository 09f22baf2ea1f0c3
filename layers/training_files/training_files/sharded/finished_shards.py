"""What the shards of a build come to, in their order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

import orjson

from training_files.builds.preparing import concurrently
from training_files.context import Context
from training_files.domain.analysis.conversation_analysis import ConversationAnalysis
from training_files.domain.analysis.file_health import FileHealth
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.training_file.totals import Totals
from training_files.ports.objects import StoredPart
from training_files.ports.shards import FinishedShard, ShardResult

SHARDS_AT_ONCE = 100
DOWNLOADED_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class FinishedShards:
    """The last finished try of each shard, in the order of the shards."""

    shards: Sequence[FinishedShard]

    @classmethod
    def of(cls, context: Context, build_id: UUID) -> "FinishedShards":
        return cls(list(_finished(context, build_id)))

    @property
    def results(self) -> list[ShardResult]:
        return [shard.result for shard in self.shards]

    @property
    def with_conversations(self) -> list[ShardResult]:
        return [result for result in self.results if result.count]

    @property
    def try_ids(self) -> tuple[UUID, ...]:
        return tuple(shard.try_id for shard in self.shards)

    @property
    def paths(self) -> list[str]:
        """Of all objects."""
        return [
            f"{result.path}{ending}"
            for result in self.with_conversations
            for ending in (".json", ".jsonl", ".analyses.jsonl")
        ]

    @property
    def count(self) -> int:
        """Of conversations."""
        return sum(result.count for result in self.results)

    @property
    def skipped(self) -> list[ConversationFault]:
        """Of each shard the first ones."""
        return [ConversationFault.from_detail(detail) for result in self.results for detail in result.skipped]

    @property
    def skipped_total(self) -> int:
        """Of conversations."""
        return sum(result.skipped_total for result in self.results)

    @property
    def refused_total(self) -> int:
        """Of conversations."""
        return sum(result.refused_total for result in self.results)

    def behind(self, totals: Totals) -> Totals:
        for result in self.results:
            totals = totals.followed_by(Totals.from_json(result.totals))
        return totals

    def health(self, context: Context) -> FileHealth:
        """What all of them together show, read one by one."""
        health = FileHealth()
        results = self.with_conversations

        def download(result: ShardResult) -> IO[bytes]:
            return _downloaded(context, result)

        for file in concurrently(download, results, at_once=DOWNLOADED_AT_ONCE):
            with file:
                for line in file:
                    row = orjson.loads(line)
                    health.add(ConversationAnalysis.from_json(row["conversation_id"], row["analysis"]))
        return health


def _finished(context: Context, build_id: UUID) -> Iterator[FinishedShard]:
    after = 0
    while page := context.shards.list_finished(build_id, limit=SHARDS_AT_ONCE, after_shard=after):
        yield from page
        after = page[-1].shard


def _downloaded(context: Context, result: ShardResult) -> IO[bytes]:
    """The analyses of a shard, a line each, in a file that goes when it is closed."""
    file = TemporaryFile()  # noqa: SIM115 - whoever reads it closes it
    context.stores.training_files.download(StoredPart(f"{result.path}.analyses.jsonl", 0, result.analyses_size), file)
    file.seek(0)
    return file
