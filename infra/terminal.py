"""How the commands speak to the person who runs them."""

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

LARGEST_PORT = 65_535
HOST = "127.0.0.1"


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
    """The port that the environment variable names; where it names none, the usual one, or any if that is taken.

    Raises:
        CommandError: when it is no port, or taken; the message names the variable.
    """
    given = os.environ.get(name)
    if not given:
        return default if _is_free(default) else _free_port()
    if not (given.isascii() and given.isdecimal() and 1 <= int(given) <= LARGEST_PORT):
        raise CommandError(f"{name} must be a port, a number from 1 to {LARGEST_PORT}, but is {given!r}.")
    if not _is_free(int(given)):
        raise CommandError(
            f"{name} is {given}, and something listens there already. Set another, or none for a free one."
        )
    return int(given)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a connection that was just closed does not keep the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
