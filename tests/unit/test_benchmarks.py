"""`make bench` reads its figures rightly: medians, growth, promises, the table, and what goes over the wire."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.benchmarks.measurements import Measured, Results, growth
from tests.benchmarks.promises import Promise, promises
from tests.benchmarks.promises_of_changes import BOUNDS, promises_of_changes
from tests.benchmarks.steps import LEAST_TO_CHANGE, Step, apart, steps, together
from tests.benchmarks.table import promise_lines, table
from tests.benchmarks.wire import Requests

MEGABYTE = 1_000_000


def measured(operation: str, way: str, conversations: int, **figures: float) -> Measured:
    usual: dict[str, Any] = {
        "wall_seconds": conversations / 1000,
        "cpu_seconds": conversations / 2000,
        "peak_rss_bytes": 100 * MEGABYTE,
        "requests": conversations,
        "bytes_up": conversations * 1000,
        "bytes_down": conversations * 1000,
    }
    return Measured(operation, way, conversations, **usual | figures)


def runs_with(change: Callable[[Measured], dict[str, float]] = lambda _: {}) -> Results:
    """Runs that keep every promise, but for what `change` says about them."""
    traffic = {"requests": 30, "bytes_up": 7 * MEGABYTE, "bytes_down": 6 * MEGABYTE}
    runs = [measured("create", store, number) for store in ("REST", "S3") for number in (1_000, 10_000)]
    runs += [measured("append", "S3", number, wall_seconds=1, **traffic) for number in (1_000, 10_000)]
    runs += [measured("append", "naive", 10_000, wall_seconds=20)]
    return Results([measured(r.operation, r.way, r.conversations, **figures_of(r) | change(r)) for r in runs])


def figures_of(run: Measured) -> dict[str, float]:
    names = ("wall_seconds", "cpu_seconds", "peak_rss_bytes", "requests", "bytes_up", "bytes_down")
    return {name: getattr(run, name) for name in names}


def broken(results: Results) -> list[Promise]:
    return [promise for promise in promises(results, ["REST", "S3"]) if promise.kept is not True]


def test_a_median_is_taken_figure_by_figure() -> None:
    seconds = [(1, 9), (5, 1), (3, 2)]
    results = Results([measured("create", "S3", 80, wall_seconds=wall, cpu_seconds=cpu) for wall, cpu in seconds])

    median = results.median("create", "S3", 80)

    assert (median.wall_seconds, median.cpu_seconds) == (3, 2)


@pytest.mark.parametrize(("seconds", "exponent"), [(4, 0), (40, 1), (400, 2), (0.4, -1)])
def test_growth_is_the_exponent_of_the_number_of_conversations(seconds: float, exponent: float) -> None:
    small, large = (measured("create", "S3", n, wall_seconds=s) for n, s in ((1_000, 4), (10_000, seconds)))

    assert growth(small, large, "wall_seconds") == pytest.approx(exponent)


def test_figures_within_the_bounds_keep_every_promise() -> None:
    assert broken(runs_with()) == []


@pytest.mark.parametrize(
    ("operation", "way", "change", "words"),
    [
        ("create", "REST", {"peak_rss_bytes": 111 * MEGABYTE}, "peak memory at most 10 %"),
        ("create", "S3", {"peak_rss_bytes": 111 * MEGABYTE}, "peak memory at most 10 %"),
        ("append", "S3", {"requests": 32}, "requests within 5 %"),
        ("append", "S3", {"bytes_up": 6.6 * MEGABYTE}, "bytes up within 5 %"),
        ("append", "S3", {"bytes_down": 6.4 * MEGABYTE}, "bytes down within 5 %"),
    ],
)
def test_a_figure_beyond_its_bound_breaks_its_promise(
    operation: str, way: str, change: dict[str, float], words: str
) -> None:
    def at_ten_thousand(run: Measured) -> dict[str, float]:
        return change if (run.operation, run.way, run.conversations) == (operation, way, 10_000) else {}

    [promise] = broken(runs_with(at_ten_thousand))

    assert words in promise.sentence
    assert (promise.kept, promise.about_time) == (False, False)


def changes_with(change: Callable[[Measured], dict[str, float]] = lambda _: {}) -> Results:
    """Runs that keep every promise about changes, but for what `change` says about them."""
    traffic = {"requests": 40, "bytes_up": 15 * MEGABYTE, "bytes_down": 15 * MEGABYTE}
    runs = [measured(operation, "S3", number, **traffic) for operation in BOUNDS for number in (1_000, 10_000)]
    return Results([measured(r.operation, r.way, r.conversations, **traffic | change(r)) for r in runs])


def test_changes_within_the_bounds_keep_every_promise() -> None:
    assert {promise.kept for promise in promises_of_changes(changes_with())} == {True}


@pytest.mark.parametrize("operation", ["refresh together", "remove together", "remove apart"])
@pytest.mark.parametrize("change", [{"requests": 61}, {"bytes_up": 26 * MEGABYTE}, {"bytes_down": 26 * MEGABYTE}])
def test_a_change_that_costs_too_much_at_both_sizes_breaks_one_promise(
    operation: str, change: dict[str, float]
) -> None:
    results = changes_with(lambda run: change if run.operation == operation else {})

    [promise] = [promise for promise in promises_of_changes(results) if promise.kept is not True]

    assert promise.sentence.startswith(f"{operation} over S3 at 10,000: at most 60 requests, 25 MB up")
    assert (promise.kept, promise.about_time) == (False, False)


@pytest.mark.parametrize("change", [{"requests": 187}, {"bytes_up": 222 * MEGABYTE}])
def test_refreshing_apart_is_bounded_by_its_places(change: dict[str, float]) -> None:
    found = promises_of_changes(changes_with(lambda run: change if run.operation == "refresh apart" else {}))

    assert [promise.kept for promise in found].count(False) == 1


@pytest.mark.parametrize("operation", ["refresh together", "remove together"])
@pytest.mark.parametrize("figure", ["requests", "bytes_up", "bytes_down"])
def test_a_change_together_costs_the_same_whatever_the_file_holds(operation: str, figure: str) -> None:
    def less_at_one_thousand(run: Measured) -> dict[str, float]:
        is_meant = (run.operation, run.conversations) == (operation, 1_000)
        return {figure: getattr(run, figure) * 0.94} if is_meant else {}

    [promise] = [one for one in promises_of_changes(changes_with(less_at_one_thousand)) if one.kept is not True]

    assert f"{figure.replace('_', ' ')} within 5 %" in promise.sentence


def test_changes_that_were_not_measured_are_neither_kept_nor_broken() -> None:
    assert {promise.kept for promise in promises_of_changes(runs_with())} == {None}


def test_conversations_that_are_changed_lie_together_in_the_middle_or_apart_everywhere() -> None:
    ids = [str(number) for number in range(1_000)]

    assert together(ids) == ids[490:510]
    assert apart(ids) == ids[25::50]


@pytest.mark.parametrize("size", [LEAST_TO_CHANGE, 1_000])
def test_the_steps_are_taken_with_a_file_that_has_what_they_change(size: int) -> None:
    ids = [str(number) for number in range(size + 20)]
    file: set[str] = set()

    done = list(steps(size, ids, with_changes=True))

    for step in done:
        file = file_behind(step, file)
        assert len(file) == step.count
    assert [step.operation for step in done] == [
        "create",
        "append",
        "refresh together",
        "refresh apart",
        "remove together",
        "remove apart",
    ]


def file_behind(step: Step, file: set[str]) -> set[str]:
    chosen = set(step.conversation_ids)
    if step.change in (None, "append"):
        assert not chosen & file
        return file | chosen
    assert chosen <= file
    return file - chosen if step.change == "remove" else file


def test_what_is_small_or_naive_is_created_and_appended_to_alone() -> None:
    ids = [str(number) for number in range(1_000)]

    for done in (steps(LEAST_TO_CHANGE - 1, ids, with_changes=True), steps(900, ids, with_changes=False)):
        assert [step.operation for step in done] == ["create", "append"]


def test_memory_that_is_level_but_large_breaks_a_promise() -> None:
    found = broken(runs_with(lambda run: {"peak_rss_bytes": 300 * MEGABYTE} if run.way == "REST" else {}))

    assert [promise.sentence for promise in found] == ["create of 10,000 over REST: peak memory below 300 MB"]


def test_time_that_grows_too_fast_breaks_promises_about_time() -> None:
    def slower_at_ten_thousand(run: Measured) -> dict[str, float]:
        return {"wall_seconds": run.wall_seconds * 1.2} if run.conversations == 10_000 and run.way == "S3" else {}

    found = broken(runs_with(slower_at_ten_thousand))

    assert [promise.about_time for promise in found] == [True, True]


def test_what_was_not_measured_is_neither_kept_nor_broken() -> None:
    found = promises(Results([measured("create", "S3", 80)]), ["REST", "S3"])

    assert {promise.kept for promise in found} == {None}


def test_the_table_has_a_line_for_each_case_and_one_for_growth() -> None:
    lines = list(table(runs_with()))

    assert [line.split()[:3] for line in lines if line.startswith("create, S3")] == [
        ["create,", "S3", "1,000"],
        ["create,", "S3", "10,000"],
    ]
    assert [line.split()[:2] for line in lines if "exponent" in line] == [
        ["exponent", "1.00"],
        ["exponent", "1.00"],
        ["exponent", "0.00"],
    ]
    assert len({len(line) for line in lines}) == 1


def test_a_promise_is_printed_with_its_figures() -> None:
    found = [Promise("it is small", "7 MB", kept=True), Promise("it is quick", "9 s", kept=False)]

    assert list(promise_lines(found)) == ["kept          it is small (7 MB)", "BROKEN        it is quick (9 s)"]


@pytest.mark.parametrize("chunk_bytes", [1, 7, 10_000])
def test_requests_are_counted_wherever_the_wire_cuts_them(chunk_bytes: int) -> None:
    """Also those with a body that looks like a request, or that says its size chunk by chunk."""
    get = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
    post = b"POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(get) + get
    chunked = b"PUT /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    stream = get + post + chunked + get
    requests = Requests()

    begun = [requests.begun_in(stream[at : at + chunk_bytes]) for at in range(0, len(stream), chunk_bytes)]

    assert sum(begun) == 4
