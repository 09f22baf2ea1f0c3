"""What becomes of an error: callers learn what they may know, and the log what an operator needs."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.handlers import started_anew
from training_files.api.app import lambda_handler_of
from training_files.api.log import logger
from training_files.api.trusted import create_app
from training_files.errors import (
    NameTakenError,
    NotSetUpError,
    SettingsError,
    TrainingFilesError,
    UnauthorizedError,
    UpstreamUnavailableError,
)
from training_files.version import VERSION

EVENT = {
    "version": "2.0",
    "routeKey": "GET /here",
    "rawPath": "/here",
    "headers": {},
    "isBase64Encoded": False,
    "requestContext": {"requestId": "request-1", "stage": "$default", "http": {"method": "GET", "path": "/here"}},
}


class Context:
    """As much of Lambda's context as the handler and the logger ask for."""

    function_name = "here"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn"
    aws_request_id = "invocation-1"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 29_000


@pytest.fixture
def log() -> Iterator[list[dict[str, Any]]]:
    """The lines that are logged while a test runs."""
    lines: list[dict[str, Any]] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(logger.registered_formatter.format(record)))

    handler = Lines()
    logger.addHandler(handler)
    yield lines
    logger._logger.removeHandler(handler)  # noqa: SLF001 - Powertools has no way to take one away.


def answer_to(error: Exception, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The answer of a handler in whose way an error comes."""

    def raise_error() -> None:
        raise error

    monkeypatch.setattr("training_files.api.trusted.application", raise_error)
    app = create_app()

    @app.get("/here")
    def route() -> dict[str, Any]:
        raise AssertionError

    answer = lambda_handler_of(app)(EVENT, Context())
    return answer | {"body": json.loads(answer["body"])}


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (UnauthorizedError("No."), 401, {"WWW-Authenticate": "Bearer"}),
        (NameTakenError("mine"), 409, {}),
        (UpstreamUnavailableError("Later."), 503, {"Retry-After": "5"}),
        (NotSetUpError("A table is missing."), 503, {}),
    ],
)
def test_an_error_is_answered_with_status_code_sentence_and_request_id(
    monkeypatch: pytest.MonkeyPatch, error: TrainingFilesError, status: int, headers: dict[str, str]
) -> None:
    answer = answer_to(error, monkeypatch)

    assert answer["statusCode"] == status
    assert headers.items() <= answer["headers"].items()
    assert answer["body"] == {
        "error": error.message,
        "code": error.code,
        "details": [],
        "request_id": "request-1",
    }


@pytest.mark.parametrize(
    "error", [SettingsError("SUPABASE_URL is not set."), RuntimeError("secret"), KeyError("secret")]
)
def test_a_fault_of_ours_is_answered_without_what_is_inside(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    answer = answer_to(error, monkeypatch)

    assert (answer["statusCode"], answer["body"]["code"]) == (500, "internal_error")
    assert not {"secret", "SUPABASE_URL"}.intersection(answer["body"]["error"].split())


@pytest.mark.parametrize("error", [NotSetUpError("A table is missing."), SettingsError("SUPABASE_URL is not set.")])
def test_the_log_names_what_an_operator_has_to_mend(
    monkeypatch: pytest.MonkeyPatch, log: list[dict[str, Any]], error: TrainingFilesError
) -> None:
    answer_to(error, monkeypatch)

    assert [line["reason"] for line in log] == [error.message]
    assert [line["version"] for line in log] == [VERSION]


@pytest.mark.parametrize("error", [NameTakenError("secret"), RuntimeError("secret")])
def test_the_log_repeats_nothing_that_a_user_or_a_library_wrote(
    monkeypatch: pytest.MonkeyPatch, log: list[dict[str, Any]], error: Exception
) -> None:
    answer_to(error, monkeypatch)

    assert len(log) == 1
    assert "secret" not in json.dumps({**log[0], "stack": None})


def test_a_missing_setting_is_named_in_the_log_of_the_first_call(
    monkeypatch: pytest.MonkeyPatch, log: list[dict[str, Any]]
) -> None:
    for name in ("SUPABASE_URL", "NEXT_PUBLIC_SUPABASE_URL", "SUPABASE_SECRET_ARN"):
        monkeypatch.delenv(name, raising=False)
    with started_anew():
        lambda_handler_of(create_app())(EVENT, Context())

    assert "SUPABASE_URL is not set" in log[0]["reason"]
