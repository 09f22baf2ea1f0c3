"""The handlers of the functions, called in this process as Lambda calls them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from tests.support.builders import Json
from tests.support.world import User
from training_files.api.trusted import remembered_in
from training_files.bootstrap import application
from training_files.wiring.hooks import hook_application
from training_files.wiring.reading import reading_application

Handler = Callable[[Json, Any], Json]

FUNCTIONS = Path(__file__).parents[2] / "functions"


@contextmanager
def started_anew() -> Iterator[None]:
    """In the block, handlers start as in a new process, with the environment that is there."""
    _forget_applications()
    yield
    for kind in (application, reading_application):
        if kind.cache_info().currsize:
            kind().close()
    _forget_applications()


def _forget_applications() -> None:
    for kind in (application, reading_application, hook_application, remembered_in):
        kind.cache_clear()


def handler_of(function: str) -> Handler:
    """The handler in the folder of this name; its application is that of the environment."""
    spec = spec_from_file_location(f"handler_{function}", FUNCTIONS / function / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Handler = module.lambda_handler
    return handler


def a_post(path: str, body: Json, caller: User, **headers: str) -> Json:
    """The event of a call through the gateway."""
    return _event("POST", path, _of(caller) | headers) | {"body": json.dumps(body)}


def a_hook_call(path: str, body: Json, secret: str) -> Json:
    """The event of another system's call through the gateway."""
    return _event("POST", path, {"x-webhook-secret": secret}) | {"body": json.dumps(body)}


def a_get(path: str, caller: User, **headers: str) -> Json:
    """The event of a call through the gateway that has no body."""
    return _event("GET", path, _of(caller) | headers)


def _of(caller: User) -> dict[str, str]:
    return {"authorization": f"Bearer {caller.token}"}


def _event(method: str, path: str, headers: dict[str, str]) -> Json:
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"}
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", **headers},
        "requestContext": {"http": http, "requestId": uuid4().hex, "stage": "$default", "routeKey": f"{method} {path}"},
        "isBase64Encoded": False,
    }


def a_context(*, seconds_left: float = 29) -> Any:
    """Lambda's context of an invocation that has just begun."""
    return SimpleNamespace(
        function_name="function",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:eu-west-1:1:function:function",
        aws_request_id=str(uuid4()),
        get_remaining_time_in_millis=lambda: int(seconds_left * 1000),
    )
