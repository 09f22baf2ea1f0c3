"""Builds in processes of their own, which are killed at a chosen point."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.world import World

ROOT = Path(__file__).parents[2]
GIVE_UP_AFTER_SECONDS = 20

BuildProcess = subprocess.Popen[str]


@dataclass(frozen=True)
class Builds:
    """Builds in processes of their own, against the proxy."""

    world: World
    process: BuildProcess

    def run(self, **wanted: Any) -> int:
        """The exit code of a build that nothing disturbs."""
        self._ask(wanted)
        self._line()
        return int(self._line())

    def timed(self, **wanted: Any) -> float:
        """How many seconds a build takes that nothing disturbs."""
        begun = time.monotonic()
        assert self.run(**wanted) == 0
        return time.monotonic() - begun

    def killed_at(self, request: int, **wanted: Any) -> None:
        """Builds until request number `request` has arrived at the proxy, which never passes it on; then kills."""
        self.world.proxy.hang(spared=request - 1)
        self._killed_after(request, wanted)

    def killed_after(self, request: int, **wanted: Any) -> None:
        """The same, but this request takes effect, its answer is lost, and no later one is passed on."""
        self.world.proxy.drop_answer(spared=request - 1)
        self.world.proxy.hang(spared=request, times=None)
        self._killed_after(request + 1, wanted)

    def killed_in_time(self, seconds: float, **wanted: Any) -> None:
        """Builds for this long, wherever that is, and kills; unless the build has ended before."""
        self._ask(wanted)
        build = int(self._line())
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.process.stdout, selectors.EVENT_READ)
            ended = waiting.select(seconds)
        if not ended:
            os.kill(build, signal.SIGKILL)
        assert int(self._line()) in (0, -signal.SIGKILL)
        self.world.proxy.reset()

    def killed_after_the_commit(self, requests: int, **wanted: Any) -> None:
        """Lets the database commit, but loses the answer, and kills the process when it asks anew."""
        self._lose_the_answer_of("commit_training_file_revision")
        self._killed_after(requests + 1, wanted)

    def killed_at_the(self, number: int, path: str, **wanted: Any) -> None:
        """Builds until this many requests of a kind have arrived; the last is never passed on. Then kills."""
        self.world.proxy.hang(path_contains=path, spared=number - 1)
        self._killed_after(number, wanted, path)

    def killed_after_the(self, path: str, **wanted: Any) -> None:
        """Lets the first request of a kind take effect, but loses its answer, and kills when it is asked anew."""
        self._lose_the_answer_of(path)
        self._killed_after(2, wanted, path)

    def _lose_the_answer_of(self, path: str) -> None:
        self.world.proxy.drop_answer(path_contains=path)
        self.world.proxy.hang(path_contains=path)

    def _killed_after(self, requests: int, wanted: dict[str, Any], path: str = "") -> None:
        self._ask(wanted)
        build = int(self._line())
        try:
            self._wait_for_requests(requests, path)
        finally:
            # Also when they did not come: what is not read here would be read for the next build's number.
            with suppress(ProcessLookupError):
                os.kill(build, signal.SIGKILL)
            exit_code = int(self._line())
            self.world.proxy.reset()
        assert exit_code == -signal.SIGKILL

    def _wait_for_requests(self, count: int, path: str) -> None:
        give_up_at = time.monotonic() + GIVE_UP_AFTER_SECONDS
        while sum(path in request for request in self.world.proxy.requests) < count:
            assert time.monotonic() < give_up_at, f"only these arrived: {self.world.proxy.requests}"
            time.sleep(0.005)

    def _ask(self, wanted: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(wanted) + "\n")
        self.process.stdin.flush()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@contextmanager
def run_build_process(world: World, folder: Path, **environment: str) -> Iterator[BuildProcess]:
    """The process that makes a copy of itself for each build, against the proxy."""
    settings = {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "layers" / "training_files"), str(ROOT)]),
        "SUPABASE_URL": world.proxy.url,
        "SUPABASE_SERVICE_ROLE_KEY": world.supabase.secret_key,
        # Whoever is killed leaves temporary files.
        "TMPDIR": str(folder),
        **environment,
    }
    command = [sys.executable, "-m", "tests.support.build_process"]
    with subprocess.Popen(  # noqa: S603 - The project's own program.
        command, cwd=ROOT, env=settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
