"""Personal data becomes placeholders, one for each value of a conversation, and nothing else changes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.support.personal_data import FOUND, LEFT_ALONE, unmarked
from training_files.domain.health.personal_data import personal_data_in
from training_files.domain.health.redaction import PLACEHOLDER, Redaction, Redactor

SENTENCES = [unmarked(sentence) for sentences in FOUND.values() for sentence in sentences]
LOOKALIKES = [sentence for sentences in LEFT_ALONE.values() for sentence in sentences]
BETWEEN = ["", " ", "-", ".", ",", ", ", "\n", "(", ")", "[", "]", "+", "@", "x", " x12", "SSN ", "phone ", "[EMAIL_1]"]
DATA = [datum for sentence in SENTENCES for datum in [sentence.split()[-1], sentence]]
TEXTS = some.lists(some.sampled_from([*DATA, *LOOKALIKES, *BETWEEN]) | some.text(max_size=6), max_size=8).map("".join)


def redacted(*texts: str) -> list[str]:
    redactor = Redactor(texts)
    return [redactor.redacted(text)[0] for text in texts]


def test_a_datum_becomes_a_placeholder_of_its_kind() -> None:
    text = "Write to kim@example.com, call 415-555-0132, card 4111 1111 1111 1111, from 203.0.113.7."

    assert redacted(text) == ["Write to [EMAIL_1], call [PHONE_1], card [CARD_1], from [IP_ADDRESS_1]."]


@pytest.mark.parametrize(
    ("text", "without_data"),
    [
        (
            "Call me: +33 6 12 34 56 78 / 06 98 76 54 32, or +49 30 1234567 - 0171 7654321.",
            "Call me: [PHONE_1] / [PHONE_2], or [PHONE_3] - [PHONE_4].",
        ),
        ("+49 (0)30 1234567 / 030 1234567", "[PHONE_1] / [PHONE_2]"),
        ("+49 30 1234567 (0171 7654321)", "[PHONE_1] ([PHONE_2])"),
        ("+49 30 1234567 12:30", "[PHONE_1] 12:30"),
        ("415.555.0132-415.555.0199", "[PHONE_1]-[PHONE_2]"),
    ],
)
def test_no_digit_of_a_second_number_stays_and_nothing_else_goes(text: str, without_data: str) -> None:
    assert redacted(text) == [without_data]


def test_what_was_redacted_is_told_with_its_place_and_without_its_value() -> None:
    text = "Ask kim@example.com or lee@example.com."

    _, redactions = Redactor([text]).redacted(text)

    assert redactions == [Redaction("email", "[EMAIL_1]", 4), Redaction("email", "[EMAIL_2]", 23)]


def test_values_are_numbered_in_the_order_of_the_texts() -> None:
    texts = "I am lee@example.com.", "And I kim@example.com, lee@example.com!"

    assert redacted(*texts) == ["I am [EMAIL_1].", "And I [EMAIL_2], [EMAIL_1]!"]
    assert redacted(*texts) == redacted(*texts)


@pytest.mark.parametrize(
    "same",
    [
        ("kim@example.com", "Kim@Example.COM"),
        ("415-555-0132", "(415) 555-0132", "+1 415 555 0132", "1-415-555-0132"),
        ("+49 (0)30 1234567", "+49 30 12345-67", "0049 30 1234567"),
        ("415-555-0132 ext. 12", "(415) 555-0132x12"),
        ("4111 1111 1111 1111", "4111111111111111", "4111-1111-1111-1111"),
        ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000", "de89370400440532013000"),
        ("2001:db8::1", "2001:0DB8:0:0:0:0:0:1"),
        ("CPF 390.533.447-05", "CPF 39053344705"),
    ],
)
def test_a_value_is_the_same_however_it_is_written(same: tuple[str, ...]) -> None:
    assert len(set(redacted(*same))) == 1


@pytest.mark.parametrize(
    "different",
    [
        ("kim@example.com", "lee@example.com"),
        ("415-555-0132", "415-555-0133"),
        ("415-555-0132", "415-555-0132 ext. 12"),
        ("sk-abcdefghijklmnopqrstuvwx1234", "sk-Abcdefghijklmnopqrstuvwx1234"),
    ],
)
def test_different_values_have_different_placeholders(different: tuple[str, str]) -> None:
    assert len(set(redacted(*different))) == len(different)


def test_a_placeholder_that_stands_in_a_text_of_the_conversation_is_not_given_again() -> None:
    texts = "I am kim@example.com.", "You are [EMAIL_1], and [EMAIL_3] is lee@example.com."

    assert redacted(*texts) == ["I am [EMAIL_2].", "You are [EMAIL_1], and [EMAIL_3] is [EMAIL_4]."]


def test_a_text_without_data_is_the_very_text() -> None:
    text = "Three months of expenses is a good first goal."

    same, redactions = Redactor([text]).redacted(text)

    assert same is text
    assert redactions == []


@pytest.mark.parametrize("sentence", SENTENCES)
def test_nothing_is_found_where_all_was_redacted(sentence: str) -> None:
    [text] = redacted(sentence)

    assert personal_data_in(text) == []


@settings(max_examples=500, deadline=None)
@given(TEXTS)
def test_to_redact_again_changes_nothing(text: str) -> None:
    [once] = redacted(text)

    assert redacted(once) == [once]


@settings(max_examples=500, deadline=None)
@given(TEXTS.filter(lambda text: not PLACEHOLDER.search(text)))
def test_what_is_no_datum_stays_character_for_character(text: str) -> None:
    data = personal_data_in(text)
    begins, ends = [datum.begin for datum in data], [datum.end for datum in data]

    [once] = redacted(text)

    assert PLACEHOLDER.split(once) == [text[end:begin] for end, begin in zip([0, *ends], [*begins, None], strict=True)]
