"""Reading an enriched file: validated by a model, passed on value for value.

A file is read twice. Once strictly, into a model that knows what a training file relies on; and once into plain
values, in which every number that Python would spell anew is kept as the text it came in.
"""

import json
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError

from training_files.domain.conversation.extent import deepest_of, extent_of, locations_of
from training_files.domain.conversation.faults import ConversationFault, enriched_file_invalid, not_an_enriched_file
from training_files.domain.conversation.file_kinds import other_kind, other_kind_of_lines
from training_files.domain.limits import (
    ALWAYS_WRITTEN_BYTES,
    MAX_ENRICHED_FILE_BYTES,
    MAX_GROWTH,
    MAX_NESTING,
    MAX_TRAINING_PAIRS,
    MAX_VALUES,
    TOO_LARGE,
)
from training_files.domain.wording import problem_of

MAX_FAULTS_SHOWN = 20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# Words for what has a meaning here.
PROBLEMS = {
    "missing": "a required field is missing",
    "model_type": "this should be an object",
    "dict_type": "this should be an object",
    "list_type": "this should be a list",
    "too_short": "there is nothing in it",
    "too_long": f"there are more than {MAX_TRAINING_PAIRS:,}",
    "string_pattern_mismatch": "it must not contain the character NUL",
}

Score = Annotated[float, Field(strict=True, ge=0, le=5, allow_inf_nan=False)]
# PostgreSQL stores no NUL; text that stays in the files may hold one.
StoredText = Annotated[StrictStr, Field(pattern=r"^[^\x00]*$")]


class _Model(BaseModel):
    # Messages of a failed validation must not repeat what a person wrote.
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class TurnModel(_Model):
    role: StrictStr
    content: StrictStr


class TrainingMetadataModel(_Model):
    quality_score: Score | None = None
    human_reviewed: StrictBool | None = None


class TrainingPairModel(_Model):
    id: Annotated[StrictStr, Field(min_length=1)]
    turn_number: Annotated[StrictInt, Field(ge=0)]
    conversation_metadata: dict[str, Any] | None = None
    system_prompt: StrictStr | None = None
    conversation_history: list[TurnModel] | None = None
    current_user_input: StrictStr | None = None
    emotional_context: dict[str, Any] | None = None
    target_response: StrictStr | None
    training_metadata: TrainingMetadataModel | None = None

    @property
    def trainable(self) -> bool:
        return bool(self.target_response)

    @property
    def quality_score(self) -> float | None:
        return self.training_metadata.quality_score if self.training_metadata else None

    @property
    def human_reviewed(self) -> bool:
        return bool(self.training_metadata and self.training_metadata.human_reviewed)


class DatasetMetadataModel(_Model):
    vertical: StoredText | None = None


class EnrichedFileModel(_Model):
    dataset_metadata: DatasetMetadataModel | None = None
    consultant_profile: dict[str, Any] | None = None
    training_pairs: Annotated[list[TrainingPairModel], Field(min_length=1, max_length=MAX_TRAINING_PAIRS)]


@dataclass(frozen=True, slots=True)
class EnrichedFile:
    """A valid enriched file: `model` to compute with, `training_pairs` and `consultant_profile` to pass on."""

    model: EnrichedFileModel
    training_pairs: list[dict[str, Any]]
    consultant_profile: dict[str, Any]

    @property
    def vertical(self) -> str | None:
        return self.model.dataset_metadata.vertical if self.model.dataset_metadata else None

    @property
    def consultant(self) -> str | None:
        """Their name, where the profile has one."""
        name = self.consultant_profile.get("name")
        return name if isinstance(name, str) else None


class EnrichedFileInvalidError(Exception):
    """All that is wrong with one enriched file. The build collects them; a caller never sees this class."""

    def __init__(self, faults: list[ConversationFault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def read_enriched_file(conversation_id: UUID, raw: bytes) -> EnrichedFile:
    """Parses and checks the bytes of an enriched file. A byte order mark is tolerated.

    Raises EnrichedFileInvalidError, which names every fault (the first twenty) and its place; or the kind of the file,
    where it is another one.
    """
    text = raw.removeprefix(BYTE_ORDER_MARK)
    document = _parsed_strictly(conversation_id, text)
    if kind := other_kind(document):
        raise EnrichedFileInvalidError([not_an_enriched_file(conversation_id, kind)])
    _check_extent(conversation_id, document, len(text))
    model = _validated(conversation_id, document)
    values = _as_they_came(conversation_id, text)
    return EnrichedFile(model, values["training_pairs"], values.get("consultant_profile") or {})


def _as_they_came(conversation_id: UUID, text: bytes) -> Any:
    """The values as they are passed on. Of a key that comes twice a reader keeps one value, and nobody says which."""
    repeating: list[dict[str, Any]] = []

    def to_object(members: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(members)
        if len(made) < len(members):
            repeating.append(made)
        return made

    document = json.loads(text, parse_float=_as_written, parse_int=_int_as_written, object_pairs_hook=to_object)
    if repeating:
        locations = islice(locations_of(repeating, document), MAX_FAULTS_SHOWN)
        problem = "an object has the same key twice"
        raise EnrichedFileInvalidError([enriched_file_invalid(conversation_id, problem, _path(at)) for at in locations])
    return document


def _check_extent(conversation_id: UUID, document: Any, size: int) -> None:
    """What a file would take in memory and in a training file grows with its length, and so does the time for it."""
    extent = extent_of(document)
    if extent.levels > MAX_NESTING:
        problem = f"it is nested deeper than {MAX_NESTING} levels"
        raise _one_fault(conversation_id, problem, deepest_of(_fields_and_pairs(document)))
    if extent.values > MAX_VALUES:
        raise _one_fault(conversation_id, f"it holds more than {MAX_VALUES:,} values", None)
    if size + extent.indentation > max(MAX_GROWTH * size, ALWAYS_WRITTEN_BYTES):
        problem = f"it would be more than {MAX_GROWTH} times as long, indented as in a training file"
        raise _one_fault(conversation_id, problem, None)


def _fields_and_pairs(document: Any) -> dict[str, Any]:
    """The values at the places that a fault of nesting can name."""
    if not isinstance(document, dict):
        return {_path(()): document}
    pairs = document.get("training_pairs")
    fields = {key: value for key, value in document.items() if key != "training_pairs" or not isinstance(pairs, list)}
    return fields | {
        f"training_pairs[{index}]": pair for index, pair in enumerate(pairs if isinstance(pairs, list) else ())
    }


def _parsed_strictly(conversation_id: UUID, text: bytes) -> Any:
    if len(text) > MAX_ENRICHED_FILE_BYTES:
        raise _one_fault(conversation_id, TOO_LARGE, None)
    if not text.strip():
        raise _one_fault(conversation_id, "it is empty", None)
    try:
        text.decode()
        return orjson.loads(text)
    except UnicodeDecodeError as error:
        raise _one_fault(conversation_id, "it is not UTF-8", f"byte {error.start}") from error
    except orjson.JSONDecodeError as error:
        if kind := other_kind_of_lines(text):
            raise EnrichedFileInvalidError([not_an_enriched_file(conversation_id, kind)]) from error
        # The library's words say what is wrong without repeating the text.
        problem = f"it is not valid JSON ({error.msg})"
        raise _one_fault(conversation_id, problem, f"line {error.lineno} column {error.colno}") from error


def _validated(conversation_id: UUID, value: Any) -> EnrichedFileModel:
    try:
        model = EnrichedFileModel.model_validate(value)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        raise EnrichedFileInvalidError(
            [
                enriched_file_invalid(conversation_id, problem_of(problem, PROBLEMS), _path(problem["loc"]))
                for problem in problems[:MAX_FAULTS_SHOWN]
            ]
        ) from error
    repeats = _repeats(conversation_id, model)
    if repeats:
        raise EnrichedFileInvalidError(repeats[:MAX_FAULTS_SHOWN])
    return model


def _repeats(conversation_id: UUID, model: EnrichedFileModel) -> list[ConversationFault]:
    """Two pairs of one turn, or of one id, cannot both be the one that a reader means."""
    faults = []
    for field in ("turn_number", "id"):
        seen: Counter[Any] = Counter()
        for index, pair in enumerate(model.training_pairs):
            value = getattr(pair, field)
            if seen[value]:
                problem = f"another training pair has the same {field}"
                faults.append(enriched_file_invalid(conversation_id, problem, f"training_pairs[{index}].{field}"))
            seen[value] += 1
    return faults


def _path(location: tuple[int | str, ...]) -> str:
    """('training_pairs', 3, 'quality_score') as training_pairs[3].quality_score."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path or "the top level"


def _one_fault(conversation_id: UUID, problem: str, place: str | None) -> EnrichedFileInvalidError:
    return EnrichedFileInvalidError([enriched_file_invalid(conversation_id, problem, place)])


def _as_written(number: str) -> orjson.Fragment:
    return orjson.Fragment(number)


def _int_as_written(number: str) -> int | orjson.Fragment:
    """An integer, unless it is one that orjson cannot write (over 64 bits) or that loses its sign (-0)."""
    if len(number) < 19 and number != "-0":
        return int(number)
    return orjson.Fragment(number)
