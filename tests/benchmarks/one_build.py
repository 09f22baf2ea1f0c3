"""One create, or one change of a training file, in a process of its own, so that its time and memory are its own.

Reads what to do as JSON from standard input, and prints what it took, and which training file it was.

The service's create goes the way of the background: a request, and one worker in this process that builds it, as
functions/build_revision does. A change is one that the caller waits for, or, where a large file would be moved over
REST, one that is left to the worker as well.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

# What a build imports is imported before the clock starts; the cold import is measured by itself.
import httpx
import storage3  # noqa: F401
from supabase import ClientOptions, create_client

from tests.benchmarks import naive
from tests.support.fake_queue import InMemoryQueue
from training_files.adapters.supabase import object_store as supabase_object_store  # noqa: F401
from training_files.bootstrap import CONNECTIONS, application
from training_files.builds import refreshing, removing, waiting, worker  # noqa: F401
from training_files.domain.training_file.build_request import (
    AddConversationsInput,
    CreateTrainingFileInput,
    RefreshConversationsInput,
    RemoveConversationsInput,
)

Build = Callable[[], str]


@contextmanager
def with_the_service(task: dict[str, Any]) -> Iterator[Build]:
    ready = application()
    service, queue = ready.service, InMemoryQueue()
    service.context = replace(service.context, queue=queue)

    def request() -> str:
        # What was asked for is gone when the worker begins: it is another process where this is deployed.
        ids = tuple(map(UUID, task.pop("conversation_ids")))
        wanted = CreateTrainingFileInput(name=f"bench {uuid4()}", conversation_ids=ids, created_by=UUID(task["owner"]))
        return str(service.request_training_file(wanted).id)

    def change() -> str:
        training_file_id: str = task["training_file"]
        which = {"training_file_id": training_file_id, "conversation_ids": task["conversation_ids"]}
        if task["change"] == "remove":
            service.remove_conversations_from_training_file(RemoveConversationsInput.model_validate(which))
        elif task["change"] == "refresh":
            service.refresh_training_file(RefreshConversationsInput.model_validate(which))
        else:
            service.add_conversations_to_training_file(AddConversationsInput.model_validate(which))
        return training_file_id

    def build() -> str:
        training_file_id = change() if task["training_file"] else request()
        for revision_id in queue.waiting:
            service.build_revision(revision_id)
        return training_file_id

    yield build
    ready.close()


@contextmanager
def naively(task: dict[str, Any]) -> Iterator[Build]:
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    with httpx.Client(timeout=task["timeout_seconds"], limits=limits) as http:
        supabase = create_client(task["url"], task["key"], ClientOptions(httpx_client=http))
        ids = task["conversation_ids"]
        if task["training_file"]:
            yield lambda: naive.append(supabase, task["training_file"], ids)
        else:
            yield lambda: naive.create(supabase, task["owner"], ids)


def measured(build: Build) -> dict[str, Any]:
    cpu_before = _cpu_seconds()
    begun = time.perf_counter()
    training_file = build()
    return {
        "training_file": training_file,
        "wall_seconds": time.perf_counter() - begun,
        "cpu_seconds": _cpu_seconds() - cpu_before,
        "peak_rss_bytes": _peak_rss_bytes(),
    }


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _peak_rss_bytes() -> int:
    """Of this program alone: on Linux, `ru_maxrss` is never less than what the parent had when it started us."""
    status = Path("/proc/self/status")
    if status.exists():
        [kibibytes] = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(kibibytes) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


WAYS = {"service": with_the_service, "naive": naively}


def main() -> None:
    task = json.load(sys.stdin)
    with WAYS[task["way"]](task) as build:
        json.dump(measured(build), sys.stdout)


if __name__ == "__main__":
    main()
