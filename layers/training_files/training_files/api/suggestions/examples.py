"""An example of suggestions, made by the very functions that answer."""

from decimal import Decimal
from typing import Any

from training_files.api.examples import CONVERSATION_IDS, CREATED_AT, FILE
from training_files.api.suggestions import answers
from training_files.domain.balance.suggestions import suggested
from training_files.domain.conversation.conversation import Candidate


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
