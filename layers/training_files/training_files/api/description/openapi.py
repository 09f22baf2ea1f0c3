"""The API's description of itself, OpenAPI 3.1, made from the table of calls and from the models that they name."""

from functools import lru_cache
from http import HTTPStatus

from pydantic import BaseModel

from training_files.api import error_examples
from training_files.api.call import Answer, Call, Credential
from training_files.api.calls import CALLS
from training_files.api.description.schemas import Json, Schemas, error_answer, parameter_schemas, reference
from training_files.api.errors import STATUS
from training_files.api.models import GatewayAnswer
from training_files.api.parsing import TAG_PATTERN
from training_files.domain.training_file.tags import LONGEST_TAG
from training_files.errors import TrainingFilesError, UnauthorizedError
from training_files.version import VERSION

DESCRIPTION = """\
Training Files aggregates enriched conversations into training files for fine-tuning.

Press *Authorize* and paste an access token: `session.access_token` of a signed-in user. Every error has the same
shape; `code` is stable, `error` is for people, `details` are for programs, and the log knows the `request_id`.
"""
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
AN_ID: Json = {"type": "string", "format": "uuid"}
PATH_PARAMETERS: dict[str, Json] = {
    "id": {"description": "Of the training file.", "schema": AN_ID},
    "export_id": {"description": "Of the export.", "schema": AN_ID},
    "tag": {
        "description": "The name of the tag; digits alone are none.",
        "schema": {"type": "string", "pattern": TAG_PATTERN, "maxLength": LONGEST_TAG},
    },
}


@lru_cache(maxsize=1)
def document() -> Json:
    """The whole description, as JSON values."""
    schemas = Schemas(CALLS)
    paths: dict[str, Json] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Training Files", "version": VERSION, "description": DESCRIPTION},
        "servers": [SERVER],
        "tags": [{"name": tag} for tag in dict.fromkeys(call.tag for call in CALLS)],
        "paths": paths,
        "components": {"schemas": schemas.components, "securitySchemes": dict(SECURITY)},
    }


def _operation(call: Call, schemas: Schemas) -> Json:
    operation: Json = {
        "operationId": call.operation_id,
        "tags": [call.tag],
        "summary": call.summary,
        "parameters": [*_path_parameters(call.path), *_query_parameters(call.query), *_header_parameters(call)],
        "responses": _responses(call, schemas),
        "security": [{call.credential: []}] if call.credential else [],
    }
    if call.description:
        operation["description"] = call.description
    if call.body:
        content = {"schema": schemas.schema(call.body), "example": call.body_example}
        operation["requestBody"] = {"required": True, "content": {JSON: content}}
    return operation


def _path_parameters(path: str) -> list[Json]:
    names = [segment.strip("{}") for segment in path.split("/") if segment.startswith("{")]
    return [{"name": name, "in": "path", "required": True, **PATH_PARAMETERS[name]} for name in names]


def _query_parameters(model: type[BaseModel] | None) -> list[Json]:
    return [_query_parameter(name, schema) for name, schema in (parameter_schemas(model) if model else {}).items()]


def _query_parameter(name: str, described: Json) -> Json:
    schema = {key: value for key, value in described.items() if key != "description"}
    parameter = {"name": name, "in": "query", "schema": schema}
    return parameter | ({"description": described["description"]} if "description" in described else {})


def _header_parameters(call: Call) -> list[Json]:
    return [*([PREFER] if call.prefers else []), *([IDEMPOTENCY_KEY] if call.is_idempotent else [])]


def _responses(call: Call, schemas: Schemas) -> Json:
    responses = {str(status.value): _response(answer, schemas) for status, answer in call.answers.items()}
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


def _response(answer: Answer, schemas: Schemas) -> Json:
    content: Json = {text: {"schema": {"type": "string"}} for text in answer.texts}
    if answer.model is not None:
        content = {JSON: {"schema": schemas.schema(answer.model)}, **content}
        if answer.example:
            content[JSON]["example"] = answer.example()
    response: Json = {"description": answer.description}
    if content:
        response["content"] = content
    if answer.has_location:
        response["headers"] = {"Location": LOCATION}
    return response


def _refusal(status: HTTPStatus, errors: list[type[TrainingFilesError]]) -> Json:
    options = [error_answer(errors)]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # A function that breaks off, or takes too long, leaves the answer to the gateway.
        options.append(reference(GatewayAnswer.__name__))
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
    return {"description": description, "content": {JSON: {"schema": reference(GatewayAnswer.__name__)}}}


def _first_line(error: type[TrainingFilesError]) -> str:
    if error is TrainingFilesError:
        return "Something went wrong on our side."
    return (error.__doc__ or "").splitlines()[0]
