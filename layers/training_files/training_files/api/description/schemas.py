"""The schemas of all bodies, parameters and answers, in which whatever has a name stands once."""

import json
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

from training_files.api.call import Call
from training_files.api.conversations.models import UnknownKeyWarning
from training_files.api.description.names import NAMES
from training_files.api.errors import STATUS
from training_files.api.models import ConversationFault, GatewayAnswer, InvalidField
from training_files.domain.spelling import plain_number
from training_files.errors import (
    ConversationsAlreadyInFileError,
    ConversationsNotInFileError,
    ConversationValidationError,
    NothingSelectedError,
    RequestInvalidError,
    TrainingFilesError,
)

Json = dict[str, Any]

COMPONENTS = "#/components/schemas/"
REF_TEMPLATE = COMPONENTS + "{model}"
# What `details` hold; those of other errors are empty.
DETAILS: dict[str, tuple[type[TrainingFilesError], ...]] = {
    UnknownKeyWarning.__name__: (NothingSelectedError,),
    InvalidField.__name__: (RequestInvalidError,),
    ConversationFault.__name__: (
        ConversationValidationError,
        ConversationsAlreadyInFileError,
        ConversationsNotInFileError,
    ),
}
# Where a schema holds others: by name, in a list, or one. All else in it, such as an example, only looks like one.
BY_NAME = {"properties"}
IN_A_LIST = {"anyOf", "oneOf", "allOf"}
ONE = {"items", "additionalProperties", "propertyNames"}
# What may be said of the same schema differently in each place.
SAID_IN_PLACE = {"description", "default"}


def reference(component: str) -> Json:
    return {"$ref": COMPONENTS + component}


def error_answer(errors: Iterable[type[TrainingFilesError]]) -> Json:
    """The answer that all errors have in common, with the codes of these.

    Programs that make clients see a reference, and so one class for every error of every call; whoever validates an
    answer holds it to the codes beside the reference too, which JSON Schema allows from 2019-09 on.
    """
    return {**reference("ErrorAnswer"), "properties": {"code": {"enum": [error.code for error in errors]}}}


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


class Schemas:
    """The components of a description, and the schemas of bodies and answers that refer to them."""

    def __init__(self, calls: Iterable[Call]) -> None:
        models = [model for call in calls for model in (call.body, *(answer.model for answer in call.answers.values()))]
        used = [model for model in [*models, ConversationFault, InvalidField, GatewayAnswer] if model is not None]
        inputs: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
            (str(model), "validation", TypeAdapter(model)) for model in used
        ]
        schemas, defined = TypeAdapter.json_schemas(inputs, ref_template=REF_TEMPLATE, schema_generator=_JsonSchema)
        self._schemas = {key: _with_names(schema) for (key, _), schema in schemas.items()}
        self.components: Json = {
            **{name: _with_names(schema) for name, schema in defined["$defs"].items()},
            **{name: _inside(schema) for name, schema in _named().values()},
            **_error_schemas(),
        }

    def schema(self, model: Any) -> Json:
        return self._schemas[str(model)]


def parameter_schemas(model: type[BaseModel]) -> dict[str, Json]:
    """The schema of each query parameter by its name. None is ever null: it is left out instead."""
    properties = model.model_json_schema(ref_template=REF_TEMPLATE, schema_generator=_JsonSchema)["properties"]
    return {name: _with_names(_never_null(described)) for name, described in properties.items()}


def _never_null(schema: Json) -> Json:
    if "anyOf" not in schema:
        return schema
    options = [option for option in schema["anyOf"] if option.get("type") != "null"]
    said = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**options[0], **said} if len(options) == 1 else {"anyOf": options, **said}


def _with_names(schema: Json) -> Json:
    """The schema, in which whatever has a name is a reference to it."""
    name, _ = _named().get(_shape(schema), (None, None))
    if name is None:
        return _inside(schema)
    said = {key: value for key, value in schema.items() if key in SAID_IN_PLACE}
    # Not every program looks for a default beside a reference; in `allOf` all find it.
    return {"allOf": [reference(name)], **said} if "default" in said else {**reference(name), **said}


def _inside(schema: Json) -> Json:
    return {key: _with_names_at(key, value) for key, value in schema.items()}


def _with_names_at(key: str, value: Any) -> Any:
    if key in BY_NAME:
        return {name: _with_names(schema) for name, schema in value.items()}
    if key in IN_A_LIST:
        return [_with_names(schema) for schema in value]
    return _with_names(value) if key in ONE and isinstance(value, dict) else value


@lru_cache(maxsize=1)
def _named() -> dict[str, tuple[str, Json]]:
    """Name and schema of everything in NAMES, by its shape."""
    schemas = {name: _written_out(kind) for name, kind in NAMES.items()}
    return {_shape(schema): (name, schema) for name, schema in schemas.items()}


def _written_out(kind: Any) -> Json:
    """As it stands where a model writes it in place. What it refers to is among the components anyway."""
    schema = TypeAdapter(kind).json_schema(ref_template=REF_TEMPLATE, schema_generator=_JsonSchema)
    return {key: value for key, value in schema.items() if key != "$defs"}


def _shape(schema: Json) -> str:
    """The same for schemas that allow the same, whatever is said of them and in whichever order."""
    shape = {key: value for key, value in schema.items() if key not in SAID_IN_PLACE}
    if "enum" in shape:
        # What names of properties can be does not say that they are texts.
        shape = {"enum": sorted(shape["enum"])}
    return json.dumps(shape, sort_keys=True)


def _error_schemas() -> Json:
    answer = {
        "type": "object",
        "description": "What every error looks like.",
        "required": ["error", "code", "details", "request_id"],
        "properties": {
            "error": {"type": "string", "description": "A sentence for people."},
            "code": reference("ErrorCode"),
            "details": {"type": "array", "items": {"anyOf": [reference(detail) for detail in DETAILS]}},
            "request_id": {"type": "string", "description": "The log knows it."},
        },
        **_details_by_code(),
    }
    errors: list[type[TrainingFilesError]] = [*STATUS, TrainingFilesError]
    codes = [error.code for error in errors]
    return {"ErrorAnswer": answer, "ErrorCode": {"type": "string", "enum": codes}}


def _details_by_code() -> Json:
    rule: Json = {"properties": {"details": {"maxItems": 0}}}
    for detail, errors in DETAILS.items():
        codes = [error.code for error in errors]
        rule = {
            "if": {"properties": {"code": {"enum": codes}}},
            "then": {"properties": {"details": {"items": reference(detail)}}},
            "else": rule,
        }
    return rule
