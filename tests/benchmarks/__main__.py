"""`make bench`: builds and changes over both object stores, and the naive way; promises; and the cold import."""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from infra.local_api.template import read_template
from infra.stack import TEMPLATE, api_environment
from tests.benchmarks import cold_import
from tests.benchmarks.measurements import Measured, Results
from tests.benchmarks.promises import MEGABYTE, promises
from tests.benchmarks.promises_of_changes import promises_of_changes
from tests.benchmarks.steps import CHANGED, Step, steps
from tests.benchmarks.surroundings import AVERAGE_ENRICHED_BYTES, Surroundings, run_surroundings
from tests.benchmarks.table import promise_lines, table
from tests.benchmarks.wire import Wire, run_wire

SIZES = (80, 1_000, 10_000)
STORES = ("REST", "S3")
NAIVE = "naive"
DELAY_SECONDS = 0.02
# Whose settings all builds have, also the naive ones.
WORKER = "BuildRevisionFunction"
# What one conversation takes in all, all ways together: measured on two cores at 2 GHz, for the estimate alone.
SECONDS_PER_CONVERSATION = 0.08


@dataclass(frozen=True, slots=True)
class Plan:
    """`repeats` is for every number of conversations; without it, the fewer they are the more often."""

    sizes: Sequence[int]
    stores: Sequence[str]
    repeats: int | None

    @property
    def ways(self) -> list[str]:
        return [*self.stores, NAIVE]

    @property
    def minutes(self) -> float:
        return sum(size * self.repeats_of(size) for size in self.sizes) * SECONDS_PER_CONVERSATION / 60 + 2

    @property
    def delayed_size(self) -> int:
        return min(SIZES[0], self.sizes[0])

    def repeats_of(self, size: int) -> int:
        return self.repeats or (5 if size <= 100 else 3 if size <= 1_000 else 1)


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    plan = Plan(sorted(options.sizes), options.stores, options.repeats)
    _announce(plan)
    begun = time.monotonic()
    with run_surroundings(plan.sizes[-1] + CHANGED) as surroundings:
        with run_wire(surroundings.supabase.url) as wire:
            results = Results(_runs(plan, surroundings, wire))
        with run_wire(surroundings.supabase.url, delay_seconds=DELAY_SECONDS) as wire:
            delayed = Results(_delayed_runs(plan, surroundings, wire))
    imports = cold_import.measured(options.build, runs=options.repeats or cold_import.RUNS)
    return _report(plan, results, delayed, imports, options.result, time.monotonic() - begun)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    environment = os.environ
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    sizes = [int(size) for size in environment.get("BENCH_SIZES", "").split()] or list(SIZES)
    stores = environment.get("BENCH_STORES", "").split() or list(STORES)
    parser.add_argument("--sizes", type=int, nargs="+", default=sizes, help="numbers of conversations; BENCH_SIZES")
    parser.add_argument("--stores", choices=STORES, nargs="+", default=stores, help="BENCH_STORES")
    parser.add_argument("--repeats", type=int, help="of everything, instead of 5 to 80, 3 to 1,000 and 1 beyond")
    parser.add_argument("--result", type=Path, default=Path(".local/bench.json"))
    parser.add_argument("--build", type=Path, default=Path(".aws-sam/host"), help="what `make build-host` made")
    options = parser.parse_args(arguments)
    if min(options.sizes) < 1 or not set(options.stores) <= set(STORES):
        parser.error(f"sizes are positive numbers, and stores some of {' '.join(STORES)}")
    return options


def _announce(plan: Plan) -> None:
    sizes = ", ".join(f"{size:,}" for size in plan.sizes)
    gigabytes = max(plan.sizes) * AVERAGE_ENRICHED_BYTES / 1e9
    _say(f"create and append at {sizes} conversations, over {' and '.join(plan.stores)}, beside the naive way")
    _say(
        f"about {plan.minutes:.0f} minutes; up to {gigabytes * 8 + 0.3:.1f} GB of memory, for the naive way, "
        f"and {gigabytes * 12 + 0.3:.1f} GB of disk"
    )
    _say(f"storing {plan.sizes[-1] + CHANGED:,} conversations of {AVERAGE_ENRICHED_BYTES // 1000} KB…")


def _runs(plan: Plan, surroundings: Surroundings, wire: Wire) -> Iterator[Measured]:
    """The ways in turns, so that a change of the machine's speed meets all of them."""
    for size in plan.sizes:
        for repeat in range(plan.repeats_of(size)):
            for way in plan.ways:
                planned = steps(size, surroundings.conversation_ids, with_changes=way != NAIVE)
                done = list(_done(planned, way, size, surroundings, wire))
                surroundings.clear()
                _say_done(done, f"run {repeat + 1} of {plan.repeats_of(size)}")
                yield from done


def _delayed_runs(plan: Plan, surroundings: Surroundings, wire: Wire) -> Iterator[Measured]:
    size = plan.delayed_size
    for repeat in range(plan.repeats_of(size)):
        for way in plan.ways:
            create = islice(steps(size, surroundings.conversation_ids, with_changes=False), 1)
            done = list(_done(create, way, size, surroundings, wire))
            surroundings.clear()
            _say_done(done, f"every request slower, run {repeat + 1} of {plan.repeats_of(size)}")
            yield from done


def _done(planned: Iterable[Step], way: str, size: int, surroundings: Surroundings, wire: Wire) -> Iterator[Measured]:
    """The steps with one training file. Each sees what the one before has left."""
    training_file: str | None = None
    for step in planned:
        if step.change == "refresh":
            surroundings.change_enriched_files(step.conversation_ids)
        before = wire.traffic
        took = _one_build(step, way, training_file, surroundings, wire.url)
        traffic = wire.traffic.since(before)
        training_file = str(took.pop("training_file"))
        if way != NAIVE:
            surroundings.assert_built(training_file, step.count)
        yield Measured(step.operation, way, size, **took, **asdict(traffic))


def _one_build(step: Step, way: str, training_file: str | None, surroundings: Surroundings, url: str) -> dict[str, Any]:
    """What it took, and which training file it was."""
    environment = {
        **os.environ,
        **read_template(TEMPLATE).functions[WORKER].environment,
        **api_environment(surroundings.supabase, s3=way == "S3"),
        "SUPABASE_URL": url,
    }
    task = {
        "way": NAIVE if way == NAIVE else "service",
        "owner": surroundings.owner,
        "url": url,
        "key": surroundings.supabase.secret_key,
        "timeout_seconds": float(environment["SUPABASE_TIMEOUT_SECONDS"]),
        "training_file": training_file,
        "change": step.change,
        "conversation_ids": step.conversation_ids,
    }
    command = [sys.executable, "-m", "tests.benchmarks.one_build"]
    done = subprocess.run(  # noqa: S603 - our own
        command, input=json.dumps(task), env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    took: dict[str, Any] = json.loads(done.stdout)
    return took


def _report(
    plan: Plan,
    results: Results,
    delayed: Results,
    imports: list[cold_import.Imports],
    result: Path,
    seconds: float,
) -> int:
    kept_or_not = [*promises(results, plan.stores), *(promises_of_changes(results) if "S3" in plan.stores else [])]
    broken = [promise for promise in kept_or_not if promise.kept is False]
    _say(f"\ncreate, and changes of {CHANGED}; medians; traffic with HTTP's headers; MB are millions of bytes")
    _say_all(table(results))
    _say(f"\ncreate of {plan.delayed_size:,}, {DELAY_SECONDS * 1000:.0f} ms added to every request")
    _say_all(table(delayed))
    _say("\nimport of a read handler on a cold interpreter, milliseconds")
    _say_all(cold_import.table(imports))
    _say("\npromises")
    _say_all(promise_lines(kept_or_not))
    if any(promise.about_time for promise in broken):
        _say("\nA promise about time is BROKEN. On a busy machine it may be the machine: run it again, alone.")
    result.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "machine": {"platform": platform.platform(), "python": platform.python_version(), "cpus": os.cpu_count()},
        "enriched_bytes": AVERAGE_ENRICHED_BYTES,
        "changed_conversations": CHANGED,
        "runs": results.as_json(),
        "delay_seconds": DELAY_SECONDS,
        "delayed_runs": delayed.as_json(),
        "cold_import": [asdict(imported) for imported in imports],
        "promises": [asdict(promise) for promise in kept_or_not],
    }
    result.write_text(json.dumps(content, indent=2))
    _say(f"\n{seconds / 60:.0f} minutes; all runs are in {result}")
    return int(any(not promise.about_time for promise in broken))


def _say_done(done: Sequence[Measured], run: str) -> None:
    took = [f"{one.operation} {one.wall_seconds:.2f} s, {one.peak_rss_bytes / MEGABYTE:.0f} MB" for one in done]
    _say(f"{done[0].conversations:>6,} conversations, {run}, {done[0].way}: {'; '.join(took)}")


def _say(line: str) -> None:
    print(line, flush=True)


def _say_all(lines: Iterator[str]) -> None:
    for line in lines:
        _say(line)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
