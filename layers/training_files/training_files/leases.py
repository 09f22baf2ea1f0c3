"""Leases of what is built in the background: keeping one, and finding that it is someone else's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread


class BuiltElsewhereError(Exception):
    """Another worker builds it now, or someone removed its training file.

    Whoever notices stops and leaves it alone, and its message in the queue: that goes when a build is seen to have
    ended, so that one that is lost again and again is counted, and given up in the end.
    """


@contextmanager
def kept_renewed(renew: Callable[[], object], *, every_seconds: float) -> Iterator[None]:
    """Calls `renew` beside a block that says nothing for minutes, again and again. It must not raise."""
    finished = Event()

    def keep() -> None:
        while not finished.wait(every_seconds):
            renew()

    thread = Thread(target=keep, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()
