"""How long a caller still waits: what is done for it, on whatever thread, ends by then.

Each call to Supabase is bounded by itself; many slow ones in a row are not. A block that has a deadline gives each call
no more time than is left, and begins none afterwards. Where nobody has set one there is none.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import ParamSpec, TypeVar

from training_files.errors import UpstreamUnavailableError

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

# What has to be done at the end takes no longer: to hear whether a commit took place, or to clean up after an attempt.
GRACE_SECONDS = 4.0

_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """The block has this many seconds."""
    with _ending_at(time.monotonic() + seconds):
        yield


@contextmanager
def grace() -> Iterator[None]:
    """The block has a few seconds at least, however late it is: it is better done late than not."""
    ends_at = _ends_at.get()
    with _ending_at(None if ends_at is None else max(ends_at, time.monotonic() + GRACE_SECONDS)):
        yield


def seconds_left() -> float | None:
    """Until the deadline, negative when it has passed; None when there is none."""
    ends_at = _ends_at.get()
    return None if ends_at is None else ends_at - time.monotonic()


def is_late() -> bool:
    left = seconds_left()
    return left is not None and left <= 0


def refuse_when_late() -> None:
    """Raises UpstreamUnavailableError when the deadline has passed."""
    if is_late():
        raise UpstreamUnavailableError("Supabase is too slow to finish this in time. Try again in a few seconds.")


def with_same_deadline(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The function for another thread, with the deadline of this one."""
    context = copy_context()

    def call(*arguments: Arguments.args, **keywords: Arguments.kwargs) -> Result:
        # One context cannot be entered by two threads at once.
        return context.copy().run(function, *arguments, **keywords)

    return call


@contextmanager
def _ending_at(moment: float | None) -> Iterator[None]:
    before = _ends_at.set(moment)
    try:
        yield
    finally:
        _ends_at.reset(before)
