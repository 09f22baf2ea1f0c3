"""The functions behind the state machine, each step in a process of its own, which can be killed at any point."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Literal

from infra.local_api import FunctionFailedError
from tests.support.builders import Json
from tests.support.commands import ROOT
from tests.support.fault_proxy import FaultProxy, run_fault_proxy

FOLDERS = {"DirectShardsFunction": "direct_shards", "BuildShardFunction": "build_shard"}
# More than any test has at work at once: shards, and what is told of one that failed.
STEPS_AT_ONCE = 5
GIVE_UP_AFTER_SECONDS = 60
POLL_SECONDS = 0.005
STEPS = ("plan", "assemble", "commit", "fail")
DOWNLOAD = "/object/conversation-files/"
# What Lambda calls a function whose process ended.
EXIT_ERROR = "Runtime.ExitError"


@dataclass(frozen=True)
class Kill:
    """Kills a step at its request of this number, from 1 on, unless it has ended before.

    That request takes effect or not, and its answer is lost; or it goes through, and the step goes on until it is hit.
    """

    request: int
    then: Literal["without effect", "with effect", "on its way"]

    def __str__(self) -> str:
        return f"{self.request} {self.then}"


@dataclass(frozen=True)
class Done:
    """A step that was taken: `key` is a step's name or a shard's number, `requests` are those that it has made."""

    key: str | int
    requests: tuple[str, ...]
    killed: bool


@dataclass
class _Call:
    process: Future[int] = field(default_factory=Future)
    outcome: Future[Json] = field(default_factory=Future)


@dataclass
class KillableFunctions:
    """Implements what `LambdaEndpoint.invoking` needs.

    The next call of a step, or of a shard, takes the next of its `kills`, and the next of what is to be done `before`.
    `faults` makes rules for the proxy of every call. `done` are all calls that have ended, in order.
    """

    server: "subprocess.Popen[str]"
    proxies: "SimpleQueue[FaultProxy]"
    kills: dict[str | int, deque[Kill]] = field(default_factory=lambda: defaultdict(deque))
    before: dict[str | int, deque[Callable[[], object]]] = field(default_factory=lambda: defaultdict(deque))
    faults: Callable[[str | int, FaultProxy], object] = field(default=lambda _key, _proxy: None)
    done: list[Done] = field(default_factory=list)
    _calls: dict[int, _Call] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(STEPS_AT_ONCE))

    def start(self, function_logical_id: str, event: Mapping[str, Any]) -> Future[Any]:
        return self._threads.submit(self._take, function_logical_id, dict(event))

    def taken(self, key: str | int) -> list[Done]:
        return [one for one in self.done if one.key == key]

    @property
    def killed(self) -> int:
        """How many were."""
        return sum(one.killed for one in self.done)

    def reset(self) -> None:
        """Forgets what a test has asked for, and what was done."""
        self.kills.clear()
        self.before.clear()
        self.done.clear()
        self.faults = lambda _key, _proxy: None

    def close(self) -> None:
        self._threads.shutdown()

    def listen(self) -> None:
        """Takes what the server says, until it ends."""
        assert self.server.stdout is not None
        for line in self.server.stdout:
            told = json.loads(line)
            call = self._calls[told.pop("call")]
            if "process" in told:
                call.process.set_result(told["process"])
            else:
                call.outcome.set_result(told)

    def _take(self, function: str, event: Json) -> Any:
        key: str | int = event.get("step") or event["shard"]
        with self._lock:
            kill = self.kills[key].popleft() if self.kills[key] else None
            before = self.before[key].popleft() if self.before[key] else None
        if before is not None:
            before()
        proxy = self.proxies.get()
        try:
            return self._done_with(proxy, function, key, event, kill)
        finally:
            proxy.reset()
            self.proxies.put(proxy)

    def _done_with(self, proxy: FaultProxy, function: str, key: str | int, event: Json, kill: Kill | None) -> Any:
        self.faults(key, proxy)
        if kill is not None:
            _arrange(proxy, kill)
        call = self._asked(FOLDERS[function], event, proxy.url)
        if kill is not None:
            self._kill(call, proxy, kill)
        outcome = _outcome_of(call)
        with self._lock:
            self.done.append(Done(key, tuple(proxy.requests), killed=not outcome))
        if not outcome:
            raise FunctionFailedError(function, EXIT_ERROR, "Runtime exited with error: signal: killed")
        if "error" in outcome:
            raise FunctionFailedError(function, *outcome["error"])
        return outcome["answer"]

    def _asked(self, folder: str, event: Json, url: str) -> _Call:
        with self._lock:
            call = self._calls[number := len(self._calls)] = _Call()
            wanted = {"call": number, "function": folder, "event": event, "url": url}
            assert self.server.stdin is not None
            self.server.stdin.write(json.dumps(wanted) + "\n")
            self.server.stdin.flush()
        return call

    def _kill(self, call: _Call, proxy: FaultProxy, kill: Kill) -> None:
        process = call.process.result(GIVE_UP_AFTER_SECONDS)
        _wait_for(kill.request + (kill.then == "with effect"), proxy, call)
        if not call.outcome.done():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def _outcome_of(call: _Call) -> Json:
    """What was told of it: nothing where it was killed. One that takes too long is ended. Raises TimeoutError."""
    try:
        return call.outcome.result(GIVE_UP_AFTER_SECONDS)
    except TimeoutError:
        os.kill(call.process.result(), signal.SIGKILL)
        raise


def _arrange(proxy: FaultProxy, kill: Kill) -> None:
    if kill.then == "with effect":
        proxy.drop_answer(spared=kill.request - 1)
        proxy.hang(spared=kill.request, times=None)
    elif kill.then == "without effect":
        proxy.hang(spared=kill.request - 1, times=None)


def _wait_for(requests: int, proxy: FaultProxy, call: _Call) -> None:
    give_up_at = time.monotonic() + GIVE_UP_AFTER_SECONDS
    while len(proxy.exchanges) < requests and not call.outcome.done():
        assert time.monotonic() < give_up_at, f"only these arrived: {proxy.requests}"
        time.sleep(POLL_SECONDS)


@contextmanager
def run_killable_functions(
    supabase_url: str, environment: Mapping[str, str], folder: Path
) -> Iterator[KillableFunctions]:
    """Functions with this environment, over a Supabase that each reaches by a proxy of its own. No process is left."""
    with ExitStack() as running:
        proxies: SimpleQueue[FaultProxy] = SimpleQueue()
        for _ in range(STEPS_AT_ONCE):
            proxy = running.enter_context(run_fault_proxy(supabase_url))
            # Conversations of a test share one file.
            proxy.remembered = DOWNLOAD
            proxies.put(proxy)
        log = running.enter_context((folder / "steps.log").open("w"))
        server = running.enter_context(_server({**environment, "TMPDIR": str(folder)}, log))
        functions = KillableFunctions(server, proxies)
        listener = Thread(target=functions.listen, name="steps", daemon=True)
        listener.start()
        try:
            yield functions
        finally:
            functions.close()
            assert server.stdin is not None
            server.stdin.close()
            listener.join()


def _server(environment: Mapping[str, str], log: Any) -> "subprocess.Popen[str]":
    path = os.pathsep.join([str(ROOT / "layers" / "training_files"), str(ROOT)])
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.step_process"],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
