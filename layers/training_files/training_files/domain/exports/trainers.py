"""The trainers that a user runs: their published limits, which are mostly defaults of a setting."""

from training_files.domain.exports.target import Target, at_least, even, row_tokens

LONGER_WINDOW = "Set {setting} to the recommended max_length, or they lose their end, where the target is."

TRL = Target(
    title="TRL",
    checked="2026-11-28",
    documentation="trl 1.16, SFTConfig; https://huggingface.co/docs/trl/sft_trainer",
    whole="messages",
    turn="prompt_completion",
    reads=("messages", "prompt_completion"),
    on_repeats="Use format prompt_completion, on which TRL trains the completion only.",
    limits=(
        at_least(1, "train", "TRL, SFTTrainer"),
        row_tokens(1_024, "TRL, SFTConfig", LONGER_WINDOW.format(setting="max_length"), breaks=False),
    ),
)
AXOLOTL = Target(
    title="Axolotl",
    checked="2026-11-28",
    documentation="axolotl 0.19, its schema; https://docs.axolotl.ai/docs/dataset-formats/conversation.html",
    whole="messages",
    turn="messages_weight",
    reads=("messages", "messages_weight", "sharegpt"),
    on_repeats="Use format messages_weight with message_field_training: weight.",
    limits=(
        at_least(1, "train", "Axolotl, dataset formats"),
        row_tokens(
            2_048,
            "Axolotl, examples' sequence_len",
            "Set sequence_len to the recommended max_length, or longer rows are dropped.",
            breaks=False,
        ),
        even("Axolotl, conversation format"),
    ),
)
LLAMA_FACTORY = Target(
    title="LLaMA-Factory",
    checked="2026-11-28",
    documentation="llamafactory 0.9.5, DataArguments; https://github.com/hiyouga/LLaMA-Factory, data/README.md",
    whole="messages",
    turn="messages",
    reads=("messages", "sharegpt", "alpaca"),
    on_repeats="Set mask_history: true.",
    limits=(
        at_least(1, "train", "LLaMA-Factory, data guide"),
        row_tokens(2_048, "LLaMA-Factory, cutoff_len", LONGER_WINDOW.format(setting="cutoff_len"), breaks=False),
        even("LLaMA-Factory, data guide"),
    ),
)
MLX_LM = Target(
    title="MLX-LM",
    checked="2026-11-28",
    documentation="mlx-lm 0.32, mlx_lm.lora; https://github.com/ml-explore/mlx-lm, mlx_lm/LORA.md",
    whole="messages",
    turn="messages",
    reads=("messages",),
    on_repeats="Set mask_prompt: true, which trains on the last message only.",
    limits=(
        at_least(1, "train", "MLX-LM, mlx_lm.lora"),
        at_least(
            1,
            "validation",
            "MLX-LM, mlx_lm.lora",
            "Ask for a validation share: older versions do not start without one.",
            breaks=False,
            advice_where_asked="The share that was asked for is smaller than a conversation: ask for a larger one, "
            "or add conversations. Older versions do not start without validation.",
        ),
        at_least(4, "train", "MLX-LM, default batch_size", "Set a smaller batch_size.", breaks=False),
        at_least(4, "validation", "MLX-LM, default batch_size", "Set a smaller batch_size.", breaks=False),
        row_tokens(2_048, "MLX-LM, max_seq_length", LONGER_WINDOW.format(setting="max_seq_length"), breaks=False),
    ),
)
UNSLOTH = Target(
    title="Unsloth",
    checked="2026-11-28",
    documentation="unsloth 2026.10, FastLanguageModel; https://docs.unsloth.ai, datasets guide",
    whole="messages",
    turn="prompt_completion",
    reads=("messages", "prompt_completion", "sharegpt"),
    on_repeats="Use format prompt_completion.",
    limits=(
        at_least(1, "train", "Unsloth, datasets guide"),
        row_tokens(2_048, "Unsloth, from_pretrained", LONGER_WINDOW.format(setting="max_seq_length"), breaks=False),
        even("Unsloth, datasets guide"),
    ),
)
TINKER = Target(
    title="Tinker",
    checked="2026-11-28",
    documentation="tinker-cookbook 0.6.1, FromConversationFileBuilder and recipes/sl_basic.py; "
    "https://tinker-docs.thinkingmachines.ai/cookbook",
    whole="messages",
    turn="messages",
    reads=("messages",),
    on_repeats="Set train_on_what to LAST_ASSISTANT_MESSAGE.",
    limits=(
        at_least(1, "train", "Tinker cookbook, FromConversationFileBuilder"),
        at_least(
            128,
            "train",
            "Tinker cookbook, batch_size of its recipes",
            "Set a smaller batch_size: what does not fill a batch is not trained on.",
            breaks=False,
        ),
        row_tokens(
            32_768,
            "Tinker cookbook, max_length of its recipes",
            LONGER_WINDOW.format(setting="max_length"),
            breaks=False,
        ),
    ),
)
