"""What is counted in a text to estimate its tokens: a few passes, most of them over bytes."""

import re
from collections import Counter
from itertools import filterfalse

from training_files.domain.tokens.languages import COMMON, LANGUAGE_OF, LANGUAGES
from training_files.domain.tokens.scripts import HAN_ALONE, script_of

# In Latin-1, the letters of Western Europe are single bytes; `?` stands for every other character, and not for itself.
LETTERS = bytes(byte for byte in range(256) if chr(byte).isalpha())
CAPITALS = bytes(byte for byte in LETTERS if chr(byte).isupper())
ACCENTED = bytes(byte for byte in LETTERS if byte >= 0x80)
DIGITS = b"0123456789"
OTHER = b"?"
LATIN_1 = re.compile("[\x00-\xff]+")
TYPOGRAPHIC_APOSTROPHE = "\u2019"

# The shortest words, in letters, of each class of words that are not common.
LENGTHS = (1, 3, 5, 7, 9, 12, 16)
LONGEST = LENGTHS[-1]
# Two words in five of running text are function words. Below half of that, some of the text is none.
SHARE_OF_FUNCTION_WORDS = 0.22
MOST_DIGITS_IN_A_TOKEN = 3

# Pairs of neighbours, by class: `A` a capital, `a` another letter, `0` a digit, `.` punctuation, `'` an apostrophe.
NEIGHBOURS = {
    "contraction": b"a'a",
    "hump": b"aA",
    "capitals": b"AA",
    "mark before letter": b".a",
    "mark before capital": b".A",
    "mark after mark": b"..",
    "line end": b"\n",
    "line end after mark": b".\n",
    "line end after letter": b"a\n",
    "empty line": b"\n\n",
    "indented line": b"\n ",
    "double space": b"  ",
    "space before digit": b" 0",
}


def _table(rest: bytes, *classes: tuple[bytes, bytes]) -> bytes:
    """For `bytes.translate`: each class as one byte."""
    table = bytearray(rest * 256)
    for members, stands_for in classes:
        for byte in members:
            table[byte] = stands_for[0]
    return bytes(table)


CLASSES = _table(
    b".",
    (LETTERS, b"a"),
    (CAPITALS, b"A"),
    (DIGITS, b"0"),
    (b"\n\r", b"\n"),
    (b" \t\x0b\x0c\x85\xa0", b" "),
    (b"'", b"'"),
    (OTHER, OTHER),
)
WORDS = _table(b" ", *((bytes([byte]), chr(byte).lower().encode("latin-1", "replace")) for byte in LETTERS))
ALL_BUT_ACCENTED = bytes(set(range(256)) - set(ACCENTED))
ALL_BUT_PUNCTUATION = bytes(set(range(256)) - set(b".'"))
ONLY_PUNCTUATION = _table(b" ", (b".'", b"."))
ONLY_DIGITS = _table(b" ", (b"0", b"0"))
ONLY_OTHER = _table(b" ", (OTHER, OTHER))


def features_of(text: str) -> dict[str, float]:
    """How often each is in the text; there is a weight for every name."""
    latin = text.replace("?", "!").encode("latin-1", "replace")
    found = {**_words(latin), **_marks(latin)}
    if not text.isascii():
        found.update(_other_scripts(text, latin))
    return found


def _words(latin: bytes) -> dict[str, float]:
    words = latin.translate(WORDS).split()
    if not words:
        return {}
    rare = list(filterfalse(COMMON.__contains__, words))
    found: Counter[str] = Counter()
    letters = 0
    for length, count in Counter(map(len, rare)).items():
        found[f"word of {max(shortest for shortest in LENGTHS if shortest <= length)}"] += count
        found["letter of a long word"] += max(0, length - LONGEST) * count
        letters += length * count
    shares = _shares(words)
    return {
        **found,
        "common word": len(words) - len(rare),
        "accented letter": len(latin.translate(None, ALL_BUT_ACCENTED)),
        **{f"word: {language}": len(rare) * share for language, share in shares.items()},
        **{f"letter: {language}": letters * share for language, share in shares.items()},
    }


def _shares(words: list[bytes]) -> dict[str, float]:
    """Of each language but English, by its function words; `rest` is what is running text in none of them."""
    hits = Counter(map(LANGUAGE_OF.get, words))
    del hits[None]
    known = hits.total()
    certain = min(1.0, known / (SHARE_OF_FUNCTION_WORDS * len(words)))
    of_known = {language: certain * hits[language] / known if known else 0.0 for language in LANGUAGES}
    return {**of_known, "rest": 1 - certain}


def _marks(latin: bytes) -> dict[str, float]:
    classes = latin.translate(CLASSES)
    found: dict[str, float] = {name: classes.count(pair) for name, pair in NEIGHBOURS.items()}
    stops = latin.count(b".") + latin.count(b",")
    found["stop"] = stops
    found["mark"] = len(classes.translate(None, ALL_BUT_PUNCTUATION)) - stops - found["contraction"]
    found["run of marks"] = len(classes.translate(ONLY_PUNCTUATION).split())
    digits = classes.translate(ONLY_DIGITS).split()
    found["digit"] = sum(map(len, digits))
    found["three digits"] = sum(-(-len(run) // MOST_DIGITS_IN_A_TOKEN) for run in digits)
    return found


def _other_scripts(text: str, latin: bytes) -> dict[str, float]:
    found: Counter[str] = Counter()
    for character, count in Counter(LATIN_1.sub("", text)).items():
        found["Han alone" if character in HAN_ALONE else script_of(character)] += count
    apostrophes = text.count(TYPOGRAPHIC_APOSTROPHE)
    return {
        **found,
        "typographic mark": found["typographic mark"] - apostrophes,
        "typographic apostrophe": apostrophes,
        "run of another script": len(latin.translate(ONLY_OTHER).split()),
    }
