"""The results as a person reads them."""

from collections.abc import Iterable, Iterator

from tests.benchmarks.measurements import FIGURES, Measured, Results, growth
from tests.benchmarks.promises import MEGABYTE, Promise

HEADINGS = ("wall s", "(min-max)", "CPU s", "peak MB", "requests", "MB up", "MB down")
CASE_WIDTH = 24
WIDTHS = (9, 16, 9, 9, 10, 10, 10)


def table(results: Results) -> Iterator[str]:
    """Lines: the medians of each case, and under each way how its figures grow between the two largest numbers."""
    yield f"{'':<{CASE_WIDTH}}{'conversations':>14}" + _cells(HEADINGS)
    for (operation, way), numbers in results.series.items():
        medians = [results.median(operation, way, number) for number in numbers]
        for median in medians:
            runs = results.runs[operation, way, median.conversations]
            yield f"{f'{operation}, {way}':<{CASE_WIDTH}}{median.conversations:>14,}" + _cells(_figures(median, runs))
        if len(medians) > 1:
            yield f"{'':<{CASE_WIDTH}}{'exponent':>14}" + _cells(_exponents(*medians[-2:]))


def promise_lines(kept_or_not: Iterable[Promise]) -> Iterator[str]:
    for promise in kept_or_not:
        figures = f" ({promise.figures})" if promise.figures else ""
        yield f"{promise.verdict:<14}{promise.sentence}{figures}"


def _figures(median: Measured, runs: Iterable[Measured]) -> list[str]:
    seconds = [run.wall_seconds for run in runs]
    return [
        f"{median.wall_seconds:.2f}",
        f"{min(seconds):.2f}-{max(seconds):.2f}",
        f"{median.cpu_seconds:.2f}",
        f"{median.peak_rss_bytes / MEGABYTE:.0f}",
        f"{median.requests:,.0f}",
        f"{median.bytes_up / MEGABYTE:,.2f}",
        f"{median.bytes_down / MEGABYTE:,.2f}",
    ]


def _exponents(small: Measured, large: Measured) -> list[str]:
    exponents = [f"{growth(small, large, figure):.2f}" for figure in FIGURES]
    return [exponents[0], "", *exponents[1:]]


def _cells(texts: Iterable[str]) -> str:
    return "".join(f"{text:>{width}}" for text, width in zip(texts, WIDTHS, strict=True))
