"""What services that cannot be run here say of the rows they take, written down from their documentation.

Each function returns what is wrong with a row, in the order in which it was found; nothing when the row is taken.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from training_files.domain.exports.export import ExportFormat
from training_files.domain.exports.targets import TargetName

Json = dict[str, Any]

CHARACTERS_PER_TOKEN = 3
WEIGHTS = (0, 1)


@dataclass(frozen=True)
class Published:
    """The rules of one service. `source` is the title of the page, or of the program, that states them."""

    target: TargetName
    source: str
    formats: Sequence[ExportFormat]
    rows: tuple[int, int]
    faults_in: Callable[[Json], Iterator[str]]


def chat_faults(row: Json, *, roles: Sequence[str], weighed: bool) -> Iterator[str]:
    """The shape that OpenAI introduced and others took over."""
    if not isinstance(row.get("messages"), list) or set(row) != {"messages"}:
        yield "it is not a list of messages and nothing else"
        return
    messages = row["messages"]
    for message in messages:
        yield from _faults_in_message(message, roles=roles, weighed=weighed)
    if not any(message.get("role") == "assistant" for message in messages):
        yield "the assistant says nothing"
    if any(message.get("role") == "system" for message in messages[1:]):
        yield "a system message is not the first"


def _faults_in_message(message: Json, *, roles: Sequence[str], weighed: bool) -> Iterator[str]:
    known = {"role", "content", "weight"} if weighed else {"role", "content"}
    if set(message) - known:
        yield "a message has an unknown key"
    if message.get("role") not in roles:
        yield "a role is unknown"
    if not isinstance(message.get("content"), str) or not message["content"]:
        yield "a message has no text"
    if "weight" in message and (message.get("role") != "assistant" or message["weight"] not in WEIGHTS):
        yield "a weight is neither 0 nor 1, or not the assistant's"


def openai_faults(row: Json) -> Iterator[str]:
    yield from chat_faults(row, roles=("system", "user", "assistant"), weighed=True)


def fireworks_faults(row: Json) -> Iterator[str]:
    yield from chat_faults(row, roles=("system", "user", "assistant"), weighed=True)


def jumpstart_faults(row: Json) -> Iterator[str]:
    yield from chat_faults(row, roles=("system", "user", "assistant"), weighed=False)
    messages = row.get("messages", [])
    yield from _faults_in_order(messages[1:] if messages and messages[0].get("role") == "system" else messages)


def claude_faults(row: Json) -> Iterator[str]:
    if set(row) - {"system", "messages"}:
        yield "an unknown key"
    if not isinstance(row.get("system", ""), str):
        yield "system is no text"
    messages = row.get("messages", [])
    texts = [row.get("system", ""), *(message.get("content") for message in messages)]
    if any(set(message) != {"role", "content"} for message in messages) or not all(
        isinstance(text, str) for text in texts
    ):
        yield "a message is not a role and a text"
        return
    if any(re.search(r"\n(Human|Assistant):", text) for text in texts):
        yield "a reserved word begins a line"
    if sum(len(text) // CHARACTERS_PER_TOKEN for text in texts) > 32_000:
        yield "over 32,000 tokens"
    yield from _faults_in_order(messages)


def converse_faults(row: Json) -> Iterator[str]:
    """The shape of Amazon's Converse API."""
    if row.get("schemaVersion") != "bedrock-conversation-2024":
        yield "the schema is another one"
    if set(row) - {"schemaVersion", "system", "messages"}:
        yield "an unknown key"
    items = [*row.get("system", []), *(item for message in row["messages"] for item in message["content"])]
    if not all(set(item) == {"text"} and isinstance(item["text"], str) and item["text"] for item in items):
        yield "a content is no text"
    yield from _faults_in_order(row["messages"])


def nova_faults(row: Json) -> Iterator[str]:
    yield from converse_faults(row)
    texts = [item["text"] for item in row.get("system", [])]
    texts += [item["text"] for message in row["messages"] for item in message["content"]]
    reserved = ("system:", "user:", "bot:", "assistant:", "thought:", "[eos]", "<image>", "<video>", "<unk>")
    if any(word in text.lower() for word in reserved for text in texts):
        yield "a reserved word is in a text"


def llama_faults(row: Json) -> Iterator[str]:
    yield from converse_faults(row)
    if len(row.get("system", [])) > 1:
        yield "more than one system prompt"
    if sum(len(item["text"]) for message in row["messages"] for item in message["content"]) // 4 > 16_000:
        yield "over 16,000 tokens"


def mistral_faults(row: Json) -> Iterator[str]:
    yield from chat_faults(row, roles=("system", "user", "assistant"), weighed=False)


def gemini_faults(row: Json) -> Iterator[str]:
    """The shape of Google's GenerateContent API. The role of a system instruction is ignored."""
    if set(row) - {"systemInstruction", "contents"}:
        yield "an unknown key"
    system, contents = row.get("systemInstruction"), row.get("contents", [])
    for content in [*([system] if system is not None else []), *contents]:
        parts = content.get("parts", [])
        texts = [part.get("text") if set(part) == {"text"} else None for part in parts]
        if set(content) - {"role", "parts"} or not texts or not all(texts):
            yield "a content is not parts of text"
    roles = [content.get("role") for content in contents]
    if not set(roles) <= {"user", "model"}:
        yield "a role is unknown"
    if roles[:1] != ["user"] or roles[-1:] != ["model"]:
        yield "it does not go from the user to the model"
    if any(one == other for one, other in pairwise(roles)):
        yield "the same role twice in a row"


def _faults_in_order(messages: Sequence[Json]) -> Iterator[str]:
    roles = [message.get("role") for message in messages]
    if not set(roles) <= {"user", "assistant"}:
        yield "a role is unknown"
    if roles[:1] != ["user"] or roles[-1:] != ["assistant"]:
        yield "it does not go from the user to the assistant"
    if any(one == other for one, other in pairwise(roles)):
        yield "the same role twice in a row"


PUBLISHED = (
    Published(
        "openai",
        "OpenAI, Supervised fine-tuning; OpenAI Cookbook, Data preparation and analysis for chat model fine-tuning",
        ("messages", "messages_weight"),
        (10, 50_000_000),
        openai_faults,
    ),
    Published(
        "azure_openai",
        "Microsoft Foundry, Customize a model with fine-tuning",
        ("messages", "messages_weight"),
        (10, 50_000_000),
        openai_faults,
    ),
    Published(
        "mistral",
        "Mistral AI, Text & Vision Fine-tuning",
        ("messages",),
        (1, 50_000_000),
        mistral_faults,
    ),
    Published(
        "gemini",
        "Google Cloud, Prepare supervised fine-tuning data for Gemini models; About supervised fine-tuning",
        ("gemini",),
        (1, 10_000_000),
        gemini_faults,
    ),
    Published(
        "fireworks",
        "Fireworks AI, Supervised Fine Tuning - Text",
        ("messages", "messages_weight"),
        (3, 3_000_000),
        fireworks_faults,
    ),
    Published(
        "bedrock_nova",
        "Amazon Nova, Preparing data for fine-tuning; Amazon Bedrock samples, Nova dataset validator",
        ("bedrock",),
        (8, 20_000),
        nova_faults,
    ),
    Published(
        "bedrock_llama",
        "Amazon Bedrock, Prepare data for fine-tuning text-to-text models; Amazon Bedrock samples, dataset validation",
        ("bedrock",),
        (1, 10_000),
        llama_faults,
    ),
    Published(
        "bedrock_claude",
        "Amazon Bedrock, Claude 3 Haiku data format; Amazon Bedrock samples, Claude Haiku data validation",
        ("bedrock_claude",),
        (32, 10_000),
        claude_faults,
    ),
    Published(
        "jumpstart",
        "Amazon SageMaker, Fine-tuning a chat model with JumpStart",
        ("messages",),
        (1, 10_000_000),
        jumpstart_faults,
    ),
)
