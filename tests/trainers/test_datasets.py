"""Hugging Face Datasets reads an unpacked bundle by its card: the stated splits and rows, under one schema."""

import json
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset
from datasets.exceptions import DatasetGenerationError

from tests.support.bundles import a_bundle
from tests.support.exchanges import a_dialogue
from tests.trainers.exports import Exports
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.bundle import BundledFile
from training_files.domain.exports.bundle_texts import bundle_texts
from training_files.domain.exports.export import ExportFormat
from training_files.domain.exports.rows import EXPORT_FORMATS, line
from training_files.domain.exports.schema import METADATA_FEATURES
from training_files.domain.exports.sharding import name_of_shard
from training_files.domain.exports.splits import SPLITS, Split
from training_files.domain.json_lines import json_line

# From which Hugging Face Datasets infers types.
FIRST_CHUNK = 10 * 1024 * 1024

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


def unpacked(folder: Path, export_format: ExportFormat, exchanges: dict[str, int], system: dict[str, str]) -> Path:
    """A bundle whose splits have rows of so many exchanges each, and a system prompt or none. Twelve rows train."""
    counts: dict[Split, int] = {"train": 12, "validation": 1}
    files = []
    for split, count in counts.items():
        said = [(f"Question {turn}", f"Answer {turn}") for turn in range(exchanges[split])]
        content = line(a_dialogue(*said, system=system.get(split)), export_format) * count
        (folder / f"{split}.jsonl").write_bytes(content)
        files.append(BundledFile(f"{split}.jsonl", "rows", split, count, len(content), ""))
    bundle = a_bundle(format=export_format, files=files)
    for name, text in bundle_texts(bundle).items():
        (folder / name).write_bytes(text)
    return folder


@pytest.mark.parametrize(
    ("export_format", "exchanges", "system", "key"),
    [
        ("alpaca", {"train": 1, "validation": 2}, {}, "history"),
        ("bedrock", {"train": 1, "validation": 1}, {"validation": "Be kind."}, "system"),
        ("gemini", {"train": 1, "validation": 1}, {"validation": "Be kind."}, "systemInstruction"),
    ],
)
def test_what_only_the_validation_rows_have_is_read_by_the_card(
    export_format: ExportFormat, exchanges: dict[str, int], system: dict[str, str], key: str, tmp_path: Path
) -> None:
    folder = unpacked(tmp_path, export_format, exchanges, system)
    files = {split: str(folder / f"{split}.jsonl") for split in ("train", "validation")}

    by_card = load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    features = by_card["train"].features
    by_features = load_dataset("json", data_files=files, features=features, cache_dir=str(tmp_path / "other"))

    for loaded in (by_card, by_features):
        assert not any(loaded["train"][key])
        assert loaded["validation"][0][key]
        assert loaded["validation"].features == features
    # Without types, the first split decides: if this passes one day, the page on exports can say less.
    with pytest.raises(DatasetGenerationError):
        load_dataset("json", data_files=files, cache_dir=str(tmp_path / "third"))


def test_what_comes_behind_the_first_10_mb_is_read_by_the_card(tmp_path: Path) -> None:
    folder = unpacked(tmp_path, "alpaca", {"train": 1, "validation": 2}, {})
    short = line(a_dialogue(("Question", "Answer " * 1_000)), "alpaca")
    long = line(a_dialogue(("One", "Two"), ("Three", "Four")), "alpaca")
    count = FIRST_CHUNK // len(short) + 1
    (folder / "train.jsonl").write_bytes(short * count + long)

    loaded = load_dataset(str(folder), split="train", cache_dir=str(tmp_path / "cache"))

    assert len(loaded) == count + 1
    assert loaded[count]["history"] == [["One", "Two"]]


def test_the_metadata_is_read_where_only_later_rows_have_a_score(tmp_path: Path) -> None:
    folder = unpacked(tmp_path, "messages", {"train": 1, "validation": 1}, {})
    row = {feature["name"]: [] if "list" in feature else "" for feature in METADATA_FEATURES}
    row |= {"line": 1, "turn": 2, "quality_score": None, "pair_quality_scores": [None]}
    scored = row | {"quality_score": 3.5, "pair_quality_scores": [3.5]}
    for split, value in (("train", row), ("validation", scored)):
        (folder / f"{split}.metadata.jsonl").write_bytes(json_line(value))
    files = [
        *(BundledFile(f"{split}.jsonl", "rows", split, 1, 1, "") for split in SPLITS[:2]),
        *(BundledFile(f"{split}.metadata.jsonl", "metadata", split, 1, 1, "") for split in SPLITS[:2]),
    ]
    (folder / "README.md").write_bytes(bundle_texts(a_bundle(files=files))["README.md"])

    loaded = load_dataset(str(folder), "metadata", cache_dir=str(tmp_path / "cache"))

    assert loaded["train"][0]["quality_score"] is None
    assert loaded["validation"][0]["pair_quality_scores"] == [3.5]


def test_a_file_that_is_split_nowhere_loads_by_itself(exports: Exports, tmp_path: Path) -> None:
    exported = exports.of("messages", split=None)

    rows = load_dataset("json", data_files=str(exported.file()), split="train", cache_dir=str(tmp_path))

    assert len(rows) == exported.stated_rows["train"] == 40
    assert json.loads(json.dumps(rows[0])) == exported.rows()[0]


def test_files_of_shards_are_one_split_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """By the card, and by the pattern that the scripts have, which takes no metadata."""
    numbers = range(1, 13)
    names = [name_of_shard("train", "rows", number, len(numbers)) for number in numbers]
    for number, name in zip(numbers, names, strict=True):
        (tmp_path / name).write_bytes(line(a_dialogue(("How many?", str(number))), "messages"))
        (tmp_path / name.replace(".jsonl", ".metadata.jsonl")).write_bytes(json_line({"line": 1}))
    bundle = a_bundle(files=[BundledFile(name, "rows", "train", 1, 1, "") for name in names])
    (tmp_path / "README.md").write_bytes(bundle_texts(bundle)["README.md"])
    pattern = {"train": str(tmp_path / bundle.pattern_of("train"))}

    by_card = load_dataset(str(tmp_path), cache_dir=str(tmp_path / "cache"))
    by_pattern = load_dataset("json", data_files=pattern, cache_dir=str(tmp_path / "other"))

    for loaded in (by_card, by_pattern):
        assert [row["messages"][-1]["content"] for row in loaded["train"]] == [str(number) for number in numbers]


def test_a_split_of_nothing_but_empty_files_is_not_read(tmp_path: Path) -> None:
    """So a shard without rows has no file. If this passes one day, it may have one."""
    (tmp_path / "validation-00001-of-00001.jsonl").write_bytes(b"")

    with pytest.raises(StopIteration):
        load_dataset("json", data_files=[str(tmp_path / "*.jsonl")], cache_dir=str(tmp_path / "cache"))
