"""Text that a model has repeated in a loop: a sentence several times, or the same words again and again.

Code and tables repeat by nature. Verse and lists do so too, up to a point: in them only what comes often, and in a row,
is a loop.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby, islice
from typing import NamedTuple

from training_files.domain.health.code_blocks import without_code

SENTENCE_AGAIN = "repeats a sentence"
WORDS_AGAIN = "repeats the same words in a row"

# A word; a character where scripts are written without spaces.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
SENTENCE_END = re.compile(r"[.!?\u2026\u061f\u0964](?!\S)|[\u3002\uff01\uff1f]")
TABLE_ROW = re.compile(r"[ \t>]*\||[^|]{0,200}\|[^|]{0,200}\|")
LIST_ITEM = re.compile(r"[\s>]*(?:[-*+\u2022\u2013#]+\s|\(?(?:\d{1,3}|[A-Za-z])[.)]\s|\*\*)")

# A sentence of at least so many words, so often, and such a share of the text that the text is about nothing else.
SENTENCE_WORDS = 6
SENTENCE_WORDS_UNSPACED = 12
SENTENCE_TIMES = 3
SENTENCE_SHARE = 0.3
# Paragraphs of so many lines, none of them longer, are verse.
VERSE_LINES = 3
VERSE_CHARACTERS = 60

# How often words come in a row before it is a loop, by how many they are: laughter and refrains stay below.
TIMES_UP_TO_WORDS = ((1, 14), (2, 8), (5, 6))
TIMES_OF_MORE_WORDS = 4
# What repeats, repeats soon. More would take too much memory in a text of several megabytes.
WORDS_AT_ONCE = 10_000
# The shortest repetition of all, a sentence of six words said three times, has this many threes of words that were
# there before. Most texts have fewer and need no further look; to count them in longer ones takes too much memory.
THREES_AGAIN = (SENTENCE_WORDS - 2) * (SENTENCE_TIMES - 1)
LONGEST_TEXT_COUNTED = 200_000


class _Line(NamedTuple):
    offset: int
    text: str


def repetitions_in(target: str) -> Iterator[tuple[int, str]]:
    if len(target) <= LONGEST_TEXT_COUNTED and _threes_again(target) < THREES_AGAIN:
        return
    lines = [line for line in _lines_of(target) if not TABLE_ROW.match(line.text)]
    sentence = _repeated_sentence(lines)
    if sentence is not None:
        yield sentence, SENTENCE_AGAIN
    loop = _loop_of_words(lines)
    if loop is not None:
        yield loop, WORDS_AGAIN


def _threes_again(target: str) -> int:
    words = WORD.findall(target.casefold())
    return len(words) - 2 - len(set(zip(words, words[1:], words[2:], strict=False)))


def _lines_of(text: str) -> Iterator[_Line]:
    """Those without fenced code. Code within a line tells sentences apart."""
    begin = 0
    for line, prose in zip(text.split("\n"), without_code(text).split("\n"), strict=True):
        if prose.strip() or not line.strip():
            yield _Line(begin, line)
        begin += len(line) + 1


def _repeated_sentence(lines: list[_Line]) -> int | None:
    """Where a sentence of prose is said again for the first time; None where none is said often enough."""
    sentences = [(offset, key) for line in _prose(lines) for offset, key in _sentences_in(line)]
    times = Counter(key for _, key in sentences)
    repeated = {key for key, count in times.items() if count >= SENTENCE_TIMES and _is_long(key)}
    share = sum(len(key) * times[key] for key in repeated)
    if not repeated or share < SENTENCE_SHARE * sum(len(line.text) for line in lines):
        return None
    said: set[str] = set()
    for offset, key in sentences:
        if key in said and key in repeated:
            return offset
        said.add(key)
    return None


def _prose(lines: list[_Line]) -> Iterator[_Line]:
    for is_blank, paragraph in groupby(lines, key=lambda line: not line.text.strip()):
        of_paragraph = list(paragraph)
        is_verse = len(of_paragraph) >= VERSE_LINES and all(len(line.text) <= VERSE_CHARACTERS for line in of_paragraph)
        if not is_blank and not is_verse:
            yield from (line for line in of_paragraph if not LIST_ITEM.match(line.text))


def _sentences_in(line: _Line) -> Iterator[tuple[int, str]]:
    """Offsets, and the words of each sentence that is ended, whatever their case and what stands between them."""
    begin = 0
    for end in SENTENCE_END.finditer(line.text):
        sentence = line.text[begin : end.start()]
        words = WORD.findall(sentence)
        if words:
            yield line.offset + begin + len(sentence) - len(sentence.lstrip()), " ".join(words).casefold()
        begin = end.end()


def _is_long(sentence: str) -> bool:
    words = sentence.count(" ") + 1
    return words >= (SENTENCE_WORDS_UNSPACED if len(sentence) < 2 * words else SENTENCE_WORDS)


def _loop_of_words(lines: list[_Line]) -> int | None:
    """Where words that come in a row begin; None where none come in a row often enough."""
    words = _words_of(lines)
    while block := list(islice(words, WORDS_AT_ONCE)):
        loop = _loop_in(block)
        if loop is not None:
            return loop
    return None


def _loop_in(block: list[tuple[int, str]]) -> int | None:
    """The last three words, where they were there before, say how far back.

    As long as each next word finds itself at the same distance, the words between repeat.
    """
    last_seen: dict[tuple[str, str, str], int] = {}
    distance = matching = last_with_letters = 0
    for index in range(2, len(block)):
        word = block[index][1]
        if word.isalpha():
            last_with_letters = index
        three = block[index - 2][1], block[index - 1][1], word
        before = index - last_seen.get(three, index)
        last_seen[three] = index
        matching = matching + 1 if before == distance else len(three)
        distance = before
        is_loop = distance and matching >= distance * (_times_of(distance) - 1)
        if is_loop and last_with_letters > index - distance:
            return block[index - matching + 1 - distance][0]
    return None


def _words_of(lines: list[_Line]) -> Iterator[tuple[int, str]]:
    for line in lines:
        yield from ((line.offset + match.start(), match[0].casefold()) for match in WORD.finditer(line.text))


def _times_of(words: int) -> int:
    return next((times for up_to, times in TIMES_UP_TO_WORDS if words <= up_to), TIMES_OF_MORE_WORDS)
