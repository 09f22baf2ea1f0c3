"""The fault proxy forwards faithfully, except where a test asks for a fault."""

import gzip
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from aiohttp import web

from infra.local_api.background import background_loop
from tests.support.fault_proxy import Exchange, FaultProxy, run_fault_proxy

LARGE_BYTES = 20 * 1024 * 1024


class Upstream:
    """Answers with what it was sent, and remembers it."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.headers: dict[str, str] = {}

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append(f"{request.method} {request.raw_path}")
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        if request.path == "/gzip":
            return web.Response(body=gzip.compress(b"small"), headers={"Content-Encoding": "gzip"})
        body = await request.content.read()
        return web.Response(body=body, status=201, headers={"X-Upstream": "yes", "Keep-Alive": "timeout=9"})


async def start(upstream: Upstream) -> tuple[web.ServerRunner, str]:
    runner = web.ServerRunner(web.Server(upstream.handle), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
def proxy(upstream: Upstream) -> Iterator[FaultProxy]:
    with background_loop("upstream") as loop:
        runner, url = loop.run(start(upstream))
        with run_fault_proxy(url) as proxy:
            yield proxy
        loop.run(runner.cleanup())


@pytest.fixture
def client(proxy: FaultProxy) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=proxy.url, timeout=10) as client:
        yield client


def test_requests_and_answers_pass_unchanged(client: httpx.Client, proxy: FaultProxy, upstream: Upstream) -> None:
    answer = client.post("/a%2Fb?x=%28in%29", content=b"body", headers={"Prefer": "x", "Connection": "Prefer"})

    assert (answer.status_code, answer.content, answer.headers["x-upstream"]) == (201, b"body", "yes")
    assert upstream.seen == ["POST /a%2Fb?x=%28in%29"]
    assert proxy.requests == ["POST /a%2Fb"]


def test_hop_by_hop_headers_stay_on_their_hop(client: httpx.Client, proxy: FaultProxy, upstream: Upstream) -> None:
    headers = {"Connection": "X-Hop", "X-Hop": "1", "X-End": "1", "TE": "trailers"}

    answer = client.get("/", headers=headers)

    assert "keep-alive" not in answer.headers
    assert not {"x-hop", "te"} & upstream.headers.keys()
    assert upstream.headers["x-end"] == "1"
    assert upstream.headers["host"] == proxy.upstream_url.removeprefix("http://")


def test_large_bodies_stream_both_ways(client: httpx.Client, upstream: Upstream) -> None:
    body = bytes(LARGE_BYTES)

    assert client.put("/large", content=body).content == body
    assert upstream.headers["content-length"] == str(LARGE_BYTES)


def test_the_bytes_of_each_body_are_counted(client: httpx.Client, proxy: FaultProxy) -> None:
    client.put("/large?x=1", content=bytes(LARGE_BYTES))
    client.get("/")

    assert proxy.exchanges == [Exchange("PUT", "/large", LARGE_BYTES, LARGE_BYTES), Exchange("GET", "/")]


def test_a_body_of_unknown_length_passes(client: httpx.Client) -> None:
    assert client.put("/chunked", content=iter([b"one", b"two"])).content == b"onetwo"


def test_compressed_answers_stay_compressed(client: httpx.Client) -> None:
    with client.stream("GET", "/gzip") as answer:
        assert gzip.decompress(b"".join(answer.iter_raw())) == b"small"


def test_failures_are_counted_down(client: httpx.Client, proxy: FaultProxy, upstream: Upstream) -> None:
    proxy.fail(method="GET", path_contains="id=eq.1", status=502, times=2)

    statuses = [client.get("/rows?id=eq.1").status_code for _ in range(3)]

    assert statuses == [502, 502, 201]
    assert client.post("/rows?id=eq.1").status_code == 201
    assert len(upstream.seen) == 2


def test_reset_ends_every_rule(client: httpx.Client, proxy: FaultProxy) -> None:
    proxy.fail(times=None)
    assert [client.get("/").status_code for _ in range(3)] == [500, 500, 500]

    proxy.reset()

    assert client.get("/").status_code == 201
    assert proxy.requests == ["GET /"]


def test_a_dropped_request_never_reaches_the_upstream(
    client: httpx.Client, proxy: FaultProxy, upstream: Upstream
) -> None:
    proxy.drop()

    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/")

    assert upstream.seen == []


def test_a_dropped_answer_leaves_the_outcome_unknown(
    client: httpx.Client, proxy: FaultProxy, upstream: Upstream
) -> None:
    proxy.drop_answer(method="POST")

    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/rows", content=b"one")

    assert upstream.seen == ["POST /rows"]


def test_a_hanging_request_is_never_answered(client: httpx.Client, proxy: FaultProxy) -> None:
    proxy.hang()

    with pytest.raises(httpx.ReadTimeout):
        client.get("/", timeout=0.2)

    assert client.get("/").status_code == 201


def test_a_hanging_request_ends_with_the_proxy() -> None:
    errors: list[Exception] = []

    def call(url: str) -> None:
        with pytest.raises(httpx.TransportError) as caught:
            httpx.get(url, timeout=10)
        errors.append(caught.value)

    with run_fault_proxy("http://127.0.0.1:9") as proxy:
        proxy.hang()
        caller = threading.Thread(target=call, args=(proxy.url,))
        caller.start()
        deadline = time.monotonic() + 5
        while not proxy.requests and time.monotonic() < deadline:
            time.sleep(0.01)

    caller.join(timeout=10)
    assert [type(error) for error in errors] == [httpx.RemoteProtocolError]


def test_what_is_remembered_is_read_once(client: httpx.Client, proxy: FaultProxy, upstream: Upstream) -> None:
    proxy.remembered = "/kept/"

    answers = [client.request("GET", "/kept/one?a=1", content=b"body") for _ in range(2)]

    assert upstream.seen == ["GET /kept/one?a=1"]
    assert proxy.requests == ["GET /kept/one"] * 2
    assert [(answer.status_code, answer.content, answer.headers["x-upstream"]) for answer in answers] == [
        (201, b"body", "yes")
    ] * 2


def test_what_is_remembered_fails_as_everything_else(client: httpx.Client, proxy: FaultProxy) -> None:
    proxy.remembered = "/kept/"
    client.get("/kept/one")

    proxy.drop()

    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/kept/one")


def test_a_delay_is_added_to_every_call(client: httpx.Client, proxy: FaultProxy) -> None:
    proxy.delay_seconds = 0.2
    before = time.monotonic()

    client.get("/")

    assert time.monotonic() - before >= 0.2


def test_a_hook_runs_before_its_request_and_may_use_the_proxy(
    client: httpx.Client, proxy: FaultProxy, upstream: Upstream
) -> None:
    proxy.before("/commit", lambda: httpx.post(f"{proxy.url}/commit?first"))

    client.post("/commit?second")

    assert upstream.seen == ["POST /commit?first", "POST /commit?second"]


def test_an_error_of_a_hook_is_not_lost() -> None:
    with pytest.raises(ZeroDivisionError):
        call_with_failing_hook()


def call_with_failing_hook() -> None:
    with run_fault_proxy("http://127.0.0.1:9") as proxy:
        proxy.before("/", lambda: 1 / 0)
        assert httpx.get(proxy.url).status_code == 500


def test_a_missing_upstream_is_a_bad_gateway() -> None:
    with run_fault_proxy("http://127.0.0.1:9") as proxy:
        assert httpx.get(proxy.url).status_code == 502
