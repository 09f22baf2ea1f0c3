"""What was measured, the medians of it, and how it grows."""

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

FIGURES = ("wall_seconds", "cpu_seconds", "peak_rss_bytes", "requests", "bytes_up", "bytes_down")


@dataclass(frozen=True, slots=True)
class Measured:
    """One create, or one append to a training file of so many conversations. Traffic is what went over the wire."""

    operation: str
    way: str
    conversations: int
    wall_seconds: float
    cpu_seconds: float
    peak_rss_bytes: float
    requests: float
    bytes_up: float
    bytes_down: float


Case = tuple[str, str, int]


class Results:
    """Runs by operation, way and number of conversations, in the order in which they came."""

    def __init__(self, runs: Iterable[Measured]) -> None:
        self.runs: dict[Case, list[Measured]] = {}
        for run in runs:
            self.runs.setdefault((run.operation, run.way, run.conversations), []).append(run)

    @property
    def series(self) -> Mapping[tuple[str, str], list[int]]:
        """The numbers of conversations of each operation and way, ascending."""
        found: dict[tuple[str, str], list[int]] = {}
        for operation, way, conversations in sorted(self.runs, key=lambda case: case[2]):
            found.setdefault((operation, way), []).append(conversations)
        return found

    def median(self, operation: str, way: str, conversations: int) -> Measured:
        """Figure by figure. Raises KeyError when there was no such run."""
        runs = self.runs[operation, way, conversations]
        figures = {figure: statistics.median(getattr(run, figure) for run in runs) for figure in FIGURES}
        return Measured(operation, way, conversations, **figures)

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(run) for runs in self.runs.values() for run in runs]


def growth(small: Measured, large: Measured, figure: str) -> float:
    """The exponent x of: as the number of conversations grows by a factor f, the figure grows by f to the x."""
    return math.log(getattr(large, figure) / getattr(small, figure)) / math.log(
        large.conversations / small.conversations
    )
