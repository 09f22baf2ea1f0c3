"""The declared types of an export's columns, as the card of a dataset states them.

Hugging Face Datasets otherwise infers them from the first 10 MB of the first split: a list that is empty there has no
type, and rows that fill it later are refused. It reads them from `dataset_info` in the card:
https://huggingface.co/docs/datasets/main/en/repository_structure
"""

from typing import Any, assert_never

from training_files.domain.exports.export import ExportFormat

Features = list[dict[str, Any]]


def _values(dtype: str, *names: str) -> Features:
    return [{"name": name, "dtype": dtype} for name in names]


def _list(name: str, item: Features | dict[str, str] | str) -> Features:
    return [{"name": name, "list": item}]


MESSAGE = _values("string", "role", "content")
WEIGHED_MESSAGE = [*MESSAGE, *_values("int64", "weight")]
TEXTS = _values("string", "text")
GEMINI_CONTENT = [*_values("string", "role"), *_list("parts", TEXTS)]
METADATA_FEATURES = [
    *_values("int64", "line"),
    *_values("string", "conversation_id"),
    *_values("int64", "turn"),
    *_list("turns", "int64"),
    *_list("pair_ids", "string"),
    *_list("pair_quality_scores", "float64"),
    *_list("human_reviewed", "bool"),
    *_values("float64", "quality_score"),
    *_values(
        "string",
        "quality_tier",
        "persona_key",
        "persona_name",
        "emotional_arc_key",
        "emotional_arc",
        "training_topic_key",
        "training_topic",
        "source_file",
        "created_date",
        "batch_id",
        "health",
        "findings",
        "filtered",
        "repaired",
        "redacted",
    ),
]


def features_of(export_format: ExportFormat) -> Features:
    """Of the rows, in the order of their keys. A key that a row leaves out is null there."""
    match export_format:
        case "messages":
            return _list("messages", MESSAGE)
        case "messages_weight":
            return _list("messages", WEIGHED_MESSAGE)
        case "prompt_completion":
            return [*_list("prompt", MESSAGE), *_list("completion", MESSAGE)]
        case "bedrock":
            content = [*_values("string", "role"), *_list("content", TEXTS)]
            return [*_values("string", "schemaVersion"), *_list("system", TEXTS), *_list("messages", content)]
        case "bedrock_claude":
            return [*_values("string", "system"), *_list("messages", MESSAGE)]
        case "sharegpt":
            return [*_list("conversations", _values("string", "from", "value")), *_values("string", "system")]
        case "alpaca":
            return [
                *_values("string", "instruction", "input", "output", "system"),
                *_list("history", {"list": "string"}),
            ]
        case "gemini":
            return [{"name": "systemInstruction", "struct": GEMINI_CONTENT}, *_list("contents", GEMINI_CONTENT)]
        case _:
            assert_never(export_format)
