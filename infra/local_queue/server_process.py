"""The program of the process that serves SQS, for as long as its parent lives: prints its URL, and stays."""

import logging
import sys

from moto.server import ThreadedMotoServer


def main() -> None:
    # A line for each poll would say nothing.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    # The parent never writes: this returns when it is gone.
    sys.stdin.read()


if __name__ == "__main__":
    main()
