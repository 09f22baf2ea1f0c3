"""TRL fine-tunes a LoRA on exports, and what counts in the loss is what the assistant says and nothing else."""

import math
import runpy
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import trl
from datasets import load_dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

from tests.trainers.exports import Exported, Exports, Json
from tests.trainers.tiny_model import END
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import ExportFormat

STEPS = 2
NOT_IN_THE_LOSS = -100
# In the very template of the model that the bundle's script names, which TRL ships for its own tests and patches.
QWEN3 = Path(trl.__file__).parent / "chat_templates" / "qwen3.jinja"

each_way = pytest.mark.parametrize(
    ("export_format", "granularity"),
    [
        ("messages", "conversation"),
        ("messages", "turn"),
        ("prompt_completion", "conversation"),
        ("prompt_completion", "turn"),
    ],
)


def a_trainer(exported: Exported, tiny_model: Path, folder: Path) -> SFTTrainer:
    rows = load_dataset(
        "json", data_files=str(exported.file()), split="train[:8]+train[-8:]", cache_dir=str(folder / "cache")
    )
    return SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(tiny_model),
        args=SFTConfig(
            output_dir=str(folder / "lora"),
            max_steps=STEPS,
            per_device_train_batch_size=2,
            max_length=None,
            assistant_only_loss=exported.format == "messages",
            logging_steps=1,
            save_strategy="no",
            report_to=[],
            use_cpu=True,
            bf16=False,
            disable_tqdm=True,
            seed=1,
        ),
        train_dataset=rows,
        processing_class=AutoTokenizer.from_pretrained(tiny_model),
        peft_config=LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"),
    )


def lora_weights(trainer: SFTTrainer) -> dict[str, torch.Tensor]:
    return {name: weight.detach().clone() for name, weight in trainer.model.named_parameters() if "lora_" in name}


def losses(trainer: SFTTrainer, name: str = "loss") -> list[float]:
    return [entry[name] for entry in trainer.state.log_history if name in entry]


def what_is_trained_on(trainer: SFTTrainer, index: int) -> str:
    [labels] = trainer.data_collator([trainer.train_dataset[index]])["labels"]
    return trainer.processing_class.decode(labels[labels != NOT_IN_THE_LOSS])


def answers(row: Json, exported: Exported) -> str:
    """What should be in the loss of a row."""
    if exported.format == "prompt_completion":
        return f"{row['completion'][0]['content']}{END}\n"
    return "".join(f"{one['content']}{END}" for one in row["messages"] if one["role"] == "assistant")


def with_fewer_rows(exported: Exported, folder: Path) -> Path:
    """The bundle in a folder of its own, with the longest rows of each file: what it does for all takes a while."""
    shutil.copytree(exported.folder, folder)
    for name in ("train.jsonl", "validation.jsonl"):
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        (folder / name).write_bytes(b"".join(sorted(lines, key=len)[-8:]))
    return folder


@each_way
def test_a_lora_learns_from_an_export(
    exports: Exports, tiny_model: Path, export_format: ExportFormat, granularity: Granularity, tmp_path: Path
) -> None:
    exported = exports.of(export_format, granularity)
    trainer = a_trainer(exported, tiny_model, tmp_path)
    before = lora_weights(trainer)

    trainer.train()

    after = lora_weights(trainer)
    assert exported.readiness_for("trl")["ready"]
    assert trainer.state.global_step == len(losses(trainer)) == STEPS
    assert all(math.isfinite(loss) and loss > 0 for loss in losses(trainer))
    assert before
    assert all(not torch.equal(before[name], after[name]) for name in before if "lora_B" in name)


@each_way
def test_the_loss_is_taken_of_the_answers_and_of_nothing_else(
    exports: Exports, tiny_model: Path, export_format: ExportFormat, granularity: Granularity, tmp_path: Path
) -> None:
    exported = exports.of(export_format, granularity)
    rows = exported.rows()

    trainer = a_trainer(exported, tiny_model, tmp_path)

    for index, row in enumerate([*rows[:8], *rows[-8:]]):
        assert what_is_trained_on(trainer, index) == answers(row, exported)


@pytest.mark.parametrize("template", ["any", "Qwen3"])
@pytest.mark.parametrize(
    ("export_format", "granularity"), [("messages", "conversation"), ("prompt_completion", "turn")]
)
def test_the_script_of_a_bundle_runs_where_it_was_unpacked(
    exports: Exports,
    tiny_model: Path,
    export_format: ExportFormat,
    granularity: Granularity,
    template: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bundle = with_fewer_rows(exports.of(export_format, granularity), tmp_path / "bundle")
    model = shutil.copytree(tiny_model, tmp_path / "model")
    if template == "Qwen3":
        shutil.copy(QWEN3, model / "chat_template.jinja")
    monkeypatch.setattr(sys, "argv", ["train_trl.py", str(model)])

    trainer: Any = runpy.run_path(str(bundle / "train_trl.py"), run_name="__main__")["trainer"]

    assert (bundle / "lora" / "adapter_model.safetensors").stat().st_size > 0
    assert trainer.state.epoch == 3
    assert all(math.isfinite(loss) and loss > 0 for loss in [trainer.state.log_history[-1]["train_loss"]])
    assert len(losses(trainer, "eval_loss")) == 3
    assert all(math.isfinite(loss) and loss > 0 for loss in losses(trainer, "eval_loss"))
