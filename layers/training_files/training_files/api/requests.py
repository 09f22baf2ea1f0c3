"""What callers send: bodies and query parameters as models, and every fault in them collected."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    model_validator,
)

from training_files.domain.conversation.conversation import ENRICHED
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import CreateExportInput, ExportFormat, ExportSplit
from training_files.domain.text import WITHOUT_NUL, Name, Text, without_nul
from training_files.domain.training_file.build_request import MAX_IDS, OnFault, OnUnhealthy
from training_files.errors import RequestInvalidError

MAX_BODY_BYTES = 1024 * 1024
MAX_IDS_WHILE_WAITING = 100
# What PostgreSQL's type integer holds.
HIGHEST_INTEGER = 2**31 - 1
# Queued ten at a time while the database waits; as many as the trigger in sql/optional tells of at once.
MAX_ENRICHED_IDS = 500
# What a change may leave as it is, but not take away.
NEVER_NULL = ("name", "status")

Model = TypeVar("Model", bound=BaseModel)


class Request(BaseModel):
    """A field that nobody knows is a spelling mistake, and refused as one."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, defer_build=True)


class BuildRequest(Request):
    conversation_ids: list[UUID] = Field(
        min_length=1,
        max_length=MAX_IDS,
        description="conversation_ids or row ids, in the order that they get in the file; repeats are folded.",
    )
    on_invalid: OnFault = Field("reject", description="What to do when conversations cannot be used.")
    on_duplicate: OnFault = Field("reject", description="What to do when conversations are in the file already.")
    on_unhealthy: OnUnhealthy = Field(
        "allow", description="What to do with conversations in which text health finds an error."
    )
    dry_run: StrictBool = Field(
        default=False,
        description=f"Every check and the answer as it would be, for up to {MAX_IDS_WHILE_WAITING} conversations; "
        "nothing is written.",
    )

    @model_validator(mode="after")
    def dry_run_can_be_waited_for(self) -> Self:
        if self.dry_run and len(self.unique_ids) > MAX_IDS_WHILE_WAITING:
            raise ValueError(f"a dry run takes at most {MAX_IDS_WHILE_WAITING} conversation_ids")
        return self

    def is_for_later(self, prefer: str | None) -> bool:
        """Whether the build is too large to be waited for, or the caller prefers not to wait (RFC 7240)."""
        if self.dry_run:
            return False
        return len(self.unique_ids) > MAX_IDS_WHILE_WAITING or prefers_background(prefer)

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


Key = Annotated[
    str, Field(min_length=1, max_length=255, json_schema_extra={**WITHOUT_NUL}), AfterValidator(without_nul)
]
Keys = Annotated[list[Key], Field(max_length=200)]


class CollectionRuleRequest(Request):
    min_quality_score: Annotated[Decimal, Field(ge=0, le=5, decimal_places=2)] | None = Field(
        None, description="With at most two decimal places."
    )
    personas: Keys = []
    emotional_arcs: Keys = []
    training_topics: Keys = []


def _as_said_something(schema: dict[str, Any]) -> None:
    """What the validator of UpdateTrainingFileRequest checks, for the schema."""
    schema["minProperties"] = 1
    for field in NEVER_NULL:
        described = schema["properties"][field]
        [not_null] = [option for option in described.pop("anyOf") if option != {"type": "null"}]
        described.update(not_null)


class UpdateTrainingFileRequest(Request):
    model_config = ConfigDict(json_schema_extra=_as_said_something)

    name: Name | None = None
    description: Text | None = None
    status: Literal["active", "archived"] | None = None
    collect: CollectionRuleRequest | None = Field(None, description="null switches the collection rule off.")

    @model_validator(mode="after")
    def says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("send at least one of name, description, status, collect")
        for field in NEVER_NULL:
            if field in self.model_fields_set and getattr(self, field) is None:
                raise ValueError(f"{field} must not be null")
        return self


class EnrichedRecord(BaseModel):
    """A row of `conversations`, as a database webhook sends it."""

    model_config = ConfigDict(defer_build=True)

    conversation_id: UUID
    enrichment_status: str | None = None

    @property
    def is_enriched(self) -> bool:
        return self.enrichment_status in ENRICHED


class ConversationEnrichedRequest(BaseModel):
    """A row, as Supabase's database webhooks send it, or ids of conversations that were enriched at once.

    https://supabase.com/docs/guides/database/webhooks: there is more in it, which does not matter here.
    """

    model_config = ConfigDict(
        hide_input_in_errors=True,
        defer_build=True,
        json_schema_extra={"anyOf": [{"required": ["record"]}, {"required": ["conversation_ids"]}]},
    )

    record: EnrichedRecord | None = Field(None, description="null, when the row was deleted, says nothing.")
    conversation_ids: list[UUID] = Field(default_factory=list, min_length=1, max_length=MAX_ENRICHED_IDS)

    @model_validator(mode="after")
    def says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("send record or conversation_ids")
        return self

    @property
    def enriched_ids(self) -> list[UUID]:
        of_record = [self.record.conversation_id] if self.record and self.record.is_enriched else []
        return of_record + self.conversation_ids


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


RevisionNumber = Annotated[int, Field(ge=1, le=HIGHEST_INTEGER)]
Share = Annotated[Decimal, Field(ge=0, lt=1, decimal_places=4)]


class DownloadQuery(Request):
    format: Literal["json", "jsonl", ExportFormat] = "json"
    revision: RevisionNumber | None = None

    def to_export(self, training_file_id: UUID) -> CreateExportInput | None:
        """The export with defaults that has this format; None for the formats of the training file itself."""
        if self.format == "json" or self.format == "jsonl":
            return None
        return CreateExportInput(training_file_id=training_file_id, format=self.format, revision=self.revision)


class SplitRequest(Request):
    validation: Share = Field(description="Share of the conversations that is kept from training, to validate with.")
    test: Share = Field(Decimal(0), description="Share that is kept from both, to test with.")
    seed: StrictInt = Field(42, ge=0, le=HIGHEST_INTEGER, description="Another seed makes another split.")

    @model_validator(mode="after")
    def leaves_something(self) -> Self:
        if not 0 < self.validation + self.test < 1:
            raise ValueError("validation and test together must be above 0 and below 1")
        return self


class CreateExportRequest(Request):
    format: ExportFormat
    granularity: Granularity = Field(
        "conversation", description="One row for each conversation, or one for each trainable pair."
    )
    split: SplitRequest | None = Field(None, description="Without one, everything is for training.")
    bundle: StrictBool = Field(default=False, description="Add one ZIP with everything that training needs.")
    revision: RevisionNumber | None = Field(None, description="The current one unless given.")

    def to_input(self, training_file_id: UUID) -> CreateExportInput:
        split = self.split
        return CreateExportInput(
            training_file_id=training_file_id,
            format=self.format,
            granularity=self.granularity,
            split=ExportSplit(validation=split.validation, test=split.test, seed=split.seed) if split else None,
            bundle=self.bundle,
            revision=self.revision,
        )


class ExportsQuery(Request):
    # Each has up to seven links, and hosted Storage signs 500 in one call.
    limit: Annotated[int, Field(ge=1, le=50)] = 20
    cursor: UUID | None = None


def prefers_background(prefer: str | None) -> bool:
    """Whether the caller would rather not wait (RFC 7240)."""
    return "respond-async" in (prefer or "").lower()


class SuggestionsQuery(Request):
    limit: Annotated[int, Field(ge=1, le=100)] = 10


class ReportQuery(Request):
    seed: Annotated[int, Field(ge=0, le=HIGHEST_INTEGER)] | None = Field(
        None, description="Another seed makes another sample; the number of the revision unless given."
    )


def prefers_page(accept: str | None) -> bool:
    """Whether the caller would rather have HTML than JSON (RFC 9110). Who has no preference gets JSON."""
    weights = dict(_weighed(media_range) for media_range in (accept or "").lower().split(","))
    return _weight("text/html", weights) > _weight("application/json", weights)


def _weighed(media_range: str) -> tuple[str, float]:
    name, *parameters = (part.strip() for part in media_range.split(";"))
    weight = next((value for value in parameters if value.startswith("q=")), "q=1").removeprefix("q=")
    return name, float(weight) if re.fullmatch(r"\d(\.\d{0,3})?", weight) else 0.0


def _weight(name: str, weights: Mapping[str, float]) -> tuple[float, int]:
    """Of those with the same weight, what was named is preferred to what a wildcard allows."""
    general = f"{name.partition('/')[0]}/*"
    for specificity, known in ((2, name), (1, general), (0, "*/*")):
        if weights.get(known):
            return weights[known], specificity
        if known in weights:
            break
    return 0.0, 0


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
    """An id that stands in a path. Raises RequestInvalidError."""
    try:
        return UUID(value)
    except ValueError as error:
        raise id_invalid() from error


def id_invalid() -> RequestInvalidError:
    """What is wrong with a path whose id is none."""
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


def _field(location: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".") or "body"


def _body_invalid(message: str) -> RequestInvalidError:
    return _invalid("The request is not valid", [{"field": "body", "message": message}])


def _invalid(sentence: str, details: list[dict[str, str]]) -> RequestInvalidError:
    first = "; ".join(f"{detail['field']}: {detail['message']}" for detail in details[:3])
    more = f"; and {len(details) - 3} more (see details)" if len(details) > 3 else ""
    return RequestInvalidError(f"{sentence}: {first}{more}.", details)
