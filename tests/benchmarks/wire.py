"""Counts requests and bytes where they go over the wire: a relay of connections, in a process of its own.

It passes bytes on as they come and looks at them only to see where requests begin, so it is far from being what a
measured process waits for. Bytes include the lines and headers of HTTP.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socket import IPPROTO_TCP, SHUT_WR, TCP_NODELAY, create_connection, create_server, socket
from typing import IO
from urllib.parse import urlsplit

import h11

HOST = "127.0.0.1"
CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went through."""

    requests: int
    bytes_up: int
    bytes_down: int

    def since(self, before: "Traffic") -> "Traffic":
        return Traffic(
            self.requests - before.requests, self.bytes_up - before.bytes_up, self.bytes_down - before.bytes_down
        )


class Wire:
    """The relay as its parent process sees it."""

    def __init__(self, url: str, asking: IO[str], answers: IO[str]) -> None:
        self.url = url
        self._asking = asking
        self._answers = answers

    @property
    def traffic(self) -> Traffic:
        """All that went through so far."""
        self._asking.write("\n")
        self._asking.flush()
        return Traffic(**json.loads(self._answers.readline()))


@contextmanager
def run_wire(upstream_url: str, *, delay_seconds: float = 0) -> Iterator[Wire]:
    """A relay to `upstream_url` while the context lasts; every request takes `delay_seconds` longer."""
    command = [sys.executable, "-m", "tests.benchmarks.wire", upstream_url, str(delay_seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        if process.stdin is None or process.stdout is None:
            raise TypeError("the relay was started without pipes")
        # It ends with its standard input, which the end of this block closes.
        yield Wire(process.stdout.readline().strip(), process.stdin, process.stdout)


class _Relay:
    def __init__(self, upstream: tuple[str, int], delay_seconds: float) -> None:
        self._upstream = upstream
        self._delay_seconds = delay_seconds
        self._lock = threading.Lock()
        self._requests = self._bytes_up = self._bytes_down = 0

    @property
    def traffic(self) -> Traffic:
        with self._lock:
            return Traffic(self._requests, self._bytes_up, self._bytes_down)

    def accept(self, server: socket) -> None:
        while True:
            client, _ = server.accept()
            upstream = create_connection(self._upstream)
            for end in (client, upstream):
                end.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
            threading.Thread(target=self._up, args=(client, upstream), daemon=True).start()
            threading.Thread(target=self._down, args=(upstream, client), daemon=True).start()

    def _up(self, client: socket, upstream: socket) -> None:
        requests = Requests()
        for chunk in _passed_on(client, upstream):
            begun = requests.begun_in(chunk)
            with self._lock:
                self._requests += begun
                self._bytes_up += len(chunk)
            time.sleep(begun * self._delay_seconds)

    def _down(self, upstream: socket, client: socket) -> None:
        for chunk in _passed_on(upstream, client):
            with self._lock:
                self._bytes_down += len(chunk)


def _passed_on(source: socket, target: socket) -> Iterator[bytes]:
    """Each chunk before it goes on; at the end of one direction the other one stays open."""
    # Either side may hang up at any time; what went through until then is what counts.
    with suppress(ConnectionError):
        while chunk := source.recv(CHUNK_BYTES):
            yield chunk
            target.sendall(chunk)
    with suppress(OSError):
        target.shutdown(SHUT_WR)


class Requests:
    """Follows one direction of a connection from request to request."""

    def __init__(self) -> None:
        self._http = h11.Connection(h11.SERVER)

    def begun_in(self, chunk: bytes) -> int:
        begun = 0
        self._http.receive_data(chunk)
        while (event := self._http.next_event()) is not h11.NEED_DATA:
            begun += isinstance(event, h11.Request)
            if event is h11.PAUSED:
                # This direction goes on with the next request without a look at the answers.
                rest, _ = self._http.trailing_data
                self._http = h11.Connection(h11.SERVER)
                self._http.receive_data(rest)
        return begun


def main(upstream_url: str, delay_seconds: float) -> None:
    upstream = urlsplit(upstream_url)
    relay = _Relay((upstream.hostname or HOST, upstream.port or 80), delay_seconds)
    server = create_server((HOST, 0))
    threading.Thread(target=relay.accept, args=(server,), daemon=True).start()
    print(f"http://{HOST}:{server.getsockname()[1]}", flush=True)
    for _ in sys.stdin:
        traffic = relay.traffic
        answer = {
            "requests": traffic.requests,
            "bytes_up": traffic.bytes_up,
            "bytes_down": traffic.bytes_down,
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
