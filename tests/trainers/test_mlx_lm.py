"""MLX-LM fine-tunes on a bundle where it was unpacked, by the configuration in it."""

import math
import shutil
import sys
import types
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.trainers.exports import Exports
from tests.trainers.tiny_model import END
from training_files.domain.conversation.granularity import Granularity

mlx_lm_lora = pytest.importorskip("mlx_lm.lora", reason="MLX has no build for this machine")

ROWS_COMPARED = 8
ITERATIONS = 3


@dataclass
class Reports:
    """What MLX-LM reports while it trains."""

    train: list[dict[str, Any]] = field(default_factory=list)
    validation: list[dict[str, Any]] = field(default_factory=list)

    def on_train_loss_report(self, report: dict[str, Any]) -> None:
        self.train.append(report)

    def on_val_loss_report(self, report: dict[str, Any]) -> None:
        self.validation.append(report)


def trained(bundle: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Reports:
    """As `mlx_lm.lora --config mlx_lora.yaml` does, but with a model of two layers, and not for long."""
    reports = Reports()
    options = ["--model", str(model), "--num-layers", "2", "--val-batches", "1"]
    options += ["--iters", str(ITERATIONS), "--steps-per-report", "1"]
    monkeypatch.chdir(bundle)
    monkeypatch.setattr(sys, "argv", ["mlx_lm.lora", "--config", "mlx_lora.yaml", *options])
    monkeypatch.setattr(mlx_lm_lora, "get_reporting_callbacks", lambda *_, **__: reports)
    mlx_lm_lora.main()
    return reports


@pytest.mark.parametrize("granularity", ["conversation", "turn"])
def test_the_configuration_of_a_bundle_trains_a_lora(
    exports: Exports, tiny_model: Path, granularity: Granularity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = exports.of("messages", granularity)
    bundle = shutil.copytree(exported.folder, tmp_path / "bundle")

    reports = trained(bundle, tiny_model, monkeypatch)

    assert exported.readiness_for("mlx_lm")["ready"]
    assert len(reports.train) == ITERATIONS
    assert reports.validation
    for loss in [*(one["train_loss"] for one in reports.train), *(one["val_loss"] for one in reports.validation)]:
        assert math.isfinite(loss)
        assert loss > 0
    assert (bundle / "lora" / "adapters.safetensors").stat().st_size > 0


def test_turn_by_turn_only_the_last_answer_is_in_the_loss(exports: Exports, tiny_model: Path) -> None:
    """As the bundle's `mask_prompt: true` says."""
    from mlx_lm.tuner.datasets import load_local_dataset
    from transformers import AutoTokenizer

    exported = exports.of("messages", "turn")
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)

    train, validation, test = load_local_dataset(exported.folder, tokenizer, types.SimpleNamespace(mask_prompt=True))

    stated = exported.stated_rows
    assert (len(train), len(validation), len(test)) == (stated["train"], stated["validation"], stated["test"])
    for row in exported.rows()[:ROWS_COMPARED]:
        tokens, masked = train.process(row)
        assert tokenizer.decode(tokens[masked:]) == f"{row['messages'][-1]['content']}{END}\n"


def test_it_begins_without_a_validation_set(
    exports: Exports, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = exports.of("messages", split=None)
    bundle = shutil.copytree(exported.folder, tmp_path / "bundle")

    reports = trained(bundle, tiny_model, monkeypatch)

    assert len(reports.train) == ITERATIONS
    assert not reports.validation
    assert exported.readiness_for("mlx_lm")["ready"]


@pytest.mark.parametrize("granularity", ["conversation", "turn"])
def test_it_knows_each_setting_of_the_configuration(exports: Exports, granularity: Granularity) -> None:
    """What it does not know, it passes over."""
    exported = exports.of("messages", granularity)

    settings = yaml.safe_load((exported.folder / "mlx_lora.yaml").read_text())

    assert set(settings) <= {*mlx_lm_lora.CONFIG_DEFAULTS, "model"}
    assert settings["max_seq_length"] == exported.max_length
    assert settings["mask_prompt"] is (granularity == "turn")
