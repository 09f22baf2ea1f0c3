"""Puts the parts together: a template's functions and its gateway, served while a context lasts."""

import errno
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from infra.local_api.background import BackgroundLoop, background_loop
from infra.local_api.errors import LocalApiError
from infra.local_api.functions import Functions
from infra.local_api.gateway import Gateway
from infra.local_api.runtime_packages import RuntimePackages, link_lambda_runtime
from infra.local_api.sandbox import Sandbox
from infra.local_api.template import ApiTemplate, read_template

Json = Any
"""Whatever a function answers."""

_HOST = "127.0.0.1"
# Requests that are still unanswered when the API stops are cut off rather than awaited.
_SHUTDOWN_TIMEOUT_SECONDS = 0.1


@dataclass(frozen=True)
class LocalApi:
    """An API that is being served at `url`."""

    url: str
    _functions: Functions = field(repr=False)
    _loop: BackgroundLoop = field(repr=False)

    def invoke(self, function_logical_id: str, event: Mapping[str, Json]) -> Json:
        """Invoke any function of the template with an event of any kind, and return its answer.

        Raises `FunctionError` when the function failed, `LocalApiError` when there is no such function.
        """
        return self.start(function_logical_id, event).result()

    def start(self, function_logical_id: str, event: Mapping[str, Json]) -> Future[Json]:
        """As `invoke`, without waiting. Whoever cancels the future waits no more; the invocation runs on."""
        return self._loop.start(self._invoked(function_logical_id, json.dumps(event).encode()))

    async def _invoked(self, function_logical_id: str, payload: bytes) -> Json:
        return json.loads(await self._functions.invoke(function_logical_id, payload) or b"null")


@contextmanager
def run_local_api(
    template: Path,
    *,
    environment: Mapping[str, str],
    parameters: Mapping[str, str] | None = None,
    known_resources: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    function_environment: Mapping[str, Mapping[str, str]] | None = None,
    port: int = 0,
    concurrency: int = 10,
    runtime_packages: RuntimePackages = "environment",
    log: Path | None = None,
) -> Iterator[LocalApi]:
    """Serve the template's API on the loopback interface; no process is left when the context ends.

    Args:
        environment: variables for every function; they win over the template's.
        parameters: values for the template's parameters; the others have their defaults.
        known_resources: what the template's `Queue` and `Queue.Arn` stand for, where such resources exist.
        secrets: variables of `environment` that only some functions get: those in whose environment the template has
            the variable that stands here beside it, for example the ARN of the secret.
        function_environment: variables for single functions, by logical id; they win over all others.
        port: 0 takes any free one.
        concurrency: how many invocations of one function run at a time, each in its own process.
        log: the file that the functions' output is added to; without it, it goes to standard error.

    Raises:
        LocalApiError: the port is taken or the template cannot be served.
    """
    api = read_template(template, parameters, known_resources)
    with ExitStack() as resources:
        sandbox = Sandbox(
            environment=environment,
            secrets=secrets or {},
            function_environment=function_environment or {},
            runtime_packages=runtime_packages,
            runtime_folder=_runtime_folder(runtime_packages, resources),
            lifeline=_lifeline(resources),
            log=None if log is None else resources.enter_context(log.open("ab")),
        )
        loop = resources.enter_context(background_loop("local-api"))
        yield _start(api, Functions(api.functions, sandbox, concurrency), port, loop, resources)


def _start(api: ApiTemplate, functions: Functions, port: int, loop: BackgroundLoop, resources: ExitStack) -> LocalApi:
    application = Gateway(api, functions.invoke).application()
    # Bodies reach the functions as they were sent, compressed or not.
    runner = web.AppRunner(
        application, access_log=None, auto_decompress=False, shutdown_timeout=_SHUTDOWN_TIMEOUT_SECONDS
    )
    resources.callback(lambda: loop.run(functions.stop()))
    resources.callback(lambda: loop.run(runner.cleanup()))
    taken_port = loop.run(_listen(runner, port))

    return LocalApi(f"http://{_HOST}:{taken_port}", functions, loop)


async def _listen(runner: web.AppRunner, port: int) -> int:
    await runner.setup()
    try:
        await web.TCPSite(runner, _HOST, port).start()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise LocalApiError(f"Port {port} is already in use; choose another one for the API.") from error
    return int(runner.addresses[0][1])


def _runtime_folder(runtime_packages: RuntimePackages, resources: ExitStack) -> Path | None:
    if runtime_packages == "environment":
        return None
    return link_lambda_runtime(Path(resources.enter_context(tempfile.TemporaryDirectory())))


def _lifeline(resources: ExitStack) -> int:
    """The readable end of a pipe whose other end closes with this process."""
    readable, writable = os.pipe()
    resources.callback(os.close, readable)
    resources.callback(os.close, writable)
    return readable
