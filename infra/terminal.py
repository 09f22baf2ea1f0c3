"""How the commands speak to the person who runs them."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(doing: str) -> Iterator[None]:
    """Prints what is being done, and how long it took when it is done."""
    print(f"  {doing} … ", end="", flush=True)
    begun = time.perf_counter()
    try:
        yield
    except BaseException:
        print("failed")
        raise
    print(f"done ({time.perf_counter() - begun:.1f} s)")


def fail(sentence: str) -> int:
    """Prints what is wrong, without a traceback. Returns the exit code."""
    print(sentence, file=sys.stderr)
    return 1
