"""LLaMA-Factory's own packages need builds of PyTorch's companions that a plain machine lacks, so what its data guide
says of `dataset_info.json` is done by hand here: a row becomes a system prompt, exchanges, and the last answer.
"""

import json
from typing import Any

import pytest
import yaml

from tests.support.export_reading import dialogue_in
from tests.trainers.exports import Exported, Exports, Json
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import ExportFormat

FORMATS: list[ExportFormat] = ["messages", "sharegpt", "alpaca"]
# What the guide names; anything else is passed over without a word.
KEYS = {"file_name", "formatting", "columns", "tags"}
COLUMNS = {"alpaca": {"prompt", "query", "response", "system", "history"}, "sharegpt": {"messages", "system"}}
TAGS = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "system_tag": "system",
}
# Of those that the guide to its arguments lists.
SETTINGS = {
    "model_name_or_path": str,
    "template": str,
    "stage": str,
    "do_train": bool,
    "finetuning_type": str,
    "lora_target": str,
    "lora_rank": int,
    "lora_alpha": int,
    "dataset_dir": str,
    "dataset": str,
    "eval_dataset": str,
    "eval_strategy": str,
    "cutoff_len": int,
    "mask_history": bool,
    "num_train_epochs": int,
    "per_device_train_batch_size": int,
    "gradient_accumulation_steps": int,
    "learning_rate": float,
    "output_dir": str,
}

every_way = pytest.mark.parametrize(
    ("export_format", "granularity"),
    [(one, granularity) for one in FORMATS for granularity in ("conversation", "turn")],
)


def described(exported: Exported) -> dict[str, Json]:
    info: dict[str, Json] = json.loads((exported.folder / "dataset_info.json").read_text())
    return info


def read_as_described(row: Json, description: Json) -> tuple[str, list[tuple[str, str]]]:
    """System prompt, and user and assistant in turns, as the guide says that a description is applied to a row."""
    columns = description["columns"]
    if description["formatting"] == "alpaca":
        return _read_alpaca(row, columns)
    tags = TAGS | description.get("tags", {})
    messages = row[columns["messages"]]
    system = row[columns["system"]] if "system" in columns else ""
    if messages[0][tags["role_tag"]] == tags["system_tag"]:
        system, messages = messages[0][tags["content_tag"]], messages[1:]
    names = {tags["user_tag"]: "user", tags["assistant_tag"]: "assistant"}
    return system, [(names[one[tags["role_tag"]]], one[tags["content_tag"]]) for one in messages]


def _read_alpaca(row: Json, columns: dict[str, str]) -> tuple[str, list[tuple[str, str]]]:
    query = [text for text in (row[columns["prompt"]], row[columns["query"]]) if text]
    exchanges = [*row[columns["history"]], ["\n".join(query), row[columns["response"]]]]
    said = [(role, text) for pair in exchanges for role, text in zip(("user", "assistant"), pair, strict=True)]
    return row[columns["system"]], said


def what_it_says(exports: Exports, granularity: Granularity, split: str) -> list[tuple[str, list[Any]]]:
    """The same split, read from an export whose every row has a system prompt, if an empty one."""
    return [dialogue_in(row, "bedrock_claude") for row in exports.of("bedrock_claude", granularity).rows(split)]


@every_way
def test_each_split_is_read_word_for_word(
    exports: Exports, export_format: ExportFormat, granularity: Granularity
) -> None:
    exported = exports.of(export_format, granularity)
    info = described(exported)

    assert len(info) == len(exported.stated_rows) == 3
    for split, description in zip(exported.stated_rows, info.values(), strict=True):
        assert description["file_name"] == exported.file(split).name
        read = [read_as_described(row, description) for row in exported.rows(split)]
        assert read == what_it_says(exports, granularity, split)
        for _, said in read:
            assert [role for role, _ in said] == ["user", "assistant"] * (len(said) // 2)


@every_way
def test_the_description_names_nothing_that_the_guide_does_not(
    exports: Exports, export_format: ExportFormat, granularity: Granularity
) -> None:
    for description in described(exports.of(export_format, granularity)).values():
        assert set(description) <= KEYS
        assert set(description["columns"]) <= COLUMNS[description["formatting"]]
        assert set(description.get("tags", {})) <= set(TAGS)


@every_way
def test_the_configuration_names_data_that_is_there_and_only_known_settings(
    exports: Exports, export_format: ExportFormat, granularity: Granularity
) -> None:
    exported = exports.of(export_format, granularity)

    settings = yaml.safe_load((exported.folder / "llamafactory.yaml").read_text())

    assert all(isinstance(value, SETTINGS[name]) for name, value in settings.items())
    assert {settings["dataset"], settings["eval_dataset"]} <= set(described(exported))
    assert settings["cutoff_len"] == exported.max_length
    assert settings["mask_history"] is (granularity == "turn")
    assert exported.readiness_for("llama_factory")["ready"]
