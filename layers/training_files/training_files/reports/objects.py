"""Reading the two objects of a revision: whole, or of large ones the ends and the sampled stretches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import orjson
from pydantic import ValidationError

from training_files.domain.report.objects import (
    Expected,
    Verdict,
    check_json,
    check_json_ends,
    check_jsonl,
    check_lines,
    look_at_size,
    pairs_of,
)
from training_files.domain.report.sample import Pick, laid_out
from training_files.domain.report.tally import ReportTally
from training_files.domain.training_file.formats import TAIL
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.training_file import TrainingFile
from training_files.errors import UpstreamUnavailableError
from training_files.ports.objects import ObjectMissingError, ObjectStore, StoredPart
from training_files.ports.reports import RevisionSurroundings
from training_files.reports.concurrently import concurrently

# About 450 conversations of 56 KB. Of what is larger, only stretches are read.
LARGEST_READ_WHOLE_BYTES = 25 * 1024 * 1024
# A stretch of the sample holds the lines of one conversation; most have a hundredth of this.
LARGEST_STRETCH_BYTES = 8 * 1024 * 1024
# Of all conversations from which excerpts are taken.
LARGEST_EXCERPTS_BYTES = 16 * 1024 * 1024


@dataclass(slots=True)
class Reading:
    """What is known of the objects of a revision once they were read. `checked` is `all` or `samples`."""

    json: Verdict
    jsonl: Verdict
    checked: str
    pairs: list[dict[str, Any]] = field(default_factory=list)


def read_objects(
    store: ObjectStore,
    training_file: TrainingFile,
    revision: Revision,
    surroundings: RevisionSurroundings,
    tally: ReportTally,
) -> Reading:
    """Raises UpstreamUnavailableError when an object is removed while it is read."""
    json, jsonl = Verdict(revision.json_file_size or 0), Verdict(revision.jsonl_file_size or 0)
    is_small = max(json.bytes, jsonl.bytes) <= LARGEST_READ_WHOLE_BYTES
    reading = Reading(json, jsonl, "all" if is_small else "samples")
    with TemporaryDirectory(prefix="training-files-") as folder:
        objects = _Objects(store, revision, Path(folder))
        if look_at_size(json, surroundings.json_object_bytes):
            read_json = objects.read_json if is_small else objects.read_json_ends
            read_json(json, training_file, tally)
        if look_at_size(jsonl, surroundings.jsonl_object_bytes):
            read_jsonl = objects.read_jsonl if is_small else objects.read_jsonl_stretches
            reading.pairs = read_jsonl(jsonl, tally)
    return reading


class _Objects:
    """The objects of one revision, read into a folder that is gone afterwards."""

    def __init__(self, store: ObjectStore, revision: Revision, folder: Path) -> None:
        self._store = store
        self._revision = revision
        self._folder = folder

    def read_json(self, verdict: Verdict, training_file: TrainingFile, tally: ReportTally) -> None:
        with self._downloaded("training.json", self._json(0, verdict.bytes)) as file:
            conversations = check_json(verdict, file, training_file, tally.expected)
        for expected, conversation in zip(tally.expected, conversations, strict=False):
            tally.excerpts.look_in(expected.conversation_id, pairs_of(conversation, expected))

    def read_json_ends(self, verdict: Verdict, training_file: TrainingFile, _tally: ReportTally) -> None:
        head, tail = concurrently(
            self._stretch,
            [
                self._json(0, self._revision.json_body_offset or 0),
                self._json(verdict.bytes - len(TAIL), verdict.bytes),
            ],
        )
        check_json_ends(verdict, head, tail, training_file)

    def read_jsonl(self, verdict: Verdict, tally: ReportTally) -> list[dict[str, Any]]:
        with self._downloaded("training.jsonl", self._jsonl(0, verdict.bytes)) as file:
            offsets = check_jsonl(verdict, file, tally.expected)
            places = {wanted.conversation_id: offset for wanted, offset in zip(tally.expected, offsets, strict=False)}
            found = []
            for pick in tally.sample.picks():
                offset = places.get(str(pick.stretch.member.conversation_id))
                if offset is not None:
                    file.seek(offset)
                    lines = [file.readline() for _ in range(pick.line + 1)]
                    found += _laid_out(pick, lines)
        return found

    def read_jsonl_stretches(self, verdict: Verdict, tally: ReportTally) -> list[dict[str, Any]]:
        """The lines of the first, the last and the sampled conversations."""
        expected = {wanted.conversation_id: wanted for wanted in tally.expected}
        first, last = tally.expected[0], tally.expected[-1]
        parts: dict[str, StoredPart] = {}
        if first.jsonl_size:
            parts[first.conversation_id] = self._jsonl(0, first.jsonl_size)
        if last.jsonl_size:
            parts[last.conversation_id] = self._jsonl(verdict.bytes - last.jsonl_size, verdict.bytes)
        picks = tally.sample.picks()
        for stretch in (pick.stretch for pick in picks):
            if stretch.offset is not None and stretch.analysis:
                end = stretch.offset + stretch.analysis.jsonl_size
                parts[str(stretch.member.conversation_id)] = self._jsonl(stretch.offset, end)
        wanted = {key: part for key, part in parts.items() if part.size <= LARGEST_STRETCH_BYTES}
        wanted |= self._stretches_of_excerpts(tally, expected, known=wanted)
        read = dict(zip(wanted, concurrently(self._stretch, list(wanted.values())), strict=True))
        lines = {key: content.splitlines(keepends=True) for key, content in read.items()}
        for key, found in lines.items():
            check_lines(verdict, found, expected[key])
            tally.excerpts.look_in(key, list(_values_of(found)))
        return [
            pair for pick in picks for pair in _laid_out(pick, lines.get(str(pick.stretch.member.conversation_id), []))
        ]

    def _stretches_of_excerpts(
        self, tally: ReportTally, expected: Mapping[str, Expected], *, known: Mapping[str, StoredPart]
    ) -> dict[str, StoredPart]:
        """The lines of conversations in which something was found, up to a bound for all of them."""
        parts: dict[str, StoredPart] = {}
        room = LARGEST_EXCERPTS_BYTES
        for key in tally.excerpts.conversation_ids:
            offset, size = tally.offset_of(key), expected[key].jsonl_size
            if key not in known and offset is not None and size and size <= room:
                parts[key] = self._jsonl(offset, offset + size)
                room -= size
        return parts

    def _downloaded(self, name: str, part: StoredPart) -> IO[bytes]:
        path = self._folder / name
        with path.open("wb") as target:
            self._fetch(part, target)
        return path.open("rb")

    def _stretch(self, part: StoredPart) -> bytes:
        with self._downloaded(f"{part.path.replace('/', '-')}-{part.start}", part) as file:
            return file.read()

    def _fetch(self, part: StoredPart, target: IO[bytes]) -> None:
        try:
            self._store.download(part, target)
        except ObjectMissingError as error:
            raise UpstreamUnavailableError("The training file was changed while it was read. Try again.") from error

    def _json(self, start: int, end: int) -> StoredPart:
        return StoredPart(self._revision.json_file_path, start, end)

    def _jsonl(self, start: int, end: int) -> StoredPart:
        return StoredPart(self._revision.jsonl_file_path, start, end)


def _laid_out(pick: Pick, lines: Sequence[bytes]) -> list[dict[str, Any]]:
    """The picked one of the lines of a conversation; nothing where it is none, which the verdict tells."""
    if len(lines) <= pick.line:
        return []
    try:
        return [laid_out(pick, lines[pick.line])]
    except (orjson.JSONDecodeError, ValidationError):
        return []


def _values_of(lines: Sequence[bytes]) -> Iterator[Any]:
    """Of lines that are JSON. What others are, the verdict tells."""
    for line in lines:
        try:
            yield orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
