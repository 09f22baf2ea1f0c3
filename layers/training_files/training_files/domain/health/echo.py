"""A target that says the user's text again instead of answering it."""

import re
from collections.abc import Iterator

WHOLE = "is the user's text again"
BEGINNING = "begins with the user's text, word for word"
# Shorter texts may well be said twice, as a greeting is.
MIN_WORDS = 8
# Scripts without spaces: that many characters at least, whatever the words.
MIN_CHARACTERS_WITHOUT_SPACES = 20
WITHOUT_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def echoes_in(target: str, user_text: str) -> Iterator[tuple[int, str]]:
    """`user_text` is what the target answers. In quotes, or behind the mark of a quotation, it is quoted."""
    said = _normalised(user_text)
    if not _is_long(said):
        return
    answer = _normalised(target)
    if answer.startswith(said) and _ends_a_word(answer, len(said)):
        yield len(target) - len(target.lstrip()), WHOLE if answer == said else BEGINNING


def _normalised(text: str) -> str:
    return " ".join(text.split()).casefold()


def _is_long(said: str) -> bool:
    return said.count(" ") >= MIN_WORDS - 1 or len(WITHOUT_SPACES.findall(said)) >= MIN_CHARACTERS_WITHOUT_SPACES


def _ends_a_word(answer: str, end: int) -> bool:
    return not (answer[end - 1].isalnum() and answer[end : end + 1].isalnum()) or bool(
        WITHOUT_SPACES.match(answer, end)
    )
