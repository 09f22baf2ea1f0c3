"""A bound for what could take for ever."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def bounded_cpu_time(seconds: float) -> Iterator[None]:
    """Fails when the block uses more time of the processor than this, however busy the machine is."""

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        message = f"it was not done after {seconds} seconds"
        raise AssertionError(message)

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
