"""The program of the process that serves AWS, for as long as its parent lives: prints its URL, and stays."""

import logging
import os
import sys

from moto.core.config import default_user_config
from moto.server import ThreadedMotoServer


def main() -> None:
    # A line for each poll would say nothing.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # It dumps the whole of a state that fails; how an execution ended is told to whoever asks.
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
    # State machines find Lambda at this port; without one, moto only keeps their definitions.
    default_user_config["stepfunctions"]["execute_state_machine"] = "MOTO_PORT" in os.environ
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    # The parent never writes: this returns when it is gone.
    sys.stdin.read()


if __name__ == "__main__":
    main()
