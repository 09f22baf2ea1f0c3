"""What is kept of a conversation's words to tell, without its text, how much of another one is in it.

MinHash of the stretches of three words (shingles) by one permutation: each shingle is hashed once and falls into one of
128 bins; the least of each bin counts. How many bins of two conversations are equal estimates the Jaccard index of
their shingles, within about 0.04. Li, Owen and Zhang, "One Permutation Hashing", 2012; empty bins are filled as in
Shrivastava, "Optimal Densification for Fast and Accurate Minwise Hashing", 2017.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from operator import eq

from training_files.domain.conversation.content import normalised, said_to_the_end
from training_files.domain.conversation.enriched_file import TrainingPairModel

BINS = 128
# Less is so short that what two texts share says little: about 22 different shingles, 24 words.
FEWEST_FILLED_BINS = 20
# Scripts without spaces between words: each character counts as one. Thai to Khmer, Kana, Han.
ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{ALONE}]|[^\W_{ALONE}]+")
# What Python computes with quickly.
MASK = 2**60 - 1
WORDS_REMEMBERED = 10_000


def signature_of(pairs: Sequence[TrainingPairModel]) -> bytes | None:
    """One byte for each bin; None where too little is said. Case, punctuation and the system prompt do not count."""
    words = [word for _, text in said_to_the_end(pairs) for word in WORD.findall(normalised(text).casefold())]
    # Of equal keys the last one stays, which is the least.
    least = {value % BINS: value for value in sorted(_shingles(words), reverse=True)}
    if len(least) < FEWEST_FILLED_BINS:
        return None
    return bytes(_least_of(least, place) // BINS % 256 for place in range(BINS))


def likeness(one: bytes, other: bytes) -> float:
    """The estimated Jaccard index of two conversations, from 0 to 1."""
    equal: int = sum(map(eq, one, other))
    return equal / BINS


def _shingles(words: Sequence[str]) -> list[int]:
    """A number below 2^60 for each three words in succession."""
    hashes = list(map(_hash, words))
    # Odd factors tell the places apart, and leave each sum as evenly spread as its parts are.
    return [
        (3 * one + 5 * two + 7 * three) & MASK for one, two, three in zip(hashes, hashes[1:], hashes[2:], strict=False)
    ]


@lru_cache(maxsize=WORDS_REMEMBERED)
def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest()) & MASK


def _least_of(least: dict[int, int], place: int) -> int:
    """The least of a bin; of an empty one, that of another bin, the same one for the same filled bins."""
    tried, attempt = place, 0
    while tried not in least:
        attempt += 1
        tried = _instead(place, attempt)
    return least[tried]


@lru_cache(maxsize=WORDS_REMEMBERED)
def _instead(place: int, attempt: int) -> int:
    return hashlib.blake2b(f"{place}:{attempt}".encode(), digest_size=1).digest()[0] % BINS
