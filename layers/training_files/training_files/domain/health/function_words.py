"""The small words by which a language is told: words that none of the other languages here has.

Left out are those that two of them share, as "que", "die" and "no". A language that is not here shows few of them.
"""

import re
from collections import Counter
from typing import Literal

Language = Literal["English", "German", "Spanish", "French", "Italian", "Portuguese"]
FUNCTION_WORDS: dict[Language, str] = {
    "English": "the and of that you it for with this are have not what my your can they will would from is was but be",
    "German": "der das und ist nicht ich sie wir mit für auf ein eine einen den dem von zu wie auch oder kann sich",
    "Spanish": "el los las y pero muy más también cómo hay eso esto tiene puedo puede quiero yo qué sí están uno",
    "French": "les des est et une dans pas je vous nous pour sur avec ce cette sont elle au aux mes votre très ne",
    "Italian": "è che di non per gli sono ho anche più questo nel perché cosa mio molto essere alla dei delle della",
    "Portuguese": "não uma é um os com você em são isso muito meu minha também ao na seu sua eu tem estou já",
}
LANGUAGES = {word: language for language, words in FUNCTION_WORDS.items() for word in words.split()}
WORD = re.compile(r"[^\W\d_]+")

# A text of fewer words shows too little.
MIN_WORDS = 10
MIN_SHARE = 0.12
# Those of another language come in names and quotations.
MAX_SHARE_OF_OTHERS = 0.02


def function_words_in(text: str) -> Counter[Language]:
    return _languages_of(WORD.findall(text.lower()))


def language_of(text: str) -> Language | None:
    """The one language that a text is in for sure; None for a short text, a mixed one and any other language."""
    words = WORD.findall(text.lower())
    counts = _languages_of(words).most_common(2)
    if len(words) < MIN_WORDS or not counts or counts[0][1] < MIN_SHARE * len(words):
        return None
    is_mixed = len(counts) > 1 and counts[1][1] > MAX_SHARE_OF_OTHERS * len(words)
    return None if is_mixed else counts[0][0]


def _languages_of(words: list[str]) -> Counter[Language]:
    return Counter([LANGUAGES[word] for word in words if word in LANGUAGES])
