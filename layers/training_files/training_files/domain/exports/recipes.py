"""The settings and scripts with which trainers start on an unpacked bundle at once."""

import re
from collections.abc import Callable
from typing import Any

import orjson

from training_files.domain.exports.base_model import UNKNOWN_TEMPLATE
from training_files.domain.exports.bundle import MLX_VALIDATION, Bundle
from training_files.domain.exports.export import ExportFormat
from training_files.domain.exports.scripts import (
    EPOCHS,
    LORA_ALPHA,
    LORA_RANK,
    note_of,
    tinker_script,
    trl_script,
    unsloth_script,
)
from training_files.domain.exports.splits import SPLITS, Split
from training_files.domain.exports.targets import TargetName

Json = dict[str, Any]

LARGEST_BATCH = 4
COMMANDS: dict[TargetName, str] = {
    "trl": "python train_trl.py",
    "axolotl": "axolotl train axolotl.yaml",
    "llama_factory": "llamafactory-cli train llamafactory.yaml",
    "mlx_lm": "mlx_lm.lora --config mlx_lora.yaml",
    "unsloth": "python train_unsloth.py",
    "tinker": "python train_tinker.py",
}
# There is a script for these formats only, though the trainer reads others.
SCRIPTED: dict[TargetName, tuple[ExportFormat, ...]] = {"unsloth": ("messages",)}


def recipes_of(bundle: Bundle) -> dict[str, str]:
    """By the name of the file: one for each trainer that reads the rows."""
    return {name: text(bundle) for name, trainer, text in _RECIPES if has_recipe(bundle, trainer)}


def has_recipe(bundle: Bundle, trainer: TargetName) -> bool:
    """Of a trainer that has recipes."""
    return bundle.can_start(trainer) and bundle.format in SCRIPTED.get(trainer, (bundle.format,))


def _dataset_info(bundle: Bundle) -> str:
    """How LLaMA-Factory finds the columns; a dataset of its own for each split."""
    described: dict[str, Json] = {
        "messages": {
            "formatting": "sharegpt",
            "columns": {"messages": "messages"},
            "tags": {
                "role_tag": "role",
                "content_tag": "content",
                "user_tag": "user",
                "assistant_tag": "assistant",
                "system_tag": "system",
            },
        },
        "sharegpt": {"formatting": "sharegpt", "columns": {"messages": "conversations", "system": "system"}},
        "alpaca": {
            "formatting": "alpaca",
            "columns": {
                "prompt": "instruction",
                "query": "input",
                "response": "output",
                "system": "system",
                "history": "history",
            },
        },
    }
    found = {name: file for split in SPLITS for name, file in _datasets(bundle, split).items()}
    info = {name: {"file_name": file} | described[bundle.format] for name, file in found.items()}
    return orjson.dumps(info, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _datasets(bundle: Bundle, split: Split) -> dict[str, str]:
    """The files of a split by the names of their datasets: LLaMA-Factory has one file in each."""
    words = re.findall(r"[a-z0-9]+", bundle.training_file_name.lower())
    name = "_".join([*words, split]) if words else f"training_file_{split}"
    files = [file.name for file in bundle.files_of("rows", split)]
    if len(files) == 1:
        return {name: files[0]}
    return {f"{name}_{number:05}": file for number, file in enumerate(files, start=1)}


def _llama_factory(bundle: Bundle) -> str:
    validation = f"eval_dataset: {','.join(_datasets(bundle, 'validation'))}\neval_strategy: epoch\n"
    template = bundle.base_model.llama_factory_template
    advice = "  # Replace it by the model's own: https://github.com/hiyouga/LLaMA-Factory lists them."
    return f"""# llamafactory-cli train llamafactory.yaml
{note_of(bundle)}model_name_or_path: {_scalar(bundle.base_model.id)}
template: {template}{advice if template == UNKNOWN_TEMPLATE else ""}
stage: sft
do_train: true
finetuning_type: lora
lora_target: all
lora_rank: {LORA_RANK}
lora_alpha: {LORA_ALPHA}
dataset_dir: .
dataset: {",".join(_datasets(bundle, "train"))}
{validation if bundle.rows_in("validation") else ""}cutoff_len: {bundle.max_length}
# True: only the last answer of each line is trained on.
mask_history: {_yaml(bundle.granularity == "turn")}
num_train_epochs: {EPOCHS}
per_device_train_batch_size: 1
gradient_accumulation_steps: 8
learning_rate: 1.0e-4
output_dir: lora
"""


def _axolotl(bundle: Bundle) -> str:
    return f"""# axolotl train axolotl.yaml
{note_of(bundle)}base_model: {_scalar(bundle.base_model.id)}
datasets:
{_axolotl_dataset(bundle, "train")}
{_axolotl_validation(bundle)}sequence_len: {bundle.max_length}
adapter: lora
lora_r: {LORA_RANK}
lora_alpha: {LORA_ALPHA}
lora_target_linear: true
num_epochs: {EPOCHS}
micro_batch_size: 1
gradient_accumulation_steps: 8
optimizer: adamw_torch
learning_rate: 0.0001
bf16: auto
output_dir: ./lora
"""


def _axolotl_validation(bundle: Bundle) -> str:
    return f"test_datasets:\n{_axolotl_dataset(bundle, 'validation')}\n" if bundle.rows_in("validation") else ""


def _axolotl_dataset(bundle: Bundle, split: Split) -> str:
    """An entry for each file."""
    return "\n".join(_axolotl_file(bundle, file.name) for file in bundle.files_of("rows", split))


def _axolotl_file(bundle: Bundle, name: str) -> str:
    of_format: dict[str, str] = {
        "messages": "    field_messages: messages",
        # A message with weight 0 is not trained on.
        "messages_weight": "    field_messages: messages\n    message_field_training: weight",
        "sharegpt": "    field_messages: conversations\n"
        "    message_property_mappings:\n      role: from\n      content: value",
    }
    return f"""  - path: {name}
    ds_type: json
    split: train
    type: chat_template
{of_format[bundle.format]}
    roles_to_train: [assistant]
    train_on_eos: turn"""


def _mlx(bundle: Bundle) -> str:
    # It refuses a batch that a set cannot fill; one that is not there does not count.
    batch = min(LARGEST_BATCH, bundle.rows_in("train"), bundle.rows_in("validation") or LARGEST_BATCH)
    return f"""# mlx_lm.lora --config mlx_lora.yaml
{_mlx_joining(bundle)}{note_of(bundle)}model: {_scalar(bundle.base_model.id)}
train: true
data: .
fine_tune_type: lora
batch_size: {batch}
iters: {-(-EPOCHS * bundle.rows_in("train") // batch)}
max_seq_length: {bundle.max_length}
# True: only the last answer of each line is trained on. False: every token, the user's too.
mask_prompt: {_yaml(bundle.granularity == "turn")}
learning_rate: 1.0e-4
adapter_path: lora
"""


def _mlx_joining(bundle: Bundle) -> str:
    """What has to be done before: it reads one file of each split."""
    if not bundle.is_sharded:
        return ""
    validation = f"# cat {bundle.pattern_of('validation')} > {MLX_VALIDATION}\n"
    return f"# {bundle.joining}\n{validation if bundle.rows_in('validation') else ''}"


def _scalar(model: str) -> str:
    """A model's id as YAML: one that could be taken for something else than a text is quoted."""
    return model if model[:1].isalpha() else quoted(model)


def _yaml(value: bool) -> str:  # noqa: FBT001 - A value of a setting, not a switch.
    return "true" if value else "false"


def quoted(text: str) -> str:
    """A double-quoted YAML scalar. YAML refuses some characters unless they are escaped, which JSON may leave."""
    escaped = (
        f"\\{character}" if character in '"\\' else character if character.isprintable() else f"\\U{ord(character):08x}"
        for character in text
    )
    return f'"{"".join(escaped)}"'


_RECIPES: tuple[tuple[str, TargetName, Callable[[Bundle], str]], ...] = (
    ("dataset_info.json", "llama_factory", _dataset_info),
    ("llamafactory.yaml", "llama_factory", _llama_factory),
    ("train_trl.py", "trl", trl_script),
    ("axolotl.yaml", "axolotl", _axolotl),
    ("mlx_lora.yaml", "mlx_lm", _mlx),
    ("train_unsloth.py", "unsloth", unsloth_script),
    ("train_tinker.py", "tinker", tinker_script),
)
