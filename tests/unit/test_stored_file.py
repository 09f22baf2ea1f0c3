"""Reading our own full JSON back, one conversation at a time."""

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.any_exchanges import EXCHANGES
from tests.support.builders import a_pair, an_enriched_file
from tests.support.domain import Written, a_conversation, written
from tests.support.exchanges import Exchange, in_real_shape, models
from training_files.domain.training_file.stored_file import StoredFileInvalidError, conversations_in

GOLDEN = Path(__file__).parent / "golden"
# What would end a conversation, or begin the list of them, if a text could hold a raw line break or less indentation.
HOSTILE = '\n    }\n    },\n  "conversations": [\n    {\n  ]\n}'


def a_file(*enriched: Any, **changes: Any) -> Written:
    return written([(a_conversation(batch_id="b"), one) for one in enriched or [an_enriched_file()]], **changes)


def read(whole: bytes) -> list[Any]:
    return list(conversations_in(io.BytesIO(whole)))


def test_the_golden_file_gives_its_conversations_in_order_with_their_metadata_and_pairs() -> None:
    whole = (GOLDEN / "training.json").read_bytes()
    found = read(whole)

    assert [one.conversation_id for one in found] == [
        "11111111-1111-4111-8111-111111111111",
        "33333333-3333-4333-8333-333333333333",
    ]
    assert found[0].metadata["source_file"] == "fp_conversation_11111111-1111-4111-8111-111111111111.json"
    assert found[1].scaffolding["emotional_arc_key"] == "shame_to_hope"


@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(st.lists(EXCHANGES, min_size=1, max_size=3))
def test_pairs_come_back_as_they_went_in(conversations: list[list[Exchange]]) -> None:
    pairs = [in_real_shape(exchanges) for exchanges in conversations]
    whole = a_file(*[an_enriched_file(*one) for one in pairs])

    assert [one.pairs for one in read(whole.json)] == [models(one) for one in pairs]


def test_nothing_in_a_text_or_an_object_looks_like_the_end_of_a_conversation() -> None:
    hostile = {HOSTILE: HOSTILE, "conversations": [{"conversations": [{}]}, [], {}]}
    pair = a_pair(emotional_context=hostile, target_response=HOSTILE, current_user_input=HOSTILE)
    enriched = an_enriched_file(pair, consultant_profile={"conversations": [{}], HOSTILE: HOSTILE})
    found = read(a_file(enriched, enriched, name='x "conversations": [').json)

    assert [one.pairs[0].target_response for one in found] == [HOSTILE, HOSTILE]
    assert [one.pairs[0].emotional_context for one in found] == [hostile, hostile]


def test_numbers_that_were_kept_as_they_were_written_are_no_obstacle() -> None:
    numbers = b'"x": 12345678901234567890123, "y": -0, "z": 1.50'
    raw = b'{"training_pairs": [{"id": "a", "turn_number": 7, "target_response": "Hm.", %b}]}' % numbers

    assert read(a_file(raw).json)[0].pairs[0].turn_number == 7


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.7, 0.99])
def test_a_file_that_ends_early_is_refused_and_never_taken_for_a_shorter_one(kept: float) -> None:
    whole = a_file(an_enriched_file(), an_enriched_file()).json

    with pytest.raises(StoredFileInvalidError):
        read(whole[: int(len(whole) * kept)])


def test_a_file_that_lost_only_its_end_is_refused() -> None:
    whole = a_file().json

    with pytest.raises(StoredFileInvalidError, match="ends within"):
        read(whole.removesuffix(b"\n  ]\n}"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"training_pairs"', b'"pairs"'),
        (b'"turn_number": 1', b'"turn_number": "1"'),
        (b'"turn_number": 1', b'"turn_number": '),
        (b'"conversation_metadata": {', b'"conversation_metadata": ["'),
        (b"\n    {\n", b"\n  {\n"),
    ],
)
def test_an_unknown_conversation_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(StoredFileInvalidError):
        read(a_file().json.replace(old, new, 1))


def test_conversations_are_read_as_they_are_asked_for() -> None:
    """So memory holds one of them, however large the file is."""
    file = io.BytesIO(a_file(*[an_enriched_file()] * 20).json)
    next(conversations_in(file))

    assert file.tell() < len(file.getvalue()) / 10
