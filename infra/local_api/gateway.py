"""The HTTP side: takes requests as API Gateway does, and hands them to the functions."""

import asyncio
import json
import sys
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus

from aiohttp import web
from multidict import CIMultiDict

from infra.local_api.answers import Answer, MalformedAnswerError, answer_of, message_answer
from infra.local_api.cors import is_preflight, preflight_answer, with_cors_headers
from infra.local_api.errors import FunctionFailedError, FunctionTimedOutError
from infra.local_api.events import Request, event_of
from infra.local_api.routing import RouteMatch, Router
from infra.local_api.template import ApiTemplate

MAX_BODY_BYTES = 10 * 1024 * 1024

Invoke = Callable[[str, bytes], Awaitable[bytes]]


class Gateway:
    """Serves the routes of a template; `invoke` runs a function by its logical id."""

    def __init__(self, template: ApiTemplate, invoke: Invoke) -> None:
        self._router = Router(template.routes)
        self._cors = template.cors
        self._invoke = invoke

    def application(self) -> web.Application:
        application = web.Application()
        # A path may hold encoded line breaks too, which `.` does not match.
        application.router.add_route("*", r"/{path:[\s\S]*}", self._handle)
        return application

    async def _handle(self, request: web.Request) -> web.Response:
        request_id = uuid.uuid4().hex[:16]
        origin = request.headers.get("origin")
        if self._cors and origin and is_preflight(request.method, request.headers):
            answer = preflight_answer(self._cors, origin)
        else:
            answer = with_cors_headers(await self._answer(request, request_id), self._cors, origin)

        headers = CIMultiDict([*answer.headers, ("apigw-requestid", request_id)])
        return web.Response(status=answer.status, headers=headers, body=answer.body)

    async def _answer(self, request: web.Request, request_id: str) -> Answer:
        raw_path, _, query_string = request.raw_path.partition("?")
        match = self._router.match(request.method, raw_path)
        if match is None:
            return message_answer(HTTPStatus.NOT_FOUND, "Not Found")
        body = await _body_within_limit(request)
        if body is None:
            return message_answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Request Entity Too Large")

        sent = Request(
            method=request.method,
            raw_path=raw_path,
            query_string=query_string,
            headers=list(request.headers.items()),
            body=body,
            source_ip=request.remote or "",
            protocol=f"HTTP/{request.version.major}.{request.version.minor}",
        )
        return await self._function_answer(sent, match, request_id)

    async def _function_answer(self, request: Request, match: RouteMatch, request_id: str) -> Answer:
        event = event_of(request, match, request_id=request_id, now=datetime.now(UTC))
        route = match.route
        try:
            async with asyncio.timeout(route.timeout_seconds):
                return answer_of(await self._invoke(route.function, json.dumps(event).encode()))
        except TimeoutError:
            _report(f"{route.key}: no answer within {route.timeout_seconds:g} s.")
        except FunctionTimedOutError as error:
            _report(f"{route.key}: {error}")
        except FunctionFailedError as error:
            _report(f"{route.key}: {error}")
            return message_answer(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")
        except MalformedAnswerError as error:
            _report(f"{route.key}: {route.function} gave a {error}")
            return message_answer(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")

        return message_answer(HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable")


async def _body_within_limit(request: web.Request) -> bytes | None:
    """The body as it was sent, or `None` when it is larger than the gateway takes."""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        return None
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def _report(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
