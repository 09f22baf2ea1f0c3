"""Reading our own full JSON back from disk, one conversation at a time.

`formats` indents every file alike, and a string never holds a raw line break. So an element of `conversations` is the
lines from `    {` to the next `    }`, and nothing else in a file looks like them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any

import orjson
from pydantic import TypeAdapter, ValidationError

from training_files.domain.conversation.enriched_file import TrainingPairModel

CONVERSATIONS_BEGIN = b'  "conversations": [\n'
CONVERSATIONS_END = b"  ]\n"
ELEMENT_BEGINS = b"    {\n"
ELEMENT_ENDS = (b"    },\n", b"    }\n")

_PAIRS = TypeAdapter(list[TrainingPairModel])


class StoredFileInvalidError(Exception):
    """What was read is not a whole full JSON of ours: bytes were lost on the way, or were never ours."""


@dataclass(frozen=True)
class StoredConversation:
    """An element of `conversations`: its `conversation_metadata` as it stands, its pairs to compute with.

    `consultant` is the name in the file's consultant profile.
    """

    conversation_id: str
    metadata: dict[str, Any]
    pairs: list[TrainingPairModel]
    consultant: str | None = None

    @cached_property
    def pairs_by_id(self) -> dict[str, TrainingPairModel]:
        """Made once: each row of an export looks its pairs up."""
        return {pair.id: pair for pair in self.pairs}

    @property
    def scaffolding(self) -> dict[str, str | None]:
        """persona_key, persona_name, emotional_arc_key, emotional_arc, training_topic_key, training_topic."""
        found: dict[str, str | None] = self.metadata["scaffolding"]
        return found


def conversations_in(file: IO[bytes]) -> Iterator[StoredConversation]:
    """The conversations of a full JSON, in file order; memory holds one at a time.

    Raises StoredFileInvalidError when the file ends early or an element is none.
    """
    consultant = consultant_in(file)
    yield from _elements(file, consultant)


def consultant_in(file: IO[bytes]) -> str | None:
    """The name in the consultant profile, read up to where the conversations begin.

    Raises StoredFileInvalidError when they do not begin.
    """
    head: list[bytes] = []
    for line in file:
        if line == CONVERSATIONS_BEGIN:
            return _consultant(head)
        head.append(line)
    raise StoredFileInvalidError("it has no list of conversations")


def conversations_of(stretch: IO[bytes], consultant: str | None) -> Iterator[StoredConversation]:
    """The conversations of a stretch of a full JSON, from the begin of one to behind the line in which one ends.

    Raises StoredFileInvalidError when the stretch is not of whole conversations.
    """
    element: list[bytes] = []
    for line in stretch:
        element.append(line)
        if line in ELEMENT_ENDS:
            yield _conversation(element, consultant)
            element = []
    if element:
        raise StoredFileInvalidError("a stretch of it ends within a conversation")


def _consultant(head: list[bytes]) -> str | None:
    try:
        profile = orjson.loads(b"".join([*head, b'"conversations": []}'])).get("consultant_profile")
    except orjson.JSONDecodeError as error:
        raise StoredFileInvalidError("what stands before its conversations cannot be read") from error
    name = profile.get("name") if isinstance(profile, dict) else None
    return name if isinstance(name, str) else None


def _elements(file: IO[bytes], consultant: str | None) -> Iterator[StoredConversation]:
    element: list[bytes] = []
    for line in file:
        element.append(line)
        if line in ELEMENT_ENDS:
            yield _conversation(element, consultant)
            element = []
        elif element == [CONVERSATIONS_END]:
            return
    raise StoredFileInvalidError("it ends within its conversations")


def _conversation(element: list[bytes], consultant: str | None) -> StoredConversation:
    if element[0] != ELEMENT_BEGINS:
        raise StoredFileInvalidError("a conversation does not begin where one should")
    try:
        value = orjson.loads(b"".join(element).rstrip(b",\n"))
        metadata = value["conversation_metadata"]
        return StoredConversation(
            metadata["conversation_id"], metadata, _PAIRS.validate_python(value["training_pairs"]), consultant
        )
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise StoredFileInvalidError("a conversation cannot be read") from error
    except ValidationError as error:
        # Pydantic's words may name fields of the file, never what they hold.
        raise StoredFileInvalidError(f"a conversation has {error.error_count()} faults") from error
