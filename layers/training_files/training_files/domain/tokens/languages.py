"""Words that tell how a text is written: common ones, which are one token, and those that give its language away."""

from training_files.domain.tokens.common_words import COMMON_WORDS

# The most frequent function words, which no text of a few sentences does without.
FUNCTION_WORDS = {
    "en": """
        the and of to is that it you for with this are your have be what can as at from they we our my not but
    """,
    "de": """
        der die und das ist nicht ich sie ein eine zu mit sich auf für dass du den dem wie auch wir von im des
        oder aber wenn noch einen ihr kann
    """,
    "es": """
        la que el en y los se un una por con para las su lo del al como más pero te tu si qué está
    """,
}
# English, by which the words are weighed, needs no weight of its own.
LANGUAGES = ("de", "es")

COMMON = frozenset(COMMON_WORDS.encode("latin-1").split())
LANGUAGE_OF = {word: language for language, words in FUNCTION_WORDS.items() for word in words.encode("latin-1").split()}
