"""Hugging Face Datasets reads an unpacked bundle by its card: the stated splits and rows, under one schema."""

import json
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset

from tests.trainers.exports import Exports
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import ExportFormat
from training_files.domain.exports.rows import EXPORT_FORMATS

every_export = pytest.mark.parametrize(
    ("export_format", "granularity"),
    [(one, granularity) for one in EXPORT_FORMATS for granularity in ("conversation", "turn")],
)


def without_missing(value: Any) -> Any:
    """Datasets fills in None where some objects of a list have a key that others lack."""
    if isinstance(value, dict):
        return {key: without_missing(item) for key, item in value.items() if item is not None}
    return [without_missing(item) for item in value] if isinstance(value, list) else value


@every_export
def test_each_split_has_the_stated_rows_word_for_word_and_all_have_one_schema(
    exports: Exports, export_format: ExportFormat, granularity: Granularity, tmp_path: Path
) -> None:
    exported = exports.of(export_format, granularity)

    loaded = load_dataset(str(exported.folder), cache_dir=str(tmp_path))

    assert {split: len(rows) for split, rows in loaded.items()} == exported.stated_rows
    assert all(count > 0 for count in exported.stated_rows.values())
    for split, rows in loaded.items():
        assert [without_missing(row) for row in rows] == exported.rows(split)
        assert rows.features == loaded["train"].features


@every_export
def test_the_metadata_has_a_row_for_each_row_and_says_of_which_conversation_it_is(
    exports: Exports, export_format: ExportFormat, granularity: Granularity, tmp_path: Path
) -> None:
    exported = exports.of(export_format, granularity)

    loaded = load_dataset(str(exported.folder), "metadata", cache_dir=str(tmp_path))

    assert {split: len(rows) for split, rows in loaded.items()} == exported.stated_rows
    assert all(rows.features == loaded["train"].features for rows in loaded.values())
    conversations = [set(rows["conversation_id"]) for rows in loaded.values()]
    assert len(set.union(*conversations)) == sum(map(len, conversations)) == 40


def test_a_file_that_is_split_nowhere_loads_by_itself(exports: Exports, tmp_path: Path) -> None:
    exported = exports.of("messages", split=None)

    rows = load_dataset("json", data_files=str(exported.file()), split="train", cache_dir=str(tmp_path))

    assert len(rows) == exported.stated_rows["train"] == 40
    assert json.loads(json.dumps(rows[0])) == exported.rows()[0]
