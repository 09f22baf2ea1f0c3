# ruff: noqa: RUF001 - The signs of other scripts look like ours.
"""A target that says the user's text again is told from one that answers, quotes or takes up its words."""

import pytest

from tests.support.bounded import bounded_cpu_time
from training_files.domain.health.echo import BEGINNING, WHOLE, echoes_in

ASKED = "I owe money on two cards and I don't know where to start."
ANSWER = "Let us look at the three numbers together."

ECHOES = {
    "whole": (ASKED, ASKED, 0, WHOLE),
    "in other spelling": (ASKED, ASKED.upper(), 0, WHOLE),
    "in other white space": (ASKED, f"\n {ASKED.replace(' ', '  ')}\n", 2, WHOLE),
    "with the answer": (ASKED, f"{ASKED} {ANSWER}", 0, BEGINNING),
    "with the answer in a paragraph of its own": (ASKED, f"{ASKED}\n\n{ANSWER}", 0, BEGINNING),
    "with more punctuation": (ASKED.rstrip("."), f"{ASKED} {ANSWER}", 0, BEGINNING),
    "of several lines": (f"{ASKED}\nCan you help?", f"{ASKED} Can you help? {ANSWER}", 0, BEGINNING),
    "of exactly eight words": (
        "one two three four five six seven eight",
        "One two three four five six seven eight",
        0,
        WHOLE,
    ),
    "German": ("Ich habe Schulden auf zwei Karten und keinen Plan.",) * 2 + (0, WHOLE),
    "Russian": ("Я должен денег по двум картам и не знаю что.",) * 2 + (0, WHOLE),
    "Arabic": ("أنا مدين بالمال على بطاقتين ولا أعرف من أين أبدأ",) * 2 + (0, WHOLE),
    "Chinese": (
        "我有两张信用卡的债务，真的不知道应该从哪里开始。",
        "我有两张信用卡的债务，真的不知道应该从哪里开始。我们一起看看。",
        0,
        BEGINNING,
    ),
    "Japanese": ("カードが二枚あって、どこから始めればいいのか分かりません。",) * 2 + (0, WHOLE),
}
ANSWERS = {
    "answer": (ASKED, ANSWER),
    "nothing": (ASKED, ""),
    "no question": ("", ANSWER),
    "short text": ("Thank you so much for this.", "Thank you so much for this. You too."),
    "greeting": ("Hello!", "Hello! How can I help?"),
    "short text in Chinese": ("谢谢你的帮助！", "谢谢你的帮助！"),
    "in quotes": (ASKED, f'"{ASKED}" is how most people begin. {ANSWER}'),
    "as a quotation": (ASKED, f"> {ASKED}\n\n{ANSWER}"),
    "in bold": (ASKED, f"**{ASKED}** {ANSWER}"),
    "taken up": (ASKED, f"You owe money on two cards and you don't know where to start. {ANSWER}"),
    "in the middle": (ASKED, f"{ANSWER} {ASKED}"),
    "begins alike": (ASKED, f"I owe money on two cards and I know where to start. {ANSWER}"),
    "ends in the middle of a word": (ASKED.rstrip("."), f"{ASKED.rstrip('.')}ing point."),
    "shorter than the text": (ASKED, "I owe money on two cards"),
    "corrected": (
        "me owes money on two card and dont know where start",
        "I owe money on two cards and don't know where to start.",
    ),
}

LONG = 200_000
SECONDS = 20


@pytest.mark.parametrize("name", ECHOES)
def test_an_echo_is_found_where_it_begins(name: str) -> None:
    asked, target, offset, message = ECHOES[name]

    assert list(echoes_in(target, asked)) == [(offset, message)]


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_left_alone(name: str) -> None:
    asked, target = ANSWERS[name]

    assert list(echoes_in(target, asked)) == []


@pytest.mark.parametrize("unit", ["a ", "\u6211", " ", "a\n"])
def test_the_time_for_a_hostile_text_grows_with_its_length(unit: str) -> None:
    text = unit * (LONG // len(unit))

    with bounded_cpu_time(SECONDS):
        list(echoes_in(text, text))
