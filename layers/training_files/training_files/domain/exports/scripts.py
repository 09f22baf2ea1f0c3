"""Python scripts that start a trainer on an unpacked bundle, and what they have in common with other settings."""

from training_files.domain.exports.bundle import Bundle
from training_files.domain.exports.splits import Split

EPOCHS = 3
LORA_RANK = 16
LORA_ALPHA = 32
# What the Tinker cookbook's recipes have.
TINKER_BATCH = 128
TINKER_LEARNING_RATE = "2e-4"


def note_of(bundle: Bundle) -> str:
    note = bundle.base_model.note
    return f"# {note}\n" if note else ""


def trl_script(bundle: Bundle) -> str:
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
{note_of(bundle)}MODEL = sys.argv[1] if len(sys.argv) > 1 else "{bundle.base_model.id}"

rows = load_dataset("json", data_files={{{_data_files(bundle)}}})
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
        eval_strategy="{_eval_strategy(bundle)}",
    ),
    train_dataset=rows["train"],
    eval_dataset={_eval_dataset(bundle)},
    peft_config=LoraConfig(r={LORA_RANK}, lora_alpha={LORA_ALPHA}, target_modules="all-linear", task_type="CAUSAL_LM"),
)
trainer.train()
trainer.save_model()
'''


def unsloth_script(bundle: Bundle) -> str:
    return f'''"""LoRA with Unsloth, on a GPU. Install unsloth, then: python train_unsloth.py [model]"""

import sys
from pathlib import Path

from unsloth import FastLanguageModel  # Before the libraries that it patches.

from datasets import load_dataset
from trl import SFTConfig, SFTTrainer

HERE = Path(__file__).parent
{note_of(bundle)}MODEL = sys.argv[1] if len(sys.argv) > 1 else "{bundle.base_model.id}"

model, tokenizer = FastLanguageModel.from_pretrained(MODEL, max_seq_length={bundle.max_length}, load_in_4bit=True)
model = FastLanguageModel.get_peft_model(model, r={LORA_RANK}, lora_alpha={LORA_ALPHA})
# Every token is trained on, the user's too; unsloth.chat_templates.train_on_responses_only leaves those out.
rows = load_dataset("json", data_files={{{_data_files(bundle)}}}).map(
    lambda row: {{"text": tokenizer.apply_chat_template(row["messages"], tokenize=False)}}, remove_columns="messages"
)
trainer = SFTTrainer(
    model=model,
    processing_class=tokenizer,
    args=SFTConfig(
        output_dir=str(HERE / "lora"),
        dataset_text_field="text",
        max_length={bundle.max_length},
        num_train_epochs={EPOCHS},
        per_device_train_batch_size=1,
        gradient_accumulation_steps=8,
        learning_rate=1e-4,
        eval_strategy="{_eval_strategy(bundle)}",
    ),
    train_dataset=rows["train"],
    eval_dataset={_eval_dataset(bundle)},
)
trainer.train()
trainer.save_model()
'''


def tinker_script(bundle: Bundle) -> str:
    """Tinker trains on whole batches only, so a batch is no larger than the file."""
    trained_on = "LAST_ASSISTANT_MESSAGE" if bundle.granularity == "turn" else "ALL_ASSISTANT_MESSAGES"
    return f'''"""LoRA on Tinker. Install tinker-cookbook, set TINKER_API_KEY, then: python train_tinker.py [model]"""

import asyncio
import sys
from pathlib import Path

from tinker_cookbook import model_info
from tinker_cookbook.renderers import TrainOnWhat
from tinker_cookbook.supervised import train
from tinker_cookbook.supervised.data import FromConversationFileBuilder
from tinker_cookbook.supervised.types import ChatDatasetBuilderCommonConfig

HERE = Path(__file__).parent
{_joining(bundle)}# It must be one of the models that Tinker has, such as Qwen/Qwen3-8B.
{note_of(bundle)}MODEL = sys.argv[1] if len(sys.argv) > 1 else "{bundle.base_model.id}"

renderer = model_info.get_recommended_renderer_name(MODEL)
rows = FromConversationFileBuilder(
    common_config=ChatDatasetBuilderCommonConfig(
        model_name_for_tokenizer=MODEL,
        renderer_name=renderer,
        max_length={bundle.max_length},
        batch_size={min(TINKER_BATCH, bundle.rows_in("train"))},
        train_on_what=TrainOnWhat.{trained_on},
    ),
    file_path=str(HERE / "train.jsonl"),
)
config = train.Config(
    log_path=str(HERE / "lora"),
    model_name=MODEL,
    recipe_name="training_file",
    renderer_name=renderer,
    dataset_builder=rows,
    learning_rate={TINKER_LEARNING_RATE},
    num_epochs={EPOCHS},
)
asyncio.run(train.main(config))
'''


def _joining(bundle: Bundle) -> str:
    """What has to be done before: it reads one file."""
    return f"# First: {bundle.joining}\n" if bundle.is_sharded else ""


def _splits(bundle: Bundle) -> list[Split]:
    return ["train", "validation"] if bundle.rows_in("validation") else ["train"]


def _data_files(bundle: Bundle) -> str:
    return ", ".join(f'"{split}": str(HERE / "{bundle.pattern_of(split)}")' for split in _splits(bundle))


def _eval_strategy(bundle: Bundle) -> str:
    return "epoch" if bundle.rows_in("validation") else "no"


def _eval_dataset(bundle: Bundle) -> str:
    return 'rows["validation"]' if bundle.rows_in("validation") else "None"
