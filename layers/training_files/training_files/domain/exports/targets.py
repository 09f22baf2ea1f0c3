"""All trainers and services in one table: those first that stay, those last that are closing."""

from typing import Literal, get_args

from training_files.domain.exports import services, trainers
from training_files.domain.exports.target import Target

TargetName = Literal[
    "trl",
    "axolotl",
    "llama_factory",
    "mlx_lm",
    "unsloth",
    "bedrock_nova",
    "bedrock_llama",
    "together",
    "fireworks",
    "gemini",
    "tinker",
    "azure_openai",
    "jumpstart",
    "mistral",
    "openai",
    "bedrock_claude",
]
TARGET_NAMES: tuple[TargetName, ...] = get_args(TargetName)

TARGETS: dict[TargetName, Target] = {
    "trl": trainers.TRL,
    "axolotl": trainers.AXOLOTL,
    "llama_factory": trainers.LLAMA_FACTORY,
    "mlx_lm": trainers.MLX_LM,
    "unsloth": trainers.UNSLOTH,
    "bedrock_nova": services.BEDROCK_NOVA,
    "bedrock_llama": services.BEDROCK_LLAMA,
    "together": services.TOGETHER,
    "fireworks": services.FIREWORKS,
    "gemini": services.GEMINI,
    "tinker": trainers.TINKER,
    "azure_openai": services.AZURE_OPENAI,
    "jumpstart": services.JUMPSTART,
    "mistral": services.MISTRAL,
    "openai": services.OPENAI,
    "bedrock_claude": services.BEDROCK_CLAUDE,
}
