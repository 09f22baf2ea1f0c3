"""Axolotl accepts a bundle's configuration, and by it takes the loss of the answers that are to be trained on only."""

from typing import Any

import pytest
import yaml
from axolotl.prompt_strategies.chat_template import load
from axolotl.utils.config import validate_config
from axolotl.utils.dict import DictDefault
from axolotl.utils.schemas.config import AxolotlInputConfig
from axolotl.utils.schemas.datasets import SFTDataset
from datasets import load_dataset
from transformers import AutoTokenizer

from tests.trainers.exports import Exported, Exports, Json
from tests.trainers.tiny_model import END
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import ExportFormat

NOT_IN_THE_LOSS = -100
ROWS_COMPARED = 8

each_way = pytest.mark.parametrize(
    ("export_format", "granularity"),
    [
        ("messages", "conversation"),
        ("messages_weight", "conversation"),
        ("messages_weight", "turn"),
        ("sharegpt", "conversation"),
    ],
)


def configuration(exported: Exported) -> dict[str, Any]:
    written: dict[str, Any] = yaml.safe_load((exported.folder / "axolotl.yaml").read_text())
    return written


def answers_of(row: Json) -> list[str]:
    """What a row trains on: of a weighed one what has weight 1, of others all that the assistant says."""
    if "conversations" in row:
        return [one["value"] for one in row["conversations"] if one["from"] == "gpt"]
    return [one["content"] for one in row["messages"] if one["role"] == "assistant" and one.get("weight", 1)]


@each_way
def test_the_configuration_of_a_bundle_is_valid_and_axolotl_knows_each_setting(
    exports: Exports, export_format: ExportFormat, granularity: Granularity
) -> None:
    written = configuration(exports.of(export_format, granularity))

    valid = validate_config(DictDefault(written))

    assert valid.sequence_len == exports.of(export_format, granularity).max_length
    # It accepts what it does not know, and does nothing with it.
    assert set(written) <= set(AxolotlInputConfig.model_fields)
    for dataset in (*written["datasets"], *written["test_datasets"]):
        assert set(dataset) <= set(SFTDataset.model_fields)
        assert (exports.of(export_format, granularity).folder / dataset["path"]).is_file()


@each_way
def test_the_loss_is_taken_of_the_answers_and_of_nothing_else(
    exports: Exports, tiny_model: Any, export_format: ExportFormat, granularity: Granularity, tmp_path: Any
) -> None:
    exported = exports.of(export_format, granularity)
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    # The tiny tokenizer makes more tokens of a text than the estimate, which is for real ones.
    settings = validate_config(DictDefault(configuration(exported) | {"sequence_len": 16_384}))
    strategy = load(tokenizer, settings, ds_cfg=settings.datasets[0])
    as_loaded = load_dataset("json", data_files=str(exported.file()), split="train", cache_dir=str(tmp_path))

    for row, loaded in zip(exported.rows()[-ROWS_COMPARED:], list(as_loaded)[-ROWS_COMPARED:], strict=True):
        tokenized = strategy.tokenize_prompt(loaded)
        trained_on = [
            token
            for token, label in zip(tokenized["input_ids"], tokenized["labels"], strict=True)
            if label != NOT_IN_THE_LOSS
        ]
        assert tokenizer.decode(trained_on) == "".join(f"{answer}{END}" for answer in answers_of(row))
