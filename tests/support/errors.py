"""The shape of every error that the API answers."""

import httpx

from tests.support.builders import Json


def the_error(answer: httpx.Response, status: int, code: str) -> Json:
    """The body of an error answer, after its status, code and shape were checked."""
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    body: Json = answer.json()
    assert set(body) == {"error", "code", "details", "request_id"}
    assert body["error"].endswith((".", ")")) or code.startswith("conversation")
    assert body["request_id"] == answer.headers["apigw-requestid"]
    assert answer.headers["content-type"] == "application/json"
    return body


def the_invalid_fields(answer: httpx.Response) -> list[str]:
    """The fields that a validation_error names."""
    return [detail["field"] for detail in the_error(answer, 400, "validation_error")["details"]]


def the_faults(answer: httpx.Response) -> list[Json]:
    """What a conversation_validation_failed says of each conversation."""
    body = the_error(answer, 400, "conversation_validation_failed")
    assert body["error"].startswith("Conversation validation failed: ")
    faults: list[Json] = body["details"]
    assert all(fault["reason"] and fault["hint"] for fault in faults)
    return faults
