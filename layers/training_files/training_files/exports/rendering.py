"""From the conversations of a revision to the files of an export, on disk and in flat memory."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import IO, Any, Literal, Self
from uuid import UUID

from training_files.domain.conversation.content import content_sha256
from training_files.domain.conversation.dialogues import Dialogue, LeftOut, Mapped
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.conversation.signature import signature_of
from training_files.domain.exports.bundle import Bundle, BundledFile, Treatment, archived_files
from training_files.domain.exports.bundle_texts import bundle_texts
from training_files.domain.exports.export import Export, ExportedFile, ExportRequest, ExportResult
from training_files.domain.exports.groups import Groups
from training_files.domain.exports.lengths import LengthTally
from training_files.domain.exports.readiness import ReadinessTally
from training_files.domain.exports.row_facts import facts_of
from training_files.domain.exports.rows import line, sidecar_line
from training_files.domain.exports.split_proof import SplitTally
from training_files.domain.exports.splits import Split, SplitRequest, assignment
from training_files.domain.exports.treatment import TreatedConversation, TreatmentTally, treated_conversation
from training_files.domain.health.findings import is_unhealthy
from training_files.domain.tokens.estimate import tokens_in
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.stored_file import StoredConversation, StoredFileInvalidError
from training_files.exports.archive import ZipEntry, write_zip
from training_files.ports.exports import ConversationScores

PLACES_SHOWN = 20
# What every service takes as a file name; Amazon Nova takes nothing else.
NOT_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")


def render_export(
    export: Export,
    revision: Revision,
    conversations: Iterable[StoredConversation],
    scores: Iterable[ConversationScores],
    folder: Path,
    split: SplitRequest | None,
) -> ExportResult:
    """Writes the files of an export into a folder, and says what is in them. `split` is what its request comes to.

    The bytes depend on the arguments alone. Raises StoredFileInvalidError when conversations and scores are not of
    one revision.
    """
    with _Rendering(export.request, folder, split) as rendering:
        for conversation, its_scores in _with_scores(conversations, scores):
            rendering.add(conversation, its_scores)
    result = rendering.result()
    if export.request.bundle:
        bundled = _bundled(export, revision, result, folder, split)
        result = result.model_copy(update={"files": (*result.files, bundled)})
    return result


def _with_scores(
    conversations: Iterable[StoredConversation], scores: Iterable[ConversationScores]
) -> Iterator[tuple[StoredConversation, ConversationScores]]:
    rest = iter(scores)
    for conversation in conversations:
        score = next(rest, None)
        if score is None or score.conversation_id != UUID(conversation.conversation_id):
            raise StoredFileInvalidError("its conversations are not those that the database knows")
        yield conversation, score
    if next(rest, None) is not None:
        raise StoredFileInvalidError("its conversations are fewer than those that the database knows")


def _by_turn(scores: ConversationScores, pairs: Sequence[TrainingPairModel]) -> dict[int, Decimal | None]:
    """The score that counts for each pair: the row's, which all of its pairs got, or else its own."""
    if scores.score_count == len(pairs) and scores.min_quality_score == scores.max_quality_score:
        return dict.fromkeys((pair.turn_number for pair in pairs), scores.min_quality_score)
    own = {pair.turn_number: pair.quality_score for pair in pairs}
    return {turn: None if score is None else Decimal(str(score)) for turn, score in own.items()}


class _Output:
    """One file on its way to disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = 0
        self.bytes = 0
        self._sha256 = hashlib.sha256()
        self._file: IO[bytes] = path.open("wb")

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self._sha256.update(content)
        self.bytes += len(content)
        self.lines += 1

    def close(self) -> None:
        self._file.close()

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()


class _Rendering:
    """An export on its way: conversations go in, in file order; files and everything known about them come out."""

    def __init__(self, request: ExportRequest, folder: Path, asked: SplitRequest | None) -> None:
        self._request = request
        self._folder = folder
        self._files = ExitStack()
        self._asked = asked
        self._groups = Groups()
        self._split_tally = SplitTally(asked) if asked else None
        self._splits: tuple[Split, ...] = asked.asked if asked else ("train",)
        self._rows = {one: self._output(f"{one}.jsonl") for one in self._splits}
        self._metadata = {one: self._output(f"{one}.metadata.jsonl") for one in self._splits}
        self._lengths = LengthTally()
        self._tokens_of = cache(tokens_in)
        self._readiness = ReadinessTally(request.format, request.granularity, self._splits[1:])
        self._left_out: Counter[str] = Counter()
        self._left_out_places: list[dict[str, Any]] = []
        self._mismatch_places: list[dict[str, Any]] = []
        self._totals = Counter(dict.fromkeys(("rows", "conversations", "trained_targets", "characters"), 0))
        self._mismatches = 0
        self._treatment = TreatmentTally(request)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def add(self, conversation: StoredConversation, scores: ConversationScores) -> None:
        self._tokens_of = cache(tokens_in)
        treated = treated_conversation(
            conversation.conversation_id,
            conversation.pairs,
            self._request,
            _by_turn(scores, conversation.pairs),
            consultant=conversation.consultant,
        )
        outcome = treated.mapped
        split = self._split_of(conversation, rows=len(outcome.dialogues))
        for dialogue in outcome.dialogues:
            self._add_row(dialogue, conversation, scores, split, treated)
        self._count(conversation, outcome)
        self._treatment.add(treated)

    def result(self) -> ExportResult:
        """What is in the files, which are closed by now."""
        return ExportResult(
            files=tuple(self._exported_files()),
            totals={**self._totals, "estimated_tokens": self._lengths.total_tokens},
            left_out={"by_reason": dict(sorted(self._left_out.items())), "places": self._left_out_places},
            history_mismatch={"count": self._mismatches, "places": self._mismatch_places},
            **self._treatment.summary(),
            splits=self._split_tally.proof() if self._split_tally else None,
            lengths=self._lengths.summary(),
            readiness=tuple(self._readiness.readiness({split: out.bytes for split, out in self._rows.items()})),
        )

    def _split_of(self, conversation: StoredConversation, *, rows: int) -> Split:
        if self._asked is None or self._split_tally is None:
            return "train"
        content = content_sha256(conversation.pairs)
        member = self._groups.add(conversation.conversation_id, content, signature_of(conversation.pairs))
        split = assignment(member.leader, self._asked)
        self._split_tally.add(
            split,
            conversation.conversation_id,
            content_sha256=content,
            scaffolding=conversation.scaffolding,
            rows=rows,
            member=member,
        )
        return split

    def _add_row(
        self,
        dialogue: Dialogue,
        conversation: StoredConversation,
        scores: ConversationScores,
        split: Split,
        treated: TreatedConversation,
    ) -> None:
        written = line(dialogue, self._request.format)
        self._rows[split].write(written)
        number = self._rows[split].lines
        findings = treated.findings_in(dialogue)
        sidecar = sidecar_line(
            dialogue, conversation, line_number=number, mean_score=scores.mean, treatment=treated.as_metadata(dialogue)
        )
        self._metadata[split].write(sidecar)
        self._treatment.add_row(findings)

        facts = facts_of(
            dialogue,
            split=split,
            line_bytes=len(written),
            tokens_of=self._tokens_of,
            turns_of=treated.turns_of,
        )
        self._readiness.add(facts, is_unhealthy=is_unhealthy(findings))
        self._lengths.add_row(facts.tokens)
        targets = self._trained(dialogue)
        for index in targets:
            self._lengths.add_target(self._tokens_of(dialogue.messages[index].content).most)
        self._totals.update(rows=1, trained_targets=len(targets), characters=facts.characters)

    def _trained(self, dialogue: Dialogue) -> tuple[int, ...]:
        """Where the targets are that a row trains on: of a completion, only the last one is."""
        return dialogue.targets[-1:] if self._request.format == "prompt_completion" else dialogue.targets

    def _count(self, conversation: StoredConversation, outcome: Mapped) -> None:
        self._totals["conversations"] += bool(outcome.dialogues)
        self._left_out.update(left_out.reason for left_out in outcome.left_out)
        room = PLACES_SHOWN - len(self._left_out_places)
        self._left_out_places += [_place(left_out) for left_out in outcome.left_out[:room]]
        self._mismatches += len(outcome.history_mismatches)
        room = PLACES_SHOWN - len(self._mismatch_places)
        self._mismatch_places += [
            {"conversation_id": conversation.conversation_id, "turn": turn}
            for turn in outcome.history_mismatches[:room]
        ]

    def _exported_files(self) -> Iterator[ExportedFile]:
        for split in self._splits:
            yield self._exported("rows", split, self._rows[split])
            yield self._exported("metadata", split, self._metadata[split])

    def _exported(self, kind: Literal["rows", "metadata"], split: Split, output: _Output) -> ExportedFile:
        return ExportedFile(
            name=output.path.name,
            kind=kind,
            split=split,
            rows=output.lines,
            bytes=output.bytes,
            sha256=output.sha256,
            filename=f"{_file_stem(self._request)}.{output.path.name}",
        )

    def _output(self, name: str) -> _Output:
        output = _Output(self._folder / name)
        self._files.callback(output.close)
        return output


def _bundled(
    export: Export, revision: Revision, result: ExportResult, folder: Path, split: SplitRequest | None
) -> ExportedFile:
    """Everything in one archive, dated like the revision."""
    bundle = _bundle(export, result, split)
    entries = [
        *(ZipEntry(name, folder / file.name) for name, file in archived_files(bundle).items()),
        *(ZipEntry(name, text) for name, text in bundle_texts(bundle).items()),
    ]
    path = folder / "bundle.zip"
    with path.open("wb") as target:
        write_zip(target, entries, dated=revision.finished_at or revision.created_at)
    with path.open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    return ExportedFile(
        name=path.name,
        kind="bundle",
        split=None,
        rows=None,
        bytes=path.stat().st_size,
        sha256=sha256,
        filename=f"{_file_stem(export.request)}.zip",
    )


def _bundle(export: Export, result: ExportResult, split: SplitRequest | None) -> Bundle:
    request = export.request
    return Bundle(
        training_file_id=str(export.training_file_id),
        training_file_name=request.name,
        revision=export.revision,
        tags=request.tags,
        format=request.format,
        granularity=request.granularity,
        split=split,
        files=[
            BundledFile(file.name, file.kind, file.split, file.rows or 0, file.bytes, file.sha256)
            for file in result.files
            if file.kind != "bundle" and file.split
        ],
        totals=result.totals,
        left_out=result.left_out,
        splits=result.splits,
        lengths=result.lengths,
        readiness=result.readiness,
        treatment=_treatment(request, result),
        target_model=request.target_model,
    )


def _treatment(request: ExportRequest, result: ExportResult) -> Treatment:
    return Treatment(
        request.model_dump(mode="json", include={"filter", "repair", "redact"}),
        health=result.health or {},
        filtered=result.filtered,
        repaired=result.repaired,
        redacted=result.redacted,
    )


def _file_stem(request: ExportRequest) -> str:
    """What downloads are called: the training file, the format, and the granularity where it is not the usual one."""
    name = NOT_IN_FILE_NAMES.sub("-", request.name).strip("-.") or "training-file"
    return f"{name}.{request.format}" + (".turn" if request.granularity == "turn" else "")


def _place(left_out: LeftOut) -> dict[str, Any]:
    return {"conversation_id": left_out.conversation_id, "turn": left_out.turn, "reason": left_out.reason}
