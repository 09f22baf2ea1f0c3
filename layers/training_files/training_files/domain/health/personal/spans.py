"""Where data stand in a text, and the text without them."""

from collections.abc import Iterable

# Offsets of the first character and of the one behind the last.
Span = tuple[int, int]

# How much in front of a number is read to see what it is.
CONTEXT_CHARACTERS = 40
# What stands for a datum that is known: no datum goes on across it, and no word in front of it is about what follows.
KNOWN = "\n"


def without(text: str, spans: Iterable[Span]) -> str:
    """The text, as long as it was, with nothing to be found in these spans, which do not overlap and ascend."""
    pieces, position = [], 0
    for begin, end in spans:
        pieces += [text[position:begin], KNOWN * (end - begin)]
        position = end
    return "".join([*pieces, text[position:]]) if pieces else text


def in_front_of(text: str, position: int, *, since: int = 0) -> str:
    return text[max(since, position - CONTEXT_CHARACTERS) : position]
