"""Hooks of an HTTP client that keep each request within the deadline of who sends it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpx

from training_files.deadline import is_late, seconds_left

# None at all would mean something else to a socket.
SHORTEST_SECONDS = 0.001

_patience: ContextVar[float | None] = ContextVar("patience", default=None)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """What is asked for in the block may take this long, although the client waits for a shorter time otherwise."""
    before = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(before)


def keep_the_deadline(request: httpx.Request) -> None:
    """A hook for requests: no time-out lasts longer than there is time, and no body is sent when it is over."""
    usual: dict[str, float | None] = request.extensions.get("timeout", {})
    seconds, read = _patience.get(), usual.get("read")
    if seconds is not None and read is not None:
        usual = request.extensions["timeout"] = usual | {"read": max(read, seconds)}
    left = seconds_left()
    if left is None:
        return
    request.extensions["timeout"] = {
        kind: _shorter(usual.get(kind), max(left, SHORTEST_SECONDS)) for kind in ("connect", "read", "write", "pool")
    }
    if isinstance(request.stream, httpx.SyncByteStream):
        request.stream = _Punctual(request.stream, httpx.WriteTimeout)


def keep_the_deadline_of_the_answer(answer: httpx.Response) -> None:
    """A hook for answers: one that comes in drops, each in time, is given up when the time is over."""
    if seconds_left() is not None and isinstance(answer.stream, httpx.SyncByteStream):
        answer.stream = _Punctual(answer.stream, httpx.ReadTimeout)


class _Punctual(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, error: type[httpx.TimeoutException]) -> None:
        self._stream = stream
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if is_late():
                raise self._error("the deadline has passed")
            yield chunk

    def close(self) -> None:
        self._stream.close()


def _shorter(usual: float | None, left: float) -> float:
    return left if usual is None else min(usual, left)
