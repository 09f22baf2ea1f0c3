"""The functions of an API: as many worker processes for each as it has concurrent invocations."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from infra.local_api.errors import LocalApiError
from infra.local_api.sandbox import Sandbox
from infra.local_api.template import FunctionSpec
from infra.local_api.worker import Worker


class Functions:
    """Invokes functions by their logical id."""

    def __init__(self, functions: Mapping[str, FunctionSpec], sandbox: Sandbox, concurrency: int) -> None:
        self._pools = {name: _Pool(spec, sandbox, concurrency) for name, spec in functions.items()}
        self._invocations: set[asyncio.Task[bytes]] = set()

    async def invoke(self, name: str, payload: bytes) -> bytes:
        """The function's answer as JSON, for an event given as JSON.

        The invocation runs to its end even if the caller is cancelled, as on Lambda. Raises `FunctionError`.
        """
        if name not in self._pools:
            raise LocalApiError(f"The template has no function {name}; it has: {', '.join(self._pools)}.")
        invocation = asyncio.create_task(self._pools[name].invoke(payload))
        self._invocations.add(invocation)
        invocation.add_done_callback(self._forget)

        return await asyncio.shield(invocation)

    async def stop(self) -> None:
        """Cancel what runs, and end every worker process."""
        running = tuple(self._invocations)
        for invocation in running:
            invocation.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await asyncio.gather(*(pool.stop() for pool in self._pools.values()))

    def _forget(self, invocation: asyncio.Task[bytes]) -> None:
        self._invocations.discard(invocation)
        if not invocation.cancelled():
            # A caller that has gone away retrieves no error; asyncio must not complain about that.
            invocation.exception()


class _Pool:
    """The workers of one function: started on demand, reused when idle, awaited when all are busy."""

    def __init__(self, function: FunctionSpec, sandbox: Sandbox, concurrency: int) -> None:
        self._function = function
        self._sandbox = sandbox
        self._free_places = asyncio.Semaphore(concurrency)
        self._idle: list[Worker] = []

    async def invoke(self, payload: bytes) -> bytes:
        async with self._free_places, self._worker() as worker:
            return await worker.invoke(payload)

    async def stop(self) -> None:
        await asyncio.gather(*(worker.stop() for worker in self._idle))
        self._idle.clear()

    @asynccontextmanager
    async def _worker(self) -> AsyncIterator[Worker]:
        worker = await self._idle_worker() or await self._new_worker()
        try:
            yield worker
        finally:
            if worker.is_reusable:
                self._idle.append(worker)
            else:
                await worker.stop()

    async def _idle_worker(self) -> Worker | None:
        while self._idle:
            worker = self._idle.pop()
            if worker.is_reusable:
                return worker
            await worker.stop()
        return None

    async def _new_worker(self) -> Worker:
        worker = Worker(self._function, self._sandbox)
        await worker.start()
        return worker
