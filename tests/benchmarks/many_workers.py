"""Builds by one worker and by many, as deployed: functions, queue and state machine over S3, on this machine.

`python -m tests.benchmarks.many_workers 1000 10000 100000` builds so many small conversations each, more than 10,000 by
the state machine with two shards at once, looks at what came out of it, and prints a row each. Nothing else should run
beside it. 100,000 take a quarter of an hour and 3 GB of disk.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID, uuid4

from infra.local_api import run_local_api
from infra.local_executions import run_lambda_endpoint
from infra.local_queue import run_local_queues
from infra.local_queue.events import REGION
from infra.stack import SECRETS, TEMPLATE, api_environment, executions_environment, queue_environment
from tests.benchmarks.promises import MEGABYTE
from tests.benchmarks.surroundings import Surroundings, run_surroundings
from tests.benchmarks.wire import Traffic, run_wire
from training_files.bootstrap import application_from
from training_files.domain.training_file.build_request import CreateTrainingFileInput
from training_files.domain.training_file.stored_file import conversations_in
from training_files.domain.training_file.training_file import TrainingFile
from training_files.ports.objects import StoredPart
from training_files.service import TrainingFileService
from training_files.settings import settings_from

SIZES = (1_000, 10_000, 100_000)
SHARDS_AT_ONCE = 2
TURNS = 2
AVERAGE_BYTES = 3_000
LOOKED_EVERY_SECONDS = 0.5
MOST_SECONDS = 3_600
HEADERS = ("conversations", "seconds", "ms each", "requests each", "MB up", "MB down", "peak RSS MB")


@dataclass(frozen=True, slots=True)
class Built:
    conversations: int
    seconds: float
    traffic: Traffic
    peak_rss_bytes: int

    def as_row(self) -> tuple[str, ...]:
        return (
            f"{self.conversations:,}",
            f"{self.seconds:.1f}",
            f"{self.seconds / self.conversations * 1000:.2f}",
            f"{self.traffic.requests / self.conversations:.3f}",
            f"{self.traffic.bytes_up / MEGABYTE:.0f}",
            f"{self.traffic.bytes_down / MEGABYTE:.0f}",
            f"{self.peak_rss_bytes / MEGABYTE:.0f}",
        )


@dataclass(slots=True)
class _Watch:
    """The most memory that any process of a function has had, until the context ends."""

    peak_bytes: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "_Watch":
        threading.Thread(target=self._look, name="memory", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def _look(self) -> None:
        while not self._over.wait(LOOKED_EVERY_SECONDS):
            self.peak_bytes = max([self.peak_bytes, *_peaks_of_workers()])


def _peaks_of_workers() -> Iterator[int]:
    """Of the processes of functions, which are children of this one. Linux says so, and nothing else does."""
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            told = dict(line.split(":", 1) for line in status.read_text().splitlines())
            if int(told["PPid"]) == os.getpid() and "worker_process" in (status.parent / "cmdline").read_text():
                yield int(told["VmHWM"].split()[0]) * 1024


@contextmanager
def _deployed(surroundings: Surroundings, url: str) -> Iterator[dict[str, str]]:
    """The environment of functions that are served while the context lasts."""
    with ExitStack() as running:
        endpoint = running.enter_context(run_lambda_endpoint())
        queues = running.enter_context(run_local_queues(TEMPLATE, lambda_port=endpoint.port))
        # What asks is this very process.
        os.environ.update({**queues.environment, "AWS_DEFAULT_REGION": REGION})
        environment = {
            **api_environment(surroundings.supabase, s3=True),
            **queue_environment(queues),
            **executions_environment(queues, shards_at_once=SHARDS_AT_ONCE),
            "SUPABASE_URL": url,
            "HOOK_SECRET": "none",
        }
        api = running.enter_context(run_local_api(TEMPLATE, environment=environment, secrets=SECRETS))
        running.enter_context(endpoint.invoking(api))
        running.enter_context(queues.feeding(api))
        yield environment


def _build(count: int) -> Built:
    with (
        run_surroundings(count, turns=TURNS, average_bytes=AVERAGE_BYTES) as surroundings,
        run_wire(surroundings.supabase.url) as wire,
        _deployed(surroundings, wire.url) as environment,
    ):
        ready = application_from(settings_from({**environment, "SUPABASE_URL": surroundings.supabase.url}, _no_secret))
        service = ready.service.acting_for(UUID(surroundings.owner))
        wanted = CreateTrainingFileInput(
            name=f"bench {uuid4()}", select={}, created_by=UUID(surroundings.owner), on_invalid="skip"
        )
        before, begun = wire.traffic, time.perf_counter()
        with _Watch() as watch:
            requested = service.request_training_file(wanted)
            file = _finished(service, requested.id or uuid4())
        built = Built(count, time.perf_counter() - begun, wire.traffic.since(before), watch.peak_bytes)
        _look_at(service, file, count)
        ready.close()
    return built


def _finished(service: TrainingFileService, training_file_id: UUID) -> TrainingFile:
    """Raises RuntimeError when the build fails or takes too long."""
    shown = -1
    for _ in range(int(MOST_SECONDS / LOOKED_EVERY_SECONDS)):
        time.sleep(LOOKED_EVERY_SECONDS)
        file, build = service.existing_with_build(training_file_id)
        if file.status == "active":
            return file
        if file.status == "failed":
            raise RuntimeError(f"the build failed: {build and build.error}")
        if build and build.progress_done // 10_000 > shown:
            shown = build.progress_done // 10_000
            print(f"  {build.progress_done:,} of {build.progress_total:,}", file=sys.stderr, flush=True)
    raise RuntimeError("the build takes too long")


def _look_at(service: TrainingFileService, file: TrainingFile, count: int) -> None:
    """Whether all views agree. Raises RuntimeError."""
    ids = [str(one) for one in service.get_training_file_conversations(file.id or uuid4())]
    store = service.context.stores.training_files
    with TemporaryFile() as whole, TemporaryFile() as lines:
        store.download(StoredPart(file.json_file_path or "", 0, file.json_file_size or 0), whole)
        store.download(StoredPart(file.jsonl_file_path or "", 0, file.jsonl_file_size or 0), lines)
        sizes = whole.tell(), lines.tell()
        whole.seek(0)
        lines.seek(0)
        in_json = [one.conversation_id for one in conversations_in(whole)]
        in_jsonl = [json.loads(line)["conversation_id"] for line in lines]
    expected: dict[str, Any] = {
        "count": (count, len(ids), len(in_json), len(set(ids))),
        "sizes": (file.json_file_size, file.jsonl_file_size),
        "lines": file.trainable_pairs,
    }
    found: dict[str, Any] = {
        "count": (file.conversation_count, count, count, count),
        "sizes": sizes,
        "lines": len(in_jsonl),
    }
    if expected != found or ids != in_json or list(dict.fromkeys(in_jsonl)) != ids:
        raise RuntimeError(f"the views of the file do not agree: {found} instead of {expected}")


def _no_secret(_arn: str, _variable: str) -> str:
    raise RuntimeError("no secret is kept elsewhere")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--result", type=Path, default=None, help="a JSON file for what was measured")
    asked = parser.parse_args(arguments)
    rows = [_build(size).as_row() for size in asked.sizes]
    for row in [HEADERS, *rows]:
        print("  ".join(cell.rjust(len(header)) for cell, header in zip(row, HEADERS, strict=True)))
    if asked.result:
        asked.result.write_text(json.dumps([dict(zip(HEADERS, row, strict=True)) for row in rows], indent=2))


if __name__ == "__main__":
    main(sys.argv[1:])
