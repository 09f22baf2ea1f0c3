"""How far a JSON value extends: what it takes to hold it and to indent it, known before either is done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

INDENT = 2
# A training pair lies this much deeper in a full JSON than in its enriched file.
LEVELS_AROUND = 2


@dataclass(frozen=True, slots=True)
class Extent:
    """`levels` of lists and objects within each other, `values` in them, `indentation` in bytes of white space."""

    levels: int
    values: int
    indentation: int


def extent_of(document: Any) -> Extent:
    """Looks at each value once, level by level. It does not call itself: that is what fails on deep values."""
    levels = values = indentation = 0
    level = [document] if isinstance(document, (dict, list)) else []
    while level:
        levels += 1
        inside = sum(map(len, level))
        keys = sum(len(each) for each in level if isinstance(each, dict))
        # Each value stands in a line of its own, each end too; behind a key there is a space.
        line = 1 + INDENT * (levels + LEVELS_AROUND)
        indentation += inside * line + len(level) * (line - INDENT) + keys
        values += inside
        level = [inner for outer in level for inner in _values_of(outer) if isinstance(inner, (dict, list))]
    return Extent(levels, values, indentation)


def deepest_of(places: dict[str, Any]) -> str:
    """The place whose value has the most levels."""
    levels = {place: extent_of(value).levels for place, value in places.items()}
    return max(levels, key=levels.__getitem__)


def locations_of(wanted: Sequence[Any], document: Any) -> Iterator[tuple[int | str, ...]]:
    """The keys and indexes that lead to these very lists or objects, as far as they are in the document."""
    identities = set(map(id, wanted))
    waiting: list[tuple[tuple[int | str, ...], Any]] = [((), document)]
    while waiting:
        location, value = waiting.pop()
        if id(value) in identities:
            yield location
        waiting.extend(((*location, step), inner) for step, inner in reversed(list(_steps_into(value))))


def _values_of(value: dict[str, Any] | list[Any]) -> Any:
    return value.values() if isinstance(value, dict) else value


def _steps_into(value: Any) -> Iterator[tuple[int | str, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)
