"""Answers about training files, as plain JSON values."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from training_files.api.conversations.answers import counts_answer, warnings_answer
from training_files.domain.conversation.choices import ConversationCounts
from training_files.domain.conversation.limited_faults import kept_faults
from training_files.domain.conversation.selection import AdditionPreview, Selected
from training_files.domain.health.findings import Finding
from training_files.domain.spelling import iso_utc, plain_number
from training_files.domain.text import MAX_TEXT_CHARACTERS
from training_files.domain.training_file.collection_rule import CollectionRule
from training_files.domain.training_file.revision import Change, Revision
from training_files.domain.training_file.training_file import (
    BuiltTrainingFile,
    ChangedTrainingFile,
    TrainingFile,
    TrainingFilePage,
)
from training_files.ports.paging import Page

# Of what went wrong, in each revision of a page. With two hundred of them, an answer must not outgrow Lambda's 6 MB.
FAULTS_SHOWN = 5
WARNINGS_ON_A_PAGE = 50
# What `progress` tells, while a build waits.
OF_THE_NEXT_TRY = ("attempt", "next_try_at")
# What rows tell of a training file as it would be.
COUNTED = ("conversation_count", "personas", "emotional_arcs", "training_topics", "tiers", "scores")


def training_file_answer(training_file: TrainingFile, build: Revision | None = None) -> dict[str, Any]:
    """`{"trainingFile": {…}}`; after a create or an addition with `skipped`, and `dry_run` where it was one.

    `build` is an open build in the background: its progress while it lasts, the reasons when it has failed.
    """
    answer: dict[str, Any] = {
        "trainingFile": _training_file(training_file) | {"quality_summary": training_file.quality_summary}
    }
    if build is not None:
        answer["trainingFile"] |= _build(build)
    if isinstance(training_file, BuiltTrainingFile):
        answer["skipped"] = [fault.as_detail() for fault in training_file.skipped]
        if not training_file.queued:
            answer["warnings"] = [finding.as_json() for finding in training_file.warnings.first]
            answer["warnings_total"] = training_file.warnings.total
        if training_file.selected is not None:
            answer["selection"] = _selected(training_file.selected)
        if training_file.dry_run:
            answer["dry_run"] = True
        if training_file.queued:
            answer["status"] = "processing"
    return answer


def updated_answer(changed: ChangedTrainingFile) -> dict[str, Any]:
    answer = training_file_answer(changed) | {"warnings": warnings_answer(changed.unknown_keys)}
    return answer if changed.backfill is None else answer | {"backfill": _backfill(changed.backfill)}


def preview_answer(preview: AdditionPreview) -> dict[str, Any]:
    """What a dry run tells that reads rows alone."""
    answer: dict[str, Any] = {
        "taken": _counts(preview.taken),
        "after": _counts(preview.after),
        **kept_faults(preview.skipped),
        "dry_run": True,
    }
    return answer if preview.selected is None else answer | {"selection": _selected(preview.selected)}


def training_files_answer(page: TrainingFilePage) -> dict[str, Any]:
    return {"files": [_training_file(file) for file in page.files], "next_cursor": page.next_cursor}


def conversations_answer(conversation_ids: Sequence[UUID], next_cursor: int | None) -> dict[str, Any]:
    return {
        "conversation_ids": [str(conversation_id) for conversation_id in conversation_ids],
        "next_cursor": None if next_cursor is None else str(next_cursor),
    }


def revisions_answer(revisions: Page[Revision], *, limit: int) -> dict[str, Any]:
    """A page of up to `limit`. Each revision shows its first faults, and all of them where it is the only one."""
    return {
        # Whoever wants to see all of one revision asks for nothing else.
        "revisions": [_revision(revision, in_full=limit == 1) for revision in revisions],
        "next_cursor": str(revisions[-1].id) if revisions.more else None,
    }


def download_answer(url: str, filename: str, *, expires_in_seconds: int) -> dict[str, Any]:
    return {"download_url": url, "filename": filename, "expires_in_seconds": expires_in_seconds}


def _selected(selected: Selected) -> dict[str, Any]:
    return {"conversation_count": selected.conversation_count, "warnings": warnings_answer(selected.unknown_keys)}


def _backfill(taken: Selected) -> dict[str, Any]:
    return {"conversation_count": taken.conversation_count}


def _counts(counts: ConversationCounts) -> dict[str, Any]:
    told = counts_answer(counts)
    return {name: told[name] for name in COUNTED}


def _training_file(file: TrainingFile) -> dict[str, Any]:
    return {
        "id": None if file.id is None else str(file.id),
        "name": file.name,
        # One from before its length was checked could fill an answer.
        "description": file.description and file.description[:MAX_TEXT_CHARACTERS],
        "status": file.status,
        "revision": file.revision,
        "conversation_count": file.conversation_count,
        "total_training_pairs": file.total_training_pairs,
        "trainable_pairs": file.trainable_pairs,
        "avg_quality_score": plain_number(file.avg_quality_score),
        "min_quality_score": plain_number(file.min_quality_score),
        "max_quality_score": plain_number(file.max_quality_score),
        "human_reviewed_count": file.human_reviewed_count,
        "scaffolding_distribution": file.scaffolding_distribution,
        "target_model": file.target_model,
        "collect": None if file.collect is None else _rule(file.collect),
        "vertical": file.vertical,
        "storage_bucket": file.storage_bucket,
        "json_file_path": file.json_file_path,
        "jsonl_file_path": file.jsonl_file_path,
        "json_file_size": file.json_file_size,
        "jsonl_file_size": file.jsonl_file_size,
        "created_by": str(file.created_by),
        "created_at": iso_utc(file.created_at),
        "updated_at": iso_utc(file.updated_at),
        "last_updated_at": iso_utc(file.last_updated_at),
    }


def _rule(rule: CollectionRule) -> dict[str, Any]:
    return {
        "personas": list(rule.personas),
        "emotional_arcs": list(rule.emotional_arcs),
        "training_topics": list(rule.training_topics),
        "tiers": list(rule.tiers),
        "batch_ids": list(rule.batch_ids),
        "min_quality_score": plain_number(rule.min_quality_score),
        "max_quality_score": plain_number(rule.max_quality_score),
        "created_after": None if rule.created_after is None else iso_utc(rule.created_after),
        "created_before": None if rule.created_before is None else iso_utc(rule.created_before),
        "not_in": [str(training_file_id) for training_file_id in rule.not_in],
    }


def _setback(error: dict[str, Any]) -> dict[str, Any]:
    next_try_at = error.get("next_try_at")
    return {
        "last_error": error["message"],
        "attempt": error.get("attempt"),
        "next_try_at": next_try_at and iso_utc(datetime.fromisoformat(next_try_at)),
    }


def _build(build: Revision) -> dict[str, Any]:
    if build.status == "building":
        progress = {"done": build.progress_done, "total": build.progress_total}
        return {"progress": progress | (_setback(build.error) if build.error else {})}
    error = build.error or {}
    failed = error.get("failed_conversations", [])
    return {
        "build_error": error.get("message"),
        "failed_conversations": failed,
        "failed_total": _failed_total(error),
    }


def _revision(revision: Revision, *, in_full: bool) -> dict[str, Any]:
    totals = revision.totals or {}
    warnings = revision.warnings or {}
    faults_shown = None if in_full else FAULTS_SHOWN
    first = warnings.get("findings", [])[: None if in_full else WARNINGS_ON_A_PAGE]
    return {
        "id": str(revision.id),
        "number": revision.number,
        "status": revision.status,
        "change": None if revision.change is None else _change(revision.change),
        "tags": list(revision.tags),
        "kept": revision.is_kept,
        "conversation_count": totals.get("conversation_count"),
        "total_training_pairs": totals.get("total_training_pairs"),
        "trainable_pairs": totals.get("trainable_pairs"),
        "json_file_size": revision.json_file_size,
        "jsonl_file_size": revision.jsonl_file_size,
        "skipped": list(revision.skipped[:faults_shown]),
        "skipped_total": _conversations_in(revision.skipped)
        if revision.skipped_total is None
        else revision.skipped_total,
        "warnings": [Finding.from_json(finding).as_json() for finding in first],
        "warnings_total": warnings.get("total"),
        "error": None if revision.error is None else _revision_error(revision.error, faults_shown),
        "created_by": str(revision.created_by),
        "created_at": iso_utc(revision.created_at),
        "finished_at": None if revision.finished_at is None else iso_utc(revision.finished_at),
    }


def _change(change: Change) -> dict[str, Any]:
    told = change.as_json()
    if change.selection is not None:
        moments = {name: getattr(change.selection, name) for name in ("created_after", "created_before")}
        told["selection"] |= {name: iso_utc(moment) for name, moment in moments.items() if moment}
    return told


def _revision_error(error: dict[str, Any], faults_shown: int | None) -> dict[str, Any]:
    """Only a build in the background has failed conversations; other attempts just say why they ended."""
    error = {name: value for name, value in error.items() if name not in OF_THE_NEXT_TRY}
    if "failed_conversations" not in error:
        return error
    failed = error["failed_conversations"]
    return error | {"failed_conversations": failed[:faults_shown], "failed_total": _failed_total(error)}


def _failed_total(error: dict[str, Any]) -> int:
    """It is kept where some of them are not."""
    total: int = error.get("failed_total") or _conversations_in(error.get("failed_conversations", []))
    return total


def _conversations_in(details: Sequence[dict[str, Any]]) -> int:
    return len({detail["conversation_id"] for detail in details})
