"""The services that train on uploaded files: their published limits, their models, and which of them are closing."""

from training_files.domain.exports.row_facts import REFUSED_BY_NOVA_VALIDATOR, RESERVED_BY_CLAUDE, RESERVED_BY_NOVA
from training_files.domain.exports.target import (
    GIGABYTE,
    MEGABYTE,
    Closing,
    Model,
    ShareLimit,
    Target,
    at_least,
    at_most,
    file_bytes,
    no_texts,
    row_tokens,
)

WHOLE = "Use granularity conversation"
SHORTER = "Use granularity turn, or shorter conversations."
# https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle.html has the days: a model in state Legacy takes
# no new jobs, and an account's own view of it is in GetFoundationModel.
BEDROCK = "https://docs.aws.amazon.com/bedrock/latest/userguide/custom-model-fine-tuning.html, model-lifecycle.html"
LLAMA_32_CLOSED, LLAMA_32_ENDS = "2026-01-07", "2026-07-07"
HAIKU_CLOSED, HAIKU_ENDS = "2026-03-10", "2026-09-10"

BEDROCK_NOVA = Target(
    title="Amazon Bedrock: Nova",
    checked="2026-11-28",
    documentation=f"{BEDROCK}; nova-2-sft-data-prep.html; the dataset validator of Amazon Bedrock's samples",
    whole="bedrock",
    turn="bedrock",
    reads=("bedrock",),
    on_repeats=f"{WHOLE}.",
    limits=(
        at_least(8, "train", "Amazon Nova, dataset validator"),
        at_most(20_000, "train", "Amazon Nova, dataset validator"),
        at_least(200, "train", "Amazon Nova, dataset validator", breaks=False, model="Nova 2 Lite"),
        at_most(
            0,
            "validation",
            "Amazon Bedrock, supervised fine-tuning on Nova 2",
            "It is not used while training.",
            breaks=False,
            model="Nova 2 Lite",
        ),
        no_texts(
            RESERVED_BY_NOVA,
            "Amazon Nova, preparing data",
            f"Reword the texts; these are reserved: {' '.join(RESERVED_BY_NOVA)}",
        ),
        no_texts(
            REFUSED_BY_NOVA_VALIDATOR,
            "Amazon Nova, dataset validator",
            f"The guide allows these, the validator does not: {' '.join(REFUSED_BY_NOVA_VALIDATOR)}",
            breaks=False,
        ),
    ),
    models=(
        Model("Nova 2 Lite", "amazon.nova-2-lite-v1:0:256k"),
        Model("Nova Micro", "amazon.nova-micro-v1:0:128k"),
        Model("Nova Lite", "amazon.nova-lite-v1:0:300k"),
        Model("Nova Pro", "amazon.nova-pro-v1:0:300k"),
    ),
)
BEDROCK_LLAMA = Target(
    title="Amazon Bedrock: Llama",
    checked="2026-11-28",
    documentation=f"{BEDROCK}; preparing-text-data.html; quotas of model customization",
    whole="bedrock",
    turn="bedrock",
    reads=("bedrock",),
    on_repeats=f"{WHOLE}.",
    limits=(
        at_least(1, "train", "Amazon Bedrock, model customization quotas"),
        at_most(10_000, "train", "Amazon Bedrock, model customization quotas"),
        at_most(1_000, "validation", "Amazon Bedrock, model customization quotas"),
        row_tokens(16_000, "Amazon Bedrock, data for Llama 3.2", SHORTER, tokenizer="llama3"),
    ),
    models=(
        Model("Llama 3.3 70B", "meta.llama3-3-70b-instruct-v1:0:128k"),
        Model("Llama 3.1 70B", "meta.llama3-1-70b-instruct-v1:0:128k"),
        Model("Llama 3.1 8B", "meta.llama3-1-8b-instruct-v1:0:128k"),
        *(
            Model(f"Llama 3.2 {size}B", f"meta.llama3-2-{size}b-instruct-v1:0:128k", LLAMA_32_CLOSED, LLAMA_32_ENDS)
            for size in (90, 11, 3, 1)
        ),
    ),
)
TOGETHER = Target(
    title="Together AI",
    checked="2026-11-28",
    documentation="https://docs.together.ai/docs/fine-tuning/data-preparation; the file check of its Python client",
    whole="messages",
    turn="messages_weight",
    reads=("messages", "messages_weight"),
    on_repeats="Use format messages_weight.",
    limits=(
        at_least(1, "train", "Together, file check of its Python client"),
        file_bytes(501 * GIGABYTE // 10, "Together, file check of its Python client"),
    ),
)
FIREWORKS = Target(
    title="Fireworks AI",
    checked="2026-11-28",
    documentation="https://docs.fireworks.ai/fine-tuning/fine-tuning-models, fine-tuning-via-api",
    whole="messages",
    turn="messages_weight",
    reads=("messages", "messages_weight"),
    on_repeats="Use format messages_weight.",
    limits=(
        at_least(3, "train", "Fireworks, supervised fine-tuning guide"),
        at_most(3_000_000, "train", "Fireworks, supervised fine-tuning guide"),
        file_bytes(
            150 * MEGABYTE,
            "Fireworks, datasets API",
            "A direct upload takes no more; use firectl or a signed upload.",
            breaks=False,
        ),
    ),
)
GEMINI_GUIDE = "Google Cloud, about supervised fine-tuning for Gemini models"
GEMINI = Target(
    title="Gemini on Vertex AI",
    checked="2026-11-28",
    documentation="https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/tuning/supervised-tuning, "
    "and its page prepare-data",
    whole="gemini",
    turn="gemini",
    reads=("gemini",),
    on_repeats=f"{WHOLE}.",
    limits=(
        at_least(1, "train", GEMINI_GUIDE),
        at_least(100, "train", GEMINI_GUIDE, "Google recommends as many to begin with.", breaks=False),
        at_most(10_000_000, "train", GEMINI_GUIDE),
        at_most(5_000, "validation", GEMINI_GUIDE, "Ask for a smaller validation share."),
        ShareLimit(
            "max_validation_share",
            30,
            "percent",
            GEMINI_GUIDE,
            "Ask for a smaller validation share.",
            from_rows=1_000,
        ),
        file_bytes(GIGABYTE, GEMINI_GUIDE),
        row_tokens(131_072, GEMINI_GUIDE, SHORTER),
    ),
    models=(
        Model("Gemini 3.5 Flash", "gemini-3.5-flash"),
        Model("Gemini 3.1 Flash-Lite", "gemini-3.1-flash-lite"),
        Model("Gemini 2.5 Pro", "gemini-2.5-pro"),
        Model("Gemini 2.5 Flash", "gemini-2.5-flash"),
        Model("Gemini 2.5 Flash-Lite", "gemini-2.5-flash-lite"),
    ),
)
AZURE_GUIDE = "Microsoft Foundry, fine-tuning guide"
AZURE_OPENAI = Target(
    title="Azure OpenAI",
    checked="2026-11-28",
    documentation="https://learn.microsoft.com/azure/foundry/openai/how-to/fine-tuning",
    whole="messages",
    turn="messages_weight",
    reads=("messages", "messages_weight"),
    on_repeats="Use format messages_weight.",
    limits=(
        at_least(10, "train", AZURE_GUIDE),
        # Each file must be less than 512 MB.
        file_bytes(512 * MEGABYTE - 1, AZURE_GUIDE),
    ),
    note="The guide wants a byte order mark at the beginning of each file: put one there before you upload it.",
)
JUMPSTART = Target(
    title="SageMaker JumpStart",
    checked="2026-11-28",
    documentation="https://docs.aws.amazon.com/sagemaker/latest/dg/jumpstart-foundation-models-fine-tuning.html",
    whole="messages",
    turn="messages",
    reads=("messages",),
    on_repeats=f"{WHOLE}.",
    limits=(at_least(1, "train", "SageMaker JumpStart, fine-tuning a chat model"),),
)
MISTRAL = Target(
    title="Mistral AI",
    checked="2026-11-28",
    documentation="https://docs.mistral.ai/resources/deprecated/finetuning/text-vision-finetuning, known-limitations",
    whole="messages",
    turn="messages",
    reads=("messages",),
    on_repeats=f"{WHOLE}.",
    limits=(
        at_least(1, "train", "Mistral, text fine-tuning"),
        file_bytes(512 * MEGABYTE, "Mistral, known limitations"),
    ),
    closing=Closing(None, "Mistral calls its fine-tuning deprecated and no longer supports it; it names no day."),
)
OPENAI = Target(
    title="OpenAI",
    checked="2026-11-28",
    documentation="https://developers.openai.com/docs/deprecations, and the supervised fine-tuning guide",
    whole="messages",
    turn="messages_weight",
    reads=("messages", "messages_weight"),
    on_repeats="Use format messages_weight.",
    limits=(
        at_least(10, "train", "OpenAI, supervised fine-tuning guide"),
        file_bytes(512 * MEGABYTE, "OpenAI, files API"),
        row_tokens(
            65_536,
            "OpenAI, fine-tuning guide: the training context of GPT-4.1 and GPT-4o",
            "Longer rows are cut to the model's context; check its size.",
            breaks=False,
            tokenizer="o200k",
        ),
    ),
    closing=Closing(
        "2027-01-06",
        "New jobs are closed since 2026-05-07 to organisations that never had one, since 2026-07-02 to those that have "
        "not used a fine-tuned model within 60 days, and from 2027-01-06 to all.",
    ),
)
BEDROCK_CLAUDE = Target(
    title="Amazon Bedrock: Claude 3 Haiku",
    checked="2026-11-28",
    documentation=f"{BEDROCK}; preparing-text-data.html",
    whole="bedrock_claude",
    turn="bedrock_claude",
    reads=("bedrock_claude",),
    on_repeats=f"{WHOLE}.",
    limits=(
        at_least(32, "train", "Amazon Bedrock, data for Claude 3 Haiku"),
        at_most(10_000, "train", "Amazon Bedrock, data for Claude 3 Haiku"),
        row_tokens(32_000, "Amazon Bedrock, data for Claude 3 Haiku", SHORTER),
        no_texts(
            RESERVED_BY_CLAUDE,
            "Amazon Bedrock, data for Claude 3 Haiku",
            "Reword the texts; no line may begin with Human: or Assistant:",
        ),
    ),
    models=(Model("Claude 3 Haiku", "anthropic.claude-3-haiku-20240307-v1:0:200k", HAIKU_CLOSED, HAIKU_ENDS),),
    closing=Closing(
        HAIKU_CLOSED,
        f"Amazon Bedrock takes no new jobs since {HAIKU_CLOSED}, and has no such model since {HAIKU_ENDS}.",
    ),
)
