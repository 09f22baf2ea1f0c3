"""The lines of an export: what the training file says, in the exact shape that each format has."""

import io
import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.any_exchanges import EXCHANGES, SAID
from tests.support.builders import Json, an_enriched_file
from tests.support.domain import a_conversation, written
from tests.support.exchanges import CONVERSATION_ID, Exchange, a_dialogue, in_real_shape, in_simple_shape, models
from tests.support.readme import DOCS, page
from training_files.domain.conversation.dialogues import mapped
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import ExportFormat
from training_files.domain.exports.rows import EXPORT_FORMATS, line, row, sidecar_line
from training_files.domain.exports.schema import METADATA_FEATURES, features_of
from training_files.domain.exports.targets import TARGETS
from training_files.domain.training_file.stored_file import StoredConversation, conversations_in

GRANULARITIES: list[Granularity] = ["conversation", "turn"]
ROLES = {"human": "user", "gpt": "assistant"}
TWO = [("Hello.", "Welcome."), ("And now?", "Begin.")]


def read_back(line: bytes, export_format: ExportFormat) -> tuple[str | None, list[tuple[str, str]]]:
    """The system prompt and the messages of a line, as a reader of its format takes it apart."""
    found = json.loads(line)
    match export_format:
        case "alpaca":
            asked = [*found["history"], [found["instruction"], found["output"]]]
            assert found["input"] == ""
            messages = [message for exchange in asked for message in zip(("user", "assistant"), exchange, strict=True)]
        case "sharegpt":
            messages = [(ROLES[message["from"]], message["value"]) for message in found["conversations"]]
        case "bedrock":
            messages = [(message["role"], message["content"][0]["text"]) for message in found["messages"]]
            found["system"] = "".join(part["text"] for part in found["system"])
        case "gemini":
            names = {"user": "user", "model": "assistant"}
            messages = [(names[content["role"]], content["parts"][0]["text"]) for content in found["contents"]]
            found["system"] = "".join(part["text"] for part in found.get("systemInstruction", {"parts": []})["parts"])
        case "prompt_completion":
            messages = [(one["role"], one["content"]) for one in found["prompt"] + found["completion"]]
        case _:
            messages = [(message["role"], message["content"]) for message in found["messages"]]
    if messages[0][0] == "system":
        return messages[0][1], messages[1:]
    return found.get("system") or None, messages


def as_messages(exchanges: list[Exchange]) -> list[tuple[str, str]]:
    return [message for user, target in exchanges for message in (("user", user), ("assistant", target))]


def stored(pairs: list[Json]) -> StoredConversation:
    """A conversation as it is read from the bytes of the training file that it is in."""
    whole = written([(a_conversation(), an_enriched_file(*pairs))])
    return next(conversations_in(io.BytesIO(whole.json)))


def lines_of(conversation: StoredConversation, export_format: ExportFormat, granularity: Granularity) -> list[bytes]:
    found = mapped(conversation.conversation_id, conversation.pairs, granularity)
    return [line(dialogue, export_format) for dialogue in found.dialogues]


@pytest.mark.parametrize("shape", [in_real_shape, in_simple_shape])
@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(EXCHANGES, st.one_of(st.none(), SAID))
def test_every_target_and_every_user_turn_of_a_training_file_is_in_each_export_character_for_character(
    shape: Callable[..., list[Json]], exchanges: list[Exchange], system: str | None
) -> None:
    """Once in a conversation's line; and turn by turn in the line of its own target and of those behind it."""
    conversation = stored(shape(exchanges, system_prompt=system))

    for export_format in EXPORT_FORMATS:
        [whole] = lines_of(conversation, export_format, "conversation")
        turns = lines_of(conversation, export_format, "turn")
        assert read_back(whole, export_format) == (system, as_messages(exchanges))
        assert [read_back(turn, export_format) for turn in turns] == [
            (system, as_messages(exchanges[: n + 1])) for n in range(len(exchanges))
        ]


EXPECTED: dict[ExportFormat, Json] = {
    "messages": {
        "messages": [
            {"role": "system", "content": "You are a planner."},
            {"role": "user", "content": "Hello."},
            {"role": "assistant", "content": "Welcome."},
            {"role": "user", "content": "And now?"},
            {"role": "assistant", "content": "Begin."},
        ]
    },
    "messages_weight": {
        "messages": [
            {"role": "system", "content": "You are a planner."},
            {"role": "user", "content": "Hello."},
            {"role": "assistant", "content": "Welcome.", "weight": 1},
            {"role": "user", "content": "And now?"},
            {"role": "assistant", "content": "Begin.", "weight": 1},
        ]
    },
    "prompt_completion": {
        "prompt": [
            {"role": "system", "content": "You are a planner."},
            {"role": "user", "content": "Hello."},
            {"role": "assistant", "content": "Welcome."},
            {"role": "user", "content": "And now?"},
        ],
        "completion": [{"role": "assistant", "content": "Begin."}],
    },
    "bedrock": {
        "schemaVersion": "bedrock-conversation-2024",
        "system": [{"text": "You are a planner."}],
        "messages": [
            {"role": "user", "content": [{"text": "Hello."}]},
            {"role": "assistant", "content": [{"text": "Welcome."}]},
            {"role": "user", "content": [{"text": "And now?"}]},
            {"role": "assistant", "content": [{"text": "Begin."}]},
        ],
    },
    "bedrock_claude": {
        "system": "You are a planner.",
        "messages": [
            {"role": "user", "content": "Hello."},
            {"role": "assistant", "content": "Welcome."},
            {"role": "user", "content": "And now?"},
            {"role": "assistant", "content": "Begin."},
        ],
    },
    "gemini": {
        "systemInstruction": {"role": "system", "parts": [{"text": "You are a planner."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "Hello."}]},
            {"role": "model", "parts": [{"text": "Welcome."}]},
            {"role": "user", "parts": [{"text": "And now?"}]},
            {"role": "model", "parts": [{"text": "Begin."}]},
        ],
    },
    "sharegpt": {
        "conversations": [
            {"from": "human", "value": "Hello."},
            {"from": "gpt", "value": "Welcome."},
            {"from": "human", "value": "And now?"},
            {"from": "gpt", "value": "Begin."},
        ],
        "system": "You are a planner.",
    },
    "alpaca": {
        "instruction": "And now?",
        "input": "",
        "output": "Begin.",
        "system": "You are a planner.",
        "history": [["Hello.", "Welcome."]],
    },
}


@pytest.mark.parametrize("export_format", EXPORT_FORMATS)
def test_a_row_has_the_shape_of_its_format_and_no_other_key(export_format: ExportFormat) -> None:
    found = row(a_dialogue(*TWO), export_format)

    assert found == EXPECTED[export_format]
    assert list(found) == list(EXPECTED[export_format])


@pytest.mark.parametrize("export_format", [one for one in EXPORT_FORMATS if one != "gemini"])
def test_rows_with_and_without_a_system_prompt_or_a_history_have_the_same_keys_and_types(
    export_format: ExportFormat,
) -> None:
    long, short = row(a_dialogue(*TWO), export_format), row(a_dialogue(system=None), export_format)

    assert {key: type(value) for key, value in long.items()} == {key: type(value) for key, value in short.items()}
    assert "system" not in json.dumps(short.get("messages", short.get("prompt", [])))


def test_a_gemini_row_without_a_system_prompt_has_no_system_instruction() -> None:
    assert list(row(a_dialogue(system=None), "gemini")) == ["contents"]


@pytest.mark.parametrize("export_format", EXPORT_FORMATS)
def test_the_declared_types_are_those_of_the_rows(export_format: ExportFormat) -> None:
    declared = {feature["name"]: feature for feature in features_of(export_format)}
    found = row(a_dialogue(*TWO), export_format)

    assert list(declared) == list(found)
    for key, value in found.items():
        assert fits(value, declared[key])


def fits(value: Any, feature: Any) -> bool:
    """Whether a value has the type that a card declares. A struct may lack a key."""
    match feature:
        case {"dtype": dtype}:
            return type(value) is {"string": str, "int64": int, "float64": float, "bool": bool}[dtype]
        case {"list": item} | {"struct": item}:
            values = value if "list" in feature else [value]
            return bool(values) and all(fits(each, item) for each in values)
        case str():
            return fits(value, {"dtype": feature})
    types = {field["name"]: field for field in feature}
    return set(value) <= set(types) and all(fits(each, types[key]) for key, each in value.items())


@pytest.mark.parametrize("export_format", EXPORT_FORMATS)
def test_a_line_is_utf_8_that_ends_in_its_only_newline(export_format: ExportFormat) -> None:
    asked = "Où\n\r\u2028\u2029\x85?"
    found = line(a_dialogue((asked, "naïve — ✓")), export_format)

    assert found.endswith(b"}\n")
    assert len(found.decode().splitlines()) == 1
    assert "naïve — ✓".encode() in found
    assert read_back(found, export_format)[1][0] == ("user", asked)


def weights(*pairs: Json, granularity: Granularity) -> list[list[Any]]:
    found = mapped(CONVERSATION_ID, models(pairs), granularity)
    rows = [row(dialogue, "messages_weight") for dialogue in found.dialogues]
    return [[message.get("weight") for message in one["messages"] if message["role"] != "system"] for one in rows]


def test_turn_by_turn_only_the_last_answer_has_weight() -> None:
    pairs = in_real_shape(TWO)

    assert weights(*pairs, granularity="turn") == [[None, 1], [None, 0, None, 1]]


def test_in_a_conversation_all_targets_have_weight_but_not_what_only_a_history_says() -> None:
    first, second = in_simple_shape(TWO)
    first["target_response"] = None

    assert weights(first, second, granularity="conversation") == [[None, 0, None, 1]]


CLEAN = {"health": "", "findings": "", "filtered": "", "repaired": "", "redacted": ""}


def test_a_sidecar_line_says_what_the_line_was_made_from() -> None:
    conversation = stored(in_real_shape(TWO))
    [dialogue] = mapped(conversation.conversation_id, conversation.pairs, "conversation").dialogues
    found = sidecar_line(dialogue, conversation, line_number=3, mean_score=Decimal("3.666"), treatment=CLEAN)

    assert json.loads(found) == {
        "line": 3,
        "conversation_id": conversation.conversation_id,
        "turn": 4,
        "turns": [2, 4],
        "pair_ids": ["educational_turn2", "educational_turn4"],
        "pair_quality_scores": [3.5, 3.5],
        "human_reviewed": [False, False],
        "quality_score": 3.67,
        "quality_tier": "production",
        "persona_key": "planner",
        "persona_name": "Kim",
        "emotional_arc_key": "",
        "emotional_arc": "Fear → Calm",
        "training_topic_key": "",
        "training_topic": "",
        "source_file": f"fp_conversation_{conversation.conversation_id}.json",
        "created_date": "2026-02-03",
        "batch_id": "",
        **CLEAN,
    }
    assert found.endswith(b"}\n")


def test_a_sidecar_line_is_one_line_for_every_reader() -> None:
    whole = written([(a_conversation(persona_name="Kim\u2028\u2029\x85"), an_enriched_file(*in_real_shape(TWO)))])
    conversation = next(conversations_in(io.BytesIO(whole.json)))
    [dialogue] = mapped(conversation.conversation_id, conversation.pairs, "conversation").dialogues
    found = sidecar_line(dialogue, conversation, line_number=1, mean_score=None, treatment=CLEAN)

    [one] = found.decode().splitlines()
    assert json.loads(one)["persona_name"] == "Kim\u2028\u2029\x85"


def test_the_declared_types_are_those_of_the_sidecar() -> None:
    conversation = stored(in_real_shape(TWO))
    [dialogue] = mapped(conversation.conversation_id, conversation.pairs, "conversation").dialogues
    found = json.loads(sidecar_line(dialogue, conversation, line_number=1, mean_score=Decimal("3.5"), treatment=CLEAN))

    assert list(found) == [feature["name"] for feature in METADATA_FEATURES]
    assert [key for key, feature in zip(found, METADATA_FEATURES, strict=True) if not fits(found[key], feature)] == []


def test_a_sidecars_scores_are_always_floats_so_that_a_column_has_one_type() -> None:
    whole_number = {"quality_score": 3, "human_reviewed": True}
    conversation = stored(in_real_shape(TWO[:1], training_metadata=whole_number))
    [dialogue] = mapped(conversation.conversation_id, conversation.pairs, "turn").dialogues
    found = sidecar_line(dialogue, conversation, line_number=1, mean_score=Decimal(3), treatment=CLEAN)

    assert b'"pair_quality_scores":[3.0],"human_reviewed":[true],"quality_score":3.0,' in found
    found = sidecar_line(dialogue, conversation, line_number=1, mean_score=None, treatment=CLEAN)
    assert json.loads(found)["quality_score"] is None


def test_every_format_is_read_by_somebody_and_explained() -> None:
    explained = re.findall(r"^\| `(\w+)` \| ", page(DOCS / "exports.md").partition("## Options")[0], re.MULTILINE)
    read = {one for target in TARGETS.values() for one in target.reads}

    assert set(explained) == read == set(EXPORT_FORMATS)
