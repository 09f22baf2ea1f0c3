"""What an export repairs and redacts, and that all else stays as it was, character for character."""

from typing import Any

import pytest

from tests.support.exchanges import CONVERSATION_ID, in_real_shape, in_simple_shape, models
from training_files.domain.conversation.dialogues import mapped
from training_files.domain.exports.rewriting import Change, rewritten

EXCHANGES = [
    (r"I owe \"a lot\".", r"Let us see.\n\nFirst:\tthe \u20ac 300."),
    ("Mail ana@example.com.", "Yes, Ana@Example.com it is."),
    ("Thanks.", "Gladly."),
]
shapes = pytest.mark.parametrize("shape", [in_real_shape, in_simple_shape], ids=["real", "simple"])


def texts(pairs: Any) -> list[str]:
    [dialogue] = mapped(CONVERSATION_ID, list(pairs), "conversation").dialogues
    return [message.content for message in dialogue.messages]


@shapes
def test_escapes_become_the_characters_that_were_meant_wherever_the_text_is_repeated(shape: Any) -> None:
    pairs = models(shape(EXCHANGES))
    found = rewritten(pairs, ["escapes"], [])

    assert texts(found.pairs) == [
        'I owe "a lot".',
        "Let us see.\n\nFirst:\tthe € 300.",
        *(text for exchange in EXCHANGES[1:] for text in exchange),
    ]
    assert mapped(CONVERSATION_ID, list(found.pairs), "conversation").history_mismatches == ()
    assert [(change.field, change.what, change.count) for change in found.repaired] == [
        ("current_user_input", "escapes", 2),
        ("target_response", "escapes", 4),
    ]


@shapes
def test_the_same_datum_is_the_same_placeholder_in_the_whole_conversation(shape: Any) -> None:
    found = rewritten(models(shape(EXCHANGES)), [], ["personal_data"])

    assert texts(found.pairs)[2:4] == ["Mail [EMAIL_1].", "Yes, [EMAIL_1] it is."]
    assert {change.what for change in found.redacted} == {"email"}


@shapes
def test_what_is_not_concerned_is_the_very_pair(shape: Any) -> None:
    pairs = models(shape([("Why?", "Because."), ("And?", r"In C:\new\table, \nabla f and `\n`.")]))

    found = rewritten(pairs, ["escapes"], ["personal_data"])

    assert all(one is other for one, other in zip(found.pairs, pairs, strict=True))
    assert (found.repaired, found.redacted) == ((), ())


def test_what_was_escaped_hides_no_personal_data() -> None:
    found = rewritten(
        models(in_simple_shape([("Where?", r"Write to:\nana@example.com.")])), ["escapes"], ["personal_data"]
    )

    assert texts(found.pairs)[1] == "Write to:\n[EMAIL_1]."


def test_a_change_names_the_place_where_its_text_is_said_first() -> None:
    pairs = models(in_simple_shape([("Why?", r"A \"good\" one."), ("Why?", r"A \"good\" one.")]))

    assert rewritten(pairs, ["escapes"], []).repaired == (
        Change(1, "target_response", "escapes", 2),
        Change(2, "target_response", "escapes", 2),
    )
