"""When two conversations say the same."""

import pytest
from hypothesis import given, settings

from tests.support.any_exchanges import EXCHANGES
from tests.support.exchanges import Exchange, in_real_shape, in_simple_shape, models
from training_files.domain.conversation.content import content_sha256

HELLO = [("Hello, Zoë.", "Welcome back."), ("And now?", "Begin.")]


def content(exchanges: list[Exchange], **changes: str | None) -> str:
    return content_sha256(models(in_real_shape(exchanges, **changes)))


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(EXCHANGES)
def test_the_shape_of_the_pairs_does_not_count(exchanges: list[Exchange]) -> None:
    assert content(exchanges) == content_sha256(models(in_simple_shape(exchanges)))


def test_what_nobody_trains_on_or_sees_does_not_count() -> None:
    assert content(HELLO, system_prompt="Be brief.") == content(HELLO, system_prompt=None)
    assert content(HELLO, tail="One more thing.") == content(HELLO)
    assert content(HELLO, id="another") == content(HELLO)


@pytest.mark.parametrize("text", ["  Hello, Zoë.\n", "Hello,\u00a0 \t\nZoë.", "Hello, Zoe\u0308."])
def test_spelling_that_nobody_sees_does_not_count(text: str) -> None:
    assert content([(text, "Welcome back."), HELLO[1]]) == content(HELLO)


@pytest.mark.parametrize(
    "exchanges",
    [
        HELLO[:1],
        HELLO[::-1],
        [("hello, Zoë.", "Welcome back."), HELLO[1]],
        [("Hello, Zoë.", "Welcome, back."), HELLO[1]],
        [("Hello, Zoë. Welcome", "back."), HELLO[1]],
    ],
)
def test_other_words_or_another_order_are_another_conversation(exchanges: list[Exchange]) -> None:
    assert content(exchanges) != content(HELLO)


def test_the_same_last_words_after_another_history_are_another_conversation() -> None:
    after_one, after_other = (models(in_simple_shape([first, ("Yes.", "Good.")]))[1:] for first in HELLO)

    assert content_sha256(after_one) != content_sha256(after_other)


def test_conversations_without_any_target_are_compared_by_what_the_user_says() -> None:
    unanswered = [models(in_real_shape([], tail=text)) for text in ("Hello.", "Hello. ", "Goodbye.")]

    assert content_sha256(unanswered[0]) == content_sha256(unanswered[1]) != content_sha256(unanswered[2])


def test_the_hash_is_the_same_on_every_machine_for_ever() -> None:
    assert content(HELLO) == "94a50f6f59fe45f859cc8dddd26817f846633b58a0ddbe2fafb200161914b594"
