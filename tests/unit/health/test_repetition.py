# ruff: noqa: RUF001 - The signs of other scripts look like ours.
"""A loop of a model is told from verse, lists, tables, code and laughter."""

import pytest

from tests.support.bounded import bounded_cpu_time
from training_files.domain.health.repetition import SENTENCE_AGAIN, WORDS_AGAIN, repetitions_in

BEGIN = "Thank you for telling me. Let us look at it together. "
STEP = "You can do this one step at a time. "
PROSE = (
    "Three months of expenses is a good first goal. Put a little aside as soon as money comes in, and leave it there. "
    "Most people find that the first month is the hardest, and that it gets easier once the transfer runs by itself. "
)

LOOPS = {
    "sentence": (f"{BEGIN}{STEP * 3}", len(BEGIN) + len(STEP), SENTENCE_AGAIN),
    "sentence, in other spellings": (
        "You can do this one step at a time. YOU CAN DO THIS, one step at a time! You can do this one  step at a time.",
        36,
        SENTENCE_AGAIN,
    ),
    "two sentences in turns": (
        "It is your money and your choice. Nobody else can decide that for you. " * 3,
        71,
        SENTENCE_AGAIN,
    ),
    "paragraph": (f"{PROSE}\n\n" * 3, len(PROSE) + 2, SENTENCE_AGAIN),
    "sentence in German": ("Das schaffen Sie Schritt für Schritt ganz sicher. " * 3, 50, SENTENCE_AGAIN),
    "sentence in Russian": ("Вы справитесь с этим шаг за шагом. " * 3, 35, SENTENCE_AGAIN),
    "sentence in Arabic": ("يمكنك أن تفعل ذلك خطوة بعد خطوة؟ " * 3, 33, SENTENCE_AGAIN),
    "sentence in Chinese": ("我们先一起看看您每个月的预算。" * 3, 15, SENTENCE_AGAIN),
    "sentence in Japanese": ("まずは毎月の予算を一緒に見てみましょう。" * 3, 20, SENTENCE_AGAIN),
    "word": (f"{BEGIN}That is very {'very ' * 20}good.", len(BEGIN) + 8, WORDS_AGAIN),
    "two words": (f"{BEGIN}{'and then ' * 10}", len(BEGIN), WORDS_AGAIN),
    "clause without an end": (f"{BEGIN}{'and then you save a little more ' * 6}", len(BEGIN), WORDS_AGAIN),
    "short sentence": (f"{BEGIN}{'It is fine. ' * 10}", len(BEGIN), WORDS_AGAIN),
    "short sentence in lines": ("I am here for you.\n" * 8, 0, WORDS_AGAIN),
    "item of a list": (f"{BEGIN}\n\n" + "- Save a little more each month\n" * 6, len(BEGIN) + 4, WORDS_AGAIN),
    "loop behind a long text": (f"{PROSE * 2}" + "and you save and you earn " * 6, 2 * len(PROSE), WORDS_AGAIN),
    "character in Chinese": ("好" * 30, 0, WORDS_AGAIN),
    "clause in Chinese": ("我知道，" * 10, 0, WORDS_AGAIN),
}
MEANT = {
    "empty": "",
    "sentences": PROSE,
    "sentence said twice": f"{STEP}{PROSE}{STEP}",
    "sentence here and there in a long text": f"{STEP}{PROSE * 1}{STEP}" + PROSE.replace("money", "pay").upper() + STEP,
    "short sentences": "Breathe in. Breathe out. Breathe in. Breathe out. Breathe in. Breathe out.",
    "laughter": "Ha ha ha ha ha ha! That was good.",
    "emphasis": "No, no, no, no, no. Very, very, very, very good.",
    "refrain": "Let it be, let it be,\nlet it be, let it be,\nthere will be an answer,\nlet it be.",
    "verse": "\n\n".join(
        f"The {thing} went by in the night,\nand nobody asked it to stay.\nOh, carry me home to the sea."
        for thing in ("river", "summer", "train", "moon")
    ),
    "list of like items": "\n".join(f"- Week {n}: save $50 and write it down" for n in range(1, 12)),
    "numbered list": "\n".join(f"{n}. Ask yourself what it costs." for n in (1, 2, 3)),
    "plan of days": "\n".join(f"**Day {n}:** Rest, and drink water." for n in range(1, 8)),
    "table": "| Month | Done |\n|---|---|\n" + "| May | yes yes yes yes |\n" * 12,
    "code": "```python\n" + "print('you can do this one step at a time.')\n" * 9 + "```\nThat is all.",
    "sentences that differ in their code": " ".join(
        f"The option `{name}` says how long it waits." for name in "abcdef"
    ),
    "numbers": "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
    "lines to fill in": "Goal: ______\n" * 5,
    "rule": "- - - - - - - - - - - - - - - - - - - -\n" + "=" * 200,
    "laughter in Chinese": "哈哈哈哈哈，太好了。",
    "buffalo": "Buffalo buffalo buffalo buffalo buffalo buffalo buffalo buffalo.",
    "anaphora": "I have a plan for the house. I have a plan for the car. I have a plan for us.",
}

LONG = 200_000
SECONDS = 20


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_is_found_where_it_begins(name: str) -> None:
    text, offset, message = LOOPS[name]

    assert next(repetitions_in(text)) == (offset, message)


@pytest.mark.parametrize("name", MEANT)
def test_what_repeats_by_nature_is_left_alone(name: str) -> None:
    assert list(repetitions_in(MEANT[name])) == []


def test_a_loop_is_found_behind_more_words_than_are_looked_at_at_once() -> None:
    words = " ".join(f"word{n}" for n in range(30_000))

    assert [message for _, message in repetitions_in(f"{words} {'and so on ' * 30}")] == [WORDS_AGAIN]


@pytest.mark.parametrize(
    "unit", ["a ", "a b c. ", "1 ", "\n", ". ", "|", "- a\n", "x.", "\u6211", "a\n\n", "a b c d e f. "]
)
def test_the_time_for_a_hostile_text_grows_with_its_length(unit: str) -> None:
    text = unit * (LONG // len(unit))

    with bounded_cpu_time(SECONDS):
        list(repetitions_in(text))
