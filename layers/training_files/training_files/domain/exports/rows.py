"""The lines of an export: a dialogue in the exact shape that a trainer or a hosted service reads.

Several of them refuse any key that they do not know, and infer one type for each key from all lines. So a format has
the same keys with the same types on every line, which `schema` declares, and everything else about a dialogue goes to
the sidecar. Only `gemini` leaves a key out.
"""

from decimal import Decimal
from typing import Any, assert_never, get_args

from training_files.domain.conversation.dialogues import Dialogue, Message
from training_files.domain.exports.export import ExportFormat
from training_files.domain.json_lines import json_line
from training_files.domain.spelling import rounded
from training_files.domain.training_file.stored_file import StoredConversation

EXPORT_FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)

Row = dict[str, Any]

BEDROCK_SCHEMA_VERSION = "bedrock-conversation-2024"
GEMINI_ROLES = {"user": "user", "assistant": "model"}
SHAREGPT_NAMES = {"user": "human", "assistant": "gpt"}
SCAFFOLDING_KEYS = (
    "persona_key",
    "persona_name",
    "emotional_arc_key",
    "emotional_arc",
    "training_topic_key",
    "training_topic",
)


def row(dialogue: Dialogue, format: ExportFormat) -> Row:  # noqa: A002 - The design's word for it.
    match format:
        case "messages":
            return _messages(dialogue)
        case "messages_weight":
            return _messages_weight(dialogue)
        case "prompt_completion":
            return _prompt_completion(dialogue)
        case "bedrock":
            return _bedrock(dialogue)
        case "bedrock_claude":
            return _bedrock_claude(dialogue)
        case "gemini":
            return _gemini(dialogue)
        case "sharegpt":
            return _sharegpt(dialogue)
        case "alpaca":
            return _alpaca(dialogue)
        case _:
            # A format that is named and has no rows is no program for the type checker.
            assert_never(format)


def line(dialogue: Dialogue, format: ExportFormat) -> bytes:  # noqa: A002 - As above.
    return json_line(row(dialogue, format))


def sidecar_line(
    dialogue: Dialogue,
    conversation: StoredConversation,
    *,
    line_number: int,
    mean_score: Decimal | None,
    treatment: dict[str, Any],
) -> bytes:
    """What is known about line `line_number` (the first is 1) of an export, which no trainer wants in it.

    `mean_score` is the conversation's; `treatment` is what is found in the row and what was rewritten in it. Texts that
    are not known are empty, so that a column keeps one type; `schema` has the types of all.
    """
    pairs = [conversation.pairs_by_id[pair_id] for pair_id in dialogue.pair_ids]
    metadata = conversation.metadata
    value = {
        "line": line_number,
        "conversation_id": dialogue.conversation_id,
        "turn": dialogue.turn,
        "turns": dialogue.turns,
        "pair_ids": dialogue.pair_ids,
        "pair_quality_scores": [_number(pair.quality_score) for pair in pairs],
        "human_reviewed": [pair.human_reviewed for pair in pairs],
        "quality_score": None if mean_score is None else _number(rounded(mean_score)),
        "quality_tier": metadata.get("quality_tier") or "",
        **{key: conversation.scaffolding.get(key) or "" for key in SCAFFOLDING_KEYS},
        "source_file": metadata.get("source_file") or "",
        "created_date": metadata.get("created_date") or "",
        "batch_id": metadata.get("batch_id") or "",
        **treatment,
    }
    return json_line(value)


def _number(value: float | Decimal | None) -> float | None:
    """Always a float: a column of 3 and 4.5 has one type."""
    return None if value is None else float(value)


def _messages(dialogue: Dialogue) -> Row:
    return {"messages": [*_system_messages(dialogue), *map(_message, dialogue.messages)]}


def _messages_weight(dialogue: Dialogue) -> Row:
    """Weight 1 trains on a message, 0 does not. What only the history says is nobody's target."""
    targets = set(dialogue.targets)
    weighed: list[Row] = [
        _message(message) | ({"weight": int(index in targets)} if message.role == "assistant" else {})
        for index, message in enumerate(dialogue.messages)
    ]
    return {"messages": [*_system_messages(dialogue), *weighed]}


def _prompt_completion(dialogue: Dialogue) -> Row:
    *context, target = dialogue.messages
    return {"prompt": [*_system_messages(dialogue), *map(_message, context)], "completion": [_message(target)]}


def _bedrock(dialogue: Dialogue) -> Row:
    return {
        "schemaVersion": BEDROCK_SCHEMA_VERSION,
        "system": [{"text": dialogue.system}] if dialogue.system else [],
        "messages": [{"role": message.role, "content": [{"text": message.content}]} for message in dialogue.messages],
    }


def _bedrock_claude(dialogue: Dialogue) -> Row:
    return {"system": dialogue.system or "", "messages": [_message(message) for message in dialogue.messages]}


def _gemini(dialogue: Dialogue) -> Row:
    """Without a system prompt the key is left out: nothing is documented that could stand for none.

    The role of the system instruction is ignored; Google's examples have it.
    """
    system = {"systemInstruction": _gemini_content("system", dialogue.system)} if dialogue.system else {}
    contents = [_gemini_content(GEMINI_ROLES[message.role], message.content) for message in dialogue.messages]
    return system | {"contents": contents}


def _gemini_content(role: str, text: str) -> Row:
    return {"role": role, "parts": [{"text": text}]}


def _sharegpt(dialogue: Dialogue) -> Row:
    return {
        "conversations": [
            {"from": SHAREGPT_NAMES[message.role], "value": message.content} for message in dialogue.messages
        ],
        "system": dialogue.system or "",
    }


def _alpaca(dialogue: Dialogue) -> Row:
    *earlier, instruction, output = (message.content for message in dialogue.messages)
    return {
        "instruction": instruction,
        "input": "",
        "output": output,
        "system": dialogue.system or "",
        "history": [list(exchange) for exchange in zip(earlier[::2], earlier[1::2], strict=True)],
    }


def _system_messages(dialogue: Dialogue) -> list[Row]:
    return [{"role": "system", "content": dialogue.system}] if dialogue.system else []


def _message(message: Message) -> Row:
    return {"role": message.role, "content": message.content}
