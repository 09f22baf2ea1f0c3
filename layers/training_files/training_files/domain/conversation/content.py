"""When two conversations say the same."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

import orjson

from training_files.domain.conversation.dialogues import Said, in_turn_order, walked
from training_files.domain.conversation.enriched_file import TrainingPairModel

MARKS_AT_ONCE = 30
COMBINING_GRAPHEME_JOINER = "\u034f"
# The first combining mark is U+0300, so no shorter run, and none of Latin letters, can hold that many.
MAY_BE_MARKS = re.compile(rf"[^\x00-\u02ff]{{{MARKS_AT_ONCE + 1},}}")


def content_sha256(pairs: Sequence[TrainingPairModel]) -> str:
    """The SHA-256, in hex, of who says what up to the last target; the same for exact duplicates under any id.

    Spelling that nobody sees does not count: Unicode forms of the same characters, and the kind and amount of white
    space. The system prompt does not count either.
    """
    said = said_to_the_end(pairs)
    return hashlib.sha256(orjson.dumps([(role, normalised(text)) for role, text in said])).hexdigest()


def said_to_the_end(pairs: Sequence[TrainingPairModel]) -> list[Said]:
    """Who says what, once, up to the last target; all of it where there is none."""
    in_order = in_turn_order(pairs)
    trainable = [pair for pair in in_order if pair.trainable]
    return walked(trainable or in_order).said


def normalised(text: str) -> str:
    """Without what nobody sees: the Unicode form, and the kind and amount of white space."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", MAY_BE_MARKS.sub(_stream_safe, text))
    return " ".join(text.split())


def _stream_safe(run: re.Match[str]) -> str:
    """A run with a joiner behind every thirty marks, so that no more than those are put into their canonical order.

    As Unicode Standard Annex 15 has it (Stream-Safe Text Format): ordering takes the square of the number of marks.
    """
    characters: list[str] = []
    marks = 0
    for character in run[0]:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > MARKS_AT_ONCE:
            characters.append(COMBINING_GRAPHEME_JOINER)
            marks = 1
        characters.append(character)
    return "".join(characters)
