"""How evenly the conversations of a training file are spread over personas, emotional arcs and training topics."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import islice, product
from math import log
from typing import Any

from training_files.domain.training_file.revision import Membership

# The name of an aspect in a report, and the column that has its key.
ASPECTS = {
    "personas": "persona_key",
    "emotional_arcs": "emotional_arc_key",
    "training_topics": "training_topic_key",
}
RULE = (
    "Evenness is the Shannon entropy of the shares of the keys, divided by the highest that so many keys can have: 1 "
    "when all are equal, 0 when one has everything. From 0.8 it passes, from 0.5 it warns, below it fails; fewer than "
    "two keys are a warning."
)
# Keys come from a project's own rows, where nothing limits them.
KEY_CHARACTERS = 120
CELLS_SHOWN = 1000
EMPTY_CELLS_SHOWN = 100

Cell = tuple[str | None, ...]


class BalanceTally:
    """Counts conversations by their keys, one by one and together."""

    def __init__(self) -> None:
        self._cells: Counter[Cell] = Counter()

    def add(self, member: Membership) -> None:
        self._cells[tuple(shown(getattr(member, column)) for column in ASPECTS.values())] += 1

    def balance(self) -> dict[str, Any]:
        aspects = {aspect: _aspect(self._counts(place)) for place, aspect in enumerate(ASPECTS)}
        return {"rule": RULE, **aspects}

    def cross_tables(self) -> dict[str, Any]:
        """Which combinations there are, and which of those that the keys allow are missing."""
        keys = [sorted(key for key in self._counts(place) if key) for place in range(len(ASPECTS))]
        known = sum(None not in cell for cell in self._cells)
        possible = len(keys[0]) * len(keys[1]) * len(keys[2])
        return {
            **dict(zip(ASPECTS, keys, strict=True)),
            "arcs_by_personas": [
                {"emotional_arc": arc, "persona": persona, "conversations": count}
                for (arc, persona), count in self._arcs_by_personas().most_common(CELLS_SHOWN)
            ],
            "cells": [_cell(cell) | {"conversations": count} for cell, count in self._cells.most_common(CELLS_SHOWN)],
            "cells_total": len(self._cells),
            "possible_cells": possible,
            "empty_cells": [_cell(cell) for cell in islice(self._empty(keys), EMPTY_CELLS_SHOWN)],
            "empty_cells_total": possible - known,
        }

    def _arcs_by_personas(self) -> Counter[tuple[str, str]]:
        """Of conversations that have both, whatever their topic."""
        counts: Counter[tuple[str, str]] = Counter()
        for (persona, arc, _), count in self._cells.items():
            if persona and arc:
                counts[arc, persona] += count
        return counts

    def _counts(self, place: int) -> Counter[str | None]:
        counts: Counter[str | None] = Counter()
        for cell, count in self._cells.items():
            counts[cell[place]] += count
        return counts

    def _empty(self, keys: Iterable[list[str]]) -> Iterator[Cell]:
        return (cell for cell in product(*keys) if cell not in self._cells)


def shown(key: str | None) -> str | None:
    """A key as a report spells it: whole, unless it is a text rather than a key. Different keys stay different."""
    if not key or len(key) <= KEY_CHARACTERS:
        return key or None
    return f"{key[:KEY_CHARACTERS]}…{sha256(key.encode()).hexdigest()[:8]}"


def evenness(counts: Iterable[int]) -> float:
    """Shannon entropy over its maximum; 0 for fewer than two counts."""
    known = [count for count in counts if count]
    total = sum(known)
    if len(known) < 2:
        return 0.0
    entropy = -sum(count / total * log(count / total) for count in known)
    return round(entropy / log(len(known)), 3)


def _aspect(counts: Mapping[str | None, int]) -> dict[str, Any]:
    known = sorted(((key, count) for key, count in counts.items() if key), key=lambda each: (-each[1], each[0]))
    total = sum(count for _, count in known)
    return {
        "evenness": evenness(count for _, count in known),
        "largest_share": round(known[0][1] / total, 4) if known else None,
        "counts": [
            {"key": key, "conversations": count, "share": round(count / total, 4)} for key, count in known[:CELLS_SHOWN]
        ],
        "keys": len(known),
        "without_key": counts.get(None, 0),
    }


def _cell(cell: Cell) -> dict[str, str | None]:
    persona, emotional_arc, training_topic = cell
    return {"persona": persona, "emotional_arc": emotional_arc, "training_topic": training_topic}
