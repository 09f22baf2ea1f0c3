"""Examples of answers about exports, made by the very functions that answer."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from training_files.api.examples import CREATED_AT, EXPORT_ID, FILE, FILE_ID, IDS, LINK, OWNER_ID
from training_files.api.exports import answers
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import (
    Export,
    ExportedFile,
    ExportFilter,
    ExportFormat,
    ExportRequest,
    ExportResult,
    ExportSplit,
    OfferedExport,
)
from training_files.domain.exports.lengths import LengthTally
from training_files.domain.exports.readiness import ReadinessTally
from training_files.domain.exports.row_facts import RowFacts
from training_files.domain.exports.split_proof import SplitTally
from training_files.domain.exports.splits import SplitRequest
from training_files.domain.tokens.estimate import Tokens
from training_files.ports.paging import Page

EXPORTED_AS: tuple[ExportFormat, Granularity] = ("messages", "conversation")
TOKENS = Tokens(o200k=1_923, cl100k=1_960, llama3=1_960, qwen=2_012, qwen3_5=2_025, tekken=1_998)
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def export() -> Any:
    return answers.export_answer(_offered(), expires_in_seconds=3600)


def export_being_built() -> Any:
    building = EXPORT.model_copy(update={"status": "building", "result": None, "finished_at": None})
    return answers.export_answer(OfferedExport(export=building), expires_in_seconds=3600)


def exports() -> Any:
    return answers.exports_answer(Page([_offered()], more=False), expires_in_seconds=3600)


def _offered() -> OfferedExport:
    links = {file.name: f"{LINK}/{file.name}?token=…" for file in EXPORT.files}
    return OfferedExport(export=EXPORT, links=links, built=True)


def _export_result() -> ExportResult:
    """As if it were made of two conversations of ordinary length."""
    split, lengths, readiness = SplitTally(SplitRequest(Decimal("0.1"))), LengthTally(), ReadinessTally(*EXPORTED_AS)
    for conversation_id, persona in zip(IDS, FILE.scaffolding_distribution["personas"], strict=True):
        lengths.add_row(TOKENS)
        lengths.add_target(274)
        scaffolding = {"persona_key": persona}
        split.add("train", conversation_id, content_sha256=SHA256, scaffolding=scaffolding, rows=1)
        readiness.add(
            RowFacts(
                conversation_id,
                6,
                "train",
                characters=8_572,
                bytes=8_860,
                messages=7,
                has_system=True,
                marks=frozenset(),
                tokens=TOKENS,
            ),
            is_unhealthy=False,
        )
    return ExportResult(
        files=(
            _exported_file("train.jsonl", "rows", "train", 2),
            _exported_file("train.metadata.jsonl", "metadata", "train", 2),
            _exported_file("bundle.zip", "bundle", None, None),
        ),
        totals={
            "rows": 2,
            "conversations": 2,
            "trained_targets": 6,
            "characters": 17_144,
            "estimated_tokens": lengths.total_tokens,
        },
        left_out={
            "by_reason": {"no_target": 1},
            "places": [{"conversation_id": IDS[0], "turn": 7, "reason": "no_target"}],
        },
        history_mismatch={"count": 0, "places": []},
        health={"unhealthy_rows": 0, "rows_by_rule": {"personal_data": 1}},
        filtered={
            "targets": 1,
            "lost_with_them": 0,
            "by_reason": {"truncated_target": 1},
            "places": [{"conversation_id": IDS[0], "turn": 6, "reasons": ["truncated_target"]}],
        },
        splits=split.proof(),
        lengths=lengths.summary(),
        readiness=tuple(readiness.readiness({"train": 17_720})[:2]),
    )


def _exported_file(name: str, kind: Any, split: Any, rows: int | None) -> ExportedFile:
    filename = f"{FILE.name.replace(' ', '_')}.{name}"
    return ExportedFile(name=name, kind=kind, split=split, rows=rows, bytes=17_720, sha256=SHA256, filename=filename)


EXPORT = Export(
    id=EXPORT_ID,
    training_file_id=FILE_ID,
    revision=1,
    request=ExportRequest(
        format=EXPORTED_AS[0],
        granularity=EXPORTED_AS[1],
        split=ExportSplit(validation=Decimal("0.1")),
        bundle=True,
        filter=ExportFilter(without=("error",)),
        name=FILE.name,
    ),
    status="ready",
    result=_export_result(),
    created_by=OWNER_ID,
    created_at=CREATED_AT,
    finished_at=CREATED_AT + timedelta(seconds=1),
    used_at=CREATED_AT,
)
