"""What the conversations of an export are about, and how well the splits of a seed represent it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from training_files.domain.exports.splits import STRATA, Split, SplitRequest, assignment

# A persona, emotional arc or topic, as (personas, planner).
Stratum = tuple[str, str]
# Everybody belongs to it: in it, the shares themselves are represented.
WHOLE: Stratum = ("conversations", "")
FEWEST_GROUPS = 2
SEEDS = 1000
# About two seconds: of large files, in which any seed is good, fewer seeds are tried.
MOST_HASHES = 1_000_000
FEWEST_SEEDS = 10
# A share is missed where it is off by more than this part of it.
MISSED_BY = 0.25

Counts = Mapping[Split, Counter[Stratum]]


@dataclass(frozen=True, slots=True)
class Cell:
    """A stratum that a split should have: in how many conversations, if the file is split evenly."""

    split: Split
    stratum: Stratum
    expected: float


@dataclass(frozen=True, slots=True, order=True)
class Fit:
    """How well a seed represents a file; less is better.

    `lacking` strata are in none of a split's conversations though the file has enough of them. `distance` is the sum of
    (got - expected)² / expected over all that is expected at least once.
    """

    lacking: int
    distance: float
    seed: int


class Composition:
    """Conversations with rows, counted in groups that go to one split together."""

    def __init__(self) -> None:
        self._groups: dict[str, Counter[Stratum]] = {}
        self._total: Counter[Stratum] = Counter()
        self._groups_with: Counter[Stratum] = Counter()

    def add(self, leader: str, scaffolding: Mapping[str, str | None]) -> None:
        """A conversation that gave rows, in the group of `leader`."""
        group = self._groups.setdefault(leader, Counter())
        for stratum in (WHOLE, *((name, value) for name, key in STRATA.items() if (value := scaffolding.get(key)))):
            self._groups_with[stratum] += not group[stratum]
            group[stratum] += 1
            self._total[stratum] += 1

    def counts(self, request: SplitRequest) -> Counts:
        """How many conversations of each stratum a seed gives to each split."""
        kept: dict[Split, Counter[Stratum]] = {"validation": Counter(), "test": Counter()}
        for leader, group in self._groups.items():
            split = assignment(leader, request)
            if split != "train":
                kept[split].update(group)
        return kept | {"train": self._total - kept["validation"] - kept["test"]}

    def cells(self, request: SplitRequest) -> list[Cell]:
        """What each split should have: a conversation, and what two groups and one of its conversations are of."""
        expected = (
            Cell(split, stratum, float(request.share(split) * count))
            for split in request.asked
            for stratum, count in self._total.items()
            if self._groups_with[stratum] >= FEWEST_GROUPS
        )
        return [cell for cell in expected if cell.expected >= 1 or cell.stratum == WHOLE]

    def best(self, request: SplitRequest) -> SplitRequest:
        """With the seed that lacks least, and among those comes nearest to what is expected; the lowest of equals."""
        cells = self.cells(request)
        tried = max(FEWEST_SEEDS, min(SEEDS, MOST_HASHES // max(len(self._groups), 1)))
        fits = (fit(cells, self.counts(replace(request, seed=seed)), seed) for seed in range(tried))
        return replace(request, seed=min(fits).seed, seeds_tried=tried)

    def better(self, request: SplitRequest) -> SplitRequest | None:
        """The best seed, where the one at hand lacks something, or misses a share, that the best one does not."""
        cells, counts = self.cells(request), self.counts(request)
        lacking, missed = fit(cells, counts, request.seed).lacking, _misses_a_share(cells, counts)
        if not lacking and not missed:
            return None
        best = self.best(request)
        of_best = self.counts(best)
        is_better = fit(cells, of_best, best.seed).lacking < lacking or (missed and not _misses_a_share(cells, of_best))
        return best if is_better else None


def lacking_in(cells: list[Cell], counts: Counts) -> Iterator[Cell]:
    """What should be in a split and is in none of its conversations."""
    return (cell for cell in cells if not counts[cell.split][cell.stratum])


def fit(cells: list[Cell], counts: Counts, seed: int) -> Fit:
    """How well `counts`, which `seed` gives, represent what is expected."""
    distance = sum((counts[cell.split][cell.stratum] - cell.expected) ** 2 / cell.expected for cell in cells)
    return Fit(sum(1 for _ in lacking_in(cells, counts)), distance, seed)


def _misses_a_share(cells: list[Cell], counts: Counts) -> bool:
    return any(
        abs(counts[cell.split][WHOLE] - cell.expected) > max(MISSED_BY * cell.expected, 1)
        for cell in cells
        if cell.stratum == WHOLE
    )
