"""Examples of answers about conversations, made by the very functions that answer."""

from decimal import Decimal
from typing import Any

from training_files.api.conversations import answers
from training_files.api.examples import CONVERSATION_IDS, CREATED_AT
from training_files.domain.conversation import faults
from training_files.domain.conversation.choices import (
    Choice,
    ChoicesPage,
    ConversationCounts,
    ConversationPlace,
    ConversationSummary,
    KeyCounts,
    ListedConversation,
    ScoreCounts,
)
from training_files.domain.conversation.unknown_keys import UnknownKey

UNKNOWN = UnknownKey("personas", "anxios_planner", "anxious_planner")
PLACE = ConversationPlace(
    created_at="2026-02-01T12:00:00.25+00:00", score_order="-4.5", conversation_id=CONVERSATION_IDS[1]
)


def conversations() -> Any:
    usable, raw = (
        ListedConversation(
            id=conversation_id,
            conversation_id=conversation_id,
            enrichment_status=status,
            persona_key="anxious_planner",
            emotional_arc_key="fear_to_confidence",
            training_topic_key="retirement",
            tier="template",
            quality_score=Decimal("4.5"),
            created_at=CREATED_AT,
            training_file_count=count,
            place=PLACE,
        )
        for conversation_id, status, count in zip(CONVERSATION_IDS, ("completed", "validated"), (1, 0), strict=True)
    )
    fault = faults.not_enriched(raw.conversation_id, raw.enrichment_status)
    return answers.conversations_answer(ChoicesPage((Choice(usable, None), Choice(raw, fault)), PLACE), "newest")


def summary() -> Any:
    counts = ConversationCounts(
        conversation_count=12,
        usable_count=9,
        personas=KeyCounts(counts={"anxious_planner": 8, "late_saver": 4}),
        emotional_arcs=KeyCounts(counts={"fear_to_confidence": 12}),
        training_topics=KeyCounts(counts={"retirement": 7, "debt": 4}, without_key=1),
        tiers=KeyCounts(counts={"template": 12}),
        batch_ids=KeyCounts(without_key=12),
        enrichment_statuses=KeyCounts(counts={"completed": 9, "validated": 3}),
        scores=ScoreCounts(
            without_score=2,
            avg_quality_score=Decimal("4.15"),
            min_quality_score=Decimal("3.5"),
            max_quality_score=Decimal(5),
            steps={8: 3, 9: 5, 10: 2},
        ),
    )
    return answers.summary_answer(ConversationSummary(counts, (UNKNOWN,)))
