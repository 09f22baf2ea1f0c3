"""One worker: a process that runs one function, and the Lambda Runtime API that it asks for work."""

import asyncio
import contextlib
import json
import os
import signal
import time
import uuid
from asyncio.subprocess import Process
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web

from infra.local_api.errors import FunctionError, FunctionFailedError, FunctionTimedOutError
from infra.local_api.sandbox import Sandbox
from infra.local_api.template import FunctionSpec

# Lambda allows ten seconds; here many cold starts may have to share the cores of a small machine.
START_TIMEOUT_SECONDS = 60.0
MAX_ANSWER_BYTES = 6 * 1024 * 1024
_RUNTIME_API_VERSION = "/2018-06-01/runtime"
_CLEANUP_TIMEOUT_SECONDS = 0.1
_STANDARD_ERROR = 2


@dataclass
class _Invocation:
    payload: bytes
    answer: asyncio.Future[bytes]
    time_limit: asyncio.Timeout
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


class Worker:
    """A process that takes one invocation after the other, never two at once."""

    def __init__(self, function: FunctionSpec, sandbox: Sandbox) -> None:
        self._function = function
        self._sandbox = sandbox
        self._resources = AsyncExitStack()
        self._waiting: asyncio.Queue[_Invocation] = asyncio.Queue()
        self._current: _Invocation | None = None
        self._failure: FunctionError | None = None

    @property
    def is_reusable(self) -> bool:
        """Whether the worker is alive and free for another invocation."""
        return self._failure is None and self._current is None

    async def start(self) -> None:
        """Start the process; it asks for its first invocation when it has loaded the handler."""
        async with AsyncExitStack() as resources:
            runtime_api = await self._serve_runtime_api(resources)
            process = await self._start_process(runtime_api)
            resources.push_async_callback(self._end_process, process, asyncio.create_task(self._watch(process)))
            self._resources = resources.pop_all()

    async def stop(self) -> None:
        """Kill the process, whatever it is doing, and wait until it is gone."""
        await self._resources.aclose()

    async def invoke(self, payload: bytes) -> bytes:
        """The function's answer as JSON. The function's time-out runs from when the process takes the work.

        Raises `FunctionFailedError` or `FunctionTimedOutError`.
        """
        try:
            async with asyncio.timeout(START_TIMEOUT_SECONDS) as time_limit:
                answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
                self._current = _Invocation(payload, answer, time_limit)
                self._waiting.put_nowait(self._current)
                if self._failure is not None:
                    raise self._failure
                return await answer
        except TimeoutError as error:
            raise FunctionTimedOutError(self._function.logical_id) from error

    async def _serve_runtime_api(self, resources: AsyncExitStack) -> str:
        server = web.Server(self._answer_runtime, handler_cancellation=True)
        runner = web.ServerRunner(server, access_log=None, shutdown_timeout=_CLEANUP_TIMEOUT_SECONDS)
        await runner.setup()
        resources.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]

        return f"{host}:{port}"

    async def _start_process(self, runtime_api: str) -> Process:
        # A session of its own: an interrupt from the terminal is for the parent, which stops its workers.
        return await asyncio.create_subprocess_exec(
            *self._sandbox.command(self._function),
            cwd=self._function.code,
            env=self._sandbox.variables(self._function, runtime_api),
            stdin=self._sandbox.lifeline,
            stdout=self._sandbox.log or _STANDARD_ERROR,
            stderr=self._sandbox.log,
            start_new_session=True,
        )

    async def _end_process(self, process: Process, watcher: asyncio.Task[None]) -> None:
        with contextlib.suppress(ProcessLookupError):  # It has ended by itself.
            os.killpg(process.pid, signal.SIGKILL)
        await watcher

    async def _watch(self, process: Process) -> None:
        exit_code = await process.wait()
        self._break("Runtime.ExitError", f"the process ended with exit code {exit_code}")

    def _break(self, error_type: str, error_message: str) -> None:
        """The process will take no more work, and leaves what it has."""
        failure = FunctionFailedError(self._function.logical_id, error_type, error_message)
        self._failure = self._failure or failure
        self._settle(failure)

    def _settle(self, outcome: bytes | FunctionError) -> None:
        if self._current is None or self._current.answer.done():
            return
        if isinstance(outcome, bytes):
            self._current.answer.set_result(outcome)
        else:
            self._current.answer.set_exception(outcome)
        self._current = None

    async def _answer_runtime(self, request: web.BaseRequest) -> web.StreamResponse:
        match request.method, *request.path.removeprefix(_RUNTIME_API_VERSION).split("/")[1:]:
            case "GET", "invocation", "next":
                return self._hand_over(await self._waiting.get())
            case "POST", "invocation", _, "response":
                self._take_answer(await _whole_body(request))
            case "POST", "invocation", _, "error":
                self._take_error(await _whole_body(request))
            case "POST", "init", "error":
                self._break(*_error_in(await _whole_body(request)))
            case _:
                return web.Response(status=HTTPStatus.NOT_FOUND)

        return web.Response(status=HTTPStatus.ACCEPTED)

    def _hand_over(self, invocation: _Invocation) -> web.Response:
        timeout_seconds = self._function.timeout_seconds
        invocation.time_limit.reschedule(asyncio.get_running_loop().time() + timeout_seconds)
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + timeout_seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": _arn(self._function),
            "Lambda-Runtime-Trace-Id": _trace_id(),
        }
        return web.Response(body=invocation.payload, headers=headers)

    def _take_answer(self, answer: bytes) -> None:
        if len(answer) > MAX_ANSWER_BYTES:
            self._settle(self._failed("Function.ResponseSizeTooLarge", f"the answer has {len(answer)} bytes"))
        else:
            self._settle(answer)

    def _take_error(self, error: bytes) -> None:
        self._settle(self._failed(*_error_in(error)))

    def _failed(self, error_type: str, error_message: str) -> FunctionFailedError:
        return FunctionFailedError(self._function.logical_id, error_type, error_message)


async def _whole_body(request: web.BaseRequest) -> bytes:
    # Not `request.read()`, which stops at aiohttp's own limit: a too large answer is to be told as such.
    return await request.content.read()


def _error_in(body: bytes) -> tuple[str, str]:
    error = json.loads(body)
    return str(error.get("errorType")), str(error.get("errorMessage"))


def _trace_id() -> str:
    return f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0"


def _arn(function: FunctionSpec) -> str:
    return f"arn:aws:lambda:us-east-1:000000000000:function:{function.logical_id}"
