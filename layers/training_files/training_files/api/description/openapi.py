"""The API's description of itself, OpenAPI 3.1, made from the table of calls and from the models that they name."""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

from training_files.api import error_examples
from training_files.api.call import Answer, Call, Credential
from training_files.api.calls import CALLS
from training_files.api.errors import STATUS
from training_files.api.models import ConversationFault, GatewayAnswer, InvalidField
from training_files.domain.spelling import plain_number
from training_files.errors import (
    ConversationsAlreadyInFileError,
    ConversationsNotInFileError,
    ConversationValidationError,
    RequestInvalidError,
    TrainingFilesError,
    UnauthorizedError,
)
from training_files.version import VERSION

Json = dict[str, Any]

DESCRIPTION = """\
Training Files aggregates enriched conversations into training files for fine-tuning.

Press *Authorize* and paste an access token: `session.access_token` of a signed-in user. Every error has the same
shape; `code` is stable, `error` is for people, `details` are for programs, and the log knows the `request_id`.
"""
COMPONENTS = "#/components/schemas/"
JSON = "application/json"

SECURITY: dict[Credential, Json] = {
    "access_token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The Supabase access token of a signed-in user, in the header Authorization.",
    },
    "webhook_secret": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Webhook-Secret",
        "description": "The secret that the hooks share with the database.",
    },
}
PREFER: Json = {
    "name": "Prefer",
    "in": "header",
    "description": "`respond-async` has it built in the background, however small it is.",
    "schema": {"type": "string"},
}
IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A call that is sent again with the same key and body within a day has one effect and one answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
LOCATION: Json = {
    "description": "Where the training file, or what becomes of it, can be asked for.",
    "required": True,
    "schema": {"type": "string", "format": "uri-reference"},
}
WWW_AUTHENTICATE: Json = {"description": "What is asked for.", "required": True, "schema": {"const": "Bearer"}}
RETRY_AFTER: Json = {
    "description": "In how many seconds it is worth another try.",
    "schema": {"type": "integer", "minimum": 1},
}
# What the gateway answers by itself.
THROTTLED = "More requests than the gateway takes."
SERVER = {"url": "/", "description": "Where this description comes from."}
BODY_TOO_LARGE = "The body is larger than the gateway takes, 10 MB. Bodies over 1 MB are answered 400."
PATH_PARAMETERS = {"id": "Of the training file.", "export_id": "Of the export."}
DETAILS: dict[type[TrainingFilesError], Any] = {
    RequestInvalidError: InvalidField,
    ConversationValidationError: ConversationFault,
    ConversationsAlreadyInFileError: ConversationFault,
    ConversationsNotInFileError: ConversationFault,
}


@lru_cache(maxsize=1)
def document() -> Json:
    """The whole description, as JSON values."""
    models = _Models(CALLS)
    paths: dict[str, Json] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, models)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Training Files", "version": VERSION, "description": DESCRIPTION},
        "servers": [SERVER],
        "tags": [{"name": tag} for tag in dict.fromkeys(call.tag for call in CALLS)],
        "paths": paths,
        "components": {"schemas": models.components | _error_schemas(), "securitySchemes": dict(SECURITY)},
    }


class _JsonSchema(GenerateJsonSchema):
    """Without the titles that only repeat names, and without `default: null`, which says no more than optional."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - Pydantic's own
        return False

    def decimal_schema(self, schema: Any) -> JsonSchemaValue:
        """As a number; that a number is also understood when it is sent as a text is nothing to rely on."""
        described = super().decimal_schema(schema)
        return next(option for option in described["anyOf"] if option["type"] == "number")

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        described = super().default_schema(schema)
        if "default" in described and described["default"] is None:
            del described["default"]
        elif described.get("type") == "number":
            described["default"] = plain_number(Decimal(described["default"]))
        return described


class _Models:
    """The schemas of all bodies and answers, in which a model that several share stands once."""

    def __init__(self, calls: Iterable[Call]) -> None:
        models = [model for call in calls for model in (call.body, *(answer.model for answer in call.answers.values()))]
        used = [model for model in [*models, ConversationFault, InvalidField, GatewayAnswer] if model is not None]
        inputs: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
            (_key(model), "validation", TypeAdapter(model)) for model in used
        ]
        schemas, defined = TypeAdapter.json_schemas(
            inputs, ref_template=COMPONENTS + "{model}", schema_generator=_JsonSchema
        )
        self.components: Json = defined["$defs"]
        self._schemas = {key: schema for (key, _), schema in schemas.items()}

    def schema(self, model: Any) -> Json:
        return self._schemas[_key(model)]


def _key(model: Any) -> str:
    return str(model)


def _operation(call: Call, models: _Models) -> Json:
    operation: Json = {
        "operationId": call.operation_id,
        "tags": [call.tag],
        "summary": call.summary,
        "parameters": [*_path_parameters(call.path), *_query_parameters(call.query), *_header_parameters(call)],
        "responses": _responses(call, models),
        "security": [{call.credential: []}] if call.credential else [],
    }
    if call.description:
        operation["description"] = call.description
    if call.body:
        content = {"schema": models.schema(call.body), "example": call.body_example}
        operation["requestBody"] = {"required": True, "content": {JSON: content}}
    return operation


def _path_parameters(path: str) -> list[Json]:
    names = [segment.strip("{}") for segment in path.split("/") if segment.startswith("{")]
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": PATH_PARAMETERS[name],
            "schema": {"type": "string", "format": "uuid"},
        }
        for name in names
    ]


def _query_parameters(model: type[BaseModel] | None) -> list[Json]:
    if model is None:
        return []
    properties = model.model_json_schema(schema_generator=_JsonSchema)["properties"]
    parameters = []
    for name, described in properties.items():
        schema = _never_null(described)
        description = schema.pop("description", None)
        parameter = {"name": name, "in": "query", "schema": schema}
        parameters.append(parameter | ({"description": description} if description else {}))
    return parameters


def _never_null(schema: Json) -> Json:
    """A query parameter is left out instead."""
    if "anyOf" not in schema:
        return dict(schema)
    [one] = [option for option in schema["anyOf"] if option.get("type") != "null"]
    return {**one, **{key: value for key, value in schema.items() if key != "anyOf"}}


def _header_parameters(call: Call) -> list[Json]:
    return [*([PREFER] if call.prefers else []), *([IDEMPOTENCY_KEY] if call.is_idempotent else [])]


def _responses(call: Call, models: _Models) -> Json:
    responses = {str(status.value): _response(answer, models) for status, answer in call.answers.items()}
    refused: dict[HTTPStatus, list[type[TrainingFilesError]]] = {}
    for error in call.errors:
        refused.setdefault(STATUS[error], []).append(error)
    refused[HTTPStatus.INTERNAL_SERVER_ERROR] = [TrainingFilesError]
    responses |= {str(status.value): _refusal(status, errors) for status, errors in refused.items()}
    responses["429"] = _gateway_response(THROTTLED)
    if call.body:
        responses["413"] = _gateway_response(BODY_TOO_LARGE)
    if "503" not in responses:
        responses["503"] = _gateway_response("The function did not answer in time.")
    return dict(sorted(responses.items()))


def _response(answer: Answer, models: _Models) -> Json:
    content: Json = {text: {"schema": {"type": "string"}} for text in answer.texts}
    if answer.model is not None:
        content = {JSON: {"schema": models.schema(answer.model)}, **content}
        if answer.example:
            content[JSON]["example"] = answer.example()
    response: Json = {"description": answer.description}
    if content:
        response["content"] = content
    if answer.has_location:
        response["headers"] = {"Location": LOCATION}
    return response


def _refusal(status: HTTPStatus, errors: list[type[TrainingFilesError]]) -> Json:
    options = [_reference(error.code) for error in errors]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # A function that breaks off, or takes too long, leaves the answer to the gateway.
        options.append(_reference(GatewayAnswer.__name__))
    raised = [example for example in error_examples.ERRORS if type(example) in errors]
    shown = {example.code: {"value": error_examples.answer_to(example)} for example in raised}
    content = {"schema": options[0] if len(options) == 1 else {"oneOf": options}, "examples": shown}
    response: Json = {"description": " ".join(_first_line(error) for error in errors), "content": {JSON: content}}
    headers = {}
    if UnauthorizedError in errors:
        headers["WWW-Authenticate"] = WWW_AUTHENTICATE
    if any(hasattr(error, "retry_after_seconds") for error in errors):
        headers["Retry-After"] = RETRY_AFTER
    return response | ({"headers": headers} if headers else {})


def _gateway_response(description: str) -> Json:
    return {"description": description, "content": {JSON: {"schema": _reference(GatewayAnswer.__name__)}}}


def _error_schemas() -> Json:
    errors: list[type[TrainingFilesError]] = [*STATUS, TrainingFilesError]
    return {error.code: _error_schema(error) for error in errors}


def _error_schema(error: type[TrainingFilesError]) -> Json:
    detail = DETAILS.get(error)
    return {
        "type": "object",
        "description": "Something went wrong on our side." if error is TrainingFilesError else _first_line(error),
        "required": ["error", "code", "details", "request_id"],
        "properties": {
            "error": {"type": "string", "description": "A sentence for people."},
            "code": {"const": error.code},
            "details": {"type": "array", **({"items": _reference(detail.__name__)} if detail else {"maxItems": 0})},
            "request_id": {"type": "string", "description": "The log knows it."},
        },
    }


def _first_line(error: type[TrainingFilesError]) -> str:
    return (error.__doc__ or "").splitlines()[0]


def _reference(component: str) -> Json:
    return {"$ref": COMPONENTS + component}
