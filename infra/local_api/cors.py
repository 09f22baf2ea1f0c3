"""Answers cross-origin questions as API Gateway does when CORS is configured."""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from infra.local_api.answers import Answer, Headers
from infra.local_api.template import Cors

_CORS_HEADER = "access-control-"


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a browser asks for permission; `headers` look names up in any case."""
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers


def preflight_answer(cors: Cors, origin: str) -> Answer:
    """The gateway's own answer, which no function sees; a stranger's lacks every permission."""
    return Answer(status=HTTPStatus.NO_CONTENT, headers=_preflight_headers(cors, origin), body=b"")


def with_cors_headers(answer: Answer, cors: Cors | None, origin: str | None) -> Answer:
    """The answer with the gateway's CORS headers, which replace those of the function."""
    if cors is None:
        return answer
    own = [(name, value) for name, value in answer.headers if not name.startswith(_CORS_HEADER)]

    return replace(answer, headers=[*own, *_origin_headers(cors, origin)])


def _preflight_headers(cors: Cors, origin: str) -> Headers:
    permission = _origin_headers(cors, origin)
    if not permission:
        return []
    details = {
        "access-control-allow-methods": ",".join(cors.allow_methods),
        "access-control-allow-headers": ",".join(cors.allow_headers),
        "access-control-max-age": "" if cors.max_age_seconds is None else str(cors.max_age_seconds),
    }
    return [*permission, *((name, value) for name, value in details.items() if value)]


def _origin_headers(cors: Cors, origin: str | None) -> Headers:
    if origin is None or not any(_allows(allowed, origin) for allowed in cors.allow_origins):
        return []
    anyone = "*" in cors.allow_origins and not cors.allow_credentials
    headers = {
        "access-control-allow-origin": "*" if anyone else origin,
        "access-control-allow-credentials": "true" if cors.allow_credentials else "",
        "access-control-expose-headers": ",".join(cors.expose_headers),
    }
    return [(name, value) for name, value in headers.items() if value]


def _allows(allowed: str, origin: str) -> bool:
    """An entry is an origin, `*`, or every origin of one scheme, as in `https://*`."""
    return allowed in {"*", origin} or (allowed.endswith("://*") and origin.startswith(allowed[:-1]))
