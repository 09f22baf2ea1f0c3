"""Runs an asyncio event loop in a thread of its own, so that blocking code can use servers beside it."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class BackgroundLoop:
    """An event loop that another thread runs."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def start(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Start the coroutine on the loop; cancelling the future cancels it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run the coroutine on the loop and wait for its result."""
        return self.start(coroutine).result()


@contextmanager
def background_loop(thread_name: str) -> Iterator[BackgroundLoop]:
    """A loop that runs while the context lasts; what is left on it at the end is cancelled."""
    started: Future[asyncio.AbstractEventLoop] = Future()
    thread = threading.Thread(target=_run_loop, args=(started,), name=thread_name, daemon=True)
    thread.start()
    loop = started.result()
    try:
        yield BackgroundLoop(loop)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def _run_loop(started: Future[asyncio.AbstractEventLoop]) -> None:
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        started.set_result(loop)
        loop.run_forever()
