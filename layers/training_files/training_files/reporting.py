"""The quality report of a training file: its rows, its two objects, its sources and a sample, looked at anew."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, TypeVar

import orjson
from pydantic import ValidationError

from training_files.deadline import in_this_time
from training_files.domain.formats import TAIL
from training_files.domain.report.objects import (
    Verdict,
    check_json,
    check_json_ends,
    check_jsonl,
    check_lines,
    look_at_size,
)
from training_files.domain.report.sample import Pick, laid_out
from training_files.domain.report.tally import ReportTally
from training_files.domain.report.whole import objects_of, report_of, sources_of
from training_files.errors import TrainingFileProcessingError, UpstreamUnavailableError
from training_files.ports.objects import ObjectMissingError, ObjectTooLargeError, StoredPart
from training_files.ports.rows import RevisionSurroundings, SourceDoubt
from training_files.records import Membership, Revision, TrainingFile

if TYPE_CHECKING:
    from uuid import UUID

    from training_files.service import TrainingFileService

ROWS_AT_ONCE = 1000
# About 450 conversations of 56 KB. Of what is larger, only stretches are read.
LARGEST_READ_WHOLE_BYTES = 25 * 1024 * 1024
# A stretch of the sample holds the lines of one conversation; most have a hundredth of this.
LARGEST_STRETCH_BYTES = 8 * 1024 * 1024
SOURCES_COMPARED = 100
SOURCES_COMPARED_BYTES = 50 * 1024 * 1024
SOURCES_SHOWN = 50
READ_AT_ONCE = 8

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True)
class _Reading:
    """What is known of the objects of a revision once they were looked at."""

    json: Verdict
    jsonl: Verdict
    checked: str
    pairs: list[dict[str, Any]] = field(default_factory=list)


class Reporter:
    """Reports for a service, with its ports and owner."""

    def __init__(self, service: "TrainingFileService") -> None:
        self._service = service
        self._store = service.stores.training_files

    def report(self, training_file_id: "UUID", *, seed: int | None) -> dict[str, Any]:
        """Raises TrainingFileNotFoundError, or TrainingFileProcessingError when there is no revision yet."""
        training_file = self._service.existing(training_file_id)
        revision = self._service.repository.get_revision(training_file_id, number=training_file.revision)
        if revision is None:
            raise TrainingFileProcessingError(training_file_id)
        seed = revision.number if seed is None else seed
        tally = ReportTally(f"{training_file_id}:{seed}")
        tally.take(self._memberships(revision))
        around = self._service.repository.revision_surroundings(
            training_file_id, revision=revision.number, limit=SOURCES_COMPARED
        )
        reading = self._read(training_file, revision, around, tally)
        return report_of(
            training_file,
            tally.figures(),
            objects=objects_of(reading.json, reading.jsonl, checked=reading.checked),
            sources=self._sources(around),
            sample={"seed": seed, "pairs": reading.pairs},
        )

    def _memberships(self, revision: Revision) -> Iterator[Membership]:
        position = 0
        while page := self._service.repository.list_memberships(
            revision.training_file_id, revision=revision.number, limit=ROWS_AT_ONCE, after_position=position
        ):
            yield from page
            position = page[-1].position

    def _read(
        self, training_file: TrainingFile, revision: Revision, around: RevisionSurroundings, tally: ReportTally
    ) -> _Reading:
        json, jsonl = Verdict(revision.json_file_size or 0), Verdict(revision.jsonl_file_size or 0)
        is_small = max(json.bytes, jsonl.bytes) <= LARGEST_READ_WHOLE_BYTES
        reading = _Reading(json, jsonl, "all" if is_small else "samples")
        with TemporaryDirectory(prefix="training-files-") as folder:
            objects = _Objects(self._store, revision, Path(folder))
            if look_at_size(json, around.json_object_bytes):
                read_json = objects.read_json if is_small else objects.read_json_ends
                read_json(json, training_file, tally)
            if look_at_size(jsonl, around.jsonl_object_bytes):
                read_jsonl = objects.read_jsonl if is_small else objects.read_jsonl_stretches
                reading.pairs = read_jsonl(jsonl, tally)
        return reading

    def _sources(self, around: RevisionSurroundings) -> dict[str, Any]:
        """Reads as many of the files in doubt again as can be waited for."""
        gone = [doubt for doubt in around.doubts if doubt.reason != "newer"]
        in_doubt = list(_up_to(SOURCES_COMPARED_BYTES, [doubt for doubt in around.doubts if doubt.reason == "newer"]))
        compared = [change for change in _concurrently(self._change_of, in_doubt) if change]
        changes = [_change(doubt, doubt.reason) for doubt in gone] + compared
        return sources_of(
            changes,
            compared=len(in_doubt),
            not_checked=around.doubts_total - len(gone) - len(in_doubt),
            shown=SOURCES_SHOWN,
        )

    def _change_of(self, doubt: SourceDoubt) -> dict[str, Any] | None:
        try:
            content = self._service.stores.enriched_files.read(doubt.enriched_file_path or "")
        except ObjectMissingError:
            return _change(doubt, "file_missing")
        except ObjectTooLargeError:
            # It was small enough when it was added.
            return _change(doubt, "changed")
        is_same = hashlib.sha256(content).hexdigest() == doubt.enriched_sha256
        return None if is_same else _change(doubt, "changed")


class _Objects:
    """The objects of one revision, read into a folder that is gone afterwards."""

    def __init__(self, store: Any, revision: Revision, folder: Path) -> None:
        self._store = store
        self._revision = revision
        self._folder = folder

    def read_json(self, verdict: Verdict, training_file: TrainingFile, tally: ReportTally) -> None:
        with self._downloaded("training.json", self._json(0, verdict.bytes)) as file:
            check_json(verdict, file, training_file, tally.expected)

    def read_json_ends(self, verdict: Verdict, training_file: TrainingFile, _tally: ReportTally) -> None:
        head, tail = _concurrently(
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
        read = dict(zip(wanted, _concurrently(self._stretch, list(wanted.values())), strict=True))
        lines = {key: content.splitlines(keepends=True) for key, content in read.items()}
        for key, found in lines.items():
            check_lines(verdict, found, expected[key])
        return [
            pair for pick in picks for pair in _laid_out(pick, lines.get(str(pick.stretch.member.conversation_id), []))
        ]

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


def _up_to(most_bytes: int, doubts: Sequence[SourceDoubt]) -> Iterator[SourceDoubt]:
    total = 0
    for doubt in doubts:
        total += doubt.bytes
        if total > most_bytes:
            return
        yield doubt


def _change(doubt: SourceDoubt, change: str) -> dict[str, Any]:
    return {"conversation_id": str(doubt.conversation_id), "change": change}


def _concurrently(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    with ThreadPoolExecutor(READ_AT_ONCE) as executor:
        return list(executor.map(in_this_time(function), items))
