"""Starts and stops the local Supabase as a child process."""

import fcntl
import json
import os
import selectors
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from infra.local_supabase.errors import LocalSupabaseError
from infra.local_supabase.installation import HERE, NODE, install

SQL_FOLDER = HERE.parent.parent / "sql"

START_LIMIT_SECONDS = 60
STOP_LIMIT_SECONDS = 15
# How long a stack whose parent was killed may need to give its data folder free.
LOCK_LIMIT_SECONDS = 3
POLL_SECONDS = 0.05
LOG_TAIL_LINES = 30

OTHERS_MAY_ENTER = 0o711


@dataclass(frozen=True)
class LocalSupabase:
    """Where a running local Supabase is found, and its keys."""

    url: str
    publishable_key: str
    secret_key: str = field(repr=False)
    jwt_secret: str = field(repr=False)
    s3_access_key: str
    s3_secret_key: str = field(repr=False)
    database_url: str = field(repr=False)


@contextmanager
def run_local_supabase(
    data: Path, *, port: int = 0, postgres_port: int = 0, sql: Path | None = SQL_FOLDER
) -> Iterator[LocalSupabase]:
    """Run a local Supabase on the folder `data` for the length of a `with` block.

    `data` is made when missing and keeps the database (`db/`), the objects (`storage/`), the keys
    (`keys.json`) and the log of the latest run (`server.log`). Port 0 stands for any free port. Every file
    of the folder `sql` is applied at each start, in name order. The stack also stops when this process is
    killed.

    Raises:
        LocalSupabaseError: when it does not start; the message ends with the end of the log.
    """
    install()
    data = data.resolve()
    _prepare(data)
    command: list[str | Path] = [NODE, HERE / "main.mjs", "--data", data]
    command += ["--port", str(port), "--postgres-port", str(postgres_port)]
    if sql is not None:
        command += ["--sql", sql.resolve()]

    with _locked_log(data / "server.log") as log, _child(command, log) as process:
        yield _started(process, Path(log.name))


@contextmanager
def temporary_data_folder() -> Iterator[Path]:
    """A folder for a stack that leaves nothing behind; other system users may enter it."""
    with tempfile.TemporaryDirectory(prefix="local-supabase-") as name:
        folder = Path(name)
        folder.chmod(OTHERS_MAY_ENTER)
        yield folder


def _prepare(data: Path) -> None:
    made = [folder for folder in (data, *data.parents) if not folder.exists()]
    data.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return
    # As root, PostgreSQL runs as another system user, who has to get to its folder.
    for folder in {data, *made}:
        folder.chmod(OTHERS_MAY_ENTER)
    for parent in data.parents:
        if not parent.stat().st_mode & stat.S_IXOTH:
            raise LocalSupabaseError(
                f"PostgreSQL does not run as root but as another user, who may not enter {parent}; "
                f"choose another data folder than {data} or run `chmod o+x {parent}`."
            )


@contextmanager
def _locked_log(path: Path) -> Iterator[IO[bytes]]:
    """The log, emptied. Its lock belongs to the server too, so two stacks never share one data folder."""
    with path.open("ab") as log:
        give_up_at = time.monotonic() + LOCK_LIMIT_SECONDS
        while not _lock(log):
            if time.monotonic() > give_up_at:
                raise LocalSupabaseError(
                    f"Another local Supabase is running on {path.parent}: stop it with Ctrl-C where it was started."
                )
            time.sleep(POLL_SECONDS)
        log.truncate(0)
        yield log


def _lock(log: IO[bytes]) -> bool:
    try:
        fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _child(command: list[str | Path], log: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    # A session of its own: Ctrl-C reaches only this process, which then stops the stack in good order.
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True
    )
    with process:
        try:
            yield process
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    # The server stops when its standard input ends, just as when this process is killed.
    _pipe(process.stdin).close()
    exit_code = None
    try:
        with suppress(subprocess.TimeoutExpired):
            exit_code = process.wait(STOP_LIMIT_SECONDS)
    finally:
        # Also when impatience breaks off the waiting. PostgreSQL is in the server's process group, and may have
        # outlived it.
        if exit_code != 0:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _started(process: subprocess.Popen[bytes], log: Path) -> LocalSupabase:
    stdout = _pipe(process.stdout)
    with selectors.DefaultSelector() as waiting:
        waiting.register(stdout, selectors.EVENT_READ)
        readable = waiting.select(START_LIMIT_SECONDS)
    line = stdout.readline() if readable else b""
    if not line:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:])
        raise LocalSupabaseError(f"The local Supabase did not start. The end of {log}:\n{tail}")
    return LocalSupabase(**json.loads(line))


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise TypeError("The child process was started without this pipe")
    return stream
