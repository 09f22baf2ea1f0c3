"""Answers about what two revisions differ in, as plain JSON values."""

from typing import Any, get_args

from training_files.api.diff.cursors import cursor_of
from training_files.domain.spelling import iso_utc, percentage, plain_number
from training_files.domain.training_file.comparison import Comparison, MemberChange
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.totals import Totals

KINDS: tuple[MemberChange, ...] = get_args(MemberChange)


def diff_answer(comparison: Comparison) -> dict[str, Any]:
    """With the changes of one page, those of each kind in file order."""
    difference = comparison.difference
    return {
        "before": None if comparison.before is None else _revision(comparison.before),
        "after": _revision(comparison.after),
        **{f"{kind}_total": getattr(difference, kind) for kind in KINDS},
        **{
            kind: [str(change.conversation_id) for change in difference.changes if change.kind == kind]
            for kind in KINDS
        },
        "next_cursor": cursor_of(comparison.next_place) if comparison.next_place else None,
    }


def _revision(revision: Revision) -> dict[str, Any]:
    totals = Totals.from_json(revision.totals or Totals().as_json())
    reviewed = percentage(totals.human_reviewed_count, totals.total_training_pairs)
    return {
        "revision": revision.number,
        "tags": list(revision.tags),
        "finished_at": None if revision.finished_at is None else iso_utc(revision.finished_at),
        "conversation_count": totals.conversation_count,
        "total_training_pairs": totals.total_training_pairs,
        "trainable_pairs": totals.trainable_pairs,
        "json_file_size": revision.json_file_size,
        "jsonl_file_size": revision.jsonl_file_size,
        "scaffolding_distribution": totals.scaffolding_distribution,
        "quality_summary": {
            "avg_quality_score": plain_number(totals.avg_quality_score),
            "min_quality_score": plain_number(totals.scores.minimum),
            "max_quality_score": plain_number(totals.scores.maximum),
            "human_reviewed_count": totals.human_reviewed_count,
            "human_reviewed_percentage": plain_number(reviewed),
        },
    }
