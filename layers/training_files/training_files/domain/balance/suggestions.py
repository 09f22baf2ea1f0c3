"""Which conversations would balance a training file best.

A file is balanced when every persona has as many of its conversations as every other, and so every emotional arc and
every training topic. Imbalance is the sum, over these three, of the squared deviations of the keys' shares from equal
shares; keys that only candidates have count, with nothing in the file. Where no conversation has a key it is 1.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

from training_files.domain.conversation.conversation import Candidate
from training_files.domain.conversation.unknown_keys import UnknownKey
from training_files.domain.training_file.training_file import Distribution

LEAST_SCORE = Decimal("3.5")
# The name of each aspect in sentences and in a distribution, in the order of a cell.
ASPECTS = (("persona", "personas"), ("emotional arc", "emotional_arcs"), ("training topic", "training_topics"))
ENOUGH_OF_ALL = "its keys have their share already"

Cell = tuple[str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A candidate and why it is taken: those of its keys that have less than their share at that moment."""

    candidate: Candidate
    reason: str


@dataclass(frozen=True, slots=True)
class Balance:
    """How often each key is there, rare and missing ones included; 0 is the imbalance of equal shares."""

    conversation_count: int
    imbalance: float
    distribution: Distribution


@dataclass(frozen=True, slots=True)
class Suggestions:
    """In the order in which they are worth adding, with the file as it is and as it would be.

    `unknown_keys` are keys of the filter that no conversation has.
    """

    chosen: tuple[Suggestion, ...]
    before: Balance
    after: Balance
    unknown_keys: tuple[UnknownKey, ...] = ()


def suggested(
    candidates: Iterable[Candidate],
    distribution: Mapping[str, Mapping[str, int]],
    *,
    conversation_count: int,
    limit: int,
) -> Suggestions:
    """Takes, again and again, the candidate that leaves the least imbalance.

    Where that is equal, higher scores go first, then older conversations, then lower ids. Candidates that are scored
    below 3.5 are taken when there are no others.
    """
    cells = _in_cells(candidates)
    tallies = [_Tally(distribution.get(plural, {}), place, cells) for place, (_, plural) in enumerate(ASPECTS)]
    state = _State(tallies, conversation_count)
    before = state.balance()
    chosen = tuple(_greedy(state, cells, limit))
    return Suggestions(chosen, before, state.balance())


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A candidate and its place among all, by what does not depend on the file."""

    candidate: Candidate
    place: int
    is_low: bool


class _Tally:
    """The counts of one aspect. With n conversations and k keys, the squared deviations sum up to Σc²/n² - 1/k."""

    def __init__(self, counts: Mapping[str, int], place: int, cells: Iterable[Cell]) -> None:
        keys_of_candidates = {key for cell in cells if (key := cell[place])}
        self.counts = dict.fromkeys(sorted(keys_of_candidates | counts.keys()), 0) | dict(counts)
        self._total = sum(self.counts.values())
        self._squares = sum(count * count for count in self.counts.values())

    def imbalance(self) -> Fraction:
        if not self._total:
            # Worse than anything that has a first conversation.
            return Fraction(1 if self.counts else 0)
        return Fraction(self._squares, self._total**2) - Fraction(1, len(self.counts))

    @property
    def denominators(self) -> tuple[int, int, int]:
        """Of the imbalance with one more of a key, of the imbalance as it is, and of equal shares."""
        return (self._total + 1) ** 2, max(self._total, 1) ** 2, max(len(self.counts), 1)

    def cost(self, unit: int) -> Callable[[str | None], int]:
        """The imbalance with one more of a key, or of none, as a multiple of 1/`unit`, a multiple of `denominators`."""
        more, _, keys = self.denominators
        shared, each = unit // keys, unit // more
        as_it_is = int(self.imbalance() * unit)

        def of(key: str | None) -> int:
            return (self._squares + 2 * self.counts[key] + 1) * each - shared if key else as_it_is

        return of

    def is_rare(self, key: str) -> bool:
        return self.counts[key] * len(self.counts) < max(self._total, 1)

    def add(self, key: str | None) -> None:
        if key:
            self._squares += 2 * self.counts[key] + 1
            self._total += 1
            self.counts[key] += 1


@dataclass(slots=True)
class _State:
    """The file with what was chosen so far."""

    tallies: list[_Tally]
    conversation_count: int

    def costs(self) -> list[Callable[[str | None], int]]:
        """What says for each aspect how large its imbalance is with one more of a key.

        In whole numbers of one unit: exact, where sums of floats would break ties.
        """
        unit = lcm(*(denominator for tally in self.tallies for denominator in tally.denominators))
        return [tally.cost(unit) for tally in self.tallies]

    def reason(self, cell: Cell) -> str:
        rare = [
            f"{name} {key}: {tally.counts[key]} of {self.conversation_count} conversations"
            for (name, _), tally, key in zip(ASPECTS, self.tallies, cell, strict=True)
            if key and tally.is_rare(key)
        ]
        return "; ".join(rare) or ENOUGH_OF_ALL

    def add(self, cell: Cell) -> None:
        self.conversation_count += 1
        for tally, key in zip(self.tallies, cell, strict=True):
            tally.add(key)

    def balance(self) -> Balance:
        imbalance = sum((tally.imbalance() for tally in self.tallies), Fraction(0))
        counts = {plural: dict(tally.counts) for (_, plural), tally in zip(ASPECTS, self.tallies, strict=True)}
        return Balance(self.conversation_count, round(float(imbalance), 4), counts)


def _greedy(state: _State, cells: Mapping[Cell, Sequence[_Ranked]], limit: int) -> Iterator[Suggestion]:
    left = {cell: iter(ranked) for cell, ranked in cells.items()}
    heads = {cell: next(ranked) for cell, ranked in left.items()}
    for _ in range(min(limit, sum(map(len, cells.values())))):
        cell = _best(heads, state.costs())
        candidate = heads[cell].candidate
        yield Suggestion(candidate, state.reason(cell))
        state.add(cell)
        following = next(left[cell], None)
        if following:
            heads[cell] = following
        else:
            del heads[cell]


def _best(heads: Mapping[Cell, _Ranked], costs: Sequence[Callable[[str | None], int]]) -> Cell:
    persona, arc, topic = costs

    def rank(cell: Cell) -> tuple[bool, int, int]:
        head = heads[cell]
        return head.is_low, persona(cell[0]) + arc(cell[1]) + topic(cell[2]), head.place

    return min(heads, key=rank)


def _in_cells(candidates: Iterable[Candidate]) -> dict[Cell, list[_Ranked]]:
    """Candidates of the same keys, which do the same to the balance, the best first."""
    cells: dict[Cell, list[_Ranked]] = defaultdict(list)
    for place, candidate in enumerate(sorted(candidates, key=lambda each: (_is_low(each), _merit(each)))):
        cell = (
            candidate.persona_key or None,
            candidate.emotional_arc_key or None,
            candidate.training_topic_key or None,
        )
        cells[cell].append(_Ranked(candidate, place, _is_low(candidate)))
    return dict(cells)


def _is_low(candidate: Candidate) -> bool:
    return candidate.quality_score is not None and candidate.quality_score < LEAST_SCORE


def _merit(candidate: Candidate) -> tuple[object, ...]:
    """Conversations without a score of their own stand behind those that have one."""
    score = candidate.quality_score
    return (score is None, -(score or 0), candidate.created_at, candidate.conversation_id)
