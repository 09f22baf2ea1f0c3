"""The report put together: figures, checks, and what was read of the objects."""

from collections.abc import Mapping, Sequence
from typing import Any

from training_files.domain.report.checks import checks_of, summary_of
from training_files.domain.report.objects import Verdict
from training_files.domain.spelling import iso_utc, percentage, plain_number
from training_files.domain.training_file.training_file import TrainingFile


def report_of(
    training_file: TrainingFile,
    figures: Mapping[str, Any],
    *,
    newest_revision: int,
    tags: Sequence[str],
    objects: Mapping[str, Any],
    sources: Mapping[str, Any],
    sample: Mapping[str, Any],
) -> dict[str, Any]:
    """A quality report as plain JSON values. The training file is as of its revision, which has these tags."""
    checks = checks_of(
        training_file,
        balance=figures["balance"],
        scores=figures["scores"],
        health=figures["health"],
        objects=objects,
        pairs_to_read=len(sample["pairs"]),
    )
    return {
        "training_file": _training_file(training_file, newest_revision, tags),
        "summary": summary_of(checks),
        "checks": checks,
        "balance": figures["balance"],
        "cross_tables": figures["cross_tables"],
        "scores": _scores(training_file, figures["scores"]),
        "reviewed": _reviewed(training_file),
        "lengths": figures["lengths"],
        "readiness": figures["readiness"],
        "left_out": figures["left_out"],
        "health": figures["health"],
        "duplicates": figures["duplicates"],
        "sources": sources,
        "objects": objects,
        "sample": sample,
        "not_analysed": figures["not_analysed"],
    }


def objects_of(json: Verdict, jsonl: Verdict, *, checked: str) -> dict[str, Any]:
    return {"checked": checked, "json": json.as_json(), "jsonl": jsonl.as_json() | {"null_targets": jsonl.null_targets}}


def sources_of(changes: Sequence[dict[str, Any]], *, compared: int, not_checked: int, shown: int) -> dict[str, Any]:
    """`changes` are conversations whose source is another one now, or gone; `compared` files were read again."""
    return {
        "changed": len(changes),
        "compared": compared,
        "not_checked": not_checked,
        "conversations": list(changes[:shown]),
    }


def _training_file(training_file: TrainingFile, newest_revision: int, tags: Sequence[str]) -> dict[str, Any]:
    return {
        "id": str(training_file.id),
        "name": training_file.name,
        "description": training_file.description,
        "status": training_file.status,
        "revision": training_file.revision,
        "newest_revision": newest_revision,
        "tags": list(tags),
        "target_model": training_file.target_model,
        "conversation_count": training_file.conversation_count,
        "total_training_pairs": training_file.total_training_pairs,
        "trainable_pairs": training_file.trainable_pairs,
        "last_updated_at": iso_utc(training_file.last_updated_at),
    }


def _scores(training_file: TrainingFile, scores: Mapping[str, Any]) -> dict[str, Any]:
    known = {
        "average": plain_number(training_file.avg_quality_score),
        "minimum": plain_number(training_file.min_quality_score),
        "maximum": plain_number(training_file.max_quality_score),
    }
    return known | dict(scores)


def _reviewed(training_file: TrainingFile) -> dict[str, Any]:
    reviewed, total = training_file.human_reviewed_count, training_file.total_training_pairs
    return {"pairs": reviewed, "of_pairs": total, "percentage": plain_number(percentage(reviewed, total))}
