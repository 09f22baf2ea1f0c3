"""What all requests share: how a body, a path and a header are taken apart, with every fault in them."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, get_origin
from urllib.parse import parse_qs
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, ValidationError, WithJsonSchema

from training_files.domain.training_file import tags
from training_files.domain.wording import problem_of
from training_files.errors import RequestInvalidError, not_a_tag

MAX_BODY_BYTES = 1024 * 1024
# A body can be wrong in more places than an answer has room for.
DETAILS_SHOWN = 100
FIELD_CHARACTERS = 200
# What PostgreSQL's type integer holds.
HIGHEST_INTEGER = 2**31 - 1

DIGITS = re.compile("[0-9]+")
LONGEST_NUMBER = len(str(HIGHEST_INTEGER))
# The same as the rule of the domain, without what JSON Schema writes another way.
TAG_PATTERN = "^([a-z]|[0-9]+[a-z._-])[a-z0-9._-]*$"

Model = TypeVar("Model", bound=BaseModel)
# Python and pydantic also take braces, a `urn:`, and spaces around.
CANONICAL_UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _canonical(value: object) -> object:
    if isinstance(value, str) and not CANONICAL_UUID.fullmatch(value):
        raise ValueError("it must be a UUID")
    return value


Id = Annotated[UUID, BeforeValidator(_canonical)]


def _revision_name(value: object) -> tags.RevisionName:
    """Digits are a number, also where a query or a body has them as a text."""
    if isinstance(value, str) and not DIGITS.fullmatch(value):
        if not tags.is_tag(value):
            raise ValueError(f"it must be the number of a revision, or a tag: {tags.TAG_RULE}")
        return value
    number = int(value) if isinstance(value, str) and len(value) <= LONGEST_NUMBER else value
    if type(number) is not int or not 1 <= number <= HIGHEST_INTEGER:
        raise ValueError(f"it must be the number of a revision, from 1 to {HIGHEST_INTEGER}, or a tag")
    return number


RevisionName = Annotated[
    tags.RevisionName,
    PlainValidator(_revision_name),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": HIGHEST_INTEGER},
                {"type": "string", "pattern": TAG_PATTERN, "maxLength": tags.LONGEST_TAG},
            ]
        }
    ),
]


class Request(BaseModel):
    """A field that nobody knows is a spelling mistake, and refused as one."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, defer_build=True)


def parsed(model: type[Model], value: object) -> Model:
    """Raises RequestInvalidError, whose details name every field that is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        details = [
            {"field": _field(problem["loc"]), "message": problem_of(problem)}
            for problem in error.errors(include_url=False, include_input=False)
        ]
        raise _invalid("The request is not valid", details) from error


def query_parameters(raw: str, model: type[BaseModel]) -> dict[str, Any]:
    """What a query says, with a list for each field that is one, and for a parameter that was sent more than once.

    The gateway joins repeated parameters with commas, which keys may have too.
    """
    sent = parse_qs(raw, keep_blank_values=True)
    return {name: values if len(values) > 1 or _is_list(model, name) else values[0] for name, values in sent.items()}


def uuid_in_path(value: str) -> UUID:
    """An id that stands in a path. Raises RequestInvalidError."""
    if not CANONICAL_UUID.fullmatch(value):
        raise _id_invalid()
    return UUID(value)


def tag_in_path(value: str) -> str:
    """A tag that stands in a path. Raises RequestInvalidError."""
    if not tags.is_tag(value):
        raise not_a_tag()
    return value


def path_invalid(variables: Mapping[str, str]) -> RequestInvalidError:
    """What is wrong with a path that no route takes."""
    is_of_a_file = CANONICAL_UUID.fullmatch(variables.get("id", ""))
    return not_a_tag() if is_of_a_file and "tag" in variables else _id_invalid()


def _id_invalid() -> RequestInvalidError:
    return _invalid("The request is not valid", [{"field": "id", "message": "it must be a UUID"}])


def idempotency_key(value: str) -> str:
    """The value of the header Idempotency-Key. Raises RequestInvalidError."""
    if not 1 <= len(value) <= 255 or not value.isascii() or not value.isprintable():
        message = "it must be 1 to 255 printable ASCII characters"
        raise _invalid("The request is not valid", [{"field": "Idempotency-Key", "message": message}])
    return value


def json_object(body: str | None, *, is_base64: bool) -> Mapping[str, Any]:
    """The object that a body holds. Raises RequestInvalidError, as for a body over 1 MB."""
    if not body:
        raise _body_invalid("the body is empty; send a JSON object")
    try:
        raw = base64.b64decode(body) if is_base64 else body.encode()
    except (binascii.Error, UnicodeEncodeError) as error:
        raise _body_invalid("the body is not UTF-8") from error
    if len(raw) > MAX_BODY_BYTES:
        raise _body_invalid(f"the body is larger than {MAX_BODY_BYTES} bytes")
    try:
        value = json.loads(raw.decode())
    except UnicodeDecodeError as error:
        raise _body_invalid("the body is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise _body_invalid("the body is not valid JSON") from error
    if not isinstance(value, dict):
        raise _body_invalid("the body must be a JSON object")
    return value


def _is_list(model: type[BaseModel], name: str) -> bool:
    field = model.model_fields.get(name)
    return field is not None and get_origin(field.annotation) is list


def _field(location: tuple[int | str, ...]) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    return path[:FIELD_CHARACTERS] or "body"


def _body_invalid(message: str) -> RequestInvalidError:
    return _invalid("The request is not valid", [{"field": "body", "message": message}])


def _invalid(sentence: str, details: list[dict[str, str]]) -> RequestInvalidError:
    first = "; ".join(f"{detail['field']}: {detail['message']}" for detail in details[:3])
    more = f"; and {len(details) - 3} more (see details)" if len(details) > 3 else ""
    return RequestInvalidError(f"{sentence}: {first}{more}.", details[:DETAILS_SHOWN])
