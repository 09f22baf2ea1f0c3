"""moto's SQS in a process of its own: moto keeps one state a process, which tests of other AWS services reset."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local_queue.errors import LocalQueueError

_PROGRAM = Path(__file__).with_name("server_process.py")


@contextmanager
def run_server() -> Iterator[str]:
    """The URL of the server, on a free loopback port while the context lasts."""
    # A session of its own: an interrupt from the terminal is for the parent, which ends it.
    with subprocess.Popen(
        [sys.executable, "-P", str(_PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield _url_of(process)
        finally:
            # It holds nothing that would have to be saved.
            process.kill()


def _url_of(process: "subprocess.Popen[str]") -> str:
    url = process.stdout.readline().strip() if process.stdout else ""
    if not url:
        raise LocalQueueError("The local queues did not start; standard error says why.")
    return url
