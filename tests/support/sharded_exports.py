"""Training files with everything that is counted in an export, and exports of them in shards, step by step."""

import json
import random
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from tests.support.builders import Json, a_pair, an_enriched_file
from tests.support.workshop import Workshop
from training_files.context import Context, Options
from training_files.domain.exports.export import CreateExportInput, Export
from training_files.domain.exports.sharding import ExportShards
from training_files.exports.sharded_export import ShardedExport
from training_files.ports.executions import Execution

WORDS = [f"{first}{last}" for first in ("ba", "ko", "li", "mu", "ne", "sa") for last in "cdfgklmnprstvz"]
SHARDS_OF_THREE = ExportShards(from_conversations=3, conversations=3)


@dataclass(slots=True)
class RecordedExecutions:
    """Implements `training_files.ports.executions.Executions`: every execution is as `execution` says."""

    execution: Execution = field(default_factory=lambda: Execution("running"))
    started: list[UUID] = field(default_factory=list)
    error: Exception | None = None

    def start_build(self, revision_id: UUID) -> Execution:
        return self.start_export(revision_id)

    def start_export(self, export_id: UUID) -> Execution:
        if self.error:
            raise self.error
        self.started.append(export_id)
        return self.execution


def an_enriched_conversation(seed: int, *, changed: int = 0, pairs: int = 3, **of_last: Any) -> Json:
    """Of words that the seed chooses; so many of the first ones are others."""
    words = random.Random(seed)  # noqa: S311 - The same words in every run.
    turns: list[Json] = []
    said: list[Json] = []
    for turn in range(1, pairs + 1):
        asked, answered = (words.choices(WORDS, k=20) for _ in range(2))
        if turn == 1:
            asked[:changed] = ["otherwise"] * changed
        said.append({"turn": turn, "role": "user", "content": " ".join(asked) + "?"})
        pair = a_pair(
            turn,
            conversation_history=list(said),
            current_user_input=said[-1]["content"],
            target_response=" ".join(answered) + ".",
            training_metadata={"quality_score": 1 + (seed + turn) % 5, "human_reviewed": seed % 2 == 0},
        )
        turns.append(pair | (of_last if turn == pairs else {}))
        said.append({"turn": turn, "role": "assistant", "content": turns[-1]["target_response"]})
    return an_enriched_file(*turns)


def a_corpus(workshop: Workshop, count: int = 16) -> list[UUID]:
    """Conversations with duplicates and near-duplicates that stand far apart, without targets, and with faults."""
    faults: dict[int, Json] = {
        2: {"target_response": None},
        4: {"target_response": r"First this.\nThen that.\nWrite to kim.reyes@harbor-street.example."},
        5: {"target_response": "User: it stands where no role should stand, and is cut off in the"},
        7: {"conversation_history": [{"turn": 1, "role": "user", "content": "Nothing of what was said."}]},
    }
    # Who speaks is told by the name in the consultant profile alone.
    faults[8] = {"target_response": "Morgan Reyes: Let us begin with what there is."}
    personas = ("planner", "saver", "doubter")
    return [
        workshop.a_conversation(
            an_enriched_conversation(number % 11, changed=int(number in (12, 13)), **faults.get(number % 11, {})),
            persona_key=personas[number % 3],
            # The same in every run, as the splits are.
            conversation_id=str(uuid5(NAMESPACE_OID, str(number))),
        )
        for number in range(count)
    ]


@dataclass(slots=True)
class ShardedWorkshop:
    """A workshop whose exports are made in shards."""

    workshop: Workshop
    shards: ExportShards = SHARDS_OF_THREE
    executions: RecordedExecutions = field(default_factory=RecordedExecutions)

    @property
    def context(self) -> Context:
        return replace(self.workshop.context, executions=self.executions, options=Options(export_shards=self.shards))

    def queued(self, training_file_id: UUID, **wanted: Any) -> UUID:
        asked = CreateExportInput.model_validate({"training_file_id": training_file_id, "format": "messages"} | wanted)
        offered = self.workshop.untroubled.create_export(asked, prefers_background=True)
        assert offered.export.status == "building"
        return offered.export.id

    def work(self, export_id: UUID) -> ShardedExport:
        return ShardedExport(self.context, export_id)

    def built(self, training_file_id: UUID, **wanted: Any) -> Export:
        """Every step done once, the shards last to first."""
        export_id = self.queued(training_file_id, **wanted)
        work = self.work(export_id)
        for shard in reversed(work.plan()):
            work.build_shard(shard)
        assert work.assemble()
        assert work.commit()
        return self.workshop.exports.rows[export_id]

    def rows_and_metadata(self, export: Export) -> dict[tuple[str, str], bytes]:
        """By split and kind, all files one behind the other; the lines of the metadata are numbered through."""
        found: dict[tuple[str, str], bytes] = {}
        for file in export.files:
            if file.kind in ("rows", "metadata") and file.split:
                content = self.workshop.training_files.objects[export.path_of(file)]
                key = (file.split, file.kind)
                found[key] = found.get(key, b"") + content
        return {key: _numbered(content) if key[1] == "metadata" else content for key, content in found.items()}

    def names_in(self, export_id: UUID) -> set[str]:
        folder = f"{export_id}/"
        return {path.removeprefix(folder) for path in self.workshop.training_files.objects if path.startswith(folder)}


def _numbered(content: bytes) -> bytes:
    lines = []
    for number, line in enumerate(content.splitlines(keepends=True), start=1):
        begin, _, rest = line.partition(b",")
        assert set(json.loads(begin + b"}")) == {"line"}
        lines.append(b'{"line":%d,' % number + rest)
    return b"".join(lines)
