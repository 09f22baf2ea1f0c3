"""Answers about conversations to choose from, as plain JSON values."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from training_files.api.conversations.cursors import cursor_of
from training_files.domain.conversation.choices import (
    Choice,
    ChoicesPage,
    ConversationCounts,
    ConversationSummary,
    KeyCounts,
    ScoreCounts,
    Sort,
)
from training_files.domain.conversation.unknown_keys import UnknownKey
from training_files.domain.quality import HIGHEST_SCORE
from training_files.domain.spelling import iso_utc, plain_number

STEPS = 10
KEYS = ("personas", "emotional_arcs", "training_topics", "tiers", "batch_ids", "enrichment_statuses")


def conversations_answer(page: ChoicesPage, sort: Sort) -> dict[str, Any]:
    return {
        "conversations": [_choice(choice) for choice in page.choices],
        "next_cursor": cursor_of(page.next_place, sort) if page.next_place else None,
        "warnings": warnings_answer(page.unknown_keys),
    }


def summary_answer(summary: ConversationSummary) -> dict[str, Any]:
    return {**counts_answer(summary.counts), "warnings": warnings_answer(summary.unknown_keys)}


def counts_answer(counts: ConversationCounts) -> dict[str, Any]:
    return {
        "conversation_count": counts.conversation_count,
        "usable_count": counts.usable_count,
        **{name: _key_counts(getattr(counts, name)) for name in KEYS},
        "scores": _scores(counts.scores),
    }


def warnings_answer(unknown_keys: Iterable[UnknownKey]) -> list[dict[str, Any]]:
    return [each.as_detail() for each in unknown_keys]


def _choice(choice: Choice) -> dict[str, Any]:
    row = choice.conversation
    return {
        "conversation_id": str(row.conversation_id),
        "id": str(row.id),
        "enrichment_status": row.enrichment_status,
        "persona_key": row.persona_key,
        "emotional_arc_key": row.emotional_arc_key,
        "training_topic_key": row.training_topic_key,
        "tier": row.tier,
        "batch_id": row.batch_id,
        "quality_score": _number(row.quality_score),
        "created_at": None if row.created_at is None else iso_utc(row.created_at),
        "usable": choice.fault is None,
        "fault": None if choice.fault is None else choice.fault.as_detail(),
        "training_file_count": row.training_file_count,
    }


def _number(score: Decimal | None) -> int | float | None:
    """JSON has no infinity."""
    return plain_number(score) if score is not None and score.is_finite() else None


def _key_counts(counts: KeyCounts) -> dict[str, Any]:
    by_count = sorted(counts.counts.items(), key=lambda each: (-each[1], each[0]))
    return {
        "counts": dict(by_count),
        "without_key": counts.without_key,
        "further_keys": counts.further_keys,
    }


def _scores(scores: ScoreCounts) -> dict[str, Any]:
    width = HIGHEST_SCORE / STEPS
    return {
        "avg_quality_score": plain_number(scores.avg_quality_score),
        "min_quality_score": plain_number(scores.min_quality_score),
        "max_quality_score": plain_number(scores.max_quality_score),
        "without_score": scores.without_score,
        "off_scale": scores.off_scale,
        "histogram": [
            {
                "from": plain_number(width * (step - 1)),
                "to": plain_number(width * step),
                "count": scores.steps.get(step, 0),
            }
            for step in range(1, STEPS + 1)
        ],
    }
