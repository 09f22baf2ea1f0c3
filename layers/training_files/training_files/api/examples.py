"""Examples for the description of the API, made by the very functions that answer and refuse."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from training_files.api import answers
from training_files.domain.analysis.conversation_analysis import analysis_of
from training_files.domain.balance.suggestions import suggested
from training_files.domain.conversation import faults
from training_files.domain.conversation.conversation import Candidate
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import (
    Export,
    ExportedFile,
    ExportFormat,
    ExportRequest,
    ExportResult,
    ExportSplit,
    OfferedExport,
)
from training_files.domain.exports.lengths import LengthTally
from training_files.domain.exports.readiness import ReadinessTally
from training_files.domain.exports.row_facts import RowFacts
from training_files.domain.exports.splits import SplitRequest, SplitTally
from training_files.domain.health.findings import Finding, Warnings
from training_files.domain.report.objects import Verdict
from training_files.domain.report.sample import laid_out
from training_files.domain.report.tally import ReportTally
from training_files.domain.report.whole import objects_of, report_of, sources_of
from training_files.domain.training_file.revision import Membership, Revision
from training_files.domain.training_file.training_file import BuiltTrainingFile, TrainingFile, TrainingFilePage
from training_files.errors import (
    ConversationsAlreadyInFileError,
    ConversationValidationError,
    ExportNotFoundError,
    IdempotencyKeyReusedError,
    NameTakenError,
    NothingToRetryError,
    NotSetUpError,
    RequestInProgressError,
    RequestInvalidError,
    TrainingFileArchivedError,
    TrainingFileBusyError,
    TrainingFileNotFoundError,
    TrainingFileProcessingError,
    TrainingFilesError,
    UnauthorizedError,
    UpstreamUnavailableError,
)

FILE_ID = UUID("7c0e4a52-61d3-4c1e-9a55-2f6d1b8e9c10")
REVISION_ID = UUID("3d5b9e1f-0c47-4c39-8a0b-5e2f7d6c4b21")
EXPORT_ID = UUID("c2f7e6a1-5b3d-4e90-8f14-6a9d0c7b2e55")
OWNER_ID = UUID("b1a7c3d9-4e58-4f02-9d6a-8c7b5e4f3a12")
CONVERSATION_IDS = (UUID("5f2c8b7e-93a4-4d61-b0c8-1e7d6f5a4b33"), UUID("e8d4a1c6-27b5-4f93-8a1d-9c0b3e6f7d44"))
REQUEST_ID = "JKJaXmPLvHcESHA="
CREATED_AT = datetime(2026, 2, 1, 12, 0, 0, 250_000, tzinfo=UTC)

FILE = TrainingFile(
    id=FILE_ID,
    name="First file",
    description="For the spring release.",
    json_file_path=f"{REVISION_ID}/training.json",
    jsonl_file_path=f"{REVISION_ID}/training.jsonl",
    target_model="mistral-7b",
    vertical="financial_planning_consultant",
    conversation_count=2,
    total_training_pairs=12,
    trainable_pairs=6,
    json_file_size=113_204,
    jsonl_file_size=98_417,
    avg_quality_score=Decimal("4.25"),
    min_quality_score=Decimal("3.5"),
    max_quality_score=Decimal(5),
    human_reviewed_count=3,
    scaffolding_distribution={
        "personas": {"anxious_planner": 1, "late_saver": 1},
        "emotional_arcs": {"fear_to_confidence": 2},
        "training_topics": {"retirement": 1, "debt": 1},
    },
    status="active",
    revision=1,
    last_updated_at=CREATED_AT,
    created_by=OWNER_ID,
    created_at=CREATED_AT,
    updated_at=CREATED_AT,
)
REVISION = Revision(
    id=REVISION_ID,
    training_file_id=FILE_ID,
    number=1,
    status="committed",
    json_file_path=f"{REVISION_ID}/training.json",
    jsonl_file_path=f"{REVISION_ID}/training.jsonl",
    json_file_size=FILE.json_file_size,
    jsonl_file_size=FILE.jsonl_file_size,
    totals={"conversation_count": 2, "total_training_pairs": 12, "trainable_pairs": 6},
    created_by=OWNER_ID,
    created_at=CREATED_AT,
    finished_at=CREATED_AT + timedelta(seconds=2),
)
IDS = [str(conversation_id) for conversation_id in CONVERSATION_IDS]
EXPORTED_AS: tuple[ExportFormat, Granularity] = ("messages", "conversation")
PAIR: dict[str, Any] = {
    "id": "retirement_turn2",
    "turn_number": 2,
    "conversation_metadata": {
        "client_persona": "Jordan Ellis - The Anxious Planner",
        "emotional_arc": "Fear → Confidence",
    },
    "system_prompt": "You are a warm, precise financial planner.",
    "conversation_history": [{"role": "user", "content": "I am 45 and have saved nothing. Is it too late?"}],
    "current_user_input": "I am 45 and have saved nothing. Is it too late?",
    "target_response": "It is not. Twenty years are a long time for money to grow; let us look at the first step.",
    "training_metadata": {"quality_score": 4.25, "human_reviewed": True},
}
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
LINK = "https://abcdefgh.supabase.co/storage/v1/object/sign/training-files"
NOT_ENRICHED = faults.not_enriched(CONVERSATION_IDS[1], "validated")
CUT_OFF = Finding("truncated_target", "error", IDS[0], 6, "It ends without terminal punctuation.")

# One of each, as it might be raised.
ERRORS: tuple[TrainingFilesError, ...] = (
    RequestInvalidError(
        "The request is not valid: conversation_ids: Field required.",
        [{"field": "conversation_ids", "message": "Field required"}],
    ),
    ConversationValidationError([NOT_ENRICHED]),
    UnauthorizedError("The access token has expired. Sign in again."),
    TrainingFileNotFoundError(FILE_ID),
    ExportNotFoundError(FILE_ID, EXPORT_ID),
    ConversationsAlreadyInFileError([faults.already_in_file(CONVERSATION_IDS[0])]),
    NameTakenError(FILE.name),
    TrainingFileArchivedError(FILE_ID),
    TrainingFileProcessingError(FILE_ID),
    NothingToRetryError(FILE_ID),
    IdempotencyKeyReusedError(),
    RequestInProgressError(),
    TrainingFileBusyError(FILE_ID),
    NotSetUpError(
        "A table or function that Training Files needs is missing in the Supabase project. Run `make migrate`."
    ),
    UpstreamUnavailableError("Supabase did not answer in time. Try again."),
    TrainingFilesError("Something went wrong on our side."),
)


def training_files() -> Any:
    return answers.training_files_answer(TrainingFilePage(files=(FILE,), next_cursor=None))


def training_file() -> Any:
    return answers.training_file_answer(FILE)


def built(*, dry_run: bool = False) -> Any:
    return answers.training_file_answer(_built(dry_run=dry_run))


def planned() -> Any:
    columns = {"id": None, "json_file_path": None, "jsonl_file_path": None}
    return answers.training_file_answer(_built(dry_run=True).model_copy(update=columns))


def queued() -> Any:
    columns = {
        "status": "processing",
        "revision": 0,
        "json_file_path": None,
        "jsonl_file_path": None,
        "json_file_size": 0,
        "jsonl_file_size": 0,
        "conversation_count": 0,
    }
    return answers.training_file_answer(_built(queued=True).model_copy(update=columns))


def retried() -> Any:
    return answers.training_file_answer(FILE) | {"status": "processing"}


def conversations() -> Any:
    return answers.conversations_answer(CONVERSATION_IDS, None)


def revisions() -> Any:
    return answers.revisions_answer([REVISION], limit=50)


def download() -> Any:
    url = f"{LINK}/{FILE.jsonl_file_path}?token=…"
    return answers.download_answer(url, f"{FILE.name}.jsonl", expires_in_seconds=3600)


def export() -> Any:
    return answers.export_answer(_offered(), expires_in_seconds=3600)


def export_being_built() -> Any:
    building = EXPORT.model_copy(update={"status": "building", "result": None, "finished_at": None})
    return answers.export_answer(OfferedExport(export=building), expires_in_seconds=3600)


def exports() -> Any:
    return answers.exports_answer([_offered()], limit=20, expires_in_seconds=3600)


def suggestions() -> Any:
    candidate = Candidate(
        conversation_id=CONVERSATION_IDS[1],
        created_at=CREATED_AT,
        quality_score=Decimal("4.5"),
        persona_key="cautious_investor",
        emotional_arc_key="fear_to_confidence",
        training_topic_key="debt",
    )
    distribution = FILE.scaffolding_distribution
    return answers.suggestions_answer(
        suggested([candidate], distribution, conversation_count=FILE.conversation_count, limit=10)
    )


def report() -> Any:
    """As if it were made of two conversations, of which one pair is read."""
    tally = ReportTally(f"{FILE_ID}:1")
    tally.take(_memberships())
    [pick, *_] = tally.sample.picks()
    json, jsonl = (Verdict(bytes=size, read_bytes=size) for size in (FILE.json_file_size, FILE.jsonl_file_size))
    return {
        "report": report_of(
            FILE,
            tally.figures(),
            objects=objects_of(json, jsonl, checked="all"),
            sources=sources_of([], compared=0, not_checked=0, shown=50),
            sample={"seed": 1, "pairs": [laid_out(pick, orjson.dumps(PAIR))]},
        )
    }


def error(raised: TrainingFilesError) -> dict[str, Any]:
    return {"error": raised.message, "code": raised.code, "details": raised.details, "request_id": REQUEST_ID}


def _offered() -> OfferedExport:
    links = {file.name: f"{LINK}/{file.name}?token=…" for file in EXPORT.files}
    return OfferedExport(export=EXPORT, links=links, built=True)


def _export_result() -> ExportResult:
    """As if it were made of two conversations of ordinary length."""
    split, lengths, readiness = SplitTally(SplitRequest(Decimal("0.1"))), LengthTally(), ReadinessTally(*EXPORTED_AS)
    for conversation_id, persona in zip(IDS, FILE.scaffolding_distribution["personas"], strict=True):
        lengths.add_row(8_572)
        lengths.add_target(1_204)
        scaffolding = {"persona_key": persona}
        split.add("train", conversation_id, content_sha256=SHA256, scaffolding=scaffolding, rows=1)
        readiness.add(
            RowFacts(
                conversation_id,
                6,
                "train",
                characters=8_572,
                bytes=8_860,
                messages=7,
                has_system=True,
                marks=frozenset(),
            )
        )
    return ExportResult(
        files=(
            _exported_file("train.jsonl", "rows", "train", 2),
            _exported_file("train.metadata.jsonl", "metadata", "train", 2),
            _exported_file("bundle.zip", "bundle", None, None),
        ),
        totals={
            "rows": 2,
            "conversations": 2,
            "trained_targets": 6,
            "characters": 17_144,
            "estimated_tokens": lengths.total_tokens,
        },
        left_out={
            "by_reason": {"no_target": 1},
            "places": [{"conversation_id": IDS[0], "turn": 7, "reason": "no_target"}],
        },
        history_mismatch={"count": 0, "places": []},
        splits=split.proof(),
        lengths=lengths.summary(),
        readiness=tuple(readiness.readiness({"train": 17_720})[:2]),
    )


def _memberships() -> list[Membership]:
    pairs = [TrainingPairModel.model_validate(PAIR)]
    analyses = [analysis_of(conversation_id, pairs, row_score=None, jsonl_size=812) for conversation_id in IDS]
    columns = [list(counts) for counts in FILE.scaffolding_distribution.values()]
    return [
        Membership(
            conversation_id=UUID(analysis.conversation_id),
            position=position,
            training_pairs=6,
            trainable_pairs=3,
            score_sum=Decimal("25.5"),
            score_count=6,
            persona_key=personas,
            emotional_arc_key=columns[1][0],
            training_topic_key=topics,
            analysis=analysis.as_json(),
        )
        for position, (analysis, personas, topics) in enumerate(zip(analyses, columns[0], columns[2], strict=True), 1)
    ]


def _exported_file(name: str, kind: Any, split: Any, rows: int | None) -> ExportedFile:
    filename = f"{FILE.name.replace(' ', '_')}.{name}"
    return ExportedFile(name=name, kind=kind, split=split, rows=rows, bytes=17_720, sha256=SHA256, filename=filename)


EXPORT = Export(
    id=EXPORT_ID,
    training_file_id=FILE_ID,
    revision=1,
    request=ExportRequest(
        format=EXPORTED_AS[0],
        granularity=EXPORTED_AS[1],
        split=ExportSplit(validation=Decimal("0.1")),
        bundle=True,
        name=FILE.name,
    ),
    status="ready",
    result=_export_result(),
    created_by=OWNER_ID,
    created_at=CREATED_AT,
    finished_at=CREATED_AT + timedelta(seconds=1),
)


def _built(*, dry_run: bool = False, queued: bool = False) -> BuiltTrainingFile:
    return BuiltTrainingFile.model_construct(
        **dict(FILE), skipped=(NOT_ENRICHED,), warnings=Warnings((CUT_OFF,), 1), dry_run=dry_run, queued=queued
    )
