"""Runs the commands of infra/ as a person would: as processes, in a folder of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 60
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Finished:
    exit_code: int
    output: str


@dataclass(frozen=True)
class RunningCommand:
    """A command that writes what it says to a file."""

    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_for(self, text: str) -> None:
        assert wait_until(lambda: text in self.output or self.process.poll() is not None)
        assert text in self.output, self.output

    def finished(self) -> Finished:
        exit_code = self.process.wait(LIMIT_SECONDS)
        return Finished(exit_code, self.output)

    def interrupted(self) -> Finished:
        self.process.send_signal(signal.SIGINT)
        return self.finished()


def run_command(module: str, environment: Mapping[str, str], folder: Path) -> Finished:
    with started_command(module, environment, folder) as command:
        return command.finished()


@contextmanager
def started_command(
    module: str, environment: Mapping[str, str], folder: Path, python: Path = Path(sys.executable)
) -> Iterator[RunningCommand]:
    """`python -m <module>` in `folder`, with no other settings than these. Whatever still runs at the end is killed."""
    log = folder / f"{module}.log"
    # Temporary folders too are made in `folder`, where nobody else makes any.
    inherited = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT / 'layers/training_files'}:{ROOT}"}
    variables = inherited | {"HOME": str(folder), "TMPDIR": str(folder)} | dict(environment)
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603 - The project's own modules.
            [python, "-m", module], cwd=folder, env=variables, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            yield RunningCommand(process, log)
        finally:
            _kill_what_runs(process)


def _kill_what_runs(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        for pid in (*descendants(process.pid), process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """The processes that the process has started, and those that they have started."""
    parents = dict(_parents())
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def _parents() -> Iterator[tuple[int, int]]:
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            # The name, in parentheses, may hold anything.
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                yield int(status.parent.name), int(parent)


def are_gone(pids: list[int]) -> bool:
    return not any(pid in pids for pid, _ in _parents())


def wait_until(is_so: Callable[[], bool], *, limit_seconds: float = LIMIT_SECONDS) -> bool:
    give_up_at = time.monotonic() + limit_seconds
    while time.monotonic() < give_up_at:
        if is_so():
            return True
        time.sleep(POLL_SECONDS)
    return False


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
