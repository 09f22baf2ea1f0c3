"""Exports as a user gets them: asked for from the service, over a repository and stores in memory, and unpacked."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from infra.sample_data import sample_conversations
from infra.sample_dialogues import PARTS
from tests.support.workshop import Workshop
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import CreateExportInput, Export, ExportFormat, ExportSplit
from training_files.domain.training_file.build_request import CreateTrainingFileInput

Json = dict[str, Any]

NAME = "Harbor Street: naïve plans"
# Of each number of turns. Single exchanges come first: their rows have the fewest fields to infer types from.
CONVERSATIONS = {2: 8, 6: 24, 10: 8}
# Those without a system prompt, the very first among them.
NO_SYSTEM_PROMPT_EVERY = 5
ODD_TEXT = 'Naïve — "quoted" \\ back\\nslash,\n\n\ttabs 🦉 and {{ braces }} & <tags>\u2028; what then?'
SPLIT = ExportSplit(validation=Decimal("0.2"), test=Decimal("0.1"))


@dataclass(frozen=True)
class Exported:
    """An export, and the folder into which its bundle was unpacked."""

    export: Export
    folder: Path

    @property
    def format(self) -> ExportFormat:
        return self.export.request.format

    def file(self, split: str = "train") -> Path:
        return self.folder / f"{split}.jsonl"

    def rows(self, split: str = "train") -> list[Json]:
        # Not splitlines(), which takes more for a line's end than a line of JSON does.
        return [json.loads(line) for line in self.file(split).read_text().split("\n")[:-1]]

    @property
    def stated_rows(self) -> dict[str, int]:
        """How many rows the answer says are in each split."""
        return {file.split: file.rows for file in self.export.files if file.kind == "rows" and file.split}

    def readiness_for(self, target: str) -> Json:
        assert self.export.result
        [found] = [entry for entry in self.export.result.readiness if entry["target"] == target]
        return found

    @property
    def max_length(self) -> int:
        assert self.export.result
        return self.export.result.lengths["recommended_max_length"]


class Exports:
    """The exports of one training file, each made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._workshop = Workshop.new()
        ids = tuple(_store(self._workshop, row, enriched) for row, enriched in _conversations())
        wanted = CreateTrainingFileInput(name=NAME, conversation_ids=ids, created_by=self._workshop.owner)
        self._training_file_id = self._workshop.service.create_training_file(wanted).id
        self._made: dict[tuple[Any, ...], Exported] = {}

    def of(
        self,
        export_format: ExportFormat,
        granularity: Granularity = "conversation",
        *,
        split: ExportSplit | None = SPLIT,
    ) -> Exported:
        key = export_format, granularity, split
        if key not in self._made:
            self._made[key] = self._make(*key)
        return self._made[key]

    def texts(self) -> Iterator[str]:
        for row in self.of("messages").rows():
            yield from (message["content"] for message in row["messages"])

    def _make(self, export_format: ExportFormat, granularity: Granularity, split: ExportSplit | None) -> Exported:
        wanted = CreateExportInput(
            training_file_id=self._training_file_id,
            format=export_format,
            granularity=granularity,
            split=split,
            bundle=True,
        )
        export = self._workshop.service.create_export(wanted).export
        [bundle] = [file for file in export.files if file.kind == "bundle"]
        folder = self._folder / str(export.id)
        with ZipFile(io.BytesIO(self._workshop.training_files.read(export.path_of(bundle)))) as archive:
            archive.extractall(folder)
        return Exported(export, folder)


def _conversations() -> Iterator[tuple[Json, Json]]:
    samples = (
        sample
        for turns, count in CONVERSATIONS.items()
        for sample in sample_conversations(count, seed=turns, turns=turns)
    )
    for index, sample in enumerate(samples):
        enriched = _with_odd_text(sample.enriched)
        if index % NO_SYSTEM_PROMPT_EVERY == 0:
            for pair in enriched["training_pairs"]:
                pair["system_prompt"] = None
        yield sample.row, enriched


def _with_odd_text(enriched: Json) -> Json:
    """The same conversation, in which one of the sentences is full of what has to be escaped somewhere."""
    plain, odd = (json.dumps(text)[1:-1] for text in (PARTS["closings"][0], ODD_TEXT))
    changed: Json = json.loads(json.dumps(enriched).replace(plain, odd))
    return changed


def _store(workshop: Workshop, row: Json, enriched: Json) -> Any:
    path = f"{row['conversation_id']}/enriched.json"
    workshop.enriched_files.objects[path] = json.dumps(enriched).encode()
    return workshop.repository.put_conversation(workshop.owner, **row, enriched_file_path=path).conversation_id
