"""The model that a recipe begins with: the training file's target model, where it is one that can be loaded."""

import re
from dataclasses import dataclass

from training_files.domain.tokens.estimate import Family

# Small enough to try a recipe on any machine.
TRIAL_MODEL = "Qwen/Qwen3-0.6B"
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
# LLaMA-Factory's names of chat templates, by what the names of the models have in them; the first that fits.
# https://github.com/hiyouga/LLaMA-Factory has the list under "Supported Models".
TEMPLATES = (
    ("qwen3", "qwen3"),
    ("qwen2", "qwen"),
    ("llama-4", "llama4"),
    ("llama-3", "llama3"),
    ("llama-2", "llama2"),
    ("mistral-small", "mistral_small"),
    ("mistral", "mistral"),
    ("gemma-3", "gemma3"),
    ("gemma", "gemma"),
    ("phi-4", "phi4"),
    ("deepseek-v3", "deepseek3"),
)
# The tokenizers of models, by what their names have in them. Mistral 7B and the Mistral Small of 2024 have others.
TOKENIZERS: tuple[tuple[str, Family], ...] = (
    ("qwen3.5", "qwen3_5"),
    ("qwen3.6", "qwen3_5"),
    ("qwen", "qwen"),
    ("llama-3", "llama3"),
    ("llama3", "llama3"),
    ("mistral-nemo", "tekken"),
    ("mistral-small-3", "tekken"),
    ("mistral-small-24b", "tekken"),
    ("ministral", "tekken"),
    ("gpt-oss", "o200k"),
    ("gpt-4.1", "o200k"),
    ("gpt-4o", "o200k"),
    ("gpt-3.5", "cl100k"),
)
# Plain text without special tokens: any model can be trained with it, and hardly one should.
UNKNOWN_TEMPLATE = "default"
# TRL has a chat template for these that marks what the assistant says.
# https://huggingface.co/docs/trl/sft_trainer#train-on-assistant-messages-only
MARKED_BY_TRL = ("qwen3",)


@dataclass(frozen=True, slots=True)
class BaseModel:
    """`id` is one of the Hugging Face hub. `wanted` is the target model that is none, and None where there is nothing
    to tell."""

    id: str
    wanted: str | None = None

    @property
    def llama_factory_template(self) -> str:
        name = self.id.lower()
        return next((template for part, template in TEMPLATES if part in name), UNKNOWN_TEMPLATE)

    @property
    def tokenizer(self) -> Family | None:
        """Of the model that is wanted; None where its name does not tell."""
        name = (self.wanted or self.id).lower()
        return next((tokenizer for part, tokenizer in TOKENIZERS if part in name), None)

    @property
    def is_marked_by_trl(self) -> bool:
        return any(part in self.id.lower() for part in MARKED_BY_TRL)

    @property
    def note(self) -> str | None:
        """What to change, where the training file is meant for a model that no trainer can load by its name."""
        if self.wanted is None:
            return None
        return f"The training file is meant for {self.wanted}: put its id on Hugging Face in place of {self.id}."


def base_model(target_model: str | None) -> BaseModel:
    if target_model is None:
        return BaseModel(TRIAL_MODEL)
    if HUB_ID.fullmatch(target_model):
        return BaseModel(target_model)
    return BaseModel(TRIAL_MODEL, wanted=" ".join(target_model.split()))
