"""What must hold for 1,000 and 10,000 conversations, and whether it did."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from tests.benchmarks.measurements import Measured, Results, growth

SMALL, LARGE = 1_000, 10_000
MEGABYTE = 1_000_000
MOST_PEAK_RSS_BYTES = 300 * MEGABYTE
MOST_RSS_GROWTH = 1.10
TRAFFIC_TOLERANCE = 0.05
MOST_EXPONENT = 1.05
LEAST_RATIO = 20


@dataclass(frozen=True, slots=True)
class Promise:
    """`kept` is None where the runs do not tell. A promise about time may break on a machine that is busy."""

    sentence: str
    figures: str
    kept: bool | None
    about_time: bool = False

    @property
    def verdict(self) -> str:
        return {True: "kept", False: "BROKEN", None: "not measured"}[self.kept]


def promises(results: Results, stores: Iterable[str]) -> list[Promise]:
    return [promise for store in stores for promise in _of(results, store)]


def _of(results: Results, store: str) -> Iterator[Promise]:
    rules = [_memory_is_small, _memory_is_level, _time_is_linear]
    if store == "S3":
        of_appends = partial(traffic_is_level, operation="append")
        rules += [partial(of_appends, figure=figure) for figure in ("requests", "bytes_up", "bytes_down")]
    for rule in rules:
        yield rule(results, store)
    if store == "S3":
        yield _append_is_quick(results)


def _memory_is_small(results: Results, store: str) -> Promise:
    sentence = f"create of {LARGE:,} over {store}: peak memory below {MOST_PEAK_RSS_BYTES // MEGABYTE} MB"
    pair = pair_of(results, "create", store)
    if pair is None:
        return Promise(sentence, "", None)
    peak = pair[1].peak_rss_bytes
    return Promise(sentence, f"{peak / MEGABYTE:.0f} MB", peak < MOST_PEAK_RSS_BYTES)


def _memory_is_level(results: Results, store: str) -> Promise:
    sentence = f"create of {LARGE:,} over {store}: peak memory at most 10 % above that of {SMALL:,}"
    pair = pair_of(results, "create", store)
    if pair is None:
        return Promise(sentence, "", None)
    small, large = (measured.peak_rss_bytes for measured in pair)
    figures = f"{large / MEGABYTE:.0f} MB, {small / MEGABYTE:.0f} MB: {large / small - 1:+.1%}"
    return Promise(sentence, figures, large <= small * MOST_RSS_GROWTH)


def _time_is_linear(results: Results, store: str) -> Promise:
    sentence = f"create over {store}: time grows with an exponent of at most {MOST_EXPONENT}"
    pair = pair_of(results, "create", store)
    if pair is None:
        return Promise(sentence, "", None, about_time=True)
    exponent = growth(*pair, "wall_seconds")
    return Promise(sentence, f"{exponent:.3f}", exponent <= MOST_EXPONENT, about_time=True)


def traffic_is_level(results: Results, store: str, *, operation: str, figure: str) -> Promise:
    name = figure.replace("_", " ")
    sentence = f"{operation} over {store} at {LARGE:,}: {name} within 5 % of those at {SMALL:,}"
    pair = pair_of(results, operation, store)
    if pair is None:
        return Promise(sentence, "", None)
    small, large = (getattr(measured, figure) for measured in pair)
    figures = f"{large:,.0f}, {small:,.0f}: {large / small - 1:+.1%}"
    return Promise(sentence, figures, abs(large / small - 1) <= TRAFFIC_TOLERANCE)


def _append_is_quick(results: Results) -> Promise:
    sentence = f"append over S3 to {LARGE:,}: at least {LEAST_RATIO} times less time than the naive one"
    try:
        naive, ours = (results.median("append", way, LARGE).wall_seconds for way in ("naive", "S3"))
    except KeyError:
        return Promise(sentence, "", None, about_time=True)
    figures = f"{naive:.1f} s, {ours:.2f} s: {naive / ours:.1f} times"
    return Promise(sentence, figures, naive / ours >= LEAST_RATIO, about_time=True)


def pair_of(results: Results, operation: str, store: str) -> tuple[Measured, Measured] | None:
    """The medians at both numbers of conversations; None where one of them was not measured."""
    try:
        return results.median(operation, store, SMALL), results.median(operation, store, LARGE)
    except KeyError:
        return None
