"""What callers send: bodies and query parameters as models, and every fault in them collected."""

import base64
import binascii
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from training_files.errors import RequestInvalidError
from training_files.records import ENRICHED, MAX_IDS, Name, OnFault, Text, without_nul

MAX_BODY_BYTES = 1024 * 1024
MAX_IDS_WHILE_WAITING = 100
# What PostgreSQL's type integer holds.
HIGHEST_INTEGER = 2**31 - 1

Model = TypeVar("Model", bound=BaseModel)


class Request(BaseModel):
    """A field that nobody knows is a spelling mistake, and refused as one."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, defer_build=True)


class BuildRequest(Request):
    conversation_ids: Annotated[list[UUID], Field(min_length=1, max_length=MAX_IDS)]
    on_invalid: OnFault = "reject"
    on_duplicate: OnFault = "reject"
    dry_run: bool = False

    @model_validator(mode="after")
    def dry_run_can_be_waited_for(self) -> Self:
        if self.dry_run and len(self.unique_ids) > MAX_IDS_WHILE_WAITING:
            raise ValueError(f"a dry run takes at most {MAX_IDS_WHILE_WAITING} conversation_ids")
        return self

    def is_for_later(self, prefer: str | None) -> bool:
        """Whether the build is too large to be waited for, or the caller prefers not to wait (RFC 7240)."""
        if self.dry_run:
            return False
        return len(self.unique_ids) > MAX_IDS_WHILE_WAITING or "respond-async" in (prefer or "").lower()

    @property
    def unique_ids(self) -> tuple[UUID, ...]:
        """The ids in their order, repeats folded."""
        return tuple(dict.fromkeys(self.conversation_ids))


class CreateTrainingFileRequest(BuildRequest):
    name: Name
    description: Text | None = None
    target_model: Name | None = None


class AddConversationsRequest(BuildRequest):
    pass


Key = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(without_nul)]
Keys = Annotated[list[Key], Field(max_length=200)]


class CollectionRuleRequest(Request):
    min_quality_score: Annotated[Decimal, Field(ge=0, le=5, decimal_places=2)] | None = None
    personas: Keys = []
    emotional_arcs: Keys = []
    training_topics: Keys = []


class UpdateTrainingFileRequest(Request):
    name: Name | None = None
    description: Text | None = None
    status: Literal["active", "archived"] | None = None
    collect: CollectionRuleRequest | None = None

    @model_validator(mode="after")
    def says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("send at least one of name, description, status, collect")
        for field in ("name", "status"):
            if field in self.model_fields_set and getattr(self, field) is None:
                raise ValueError(f"{field} must not be null")
        return self


class EnrichedRecord(BaseModel):
    """A row of `conversations`, as a database webhook sends it."""

    conversation_id: UUID
    enrichment_status: str | None = None

    @property
    def is_enriched(self) -> bool:
        return self.enrichment_status in ENRICHED


class ConversationEnrichedRequest(BaseModel):
    """https://supabase.com/docs/guides/database/webhooks: there is more in it, which does not matter here."""

    record: EnrichedRecord


class ListTrainingFilesQuery(Request):
    status: Literal["active", "archived", "processing", "failed"] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


class ConversationsQuery(Request):
    limit: Annotated[int, Field(ge=1, le=1000)] = 1000
    cursor: Annotated[int, Field(ge=1, le=HIGHEST_INTEGER)] | None = None


class RevisionsQuery(Request):
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: UUID | None = None


class DownloadQuery(Request):
    format: Literal["json", "jsonl"] = "json"
    revision: Annotated[int, Field(ge=1, le=HIGHEST_INTEGER)] | None = None


def parsed(model: type[Model], value: object) -> Model:
    """Raises RequestInvalidError, whose details name every field that is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        details = [
            {"field": _field(problem["loc"]), "message": problem["msg"].removeprefix("Value error, ")}
            for problem in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        raise _invalid("The request is not valid", details) from error


def uuid_in_path(value: str) -> UUID:
    """The id that stands in a path. Raises RequestInvalidError."""
    try:
        return UUID(value)
    except ValueError as error:
        raise _invalid("The request is not valid", [{"field": "id", "message": "it must be a UUID"}]) from error


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


def _field(location: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".") or "body"


def _body_invalid(message: str) -> RequestInvalidError:
    return _invalid("The request is not valid", [{"field": "body", "message": message}])


def _invalid(sentence: str, details: list[dict[str, str]]) -> RequestInvalidError:
    first = "; ".join(f"{detail['field']}: {detail['message']}" for detail in details[:3])
    more = f"; and {len(details) - 3} more (see details)" if len(details) > 3 else ""
    return RequestInvalidError(f"{sentence}: {first}{more}.", details)
