"""The application that every handler starts from: who may not call is refused before any route, errors are answers."""

import os
import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response, content_types
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from training_files.api.errors import STATUS
from training_files.api.log import logger
from training_files.api.parsing import json_object, parsed, path_invalid, query_parameters
from training_files.api.routing import without_prefix
from training_files.deadline import GRACE_SECONDS, deadline
from training_files.errors import (
    RequestInProgressError,
    SettingsError,
    TrainingFileBusyError,
    TrainingFilesError,
    UnauthorizedError,
    UpstreamUnavailableError,
)

Model = TypeVar("Model", bound=BaseModel)

# Of the function's time: for a commit that was begun in time and for cleaning up after it, and to answer.
KEPT_FOR_THE_END_SECONDS = 2 * GRACE_SECONDS + 1

# Answers are of one user, and are what they say they are.
JSON_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class TrainingFilesApp(APIGatewayHttpResolver):
    """A resolver for anyone; those of users and of other systems verify first who calls."""

    def __init__(self) -> None:
        super().__init__()
        # The gateway knows the paths: what no route matches has a variable with characters that it never has.
        self.not_found(lambda _: _error_answer(self, path_invalid(self.current_event.path_parameters)))
        self.exception_handler(TrainingFilesError)(lambda error: _error_answer(self, error))
        self.exception_handler(Exception)(lambda error: _internal_error_answer(self, error))

    def start(self) -> None:
        """Reads the settings, and prepares what a first call would otherwise wait for. Raises SettingsError."""

    @property
    def prefix(self) -> str:
        """What the paths of the API begin with here, beyond those of its description."""
        prefix: str = self.context["prefix"]
        return prefix

    def body_as(self, model: type[Model]) -> Model:
        """The body. Raises RequestInvalidError."""
        event = self.current_event
        return parsed(model, json_object(event.body, is_base64=bool(event.is_base64_encoded)))

    def query_as(self, model: type[Model]) -> Model:
        """The query parameters; one that takes a list is repeated. Raises RequestInvalidError."""
        return parsed(model, query_parameters(self.current_event.raw_query_string, model))

    def header(self, name: str) -> str | None:
        value: str | None = self.current_event.headers.get(name)
        return value


def create_public_app() -> TrainingFilesApp:
    """An application for one function that anyone may call."""
    return TrainingFilesApp()


def lambda_handler_of(app: TrainingFilesApp) -> Callable[[dict[str, Any], LambdaContext], dict[str, Any]]:
    """What Lambda calls. Log lines carry the request id, and no body.

    On Lambda the settings are read, and the connections prepared, when the function starts. Raises SettingsError.
    """
    if "AWS_LAMBDA_RUNTIME_API" in os.environ:
        _start(app)

    # The keys of one request are not those of the next.
    @logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP, clear_state=True)
    def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        with deadline(context.get_remaining_time_in_millis() / 1000 - KEPT_FOR_THE_END_SECONDS):
            routed, prefix = without_prefix(event)
            app.append_context(prefix=prefix)  # type: ignore[no-untyped-call]  # as Powertools ships it
            return _completed(app.resolve(routed, context), prefix)

    return lambda_handler


def _completed(answer: dict[str, Any], prefix: str) -> dict[str, Any]:
    """With the headers that all answers in JSON have, and paths as the caller sees them."""
    headers = answer.get("headers", {})
    if "Location" in headers:
        headers["Location"] = prefix + headers["Location"]
    if str(headers.get("Content-Type")).startswith(content_types.APPLICATION_JSON):
        answer["headers"] = JSON_HEADERS | headers
    return answer


def _start(app: TrainingFilesApp) -> None:
    try:
        app.start()
    except SettingsError as error:
        logger.critical(error.message)
        raise


def json_answer(status: HTTPStatus, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response[Any]:
    return Response(status.value, content_types.APPLICATION_JSON, dict(body), dict(headers or {}))


def _error_answer(app: TrainingFilesApp, error: TrainingFilesError) -> Response[Any]:
    status = STATUS.get(type(error))
    if status is None:
        return _internal_error_answer(app, error)
    # An operator has to know what a 503 is about. The other messages may hold what a user wrote.
    reason = error.message if status >= HTTPStatus.INTERNAL_SERVER_ERROR else None
    logger.info("refused", code=error.code, status=status.value, reason=reason)
    headers = {}
    if isinstance(error, UnauthorizedError):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, UpstreamUnavailableError | TrainingFileBusyError | RequestInProgressError):
        headers["Retry-After"] = str(error.retry_after_seconds)
    return json_answer(status, _error_body(app, error.message, error.code, error.details), headers)


def _internal_error_answer(app: TrainingFilesApp, error: Exception) -> Response[Any]:
    # Messages of libraries may repeat what a user wrote; the place is enough to find the fault. Ours name it.
    reason = error.message if isinstance(error, TrainingFilesError) else None
    stack = traceback.format_tb(error.__traceback__)
    logger.error("unexpected error", error_type=type(error).__name__, reason=reason, stack=stack)
    body = _error_body(app, "Something went wrong on our side.", TrainingFilesError.code, [])
    return json_answer(HTTPStatus.INTERNAL_SERVER_ERROR, body)


def _error_body(app: TrainingFilesApp, message: str, code: str, details: list[Any]) -> dict[str, Any]:
    return {
        "error": message,
        "code": code,
        "details": details,
        "request_id": app.current_event.request_context.request_id,
    }
