"""Processes that stop before each call of a port, so that a test decides what happens in which order, and what fails.

Only one of them runs at a time, and never beside the test: whatever order a test chooses, it is the same again.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from datetime import datetime
from enum import Enum
from threading import Semaphore, Thread
from typing import Any

import pytest

from tests.support.fake_objects import InMemoryObjectStore
from training_files.builds import preparing, writing
from training_files.builds.leased_revision import LeasedRevision
from training_files.errors import UpstreamUnavailableError
from training_files.ports.objects import BytesPart, Part

NEVER = 10**6


class KilledError(BaseException):
    """The end of a process that was killed: nothing catches it, and what is done on the way out has no effect."""


class Effect(Enum):
    NONE = 0
    NOW = 1
    # The first answer was lost on its way, and the adapter has asked again.
    TWICE = 2
    # On its way when the caller stopped listening.
    LATER = 3


class Fate(Enum):
    """What becomes of a call: when it has its effect, and what the process hears of it, if it still lives."""

    GOES_THROUGH = (Effect.NOW, None)
    IS_REPEATED = (Effect.TWICE, None)
    FAILS = (Effect.NONE, UpstreamUnavailableError)
    ANSWER_IS_LOST = (Effect.NOW, UpstreamUnavailableError)
    COMES_LATE = (Effect.LATER, UpstreamUnavailableError)
    KILLED_BEFORE = (Effect.NONE, KilledError)
    KILLED_AFTER = (Effect.NOW, KilledError)
    KILLED_ON_THE_WAY = (Effect.LATER, KilledError)

    @property
    def effect(self) -> Effect:
        effect: Effect = self.value[0]
        return effect

    @property
    def error(self) -> type[BaseException] | None:
        error: type[BaseException] | None = self.value[1]
        return error


class Process:
    """Runs an action up to its first call of a port; `step` carries that out and goes on to the next one."""

    def __init__(self, name: str, began_at: datetime, action: Callable[["Process"], Any]) -> None:
        self.name = name
        self.began_at = began_at
        self.calls: list[str] = []
        self.late: list[tuple[str, Callable[[], object]]] = []
        self.fates: set[Fate] = set()
        self.is_over = False
        self.result: Any = None
        self.error: BaseException | None = None
        self._fate = Fate.GOES_THROUGH
        self._may_go = Semaphore(0)
        self._has_stopped = Semaphore(0)
        self._thread = Thread(target=self._run, args=(action,), name=name, daemon=True)
        self._thread.start()
        self._has_stopped.acquire()

    def __repr__(self) -> str:
        return f"<{self.name}, {'over' if self.is_over else f'before {self.calls[-1]}'}>"

    def step(self, fate: Fate = Fate.GOES_THROUGH) -> str:
        """Lets the call that it stands before have its fate, and stops before the next one. Returns its label."""
        label = self.calls[-1]
        self._fate = fate
        self.fates.add(fate)
        self._may_go.release()
        self._has_stopped.acquire()
        return label

    def kill(self) -> None:
        if not self.is_over:
            self.step(Fate.KILLED_BEFORE)

    @property
    def was_killed(self) -> bool:
        return any(fate.error is KilledError for fate in self.fates)

    @property
    def was_troubled(self) -> bool:
        return bool(self.fates - {Fate.GOES_THROUGH})

    def port(self, port: object) -> Any:
        """The port as this process has it."""
        return _Port(self, port)

    def call(self, label: str, act: Callable[[], Any], act_late: Callable[[], Callable[[], object]]) -> Any:
        if self.was_killed:
            raise KilledError(label)
        self.calls.append(label)
        self._has_stopped.release()
        self._may_go.acquire()
        fate = self._fate
        if fate.effect is Effect.LATER:
            self.late.append((label, act_late()))
        if fate.effect is Effect.TWICE:
            act()
        answer = act() if fate.effect in (Effect.NOW, Effect.TWICE) else None
        if fate.error:
            raise fate.error(f"{label} failed")
        return answer

    def _run(self, action: Callable[["Process"], Any]) -> None:
        try:
            self.result = action(self)
        except BaseException as error:  # noqa: BLE001 - The test looks at it, whatever it is.
            self.error = error
        self.is_over = True
        self._has_stopped.release()


class _Port:
    def __init__(self, process: Process, port: Any) -> None:
        self._process = process
        self._port = port

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            begin = arguments[1].tell() if method == "download" else 0

            def act() -> Any:
                if method == "download":
                    # A request that is made again goes on where the first one ended: what arrived is there once.
                    arguments[1].seek(begin)
                    arguments[1].truncate()
                return getattr(self._port, method)(*arguments, **keywords)

            def act_late() -> Callable[[], object]:
                return _sent(self._port, *arguments) if method == "write" else act

            return self._process.call(_label(method, arguments), act, act_late)

        return call


def _sent(store: InMemoryObjectStore, path: str, parts: Sequence[Part], content_type: str) -> Callable[[], object]:
    """A write whose bytes are all on their way already, whatever becomes of the files that they come from."""
    content = store.put_together(parts)
    return lambda: store.write(path, [BytesPart(content)], content_type)


def _label(method: str, arguments: Sequence[Any]) -> str:
    is_object = bool(arguments) and isinstance(arguments[0], str)
    return f"{method} {arguments[0].rpartition('/')[2]}" if is_object else method


class InlineExecutor(Executor):
    """Does at once, in the same thread, what is submitted: which of several calls is first is not left to chance."""

    def __init__(self, max_workers: int) -> None:
        self.max_workers = max_workers

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **keywords: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments, **keywords))
        except BaseException as error:  # noqa: BLE001 - As every executor, it hands the error to whoever asks.
            future.set_exception(error)
        return future


def run_in_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes the service's own threads away, which would run beside what a test decides."""
    for module in (preparing, writing):
        monkeypatch.setattr(module, "ThreadPoolExecutor", InlineExecutor)
    monkeypatch.setattr(LeasedRevision, "renewed_every_seconds", NEVER)
