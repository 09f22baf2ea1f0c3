"""The answer with suggestions, as plain JSON values."""

from typing import Any

from training_files.api.conversations.answers import warnings_answer
from training_files.domain.balance.suggestions import Balance, Suggestion, Suggestions
from training_files.domain.spelling import plain_number


def suggestions_answer(suggestions: Suggestions) -> dict[str, Any]:
    return {
        "suggestions": [_suggestion(suggestion) for suggestion in suggestions.chosen],
        "conversation_ids": [str(suggestion.candidate.conversation_id) for suggestion in suggestions.chosen],
        "before": _balance(suggestions.before),
        "after": _balance(suggestions.after),
        "warnings": warnings_answer(suggestions.unknown_keys),
    }


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:
    candidate = suggestion.candidate
    return {
        "conversation_id": str(candidate.conversation_id),
        "persona_key": candidate.persona_key,
        "emotional_arc_key": candidate.emotional_arc_key,
        "training_topic_key": candidate.training_topic_key,
        "quality_score": plain_number(candidate.quality_score),
        "reason": suggestion.reason,
    }


def _balance(balance: Balance) -> dict[str, Any]:
    return {
        "conversation_count": balance.conversation_count,
        "imbalance": balance.imbalance,
        "scaffolding_distribution": balance.distribution,
    }
