"""What lies in the folder of an export while it is made in shards: the plan, and each shard's files and result."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from training_files.context import Context
from training_files.ports.objects import BytesPart, ObjectMissingError

PLAN = "shards.json"
RESULT = "shards.result.json"
JSON = "application/json"


def prefix_of(shard: int) -> str:
    """What the names of all objects of a shard begin with."""
    return f"shard-{shard:05}."


def followers_of(shard: int) -> str:
    return f"{prefix_of(shard)}followers.json"


def result_of(shard: int) -> str:
    return f"{prefix_of(shard)}result.json"


@dataclass(frozen=True, slots=True)
class ShardObjects:
    """The objects of one export by their names in its folder. What is written twice is the same each time."""

    context: Context
    export_id: UUID

    def path(self, name: str) -> str:
        return f"{self.export_id}/{name}"

    def names(self) -> set[str]:
        """Of all objects that are there."""
        return {path.partition("/")[2] for path in self.context.exports.list_objects([self.export_id])}

    def read(self, name: str) -> Any | None:
        """The value of a JSON, None where there is none."""
        try:
            return orjson.loads(self.context.stores.training_files.read(self.path(name)))
        except ObjectMissingError:
            return None

    def write(self, name: str, value: Any) -> None:
        content = orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
        self.context.stores.training_files.write(self.path(name), [BytesPart(content)], JSON)

    def remove(self, names: Iterable[str]) -> None:
        paths = [self.path(name) for name in sorted(names)]
        if paths:
            self.context.stores.training_files.remove(paths)
