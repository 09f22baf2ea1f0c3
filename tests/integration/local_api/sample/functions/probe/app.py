"""Behaves as the path asks: answers, fails, hangs or ends its process."""

import base64
import importlib.util
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import built_layer
import sample_layer
from awslambdaric.lambda_context import LambdaContext

Query = dict[str, str]


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> object:
    query = event.get("queryStringParameters", {})
    if event["pathParameters"]["behaviour"] == "context":
        return {"name": context.function_name, "left_ms": context.get_remaining_time_in_millis()}
    return _BEHAVIOURS[event["pathParameters"]["behaviour"]](query)


def binary(_: Query) -> dict[str, Any]:
    body = base64.b64encode(bytes(range(256))).decode()
    headers = {"content-type": "application/octet-stream"}
    return {"statusCode": 200, "headers": headers, "body": body, "isBase64Encoded": True}


def crash(_: Query) -> None:
    raise ValueError("The probe was asked to crash.")


def end_process(_: Query) -> None:
    os._exit(7)


def environment(_: Query) -> dict[str, Any]:
    return {"variables": dict(os.environ), "layers": [sample_layer.ORIGIN, built_layer.ORIGIN]}


def hang(query: Query) -> None:
    _sign_in(query["me"])
    threading.Event().wait()


def malformed(_: Query) -> dict[str, Any]:
    return {"statusCode": "soon"}


def meet(query: Query) -> dict[str, Any]:
    """Answers only if another call runs at the same time."""
    _sign_in(query["me"])
    deadline = time.monotonic() + 8
    while not _meeting_place(query["other"]).exists():
        if time.monotonic() > deadline:
            raise TimeoutError("The other call never came.")
        time.sleep(0.01)
    return {"pid": os.getpid()}


def packages(query: Query) -> dict[str, bool]:
    return {name: importlib.util.find_spec(name) is not None for name in query["names"].split(",")}


def plain(_: Query) -> dict[str, Any]:
    return {"statusCode": 201, "body": "done"}


def process(_: Query) -> dict[str, Any]:
    return {"pid": os.getpid(), "arguments": sys.argv[1:]}


def too_large(_: Query) -> dict[str, Any]:
    return {"statusCode": 200, "body": "x" * (6 * 1024 * 1024)}


def _sign_in(name: str) -> None:
    unfinished = _meeting_place(f"{name}.unfinished")
    unfinished.write_text(str(os.getpid()))
    unfinished.rename(_meeting_place(name))


def _meeting_place(name: str) -> Path:
    return Path(os.environ["MEETING_FOLDER"]) / name


_BEHAVIOURS: dict[str, Callable[[Query], Any]] = {
    behaviour.__name__: behaviour
    for behaviour in (
        binary,
        crash,
        end_process,
        environment,
        hang,
        malformed,
        meet,
        packages,
        plain,
        process,
        too_large,
    )
}
