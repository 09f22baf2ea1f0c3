"""A process that makes a copy of itself for each step of work beyond one worker, so that a step can be killed at once.

Reads one JSON object a line: the number of the `call`, the `function`, its `event`, and the `url` of its Supabase; the
rest of the environment is the process's own. Writes a line with the `process` that does it, and one when that has
ended, with the `answer` of the handler, or its `error`, or neither when it was killed. Many are done at once. What
handlers log goes to standard error. It ends with its standard input.
"""

import json
import os
import selectors
import sys
from dataclasses import dataclass
from typing import Any

# Whatever a step imports is imported before the first copy is made.
import boto3
import httpx  # noqa: F401
import storage3  # noqa: F401

from tests.support.handlers import Handler, a_context, handler_of
from training_files.adapters.s3 import object_store as s3_object_store  # noqa: F401
from training_files.adapters.supabase import object_store as supabase_object_store  # noqa: F401
from training_files.sharded import build  # noqa: F401

MOST_BYTES_AT_ONCE = 65_536
STANDARD_INPUT = 0
FUNCTIONS = ("direct_shards", "build_shard")


@dataclass(frozen=True)
class Step:
    """A copy at work, and the end of a pipe that it writes its answer to."""

    call: int
    process: int


def serve(handlers: dict[str, Handler]) -> None:
    asked = b""
    with selectors.DefaultSelector() as waiting:
        waiting.register(STANDARD_INPUT, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                if key.data is not None:
                    waiting.unregister(key.fd)
                    finish(key.fd, key.data)
                    continue
                more = os.read(STANDARD_INPUT, MOST_BYTES_AT_ONCE)
                if not more:
                    return
                *lines, asked = (asked + more).split(b"\n")
                for line in lines:
                    answers, step = begin(handlers, json.loads(line))
                    waiting.register(answers, selectors.EVENT_READ, step)


def begin(handlers: dict[str, Handler], wanted: dict[str, Any]) -> tuple[int, Step]:
    read, write = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(read)
        # Handlers log to standard output, which is this process's to answer on.
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        os.environ["SUPABASE_URL"] = wanted["url"]
        os.write(write, json.dumps(outcome_of(handlers[wanted["function"]], wanted["event"])).encode())
        os._exit(0)
    os.close(write)
    say(call=wanted["call"], process=process)
    return read, Step(wanted["call"], process)


def outcome_of(handler: Handler, event: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"answer": handler(event, a_context())}
    except Exception as error:  # noqa: BLE001 - As Lambda, which tells of every error.
        return {"error": [type(error).__name__, str(error)]}


def finish(answers: int, step: Step) -> None:
    """An answer has few bytes: it is in the pipe as a whole or, where its process was killed, not at all."""
    told = os.read(answers, MOST_BYTES_AT_ONCE)
    os.close(answers)
    os.waitpid(step.process, 0)
    say(call=step.call, **(json.loads(told) if told else {}))


def say(**line: Any) -> None:
    print(json.dumps(line), flush=True)  # noqa: T201 - its answer


if __name__ == "__main__":
    # The first client loads what all others share.
    boto3.client("s3", region_name="none", aws_access_key_id="none", aws_secret_access_key="none").close()
    serve({name: handler_of(name) for name in FUNCTIONS})
