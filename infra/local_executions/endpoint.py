"""Answers what Step Functions asks of Lambda: invocations, by the functions of a local API.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Protocol

from aiohttp import web

from infra.local_api import FunctionError, FunctionFailedError, LocalApiError
from infra.local_api.background import background_loop

_HOST = "127.0.0.1"
_PATH = "/2015-03-31/functions/{function:.+}/invocations"
# What is still unanswered at the end is cut off rather than awaited.
_SHUTDOWN_TIMEOUT_SECONDS = 0.1
# What Lambda calls a function that takes too long.
_TIMED_OUT = "Sandbox.Timedout"


class Functions(Protocol):
    """What `infra.local_api.LocalApi` is to the endpoint."""

    def start(self, function_logical_id: str, event: Mapping[str, Any]) -> Future[Any]: ...


class LambdaEndpoint:
    """An endpoint at `port` of the loopback interface. Functions are there while `invoking` lasts."""

    def __init__(self) -> None:
        self.port = 0
        self._functions: Functions | None = None

    @contextmanager
    def invoking(self, functions: Functions) -> Iterator[None]:
        """Has these functions do what is asked for, while the context lasts."""
        self._functions = functions
        try:
            yield
        finally:
            self._functions = None

    async def answer(self, request: web.Request) -> web.Response:
        function = request.match_info["function"].rpartition(":")[2]
        if self._functions is None:
            return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, "ServiceException", "No functions are being served.")
        try:
            event = await request.json()
            return web.json_response(await asyncio.wrap_future(self._functions.start(function, event)))
        except FunctionError as error:
            print(f"{function}: {error}", file=sys.stderr, flush=True)
            failure = (error.error_type, error.error_message) if isinstance(error, FunctionFailedError) else None
            error_type, message = failure or (_TIMED_OUT, str(error))
            return web.json_response(
                {"errorMessage": message, "errorType": error_type, "stackTrace": []},
                headers={"X-Amz-Function-Error": "Unhandled"},
            )
        except LocalApiError as error:
            return _refusal(HTTPStatus.NOT_FOUND, "ResourceNotFoundException", str(error))


@contextmanager
def run_lambda_endpoint() -> Iterator[LambdaEndpoint]:
    """An endpoint on a free port while the context lasts; it needs no functions to start."""
    endpoint = LambdaEndpoint()
    with background_loop("lambda-endpoint") as loop:
        application = web.Application()
        application.router.add_post(_PATH, endpoint.answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SHUTDOWN_TIMEOUT_SECONDS)
        endpoint.port = loop.run(_listen(runner))
        try:
            yield endpoint
        finally:
            loop.run(runner.cleanup())


async def _listen(runner: web.AppRunner) -> int:
    await runner.setup()
    await web.TCPSite(runner, _HOST, 0).start()
    return int(runner.addresses[0][1])


def _refusal(status: HTTPStatus, error_type: str, message: str) -> web.Response:
    return web.json_response({"Message": message}, status=status, headers={"x-amzn-ErrorType": error_type})
