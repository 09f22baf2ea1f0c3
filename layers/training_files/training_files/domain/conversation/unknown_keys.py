"""Keys of a filter that no conversation has: most likely they are misspelled."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from training_files.domain.conversation.conversation_filter import KEYED, ConversationFilter

# Each is compared with all that there are, which takes its time: of more than these the first ones say enough.
UNKNOWN_KEYS_SHOWN = 5
COMPARED_KEYS = 500
COMPARED_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """`field` is of the filter. `nearest` is the key that is there and most like it; None where none is like it."""

    field: str
    key: str
    nearest: str | None

    @property
    def sentence(self) -> str:
        advice = f"; did you mean {self.nearest!r}?" if self.nearest is not None else "."
        return f"No conversation that you may use has the {KEYED[self.field]} {self.key!r}{advice}"

    def as_detail(self) -> dict[str, str | None]:
        return {"field": self.field, "key": self.key, "nearest": self.nearest, "message": self.sentence}


def keys_not_among(wanted: ConversationFilter, seen: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """The keys of each field of the filter that are not among those that were seen."""
    named = {field: [key for key in getattr(wanted, field) if key not in seen.get(field, ())] for field in KEYED}
    return {field: keys for field, keys in named.items() if keys}


def with_nearest(unknown: Mapping[str, Iterable[str]], known: Mapping[str, Iterable[str]]) -> Iterator[UnknownKey]:
    """Each with the nearest of the known keys of its field, the most frequent ones first in `known`."""
    for field, keys in unknown.items():
        for key in keys:
            yield UnknownKey(field, key, _nearest(key, known.get(field, ())))


def _nearest(key: str, known: Iterable[str]) -> str | None:
    # Few calls need it, and every function that starts would pay for it.
    from difflib import get_close_matches

    by_beginning = {each[:COMPARED_CHARACTERS].casefold(): each for each in list(known)[:COMPARED_KEYS]}
    found = get_close_matches(key[:COMPARED_CHARACTERS].casefold(), by_beginning, n=1)
    return by_beginning[found[0]] if found else None
