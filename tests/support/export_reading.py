"""Reading exports back, and what should be in them, worked out from the training file's own JSON another way."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from tests.support.builders import Json

Said = list[tuple[str, str]]
Dialogue = tuple[str, Said]


def expected_dialogues(training_file: bytes, granularity: str) -> dict[str, list[Dialogue]]:
    """By conversation: system prompt and messages. For files whose later histories repeat earlier turns whole."""
    found: dict[str, list[Dialogue]] = {}
    for conversation in json.loads(training_file)["conversations"]:
        trainable = [pair for pair in conversation["training_pairs"] if pair["target_response"]]
        pairs = trainable if granularity == "turn" else trainable[-1:]
        found[conversation["conversation_metadata"]["conversation_id"]] = [
            (pair["system_prompt"], [*_history(pair), ("assistant", pair["target_response"])]) for pair in pairs
        ]
    return found


def _history(pair: Json) -> Said:
    return [(turn["role"], turn["content"]) for turn in pair["conversation_history"]]


def lines_of(content: bytes) -> list[Json]:
    """The rows of a file of lines, after its framing was checked."""
    assert content == b"" or content.endswith(b"\n")
    assert b"\r" not in content
    assert b"\n\n" not in content
    return [json.loads(line) for line in content.decode().splitlines()]


def dialogue_in(row: Json, export_format: str) -> Dialogue:
    """What a row says, after its keys were checked."""
    return READERS[export_format](row)


def _messages(row: Json) -> Dialogue:
    assert list(row) == ["messages"]
    return _with_system(row["messages"], {"role", "content"})


def _messages_weight(row: Json) -> Dialogue:
    assert list(row) == ["messages"]
    assert all(("weight" in message) == (message["role"] == "assistant") for message in row["messages"])
    assert row["messages"][-1]["weight"] == 1
    return _with_system(row["messages"], {"role", "content", "weight"})


def _prompt_completion(row: Json) -> Dialogue:
    assert list(row) == ["prompt", "completion"]
    assert [message["role"] for message in row["completion"]] == ["assistant"]
    return _with_system([*row["prompt"], *row["completion"]], {"role", "content"})


def _bedrock(row: Json) -> Dialogue:
    assert list(row) == ["schemaVersion", "system", "messages"]
    assert row["schemaVersion"] == "bedrock-conversation-2024"
    [system] = row["system"]
    return system["text"], [(message["role"], _only(message["content"])["text"]) for message in row["messages"]]


def _bedrock_claude(row: Json) -> Dialogue:
    assert list(row) == ["system", "messages"]
    return row["system"], [(message["role"], message["content"]) for message in row["messages"]]


def _gemini(row: Json) -> Dialogue:
    assert list(row) == ["systemInstruction", "contents"]
    roles = {"user": "user", "model": "assistant"}
    system = _only(row["systemInstruction"]["parts"])["text"]
    return system, [(roles[content["role"]], _only(content["parts"])["text"]) for content in row["contents"]]


def _sharegpt(row: Json) -> Dialogue:
    assert list(row) == ["conversations", "system"]
    roles = {"human": "user", "gpt": "assistant"}
    return row["system"], [(roles[message["from"]], message["value"]) for message in row["conversations"]]


def _alpaca(row: Json) -> Dialogue:
    assert list(row) == ["instruction", "input", "output", "system", "history"]
    assert row["input"] == ""
    exchanges = [*row["history"], [row["instruction"], row["output"]]]
    roles = ("user", "assistant")
    return row["system"], [(role, text) for pair in exchanges for role, text in zip(roles, pair, strict=True)]


def _with_system(messages: Iterable[Json], keys: set[str]) -> Dialogue:
    system, *others = messages
    assert system["role"] == "system"
    assert all(set(message) <= keys for message in others)
    return system["content"], [(message["role"], message["content"]) for message in others]


def _only(items: list[Any]) -> Any:
    [item] = items
    return item


READERS: dict[str, Callable[[Json], Dialogue]] = {
    "messages": _messages,
    "messages_weight": _messages_weight,
    "prompt_completion": _prompt_completion,
    "bedrock": _bedrock,
    "bedrock_claude": _bedrock_claude,
    "gemini": _gemini,
    "sharegpt": _sharegpt,
    "alpaca": _alpaca,
}
