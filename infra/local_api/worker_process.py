"""The program of a worker process: AWS's Lambda runtime client, for as long as the parent lives."""

import os
import sys
import threading

from awslambdaric.__main__ import main  # type: ignore[import-untyped]

_STANDARD_INPUT = 0


def _exit_with_parent() -> None:
    # The parent holds the other end of standard input and never writes to it, so this read returns
    # only when the parent is gone, however it went, and even while a handler is busy.
    os.read(_STANDARD_INPUT, 1)
    os._exit(1)


threading.Thread(target=_exit_with_parent, daemon=True).start()
main(sys.argv)
