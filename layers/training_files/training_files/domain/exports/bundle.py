"""The texts of a bundle: what stands beside the rows so that an unpacked archive can be trained on at once."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.base_model import UNKNOWN_TEMPLATE, BaseModel, base_model
from training_files.domain.exports.export import ExportFormat
from training_files.domain.exports.splits import Split, SplitRequest
from training_files.domain.exports.targets import TARGETS, TargetName
from training_files.domain.spelling import plain_number

Json = dict[str, Any]

EPOCHS = 3
LARGEST_BATCH = 4
LORA_RANK = 16
LORA_ALPHA = 32
# Up to how many rows, by the names that Hugging Face gives to sizes.
SIZE_CATEGORIES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
)
LARGEST_SIZE_CATEGORY = "1M<n<10M"
COMMANDS: dict[TargetName, str] = {
    "trl": "python train_trl.py",
    "axolotl": "axolotl train axolotl.yaml",
    "llama_factory": "llamafactory-cli train llamafactory.yaml",
    "mlx_lm": "mlx_lm.lora --config mlx_lora.yaml",
}
SERVICES: tuple[TargetName, ...] = (
    "openai",
    "together",
    "fireworks",
    "bedrock_nova",
    "bedrock_llama",
    "bedrock_claude",
    "jumpstart",
)
# What MLX-LM calls the validation file.
MLX_VALIDATION = "valid.jsonl"


@dataclass(frozen=True, slots=True)
class BundledFile:
    """A file of rows or of their metadata, as it was written."""

    name: str
    kind: Literal["rows", "metadata"]
    split: Split
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle is about, apart from the rows themselves. Nothing in it depends on when it was made."""

    training_file_id: str
    training_file_name: str
    revision: int
    format: ExportFormat
    granularity: Granularity
    split: SplitRequest | None
    files: Sequence[BundledFile]
    totals: Mapping[str, Any]
    left_out: Mapping[str, Any]
    splits: Mapping[str, Any] | None
    lengths: Mapping[str, Any]
    readiness: Sequence[Mapping[str, Any]]
    target_model: str | None = None

    @property
    def base_model(self) -> BaseModel:
        return base_model(self.target_model)

    @property
    def max_length(self) -> int:
        recommended: int = self.lengths["recommended_max_length"]
        return recommended

    def rows_in(self, split: Split) -> int:
        return sum(file.rows for file in self.files if (file.kind, file.split) == ("rows", split))

    def is_read_by(self, target: TargetName) -> bool:
        return self.format in TARGETS[target].reads

    def can_start(self, trainer: TargetName) -> bool:
        """Whether the trainer can read the rows and has one to begin with."""
        return self.is_read_by(trainer) and self.rows_in("train") > 0


def archived_files(bundle: Bundle) -> dict[str, BundledFile]:
    """The files of rows and metadata by their names in the archive.

    Empty ones stay out: several trainers fail on a file without a row.
    """
    files = {file.name: file for file in bundle.files if file.rows}
    validation = [file for file in files.values() if (file.kind, file.split) == ("rows", "validation")]
    if validation and bundle.can_start("mlx_lm"):
        files[MLX_VALIDATION] = validation[0]
    return files


def bundle_texts(bundle: Bundle) -> dict[str, bytes]:
    """The other files of the archive, by name; the manifest, which lists all but itself, is the last."""
    snippets = {name: text(bundle).encode() for name, trainer, text in _SNIPPETS if bundle.can_start(trainer)}
    texts = {"README.md": _readme(bundle).encode(), **snippets}
    return texts | {"manifest.json": _indented(_manifest(bundle, texts))}


def _manifest(bundle: Bundle, texts: Mapping[str, bytes]) -> Json:
    rows = [
        {"name": name, "kind": file.kind, "split": file.split, "rows": file.rows}
        | {"bytes": file.bytes, "sha256": file.sha256}
        for name, file in archived_files(bundle).items()
    ]
    others = [
        {"name": name, "kind": "text", "split": None, "rows": None}
        | {"bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
        for name, text in texts.items()
    ]
    return {
        "training_file": {"id": bundle.training_file_id, "name": bundle.training_file_name},
        "revision": bundle.revision,
        "format": bundle.format,
        "granularity": bundle.granularity,
        "seed": bundle.split.seed if bundle.split else None,
        "split": _shares(bundle.split) if bundle.split else None,
        "counts": bundle.totals,
        "left_out": bundle.left_out,
        "splits": bundle.splits,
        "lengths": bundle.lengths,
        "recommended_max_length": bundle.max_length,
        "readiness": bundle.readiness,
        "files": [*rows, *others],
    }


def _shares(split: SplitRequest) -> Json:
    return {"validation": plain_number(split.validation), "test": plain_number(split.test)}


def _readme(bundle: Bundle) -> str:
    """A dataset card: Hugging Face reads the part between the lines of dashes."""
    name = bundle.training_file_name
    return f"""---
pretty_name: {_quoted(name)}
license: other
language:
- und
size_categories:
- {_size_category(sum(file.rows for file in bundle.files if file.kind == "rows"))}
task_categories:
- text-generation
tags:
- conversational
- supervised-fine-tuning
configs:
- config_name: default
  data_files:
{_data_files(bundle, "rows")}
- config_name: metadata
  data_files:
{_data_files(bundle, "metadata")}
---

# {_without_markup(name)}

Conversations for fine-tuning: revision {bundle.revision} of training file {bundle.training_file_id}, in format
`{bundle.format}`, one line for each {"conversation" if bundle.granularity == "conversation" else "trainable turn"}.

{_table_of_files(bundle)}

Line n of a `.metadata.jsonl` says what line n beside it was made from: ids, scores, persona, emotional arc and topic.
Conversations are split whole, so no split repeats what another one holds; `manifest.json` proves it, and has the
SHA-256 of every file, the lengths, and what each trainer and service would say to the rows.

By estimate, `max_length: {bundle.max_length}` cuts nothing off.

{_uses(bundle)}

Before you publish this, state its license and its language above.
"""


def _size_category(rows: int) -> str:
    return next((name for limit, name in SIZE_CATEGORIES if rows < limit), LARGEST_SIZE_CATEGORY)


def _data_files(bundle: Bundle, kind: Literal["rows", "metadata"]) -> str:
    found = [file for file in bundle.files if file.kind == kind and file.rows]
    return "\n".join(f"  - split: {file.split}\n    path: {file.name}" for file in found) or "    []"


def _table_of_files(bundle: Bundle) -> str:
    lines = [f"| `{file.name}` | {file.split} | {file.rows:,} |" for file in bundle.files if file.rows]
    return "\n".join(["| file | split | lines |", "| --- | --- | --- |", *lines])


def _uses(bundle: Bundle) -> str:
    """How each trainer and service that reads the format is started."""
    started = [f"- {TARGETS[name].title}: `{command}`" for name, command in COMMANDS.items() if bundle.can_start(name)]
    uploaded = [
        f"- {target.title}: upload `train.jsonl`"
        for name, target in TARGETS.items()
        if name in SERVICES and bundle.can_start(name)
    ]
    ways = [*started, *uploaded] or ["None: there is no row to train on."]
    note = bundle.base_model.note
    told = ["", _without_markup(note)] if note else []
    return "\n".join(["Ways to train on it, from within this folder:", "", *ways, *told])


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
    found = [file for file in bundle.files if file.kind == "rows" and file.rows]
    info = {_dataset(bundle, file.split): {"file_name": file.name} | described[bundle.format] for file in found}
    return _indented(info).decode()


def _dataset(bundle: Bundle, split: Split) -> str:
    words = re.findall(r"[a-z0-9]+", bundle.training_file_name.lower())
    return "_".join([*words, split]) if words else f"training_file_{split}"


def _llama_factory(bundle: Bundle) -> str:
    validation = f"eval_dataset: {_dataset(bundle, 'validation')}\neval_strategy: epoch\n"
    template = bundle.base_model.llama_factory_template
    advice = "  # Replace it by the model's own: https://github.com/hiyouga/LLaMA-Factory lists them."
    return f"""# llamafactory-cli train llamafactory.yaml
{_note(bundle)}model_name_or_path: {_scalar(bundle.base_model.id)}
template: {template}{advice if template == UNKNOWN_TEMPLATE else ""}
stage: sft
do_train: true
finetuning_type: lora
lora_target: all
lora_rank: {LORA_RANK}
lora_alpha: {LORA_ALPHA}
dataset_dir: .
dataset: {_dataset(bundle, "train")}
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
{_note(bundle)}base_model: {_scalar(bundle.base_model.id)}
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
    of_format: dict[str, str] = {
        "messages": "    field_messages: messages",
        # A message with weight 0 is not trained on.
        "messages_weight": "    field_messages: messages\n    message_field_training: weight",
        "sharegpt": "    field_messages: conversations\n"
        "    message_property_mappings:\n      role: from\n      content: value",
    }
    return f"""  - path: {split}.jsonl
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
{_note(bundle)}model: {_scalar(bundle.base_model.id)}
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


def _trl(bundle: Bundle) -> str:
    splits: list[Split] = ["train", "validation"] if bundle.rows_in("validation") else ["train"]
    files = ", ".join(f'"{split}": str(HERE / "{split}.jsonl")' for split in splits)
    # TRL trains on the completion of prompt and completion without being told.
    loss = "\n        assistant_only_loss=True,  # For chat templates that TRL knows; leave it out for others."
    if not bundle.base_model.is_marked_by_trl:
        loss = (
            "\n        # assistant_only_loss=True trains on answers alone, where the model's chat template marks them."
        )
    return f'''"""LoRA with TRL. Install trl and peft, then: python train_trl.py [model]"""

import sys
from pathlib import Path

import torch
from datasets import load_dataset
from peft import LoraConfig
from trl import SFTConfig, SFTTrainer

HERE = Path(__file__).parent
{_note(bundle)}MODEL = sys.argv[1] if len(sys.argv) > 1 else "{bundle.base_model.id}"

rows = load_dataset("json", data_files={{{files}}})
trainer = SFTTrainer(
    model=MODEL,
    args=SFTConfig(
        output_dir=str(HERE / "lora"),
        max_length={bundle.max_length},
        num_train_epochs={EPOCHS},
        per_device_train_batch_size=1,
        gradient_accumulation_steps=8,
        learning_rate=1e-4,
        bf16=torch.cuda.is_available() and torch.cuda.is_bf16_supported(),{loss if bundle.format == "messages" else ""}
        eval_strategy="{"epoch" if "validation" in splits else "no"}",
    ),
    train_dataset=rows["train"],
    eval_dataset={'rows["validation"]' if "validation" in splits else "None"},
    peft_config=LoraConfig(r={LORA_RANK}, lora_alpha={LORA_ALPHA}, target_modules="all-linear", task_type="CAUSAL_LM"),
)
trainer.train()
trainer.save_model()
'''


def _without_markup(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _note(bundle: Bundle) -> str:
    note = bundle.base_model.note
    return f"# {note}\n" if note else ""


def _scalar(model: str) -> str:
    """A model's id as YAML: one that could be taken for something else than a text is quoted."""
    return model if model[:1].isalpha() else _quoted(model)


def _yaml(value: bool) -> str:  # noqa: FBT001 - A value of a setting, not a switch.
    return "true" if value else "false"


def _quoted(text: str) -> str:
    """A double-quoted YAML scalar. YAML refuses some characters unless they are escaped, which JSON may leave."""
    escaped = (
        f"\\{character}" if character in '"\\' else character if character.isprintable() else f"\\U{ord(character):08x}"
        for character in text
    )
    return f'"{"".join(escaped)}"'


def _indented(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


_SNIPPETS: tuple[tuple[str, TargetName, Callable[[Bundle], str]], ...] = (
    ("dataset_info.json", "llama_factory", _dataset_info),
    ("llamafactory.yaml", "llama_factory", _llama_factory),
    ("train_trl.py", "trl", _trl),
    ("axolotl.yaml", "axolotl", _axolotl),
    ("mlx_lora.yaml", "mlx_lm", _mlx),
)
