"""From the conversations of a revision to the files of an export, on disk and in flat memory."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from uuid import UUID

from training_files.domain.conversation.dialogues import Dialogue
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.exports.export import Export, ExportedFile, ExportRequest, ExportResult
from training_files.domain.exports.placing import AllForTraining, PlacedAsRead, Placing
from training_files.domain.exports.row_facts import facts_of
from training_files.domain.exports.rows import line, sidecar_line
from training_files.domain.exports.splits import Split, SplitRequest
from training_files.domain.exports.tally import ExportTally
from training_files.domain.exports.treatment import TreatedConversation, treated_conversation
from training_files.domain.tokens.estimate import tokens_in
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.stored_file import StoredConversation, StoredFileInvalidError
from training_files.exports.bundling import bundled, file_stem
from training_files.exports.outputs import Outputs, WrittenFile
from training_files.ports.exports import ConversationScores


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
    one revision, or RequestInvalidError when a bundle would be too large.
    """
    placing = PlacedAsRead(split) if split else AllForTraining()
    with Outputs(folder, splits_of(split)) as outputs:
        tally = render_rows(export.request, conversations, scores, outputs, placing)
    files = [_exported(export.request, file) for file in outputs.written()]
    result = ExportResult(
        files=tuple(files),
        splits=placing.tally.proof() if isinstance(placing, PlacedAsRead) else None,
        **tally.summary({file.split: file.bytes for file in outputs.written() if file.kind == "rows"}),
    )
    if export.request.bundle:
        result = result.model_copy(update={"files": (*files, bundled(export, revision, result, folder, split))})
    return result


def splits_of(asked: SplitRequest | None) -> tuple[Split, ...]:
    return asked.asked if asked else ("train",)


def render_rows(
    request: ExportRequest,
    conversations: Iterable[StoredConversation],
    scores: Iterable[ConversationScores],
    outputs: Outputs,
    placing: Placing,
) -> ExportTally:
    """Writes the rows of conversations with their metadata, and counts them. Raises StoredFileInvalidError."""
    rendering = _Rendering(request, outputs, placing)
    for conversation, its_scores in _with_scores(conversations, scores):
        rendering.add(conversation, its_scores)
    return rendering.tally


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


class _Rendering:
    """Conversations go in, in file order; rows go to the outputs, and what is known about them to the tally."""

    def __init__(self, request: ExportRequest, outputs: Outputs, placing: Placing) -> None:
        self.tally = ExportTally(request, outputs.splits)
        self._request = request
        self._outputs = outputs
        self._placing = placing
        self._tokens_of = cache(tokens_in)

    def add(self, conversation: StoredConversation, scores: ConversationScores) -> None:
        self._tokens_of = cache(tokens_in)
        treated = treated_conversation(
            conversation.conversation_id,
            conversation.pairs,
            self._request,
            _by_turn(scores, conversation.pairs),
            consultant=conversation.consultant,
        )
        dialogues = treated.mapped.dialogues
        split = self._placing.split_of(conversation, rows=len(dialogues))
        for dialogue in dialogues:
            self._add_row(dialogue, conversation, scores, split, treated)
        self.tally.add_conversation(treated)

    def _add_row(
        self,
        dialogue: Dialogue,
        conversation: StoredConversation,
        scores: ConversationScores,
        split: Split,
        treated: TreatedConversation,
    ) -> None:
        written = line(dialogue, self._request.format)
        rows = self._outputs.rows[split]
        rows.write(written)
        sidecar = sidecar_line(
            dialogue,
            conversation,
            line_number=rows.lines,
            mean_score=scores.mean,
            treatment=treated.as_metadata(dialogue),
        )
        self._outputs.metadata[split].write(sidecar)
        facts = facts_of(
            dialogue,
            split=split,
            line_bytes=len(written),
            tokens_of=self._tokens_of,
            turns_of=treated.turns_of,
        )
        target_tokens = [self._tokens_of(dialogue.messages[index].content).most for index in self._trained(dialogue)]
        self.tally.add_row(facts, treated.findings_in(dialogue), target_tokens)

    def _trained(self, dialogue: Dialogue) -> tuple[int, ...]:
        """Where the targets are that a row trains on: of a completion, only the last one is."""
        return dialogue.targets[-1:] if self._request.format == "prompt_completion" else dialogue.targets


def _exported(request: ExportRequest, file: WrittenFile) -> ExportedFile:
    return ExportedFile(
        name=file.name,
        kind=file.kind,
        split=file.split,
        rows=file.rows,
        bytes=file.bytes,
        sha256=file.sha256,
        filename=f"{file_stem(request)}.{file.name}",
    )
