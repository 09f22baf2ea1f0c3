"""Nothing that a text or a conversation can say takes more time than its length.

Every function that reads a text or a structure is given hostile ones, and eight times as much of them.
"""

import io
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.builders import an_enriched_file
from tests.support.domain import MOMENT, USER, a_conversation, some_analysis
from tests.support.exchanges import models
from tests.support.growth import AT_MOST, FACTOR, grows_with_its_input
from tests.support.hostile import PAIRS, TEXTS
from training_files.domain.analysis.conversation_analysis import ConversationAnalysis, analysis_of
from training_files.domain.analysis.file_health import FileHealth
from training_files.domain.balance.suggestions import suggested
from training_files.domain.conversation.content import content_sha256
from training_files.domain.conversation.conversation import Candidate
from training_files.domain.conversation.enriched_file import EnrichedFileInvalidError, read_enriched_file
from training_files.domain.exports.export import ExportFilter, ExportFormat, ExportRequest
from training_files.domain.exports.row_facts import marks_in
from training_files.domain.exports.rows import EXPORT_FORMATS, line, sidecar_line
from training_files.domain.exports.treatment import treated_conversation
from training_files.domain.health.code_blocks import without_code
from training_files.domain.health.escapes import unescaped
from training_files.domain.health.personal_data import personal_data_in
from training_files.domain.health.redaction import Redactor
from training_files.domain.health.rules import GRANULARITIES, findings_of
from training_files.domain.health.truncation import _ends_with_an_address, sign_of_truncation
from training_files.domain.text import printable
from training_files.domain.training_file.formats import json_conversation, jsonl_lines
from training_files.domain.training_file.stored_file import StoredConversation, conversations_in

CHARACTERS = 4_000
PAIRS_AT_FIRST = 60
# A name is measured before it is looked at.
LONGEST_NAME = 255


def content_of(text: str) -> str:
    return content_sha256(models(an_enriched_file_of(text)["training_pairs"]))


def an_enriched_file_of(text: str) -> dict[str, Any]:
    return an_enriched_file(
        {"id": "one", "turn_number": 1, "current_user_input": text, "target_response": text, "system_prompt": text}
    )


def findings_in(text: str) -> object:
    return findings_of("one", models(an_enriched_file_of(text)["training_pairs"]))


def name_is_printable(text: str) -> object:
    try:
        return printable(text[:LONGEST_NAME])
    except ValueError:
        return None


def redacted(text: str) -> object:
    return Redactor([text]).redacted(text)


READ_A_TEXT: dict[str, Callable[[str], object]] = {
    "personal data": personal_data_in,
    "redaction": redacted,
    "truncation": sign_of_truncation,
    "code": without_code,
    "escapes": unescaped,
    "reserved words": marks_in,
    "content": content_of,
    "findings": findings_in,
    "names": name_is_printable,
}


@pytest.mark.parametrize("function", READ_A_TEXT.values(), ids=READ_A_TEXT)
def test_time_grows_with_a_text_and_no_faster(function: Callable[[str], object]) -> None:
    too_slow = [name for name, text in TEXTS.items() if not grows_with_its_input(function, text, size=CHARACTERS)]

    assert too_slow == [], f"{FACTOR} times the text takes more than {AT_MOST} times as long"


def test_time_grows_with_the_end_of_a_text_and_no_faster() -> None:
    """It is short, but each target has one."""
    too_slow = [name for name, text in TEXTS.items() if not grows_with_its_input(_ends_with_an_address, text, size=500)]

    assert too_slow == []


def test_time_grows_with_long_texts_of_escaped_line_breaks_and_no_faster() -> None:
    """What is copied for each of them is little in a short text."""
    assert grows_with_its_input(findings_in, TEXTS["escaped line breaks in quotes"], size=100_000)


def read(document: Any) -> object:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    try:
        return read_enriched_file(USER, raw)
    except EnrichedFileInvalidError as error:
        return error.faults


def nested(levels: int, size: int) -> bytes:
    """Lists in lists, and many small numbers in the innermost."""
    numbers = ",".join("1" * (size * 50))
    value = json.dumps(an_enriched_file()).encode()
    return value[:-1] + b',"deep":' + b"[" * levels + numbers.encode() + b"]" * levels + b"}"


def with_many(part: str, size: int) -> bytes:
    """A member of the document that has `part` over and over."""
    value = json.dumps(an_enriched_file()).encode()
    return value[:-1] + b',"many":[' + b",".join([part.encode()] * (size * 20)) + b"]}"


def with_keys(size: int, *, different: bool) -> bytes:
    keys = (f'"k{place if different else 0}":1' for place in range(size * 20))
    return json.dumps(an_enriched_file()).encode()[:-1] + b',"many":{' + ",".join(keys).encode() + b"}}"


DOCUMENTS: dict[str, Callable[[int], bytes]] = {
    "few levels": lambda size: nested(20, size),
    "many levels": lambda size: nested(500, size),
    "empty lists": lambda size: with_many("[]", size),
    "empty objects": lambda size: with_many("{}", size),
    "fractions": lambda size: with_many("0.10", size),
    "large numbers": lambda size: with_many("9" * 40, size),
    "escapes": lambda size: with_many('"' + "\\u0000" * 20 + '"', size),
    "a key that comes again": lambda size: with_many('{"a":1,"a":2}', size),
    "one object with many keys": lambda size: with_keys(size, different=True),
    "one object with one key": lambda size: with_keys(size, different=False),
    "faulty pairs": lambda size: json.dumps(an_enriched_file(*[{"id": 1}] * size)).encode(),
    "pairs with one id": lambda size: json.dumps(
        an_enriched_file(*[{"id": "a", "turn_number": 1, "target_response": "b"}] * size)
    ).encode(),
} | {
    name: lambda size, pairs=pairs: json.dumps(an_enriched_file(*pairs(size))).encode() for name, pairs in PAIRS.items()
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_time_grows_with_an_enriched_file_and_no_faster(document: Callable[[int], bytes]) -> None:
    assert grows_with_its_input(read, document, size=PAIRS_AT_FIRST)


def analysed(conversation: StoredConversation) -> object:
    analysis = analysis_of(conversation.conversation_id, conversation.pairs, row_score=None, jsonl_size=1)
    value = analysis.as_json()
    return ConversationAnalysis.from_json(conversation.conversation_id, value)


def exported(export_format: ExportFormat) -> Callable[[StoredConversation], object]:
    def export(conversation: StoredConversation) -> object:
        all_treated = [
            treated_conversation(conversation.conversation_id, conversation.pairs, request, {})
            for request in (
                ExportRequest(
                    format=export_format,
                    granularity=granularity,
                    filter=ExportFilter(without=("error",)),
                    repair=("escapes",),
                    redact=("personal_data",),
                    name="A",
                )
                for granularity in GRANULARITIES
            )
        ]
        return [
            (
                line(dialogue, export_format),
                sidecar_line(
                    dialogue, conversation, line_number=1, mean_score=None, treatment=treated.as_metadata(dialogue)
                ),
            )
            for treated in all_treated
            for dialogue in treated.mapped.dialogues
        ]

    return export


def stored(pairs: Callable[[int], list[dict[str, Any]]]) -> Callable[[int], StoredConversation]:
    metadata = {"scaffolding": {}}
    return lambda size: StoredConversation(str(USER), metadata, models(pairs(size)))


READ_A_CONVERSATION: dict[str, Callable[[StoredConversation], object]] = {
    "findings": lambda conversation: findings_of("one", conversation.pairs),
    "content": lambda conversation: content_sha256(conversation.pairs),
    "analysis": analysed,
    **{f"export as {export_format}": exported(export_format) for export_format in EXPORT_FORMATS},
}


@pytest.mark.parametrize("function", READ_A_CONVERSATION.values(), ids=READ_A_CONVERSATION)
def test_time_grows_with_the_pairs_and_no_faster(function: Callable[[StoredConversation], object]) -> None:
    too_slow = [
        name for name, pairs in PAIRS.items() if not grows_with_its_input(function, stored(pairs), size=PAIRS_AT_FIRST)
    ]

    assert too_slow == []


@pytest.mark.parametrize("pairs", PAIRS.values(), ids=PAIRS)
def test_time_to_render_and_to_read_back_grows_with_the_pairs(pairs: Callable[[int], list[dict[str, Any]]]) -> None:
    conversation = a_conversation()

    def render(raw: bytes) -> object:
        enriched = read_enriched_file(USER, raw)
        scaffolding, figures = scaffolding_and_figures(enriched)
        element = json_conversation(conversation, enriched, scaffolding, figures)
        whole = b'{\n  "conversations": [\n' + element + b"\n  ]\n}"
        return jsonl_lines(conversation, enriched), list(conversations_in(io.BytesIO(whole)))

    def scaffolding_and_figures(enriched: Any) -> tuple[Any, Any]:
        from training_files.domain.conversation.figures import figures_of
        from training_files.domain.conversation.scaffolding import scaffolding_of

        scaffolding = scaffolding_of(conversation, enriched)
        return scaffolding, figures_of(conversation, enriched, scaffolding, "0" * 64)

    assert grows_with_its_input(
        render, lambda size: json.dumps(an_enriched_file(*pairs(size))).encode(), size=PAIRS_AT_FIRST
    )


def different_candidates(count: int) -> list[Candidate]:
    return [
        Candidate(
            conversation_id=UUID(int=place),
            created_at=MOMENT,
            persona_key=f"p{place}",
            emotional_arc_key=f"a{place}",
            training_topic_key=f"t{place}",
        )
        for place in range(count)
    ]


@pytest.mark.parametrize("limit", [1, 20])
def test_time_to_suggest_grows_with_the_candidates_and_no_faster(limit: int) -> None:
    def suggest(candidates: list[Candidate]) -> object:
        return suggested(candidates, {}, conversation_count=0, limit=limit)

    assert grows_with_its_input(suggest, different_candidates, size=250)


def test_time_for_the_health_of_a_file_grows_with_its_conversations() -> None:
    def alike(count: int) -> list[ConversationAnalysis]:
        return [some_analysis(uuid4()) for _ in range(count)]

    assert grows_with_its_input(lambda analyses: FileHealth.of(analyses).warnings(), alike, size=250)
