"""Holds the answers of the API to its description of itself: status, headers, content type and every key."""

import copy
import re
from functools import lru_cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator, FormatChecker

Json = dict[str, Any]


def document() -> Json:
    """The description, imported when the first answer is held to it."""
    from training_files.api.description import openapi

    return openapi.document()


@lru_cache(maxsize=1)
def strict_document() -> Json:
    """The description without the freedom to answer more than it says."""
    described = copy.deepcopy(document())
    for schema in described["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return described


def check_answer(answer: httpx.Response) -> None:
    """Fails when the API answers something that its description does not tell. Unknown paths are the gateway's."""
    answer.read()
    operation = _operation(answer.request)
    if operation is None:
        assert answer.json() == {"message": "Not Found"}
        return
    if answer.request.method == "OPTIONS":
        return
    told = operation["responses"].get(str(answer.status_code))
    assert told, f"{operation['operationId']} answers {answer.status_code}, which it does not tell: {answer.text}"
    for name, header in told.get("headers", {}).items():
        assert name in answer.headers or not header.get("required"), f"{name} is missing"
    _check_body(answer, told.get("content"))


def violations(value: object, schema: Json, *, strict: bool = True) -> list[str]:
    """What is wrong with a value, as sentences with their places."""
    described = strict_document() if strict else document()
    whole = {"components": described["components"], **schema}
    # RFC 3339 times and URIs need packages that only a test would use; UUIDs and dates need none.
    errors = Draft202012Validator(whole, format_checker=FormatChecker(["uuid", "date"])).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in errors]


def _operation(request: httpx.Request) -> Json | None:
    path = request.url.raw_path.decode().partition("?")[0]
    # A path that is written out goes before one with variables.
    for template in sorted(strict_document()["paths"], key=lambda each: each.count("{")):
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path):
            return strict_document()["paths"][template].get(request.method.lower())  # type: ignore[no-any-return]
    return None


def _check_body(answer: httpx.Response, content: Json | None) -> None:
    if content is None:
        assert answer.content == b""
        return
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in content, f"{media_type} is not among {list(content)}"
    if media_type == "application/json":
        found = violations(answer.json(), content[media_type]["schema"])
        assert not found, f"{answer.request.method} {answer.request.url}: {found[:3]}"
