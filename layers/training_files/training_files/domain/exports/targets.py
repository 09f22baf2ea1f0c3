"""What each trainer and service takes: one table of published limits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, get_args

from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import ExportFormat
from training_files.domain.exports.row_facts import (
    REFUSED_BY_NOVA_VALIDATOR,
    RESERVED_BY_CLAUDE,
    RESERVED_BY_NOVA,
    RowFacts,
)
from training_files.domain.exports.splits import Split

TargetName = Literal[
    "openai",
    "trl",
    "axolotl",
    "unsloth",
    "llama_factory",
    "mlx_lm",
    "together",
    "fireworks",
    "bedrock_nova",
    "bedrock_llama",
    "bedrock_claude",
    "jumpstart",
]
TARGET_NAMES: tuple[TargetName, ...] = get_args(TargetName)
Unit = Literal["rows", "bytes", "tokens", "texts", "messages"]

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limit:
    """A published limit. `breaks`: beyond it the target refuses the file; otherwise something is lost or unwise."""

    rule: str
    limit: int
    unit: Unit
    source: str
    advice: str
    breaks: bool = True
    only_format: ExportFormat | None = None


@dataclass(frozen=True, slots=True)
class SplitLimit(Limit):
    """On the number of rows, or the bytes, of the file of a split; of every split where none is named.

    `model` is the one of the target's that it is about, where it is not about all. `advice_where_asked` is for a split
    that was asked for and got nothing.
    """

    split: Split | None = None
    at_least: bool = False
    model: str | None = None
    advice_where_asked: str | None = None

    def broken_by(self, amount: int) -> bool:
        return amount < self.limit if self.at_least else amount > self.limit


@dataclass(frozen=True, slots=True)
class RowLimit(Limit):
    """On one row. `excess` is what makes it break the limit: an amount over `limit`, which is 0 for forbidden texts."""

    excess: Callable[[RowFacts], int] = field(kw_only=True)

    def broken_by(self, facts: RowFacts) -> bool:
        return self.excess(facts) > self.limit


@dataclass(frozen=True, slots=True)
class Target:
    """A trainer or service: what it reads, what suits it best, and its limits.

    `whole` and `turn` are the formats that suit it for each granularity. `on_repeats` says what helps where rows of
    granularity `turn` would train on the earlier answers in them again.
    """

    title: str
    whole: ExportFormat
    turn: ExportFormat
    reads: tuple[ExportFormat, ...]
    on_repeats: str
    limits: tuple[SplitLimit | RowLimit, ...]

    def best(self, granularity: Granularity) -> ExportFormat:
        return self.whole if granularity == "conversation" else self.turn


def _at_least(
    limit: int,
    split: Split,
    source: str,
    advice: str = "Add conversations.",
    *,
    breaks: bool = True,
    model: str | None = None,
    advice_where_asked: str | None = None,
) -> SplitLimit:
    return SplitLimit(
        f"min_{split}_rows",
        limit,
        "rows",
        source,
        advice,
        breaks,
        split=split,
        at_least=True,
        model=model,
        advice_where_asked=advice_where_asked,
    )


def _at_most(limit: int, split: Split, source: str) -> SplitLimit:
    return SplitLimit(f"max_{split}_rows", limit, "rows", source, "Export fewer rows.", split=split)


def _file_bytes(limit: int, source: str, advice: str, *, breaks: bool = True) -> SplitLimit:
    return SplitLimit("max_file_bytes", limit, "bytes", source, advice, breaks)


def _row_tokens(limit: int, source: str, advice: str, *, breaks: bool = True) -> RowLimit:
    rule = "max_row_tokens" if breaks else "rows_cut_by_default"
    return RowLimit(rule, limit, "tokens", source, advice, breaks, excess=lambda facts: facts.tokens)


def _no_texts(texts: tuple[str, ...], source: str, advice: str, *, breaks: bool = True) -> RowLimit:
    forbidden = frozenset(texts)
    rule = "forbidden_text" if breaks else "suspicious_text"
    return RowLimit(rule, 0, "texts", source, advice, breaks, excess=lambda facts: len(facts.marks & forbidden))


def _even(source: str) -> RowLimit:
    return RowLimit(
        "odd_messages",
        0,
        "messages",
        source,
        "A row must end with an answer.",
        only_format="sharegpt",
        excess=lambda facts: facts.messages % 2,
    )


LONGER_WINDOW = "Set {setting} to the recommended max_length, or they lose their end, where the target is."
WHOLE = "Use granularity conversation"

TARGETS: dict[TargetName, Target] = {
    "openai": Target(
        title="OpenAI",
        whole="messages",
        turn="messages_weight",
        reads=("messages", "messages_weight"),
        on_repeats="Use format messages_weight.",
        limits=(
            _at_least(10, "train", "OpenAI, supervised fine-tuning guide"),
            _file_bytes(512 * MEGABYTE, "OpenAI, files API", "Export fewer conversations."),
            _row_tokens(
                65_536,
                "OpenAI, fine-tuning guide: the training context of GPT-4.1 and GPT-4o",
                "Longer rows are cut to the model's context; check its size.",
                breaks=False,
            ),
        ),
    ),
    "trl": Target(
        title="TRL",
        whole="messages",
        turn="prompt_completion",
        reads=("messages", "prompt_completion"),
        on_repeats="Use format prompt_completion, on which TRL trains the completion only.",
        limits=(
            _at_least(1, "train", "TRL, SFTTrainer"),
            _row_tokens(1_024, "TRL, SFTConfig", LONGER_WINDOW.format(setting="max_length"), breaks=False),
        ),
    ),
    "axolotl": Target(
        title="Axolotl",
        whole="messages",
        turn="messages_weight",
        reads=("messages", "messages_weight", "sharegpt"),
        on_repeats="Use format messages_weight with message_field_training: weight.",
        limits=(
            _at_least(1, "train", "Axolotl, dataset formats"),
            _row_tokens(
                2_048,
                "Axolotl, examples' sequence_len",
                "Set sequence_len to the recommended max_length, or longer rows are dropped.",
                breaks=False,
            ),
            _even("Axolotl, conversation format"),
        ),
    ),
    "unsloth": Target(
        title="Unsloth",
        whole="messages",
        turn="prompt_completion",
        reads=("messages", "prompt_completion", "sharegpt"),
        on_repeats="Use format prompt_completion.",
        limits=(
            _at_least(1, "train", "Unsloth, datasets guide"),
            _row_tokens(
                2_048, "Unsloth, from_pretrained", LONGER_WINDOW.format(setting="max_seq_length"), breaks=False
            ),
            _even("Unsloth, datasets guide"),
        ),
    ),
    "llama_factory": Target(
        title="LLaMA-Factory",
        whole="messages",
        turn="messages",
        reads=("messages", "sharegpt", "alpaca"),
        on_repeats="Set mask_history: true.",
        limits=(
            _at_least(1, "train", "LLaMA-Factory, data guide"),
            _row_tokens(2_048, "LLaMA-Factory, cutoff_len", LONGER_WINDOW.format(setting="cutoff_len"), breaks=False),
            _even("LLaMA-Factory, data guide"),
        ),
    ),
    "mlx_lm": Target(
        title="MLX-LM",
        whole="messages",
        turn="messages",
        reads=("messages",),
        on_repeats="Set mask_prompt: true, which trains on the last message only.",
        limits=(
            _at_least(1, "train", "MLX-LM, mlx_lm.lora"),
            _at_least(
                1,
                "validation",
                "MLX-LM, mlx_lm.lora",
                "Ask for a validation share: older versions do not start without one.",
                breaks=False,
                advice_where_asked="The share that was asked for is smaller than a conversation: ask for a larger one, "
                "or add conversations. Older versions do not start without validation.",
            ),
            _at_least(4, "train", "MLX-LM, default batch_size", "Set a smaller batch_size.", breaks=False),
            _at_least(4, "validation", "MLX-LM, default batch_size", "Set a smaller batch_size.", breaks=False),
            _row_tokens(2_048, "MLX-LM, max_seq_length", LONGER_WINDOW.format(setting="max_seq_length"), breaks=False),
        ),
    ),
    "together": Target(
        title="Together AI",
        whole="messages",
        turn="messages_weight",
        reads=("messages", "messages_weight"),
        on_repeats="Use format messages_weight.",
        limits=(_at_least(1, "train", "Together, file check of its Python client"),),
    ),
    "fireworks": Target(
        title="Fireworks AI",
        whole="messages",
        turn="messages_weight",
        reads=("messages", "messages_weight"),
        on_repeats="Use format messages_weight.",
        limits=(
            _at_least(3, "train", "Fireworks, supervised fine-tuning guide"),
            _at_most(3_000_000, "train", "Fireworks, supervised fine-tuning guide"),
            _file_bytes(
                150 * MEGABYTE,
                "Fireworks, datasets API",
                "A direct upload takes no more; use firectl or a signed upload.",
                breaks=False,
            ),
        ),
    ),
    "bedrock_nova": Target(
        title="Amazon Bedrock: Nova",
        whole="bedrock",
        turn="bedrock",
        reads=("bedrock",),
        on_repeats=f"{WHOLE}.",
        limits=(
            _at_least(8, "train", "Amazon Nova, dataset validator"),
            _at_most(20_000, "train", "Amazon Nova, dataset validator"),
            _at_least(200, "train", "Amazon Nova, dataset validator", breaks=False, model="Nova 2 Lite"),
            _no_texts(
                RESERVED_BY_NOVA,
                "Amazon Nova, preparing data",
                f"Reword the texts; these are reserved: {' '.join(RESERVED_BY_NOVA)}",
            ),
            _no_texts(
                REFUSED_BY_NOVA_VALIDATOR,
                "Amazon Nova, dataset validator",
                f"The guide allows these, the validator does not: {' '.join(REFUSED_BY_NOVA_VALIDATOR)}",
                breaks=False,
            ),
        ),
    ),
    "bedrock_llama": Target(
        title="Amazon Bedrock: Llama 3.2",
        whole="bedrock",
        turn="bedrock",
        reads=("bedrock",),
        on_repeats=f"{WHOLE}.",
        limits=(
            _at_least(1, "train", "Amazon Bedrock, model customization quotas"),
            _at_most(10_000, "train", "Amazon Bedrock, model customization quotas"),
            _at_most(1_000, "validation", "Amazon Bedrock, model customization quotas"),
            _row_tokens(
                16_000, "Amazon Bedrock, data for Llama 3.2", "Use granularity turn, or shorter conversations."
            ),
        ),
    ),
    "bedrock_claude": Target(
        title="Amazon Bedrock: Claude 3 Haiku",
        whole="bedrock_claude",
        turn="bedrock_claude",
        reads=("bedrock_claude",),
        on_repeats=f"{WHOLE}.",
        limits=(
            _at_least(32, "train", "Amazon Bedrock, data for Claude 3 Haiku"),
            _at_most(10_000, "train", "Amazon Bedrock, data for Claude 3 Haiku"),
            _row_tokens(
                32_000, "Amazon Bedrock, data for Claude 3 Haiku", "Use granularity turn, or shorter conversations."
            ),
            _no_texts(
                RESERVED_BY_CLAUDE,
                "Amazon Bedrock, data for Claude 3 Haiku",
                "Reword the texts; no line may begin with Human: or Assistant:",
            ),
        ),
    ),
    "jumpstart": Target(
        title="SageMaker JumpStart",
        whole="messages",
        turn="messages",
        reads=("messages",),
        on_repeats=f"{WHOLE}.",
        limits=(_at_least(1, "train", "SageMaker JumpStart, fine-tuning a chat model"),),
    ),
}
