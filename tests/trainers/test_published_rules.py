"""Services that train elsewhere: exports keep to the rules that they publish, which would notice if they did not."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.trainers.exports import Exports
from tests.trainers.published_rules import PUBLISHED, Json, Published
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import ExportFormat

by_target = {rules.target: rules for rules in PUBLISHED}

# A way to spoil a row, for each shape of rows; and what it should be called.
CHAT: dict[str, Callable[[Json], Any]] = {
    "it is not a list of messages and nothing else": lambda row: row.update(conversation_id="1"),
    "a role is unknown": lambda row: row["messages"][-1].update(role="gpt"),
    "a message has no text": lambda row: row["messages"][-1].update(content=""),
    "a message has an unknown key": lambda row: row["messages"][-1].update(turn=2),
    "the assistant says nothing": lambda row: row.update(messages=row["messages"][:1]),
    "a system message is not the first": lambda row: row["messages"].append({"role": "system", "content": "Be kind."}),
}
WEIGHED = {
    "a weight is neither 0 nor 1, or not the assistant's": lambda row: row["messages"][-1].update(weight=0.5),
}
ORDERED: dict[str, Callable[[Json], Any]] = {
    "it does not go from the user to the assistant": lambda row: row["messages"].pop(),
    "the same role twice in a row": lambda row: row["messages"].append(row["messages"][-1]),
}
CONVERSE: dict[str, Callable[[Json], Any]] = ORDERED | {
    "an unknown key": lambda row: row.update(conversation_id="1"),
    "the schema is another one": lambda row: row.pop("schemaVersion"),
    "a content is no text": lambda row: row["messages"][0].update(content=[{"text": ""}]),
    "a role is unknown": lambda row: row["messages"][0].update(role="system"),
}
SPOILS: dict[str, dict[str, Callable[[Json], Any]]] = {
    "openai": CHAT | WEIGHED,
    "azure_openai": CHAT | WEIGHED,
    "mistral": CHAT,
    "gemini": {
        "an unknown key": lambda row: row.update(messages=[]),
        "a content is not parts of text": lambda row: row["contents"][0].update(parts=[]),
        "a role is unknown": lambda row: row["contents"][-1].update(role="assistant"),
        "it does not go from the user to the model": lambda row: row["contents"].pop(),
        "the same role twice in a row": lambda row: row["contents"].append(row["contents"][-1]),
    },
    "fireworks": CHAT | WEIGHED,
    "jumpstart": CHAT | ORDERED,
    "bedrock_nova": CONVERSE
    | {"a reserved word is in a text": lambda row: row["messages"][0].update(content=[{"text": "USER: hello"}])},
    "bedrock_llama": CONVERSE
    | {
        "more than one system prompt": lambda row: row.update(system=[{"text": "one"}, {"text": "two"}]),
        "over 16,000 tokens": lambda row: row["messages"][0].update(content=[{"text": "word " * 13_000}]),
    },
    "bedrock_claude": ORDERED
    | {
        "an unknown key": lambda row: row.update(schemaVersion="bedrock-conversation-2024"),
        "system is no text": lambda row: row.update(system=None),
        "a message is not a role and a text": lambda row: row["messages"][0].update(turn=1),
        "a reserved word begins a line": lambda row: row["messages"][0].update(content="So\nHuman: hello"),
        "over 32,000 tokens": lambda row: row["messages"][0].update(content="word " * 20_000),
        "a role is unknown": lambda row: row["messages"][0].update(role="system"),
    },
}


@pytest.mark.parametrize("granularity", ["conversation", "turn"])
@pytest.mark.parametrize(
    ("rules", "export_format"),
    [
        pytest.param(rules, export_format, id=f"{rules.target}-{export_format}")
        for rules in PUBLISHED
        for export_format in rules.formats
    ],
)
def test_an_export_that_readiness_calls_ready_keeps_to_every_rule(
    exports: Exports, rules: Published, export_format: ExportFormat, granularity: Granularity
) -> None:
    exported = exports.of(export_format, granularity, split=None)
    rows = exported.rows()

    fewest, most = rules.rows
    assert exported.readiness_for(rules.target)["ready"]
    assert fewest <= len(rows) <= most
    assert {fault for row in rows for fault in rules.faults_in(row)} == set()


@pytest.mark.parametrize(
    ("target", "fault"), [(target, fault) for target, spoils in SPOILS.items() for fault in spoils]
)
def test_a_row_that_breaks_a_rule_would_be_noticed(exports: Exports, target: str, fault: str) -> None:
    rules = by_target[target]
    row = copy.deepcopy(exports.of(rules.formats[0], split=None).rows()[-1])

    SPOILS[target][fault](row)

    assert fault in list(rules.faults_in(row))
