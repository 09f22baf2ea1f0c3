"""Whether the two objects of a revision are what its rows say: valid JSON, valid JSONL, nothing lost, nothing twice.

Problems are named by their place and never repeat a text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple

import orjson

from training_files.domain.training_file.formats import TAIL, VERSION
from training_files.domain.training_file.training_file import TrainingFile

PROBLEMS_SHOWN = 5
METADATA = "training_file_metadata"


class Expected(NamedTuple):
    """What the database says of a conversation of the file."""

    conversation_id: str
    training_pairs: int
    trainable_pairs: int
    jsonl_size: int | None


@dataclass(slots=True)
class Verdict:
    """What is wrong with an object, and how much of it was read."""

    bytes: int
    read_bytes: int = 0
    null_targets: int = 0
    problem_count: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def is_valid(self) -> bool:
        return not self.problem_count

    def tell(self, problem: str) -> None:
        self.problem_count += 1
        if len(self.problems) < PROBLEMS_SHOWN:
            self.problems.append(problem)

    def as_json(self) -> dict[str, Any]:
        return {
            "bytes": self.bytes,
            "read_bytes": self.read_bytes,
            "valid": self.is_valid,
            "problem_count": self.problem_count,
            "problems": self.problems,
        }


def look_at_size(verdict: Verdict, stored_bytes: int | None) -> bool:
    """Whether the object is worth reading. `stored_bytes` is what the storage says; None where there is none."""
    if stored_bytes is None:
        verdict.tell("the object is missing in the storage")
    elif stored_bytes != verdict.bytes:
        verdict.tell(f"the object has {stored_bytes:,} bytes instead of {verdict.bytes:,}")
    return verdict.is_valid


def check_json(
    verdict: Verdict, file: IO[bytes], training_file: TrainingFile, expected: Sequence[Expected]
) -> list[Any]:
    """Reads a whole JSON. Returns its conversations, if there are as many as there should be."""
    content = file.read()
    verdict.read_bytes += len(content)
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        verdict.tell(f"it is not valid JSON ({error.msg}, line {error.lineno} column {error.colno})")
        return []
    _check_totals(verdict, _inside(document, METADATA), training_file)
    conversations = _inside(document, "conversations")
    if not isinstance(conversations, list) or len(conversations) != len(expected):
        found = len(conversations) if isinstance(conversations, list) else "no list of them"
        verdict.tell(f"it has {found} conversations instead of {len(expected):,}")
        return []
    for place, (conversation, wanted) in enumerate(zip(conversations, expected, strict=True), 1):
        pairs = _inside(conversation, "training_pairs")
        if _inside(conversation, "conversation_metadata", "conversation_id") != wanted.conversation_id:
            verdict.tell(f"conversation {place} is not {wanted.conversation_id}")
        elif not isinstance(pairs, list) or len(pairs) != wanted.training_pairs:
            verdict.tell(f"conversation {wanted.conversation_id} has not {wanted.training_pairs} training pairs")
    return conversations


def pairs_of(conversation: Any, expected: Expected) -> list[Any]:
    """The training pairs of a conversation in a JSON, if it is the expected one."""
    pairs = _inside(conversation, "training_pairs")
    is_expected = _inside(conversation, "conversation_metadata", "conversation_id") == expected.conversation_id
    return pairs if is_expected and isinstance(pairs, list) else []


def check_json_ends(verdict: Verdict, head: bytes, tail: bytes, training_file: TrainingFile) -> None:
    """Reads the first stretch of a JSON, up to its consultant profile, and the last bytes of it."""
    verdict.read_bytes += len(head) + len(tail)
    try:
        header = orjson.loads(head.rstrip(b",\n") + b"}")
    except orjson.JSONDecodeError:
        verdict.tell("it does not begin as a training file does")
    else:
        _check_totals(verdict, _inside(header, METADATA), training_file)
    if tail != TAIL:
        verdict.tell("it does not end as a training file does")


def check_jsonl(verdict: Verdict, file: IO[bytes], expected: Sequence[Expected]) -> list[int]:
    """Reads a whole JSONL. Returns where the lines of each conversation begin, as far as it was followed."""
    offsets = []
    for wanted in expected:
        offsets.append(file.tell())
        lines = [file.readline() for _ in range(wanted.trainable_pairs)]
        check_lines(verdict, lines, wanted)
        if b"" in lines:
            break
    else:
        if file.readline():
            verdict.tell("it goes on behind the lines of the last conversation")
    return offsets


def check_lines(verdict: Verdict, lines: Sequence[bytes], wanted: Expected) -> None:
    """Holds the lines of one conversation to what the database says of it."""
    size = sum(map(len, lines))
    verdict.read_bytes += size
    problem = next(_problems_of_lines(verdict, lines, wanted), None)
    if problem:
        verdict.tell(f"conversation {wanted.conversation_id}: {problem}")
    elif wanted.jsonl_size not in (None, size):
        verdict.tell(
            f"conversation {wanted.conversation_id}: its lines have {size:,} bytes instead of {wanted.jsonl_size:,}"
        )


def _problems_of_lines(verdict: Verdict, lines: Sequence[bytes], wanted: Expected) -> Iterator[str]:
    if len(lines) != wanted.trainable_pairs or b"" in lines:
        yield f"it has not {wanted.trainable_pairs} lines"
    for number, line in enumerate(lines, 1):
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            yield f"line {number} of it is not valid JSON"
            continue
        if not line.endswith(b"\n"):
            yield f"line {number} of it does not end"
        if _inside(value, "conversation_id") != wanted.conversation_id:
            yield f"line {number} of it is of another conversation"
        target = _inside(value, "target_response")
        if not isinstance(target, str) or not target:
            verdict.null_targets += 1
            yield f"line {number} of it has no target"


def _check_totals(verdict: Verdict, metadata: Any, training_file: TrainingFile) -> None:
    wanted = {
        "version": VERSION,
        "total_conversations": training_file.conversation_count,
        "total_training_pairs": training_file.total_training_pairs,
    }
    for key, value in wanted.items():
        found = _inside(metadata, key)
        if found != value:
            verdict.tell(f"its metadata has another {key} than the database")


def _inside(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
