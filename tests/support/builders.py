"""Valid data by default, so that a test names only what matters to it."""

import copy
from typing import Any
from uuid import uuid4

Json = dict[str, Any]


def a_pair(turn_number: int = 1, **changes: Any) -> Json:
    """A trainable pair, unless `target_response` says otherwise."""
    pair: Json = {
        "id": f"educational_turn{turn_number}",
        "conversation_id": "educational",
        "turn_number": turn_number,
        "conversation_metadata": {"client_persona": "Kim - The Planner", "emotional_arc": "Fear → Calm"},
        "system_prompt": "You are a planner.",
        "conversation_history": [{"turn": turn_number, "role": "user", "content": "Where do I start? — Kim"}],
        "current_user_input": "Where do I start? — Kim",
        "emotional_context": {"detected_emotions": {"primary": "fear"}},
        "target_response": "With what you have: naïve plans beat none.",
        "training_metadata": {"quality_score": 3.5, "human_reviewed": False},
    }
    return pair | changes


def a_scored_pair(turn_number: int = 1, quality_score: Any = 3.5, *, human_reviewed: bool = False) -> Json:
    metadata = {"quality_score": quality_score, "human_reviewed": human_reviewed}
    return a_pair(turn_number, training_metadata=metadata)


def an_enriched_file(*pairs: Json, **changes: Any) -> Json:
    """Two pairs by default, the second without a target."""
    enriched: Json = {
        "dataset_metadata": {"vertical": "financial_planning_consultant"},
        "consultant_profile": {
            "name": "Morgan Reyes",
            "business": "Harbor Street Planning",
            "expertise": "planning",
            "years_experience": 12,
            "core_philosophy": {"principle_2": "second", "principle_1": "first"},
            "communication_style": {"tone": "warm"},
        },
        "training_pairs": list(pairs) or [a_pair(1), a_pair(2, target_response=None)],
    }
    return copy.deepcopy(enriched | changes)


def a_conversation_row(**changes: Any) -> Json:
    """An enriched conversation's row, without an owner and without a path."""
    row: Json = {
        "id": str(uuid4()),
        "conversation_id": str(uuid4()),
        "enrichment_status": "completed",
        "persona_key": "planner",
        "emotional_arc_key": "fear_to_calm",
        "topic_key": "budget",
        "scaffolding_snapshot": {
            "persona": {"persona_key": "planner", "name": "Kim"},
            "emotional_arc": {"arc_key": "fear_to_calm", "name": "Fear → Calm"},
            "training_topic": {"topic_key": "budget", "name": "A Budget"},
        },
        "quality_score": None,
        "created_at": "2026-01-31T23:30:00+00:00",
    }
    return row | changes
