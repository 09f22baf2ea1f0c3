"""One create in a process of its own, so that its memory is its own. Prints what it took as JSON."""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from infra.clients import supabase_client
from tests.benchmarks import naive
from training_files.bootstrap import application
from training_files.records import CreateTrainingFileInput


def main(way: str, owner: str, conversation_ids: list[str]) -> None:
    with WAYS[way](owner, conversation_ids) as create:
        begun = time.perf_counter()
        create()
        took = time.perf_counter() - begun
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": took, "megabytes": megabytes}))


@contextmanager
def _with_the_service(owner: str, conversation_ids: list[str]) -> Iterator[Callable[[], object]]:
    ids = tuple(UUID(conversation_id) for conversation_id in conversation_ids)
    wanted = CreateTrainingFileInput(name=f"bench {uuid4()}", conversation_ids=ids, created_by=UUID(owner))
    service = application().service
    yield lambda: service.create_training_file(wanted)


@contextmanager
def _naively(owner: str, conversation_ids: list[str]) -> Iterator[Callable[[], object]]:
    with supabase_client(os.environ["SUPABASE_URL"], os.environ["SUPABASE_SERVICE_ROLE_KEY"]) as supabase:
        yield lambda: naive.create_training_file(supabase, f"naive {uuid4()}", conversation_ids, owner)


WAYS = {"service": _with_the_service, "naive": _naively}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3].split(","))
