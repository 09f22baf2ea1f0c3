"""A reverse proxy between a client and a server that goes wrong in the ways a test asks for."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from typing import Any

import aiohttp
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from infra.local_api.background import BackgroundLoop, background_loop

_HOST = "127.0.0.1"
_CHUNK_BYTES = 64 * 1024
_SHUTDOWN_TIMEOUT_SECONDS = 0.1
# A PostgREST query that names many ids makes a long request line; refusing it is the upstream's affair.
_MAX_LINE_BYTES = 1024 * 1024
_HOP_BY_HOP_HEADERS = frozenset(
    {
        "connection",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


class Fault(Enum):
    """What happens to a request."""

    FAIL = auto()
    HANG = auto()
    DROP = auto()
    DROP_ANSWER = auto()
    HOOK = auto()


@dataclass(kw_only=True)
class _Rule:
    fault: Fault
    method: str | None
    path_contains: str
    remaining: int | None
    spared: int = 0
    status: int = HTTPStatus.INTERNAL_SERVER_ERROR
    body: Any = None
    hook: Callable[[], object] = lambda: None

    def applies_to(self, method: str, path: str) -> bool:
        is_left = self.remaining is None or self.remaining > 0
        return is_left and self.method in {None, method} and self.path_contains in path

    def spares(self) -> bool:
        """Whether a request that fits goes through all the same; that uses up one of the spared."""
        self.spared -= 1
        return self.spared >= 0


@dataclass(slots=True)
class Exchange:
    """A request and its answer, with the bytes of their bodies that went through so far."""

    method: str
    path: str
    bytes_up: int = 0
    bytes_down: int = 0


class FaultProxy:
    """Forwards to one upstream; its rules can be changed at any time, from any thread.

    A rule applies to requests whose method is `method`, if given, and whose `path?query` contains `path_contains`
    (one that ends in `?` is the end of a path), `times` times, or always with `times=None`. The first rule that fits
    is used.
    """

    def __init__(self, upstream_url: str) -> None:
        self.upstream_url = upstream_url.rstrip("/")
        self.url = ""
        self.delay_seconds = 0.0
        """Every call takes this much longer."""
        self.remembered = ""
        """What is read at paths that contain this is asked for once and then given from memory, if not empty."""
        self.hook_error: Exception | None = None
        self._lock = threading.Lock()
        self._rules: list[_Rule] = []
        self._exchanges: list[Exchange] = []

    @property
    def requests(self) -> list[str]:
        """What has arrived so far, as `METHOD /path` without the query."""
        return [f"{exchange.method} {exchange.path}" for exchange in self.exchanges]

    @property
    def exchanges(self) -> list[Exchange]:
        """What has arrived so far, with the path without the query."""
        with self._lock:
            return list(self._exchanges)

    def fail(
        self,
        *,
        method: str | None = None,
        path_contains: str = "",
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        body: Any = None,
        times: int | None = 1,
    ) -> None:
        """Answer with this status, and with the body as JSON if there is one, instead of forwarding."""
        self._add(Fault.FAIL, method, path_contains, times, status=status, body=body)

    def hang(
        self, *, method: str | None = None, path_contains: str = "", times: int | None = 1, spared: int = 0
    ) -> None:
        """Accept the request, and never answer until the proxy stops or the client goes.

        The first `spared` requests that fit go through.
        """
        self._add(Fault.HANG, method, path_contains, times, spared=spared)

    def drop(self, *, method: str | None = None, path_contains: str = "", times: int | None = 1) -> None:
        """Close the connection instead of forwarding."""
        self._add(Fault.DROP, method, path_contains, times)

    def drop_answer(
        self, *, method: str | None = None, path_contains: str = "", times: int | None = 1, spared: int = 0
    ) -> None:
        """Forward the request, wait for the upstream's answer, then close the connection without it.

        The first `spared` requests that fit go through.
        """
        self._add(Fault.DROP_ANSWER, method, path_contains, times, spared=spared)

    def before(
        self,
        path_contains: str,
        hook: Callable[[], object],
        *,
        method: str | None = None,
        times: int | None = 1,
    ) -> None:
        """Call the hook before forwarding; it may itself send requests through the proxy.

        What it raises is raised again where the proxy's context ends.
        """
        self._add(Fault.HOOK, method, path_contains, times, hook=hook)

    def reset(self) -> None:
        """Forget rules, requests and the delay; requests that hang stay hanging."""
        with self._lock:
            self._rules.clear()
            self._exchanges.clear()
            self.delay_seconds = 0.0

    def arrived(self, method: str, path: str, query: str) -> tuple[Exchange, list[_Rule]]:
        """Note a request, and use up the rules for it: the hooks, then at most one fault."""
        with self._lock:
            self._exchanges.append(exchange := Exchange(method, path))
            fitting = [rule for rule in self._rules if rule.applies_to(method, f"{path}?{query}")]
            hooks = [rule for rule in fitting if rule.fault is Fault.HOOK]
            faults = [rule for rule in fitting if rule.fault is not Fault.HOOK and not rule.spares()][:1]
            for rule in (used := [*hooks, *faults]):
                rule.remaining = None if rule.remaining is None else rule.remaining - 1
            return exchange, used

    def _add(
        self,
        fault: Fault,
        method: str | None,
        path_contains: str,
        times: int | None,
        *,
        spared: int = 0,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        body: Any = None,
        hook: Callable[[], object] = lambda: None,
    ) -> None:
        rule = _Rule(
            fault=fault,
            method=method,
            path_contains=path_contains,
            remaining=times,
            spared=spared,
            status=status,
            body=body,
            hook=hook,
        )
        with self._lock:
            self._rules.append(rule)


@contextmanager
def run_fault_proxy(upstream_url: str) -> Iterator[FaultProxy]:
    """A proxy on a free loopback port that forwards to `upstream_url` while the context lasts."""
    proxy = FaultProxy(upstream_url)
    with background_loop("fault-proxy") as loop, _serving(proxy, loop):
        yield proxy
    if proxy.hook_error is not None:
        raise proxy.hook_error


@contextmanager
def _serving(proxy: FaultProxy, loop: BackgroundLoop) -> Iterator[None]:
    runner = loop.run(_start(proxy))
    try:
        yield
    finally:
        loop.run(runner.cleanup())


async def _start(proxy: FaultProxy) -> web.AppRunner:
    forwarder = _Forwarder(proxy)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", forwarder.handle)
    application.cleanup_ctx.append(forwarder.connected)
    runner = web.AppRunner(
        application,
        access_log=None,
        auto_decompress=False,
        handler_cancellation=True,
        max_line_size=_MAX_LINE_BYTES,
        shutdown_timeout=_SHUTDOWN_TIMEOUT_SECONDS,
    )
    await runner.setup()
    await web.TCPSite(runner, _HOST, 0).start()
    proxy.url = f"http://{_HOST}:{runner.addresses[0][1]}"

    return runner


class _Forwarder:
    def __init__(self, proxy: FaultProxy) -> None:
        self._proxy = proxy
        self._session: aiohttp.ClientSession
        self._answers: dict[str, tuple[int, CIMultiDict[str], bytes]] = {}

    async def connected(self, _: web.Application) -> AsyncIterator[None]:
        """The connections to the upstream, for as long as the application lives."""
        async with aiohttp.ClientSession(
            auto_decompress=False,
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            timeout=aiohttp.ClientTimeout(total=None),
        ) as self._session:
            yield

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        exchange, rules = self._proxy.arrived(request.method, path, query)
        await asyncio.sleep(self._proxy.delay_seconds)
        for rule in rules:
            if rule.fault is Fault.HOOK:
                await self._call(rule.hook)

        faults = [rule for rule in rules if rule.fault is not Fault.HOOK]
        if faults:
            return await self._go_wrong(request, exchange, faults[0])
        is_remembered = request.method == "GET" and self._proxy.remembered and self._proxy.remembered in path
        return await (self._remember(request, exchange) if is_remembered else self._forward(request, exchange))

    async def _call(self, hook: Callable[[], object]) -> None:
        try:
            await asyncio.to_thread(hook)
        except Exception as error:
            self._proxy.hook_error = self._proxy.hook_error or error
            raise

    async def _go_wrong(self, request: web.Request, exchange: Exchange, rule: _Rule) -> web.StreamResponse:
        match rule.fault:
            case Fault.FAIL:
                if rule.body is not None:
                    return web.json_response(rule.body, status=rule.status)
                return web.Response(status=rule.status, text="The fault proxy failed this request.")
            case Fault.HANG:
                await asyncio.Event().wait()
            case Fault.DROP_ANSWER:
                async with self._sent_upstream(request, exchange) as answer:
                    await answer.read()
            case _:
                pass
        return _hang_up(request)

    async def _forward(self, request: web.Request, exchange: Exchange) -> web.StreamResponse:
        try:
            async with self._sent_upstream(request, exchange) as answer:
                return await _pass_on(answer, request, exchange)
        except aiohttp.ClientConnectorError as error:
            return web.Response(status=HTTPStatus.BAD_GATEWAY, text=str(error))

    async def _remember(self, request: web.Request, exchange: Exchange) -> web.StreamResponse:
        if request.raw_path not in self._answers:
            async with self._sent_upstream(request, exchange) as answer:
                if not answer.ok:
                    return await _pass_on(answer, request, exchange)
                headers = _end_to_end(answer.headers)
                self._answers[request.raw_path] = answer.status, headers, await answer.read()
        status, headers, body = self._answers[request.raw_path]
        exchange.bytes_down += len(body)
        return web.Response(status=status, headers=headers, body=body)

    @asynccontextmanager
    async def _sent_upstream(self, request: web.Request, exchange: Exchange) -> AsyncIterator[aiohttp.ClientResponse]:
        async with self._session.request(
            request.method,
            URL(self._proxy.upstream_url + request.raw_path, encoded=True),
            headers=_end_to_end(request.headers),
            data=_counted_body(request, exchange) if request.can_read_body else None,
            allow_redirects=False,
        ) as answer:
            yield answer


async def _counted_body(request: web.Request, exchange: Exchange) -> AsyncIterator[bytes]:
    async for chunk in request.content.iter_chunked(_CHUNK_BYTES):
        exchange.bytes_up += len(chunk)
        yield chunk


async def _pass_on(answer: aiohttp.ClientResponse, request: web.Request, exchange: Exchange) -> web.StreamResponse:
    passed_on = web.StreamResponse(status=answer.status, reason=answer.reason, headers=_end_to_end(answer.headers))
    await passed_on.prepare(request)
    async for chunk in answer.content.iter_chunked(_CHUNK_BYTES):
        exchange.bytes_down += len(chunk)
        await passed_on.write(chunk)
    await passed_on.write_eof()

    return passed_on


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.close()
    return web.Response()


def _end_to_end(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    named = {name.strip().lower() for name in headers.get("connection", "").split(",")}
    dropped = _HOP_BY_HOP_HEADERS | named

    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in dropped)
