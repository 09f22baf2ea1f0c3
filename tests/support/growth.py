"""How the time of a function grows with what it is given: a ratio within one run, so that no machine's speed counts."""

import gc
import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input")

FACTOR = 8
# Linear is 8, sorting about 10, the square 64. What is between them is noise.
AT_MOST = 20.0
TRIES = 4
# Shorter times than this are the clock's, and the calls' own.
MEASURABLE_SECONDS = 0.0005


def grows_with_its_input(function: Callable[[Input], object], made: Callable[[int], Input], *, size: int) -> bool:
    """Whether the time grows no faster than what is given; asked again where the machine may have been busy."""
    small, large = made(size), made(size * FACTOR)
    return any(_ratio(function, small, large) <= AT_MOST for _ in range(TRIES))


def _ratio(function: Callable[[Input], object], small: Input, large: Input) -> float:
    """The shorter of two times of the small one, so that none is too long by chance; whoever is quick enough at once
    with the large one is quick enough.
    """
    shorter = min(_seconds(function, small) for _ in range(2))
    return _seconds(function, large) / max(shorter, MEASURABLE_SECONDS)


def _seconds(function: Callable[[Input], object], given: Input) -> float:
    """Of this thread alone, without the collector of garbage, which looks at what other tests left."""
    gc.disable()
    try:
        begun = time.thread_time()
        function(given)
        return time.thread_time() - begun
    finally:
        gc.enable()
