"""Bundles, valid by default, and the files that they are about."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

from training_files.domain.exports.bundle import Bundle, BundledFile, Treatment
from training_files.domain.exports.splits import Split, SplitRequest


def files(**rows: int) -> list[BundledFile]:
    splits: list[Split] = ["train", "validation", "test"]
    kinds: list[tuple[Literal["rows", "metadata"], str]] = [("rows", ".jsonl"), ("metadata", ".metadata.jsonl")]
    return [
        BundledFile(f"{split}{suffix}", kind, split, rows[split], 10 * rows[split], f"sha256 of {split}{suffix}")
        for split in splits
        if split in rows
        for kind, suffix in kinds
    ]


ASKED: dict[str, Any] = {"filter": None, "repair": [], "redact": []}


def a_bundle(**changes: Any) -> Bundle:
    usual = Bundle(
        training_file_id="0b9f5c6e-7a0e-4b7f-8c55-9d6a1f2e3c4d",
        training_file_name="First file",
        tags=[],
        revision=3,
        format="messages",
        granularity="conversation",
        split=SplitRequest(Decimal("0.1"), Decimal("0.05")),
        files=files(train=80, validation=12, test=8),
        totals={"rows": 100},
        left_out={"by_reason": {}, "places": []},
        splits={"shared_conversations": 0},
        lengths={
            "max_length": 2_000,
            "recommended_max_length": 2_304,
            "by_tokenizer": {"llama3": {"recommended_max_length": 2_048}},
        },
        readiness=[{"target": "openai", "ready": True}],
        treatment=Treatment(ASKED, {"unhealthy_rows": 0, "rows_by_rule": {}}),
    )
    return replace(usual, **changes)
