"""A full JSON cut into stretches of whole conversations, one for each shard of an export."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from training_files.domain.exports.sharding import ExportShards
from training_files.domain.training_file.formats import SEPARATOR


@dataclass(frozen=True, slots=True)
class Stretch:
    """Conversations of a shard: `count` of those behind a position, and where they lie in the full JSON.

    Until `end` they are as `conversations_of` reads them: with what separates the last one from the next.
    """

    after_position: int
    count: int
    begin: int
    end: int

    def moved(self, offset: int) -> "Stretch":
        return Stretch(self.after_position, self.count, self.begin + offset, self.end + offset)


def stretches(sizes: Iterable[tuple[int, int]], shards: ExportShards) -> Iterator[Stretch]:
    """Of conversations by their positions and their sizes in the JSON; offsets count from the first one's begin.

    A stretch has one conversation at least, and no more than a shard may have.
    """
    after, last, count, begin, at = 0, 0, 0, 0, 0
    for position, size in sizes:
        end = at + size + len(SEPARATOR)
        if count and (count == shards.conversations or end - begin > shards.bytes):
            yield Stretch(after, count, begin, at)
            after, count, begin = last, 0, at
        last, count, at = position, count + 1, end
    if count:
        yield Stretch(after, count, begin, at)
