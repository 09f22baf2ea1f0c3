"""How the commands speak to the person who runs them."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

LARGEST_PORT = 65_535


class CommandError(Exception):
    """What keeps a command from its work; the message is a sentence for the person who runs it."""


@contextmanager
def step(doing: str) -> Iterator[None]:
    """Prints what is being done, and how long it took when it is done."""
    print(f"  {doing} … ", end="", flush=True)
    begun = time.perf_counter()
    try:
        yield
    except KeyboardInterrupt:
        print("stopped", flush=True)
        raise
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"done ({time.perf_counter() - begun:.1f} s)", flush=True)


def fail(sentence: str) -> int:
    """Prints what is wrong, without a traceback. Returns the exit code."""
    print(sentence, file=sys.stderr)
    return 1


def port_from_environment(name: str, default: int) -> int:
    """The port that the environment variable names.

    Raises:
        CommandError: when it is no port; the message names the variable.
    """
    given = os.environ.get(name) or str(default)
    if not (given.isascii() and given.isdecimal() and 1 <= int(given) <= LARGEST_PORT):
        raise CommandError(f"{name} must be a port, a number from 1 to {LARGEST_PORT}, but is {given!r}.")
    return int(given)
