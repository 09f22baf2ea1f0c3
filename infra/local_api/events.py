"""Translates HTTP requests into Lambda events of payload format 2.0."""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from infra.local_api.answers import Headers
from infra.local_api.routing import RouteMatch

_STAGE = "$default"
# API Gateway hands these to a function as text, everything else as base64, forms included.
_TEXT_CONTENT_TYPE = re.compile(r"text/|application/(json|javascript|xml)\b|[^;]+\+(json|xml)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Request:
    """An HTTP request as it was sent: nothing decoded, headers in order and repeated."""

    method: str
    raw_path: str
    query_string: str
    headers: Headers
    body: bytes
    source_ip: str
    protocol: str


def event_of(request: Request, match: RouteMatch, *, request_id: str, now: datetime) -> dict[str, Any]:
    """The event that API Gateway sends for the request; `now` carries its time zone."""
    headers = _joined(request.headers)
    cookies = headers.pop("cookie", "")
    query = _joined(parse_qsl(request.query_string, keep_blank_values=True), lower_case=False)
    optional = {
        "cookies": [cookie.strip() for cookie in cookies.split(";") if cookie.strip()],
        "queryStringParameters": query,
        "pathParameters": match.path_parameters,
    }
    return {
        "version": "2.0",
        "routeKey": match.route.key,
        "rawPath": unquote(request.raw_path),
        "rawQueryString": request.query_string,
        "headers": headers,
        **{key: value for key, value in optional.items() if value},
        "requestContext": _request_context(request, match, headers, request_id, now),
        **_event_body(request.body, headers.get("content-type", "")),
    }


def _request_context(
    request: Request, match: RouteMatch, headers: Mapping[str, str], request_id: str, now: datetime
) -> dict[str, Any]:
    return {
        "accountId": "000000000000",
        "apiId": "local",
        "domainName": headers.get("host", "localhost"),
        "domainPrefix": "local",
        "http": {
            "method": request.method,
            "path": unquote(request.raw_path),
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": request_id,
        "routeKey": match.route.key,
        "stage": _STAGE,
        "time": now.strftime("%d/%b/%Y:%H:%M:%S %z"),
        "timeEpoch": int(now.timestamp() * 1000),
    }


def _joined(pairs: Iterable[tuple[str, str]], *, lower_case: bool = True) -> dict[str, str]:
    joined: dict[str, str] = {}
    for sent_name, value in pairs:
        name = sent_name.lower() if lower_case else sent_name
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _event_body(body: bytes, content_type: str) -> dict[str, Any]:
    if not body:
        return {"isBase64Encoded": False}
    if _TEXT_CONTENT_TYPE.match(content_type):
        try:
            return {"body": body.decode(), "isBase64Encoded": False}
        except UnicodeDecodeError:
            return _base64_body(body)
    return _base64_body(body)


def _base64_body(body: bytes) -> dict[str, Any]:
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
