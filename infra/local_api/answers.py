"""Translates what Lambda functions return, in payload format 2.0, into HTTP answers."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

Headers = Sequence[tuple[str, str]]

# The gateway writes these itself.
_GATEWAY_HEADERS = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})


class MalformedAnswerError(ValueError):
    """A function answered what API Gateway would not understand."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer as it is to be sent."""

    status: int
    headers: Headers
    body: bytes


class _FunctionAnswer(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    status_code: Annotated[int, Field(ge=200, le=599)]
    headers: dict[str, str | int | float | bool] | None = None
    cookies: list[str] | None = None
    body: str | None = None
    is_base64_encoded: bool = False


def answer_of(payload: bytes) -> Answer:
    """The HTTP answer for what a function returned, given as JSON.

    Raises `MalformedAnswerError`.
    """
    returned = json.loads(payload or b"null")
    if not isinstance(returned, dict) or "statusCode" not in returned:
        return _inferred_answer(returned)
    try:
        answer = _FunctionAnswer.model_validate(returned)
        body = _answer_body(answer)
    except (ValidationError, binascii.Error) as error:
        raise MalformedAnswerError(f"malformed answer: {error}") from error

    return Answer(status=answer.status_code, headers=_answer_headers(answer), body=body)


def _inferred_answer(returned: object) -> Answer:
    """What API Gateway makes of a value that states no status."""
    body = returned if isinstance(returned, str) else json.dumps(returned)
    return Answer(status=HTTPStatus.OK, headers=[("content-type", "application/json")], body=body.encode())


def _answer_body(answer: _FunctionAnswer) -> bytes:
    if answer.body is None:
        return b""
    return base64.b64decode(answer.body) if answer.is_base64_encoded else answer.body.encode()


def _answer_headers(answer: _FunctionAnswer) -> Headers:
    own = {name.lower(): _header_value(value) for name, value in (answer.headers or {}).items()}
    headers = {"content-type": "text/plain;charset=utf-8", **own}
    kept = [(name, value) for name, value in headers.items() if name not in _GATEWAY_HEADERS]

    return [*kept, *(("set-cookie", cookie) for cookie in answer.cookies or [])]


def _header_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def message_answer(status: HTTPStatus, message: str) -> Answer:
    """An answer of the gateway itself."""
    return Answer(
        status=status,
        headers=[("content-type", "application/json")],
        body=json.dumps({"message": message}).encode(),
    )
