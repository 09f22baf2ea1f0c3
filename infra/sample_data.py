"""Enriched conversations, made up: for the demo, for `make dev`, for tests and for benchmarks."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

Json = dict[str, Any]

PERSONAS = {
    "anxious_planner": "Jordan Ellis",
    "pragmatic_optimist": "Samira Okafor",
    "overwhelmed_avoider": "Théo Lindqvist",
}
EMOTIONAL_ARCS = {
    "confusion_to_clarity": "Confusion → Clarity",
    "worry_to_confidence": "Worry → Confidence",
}
TRAINING_TOPICS = {
    "emergency_fund": "Building an Emergency Fund",
    "retirement_start": "Starting to Save for Retirement",
    "first_budget": "A First Budget",
}
SENTENCES = (
    "I keep moving the numbers around and never feel sure about them.",
    "It makes sense that this feels heavy; money is rarely only about money.",
    "Three months of expenses is a good first goal, and you are closer than you think.",
    "Every article says something else, and I end up doing nothing at all.",
    "Let us look at one small step that you can take this week.",
    "My sister says that I should have started ten years ago.",
    "You have not missed your chance; the next twenty years still do most of the work.",
    "What would change for you if this were settled?",
)
SYSTEM_PROMPT = "You are a warm, precise financial planner. Acknowledge feelings before facts, and never judge."
CONSULTANT_PROFILE: Json = {
    "name": "Morgan Reyes, CFP",
    "business": "Harbor Street Planning",
    "expertise": "fee-only financial planning",
    "years_experience": 12,
    "core_philosophy": {"principle_1": "Feelings before facts", "principle_2": "Progress over perfection"},
    "communication_style": {"tone": "warm and plain", "avoid": ["jargon", "judgement"]},
}


@dataclass(frozen=True)
class SampleConversation:
    """A row of `conversations`, without owner and path, and the enriched file that belongs to it."""

    row: Json
    enriched: Json = field(repr=False)

    @property
    def conversation_id(self) -> str:
        return str(self.row["conversation_id"])


def sample_conversations(count: int, *, seed: int = 1, turns: int = 6) -> Iterator[SampleConversation]:
    """The same conversations for the same seed. Every second turn is the client's and has no target."""
    source = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for _ in range(count):
        yield _sample_conversation(source, turns)


def _sample_conversation(source: random.Random, turns: int) -> SampleConversation:
    conversation_id = str(UUID(int=source.getrandbits(128), version=4))
    persona, arc, topic = (source.choice(list(keys)) for keys in (PERSONAS, EMOTIONAL_ARCS, TRAINING_TOPICS))
    pair_metadata = {
        "client_persona": f"{PERSONAS[persona]} - {persona.replace('_', ' ').title()}",
        "session_context": "A first conversation",
        "emotional_arc": EMOTIONAL_ARCS[arc],
        "emotional_arc_key": arc,
        "training_topic": TRAINING_TOPICS[topic],
        "training_topic_key": topic,
    }
    row = {
        "conversation_id": conversation_id,
        "enrichment_status": "completed",
        "scaffolding_snapshot": {
            "persona": {"persona_key": persona, "name": PERSONAS[persona]},
            "emotional_arc": {"arc_key": arc, "name": EMOTIONAL_ARCS[arc]},
            "training_topic": {"topic_key": topic, "name": TRAINING_TOPICS[topic]},
        },
    }
    enriched = {
        "dataset_metadata": {
            "dataset_name": f"fp_conversation_{conversation_id}",
            "version": "1.0.0",
            "vertical": "financial_planning_consultant",
            "total_turns": turns,
        },
        "consultant_profile": CONSULTANT_PROFILE,
        "training_pairs": _training_pairs(source, pair_metadata, turns),
    }
    return SampleConversation(row, enriched)


def _training_pairs(source: random.Random, pair_metadata: Json, turns: int) -> list[Json]:
    history: list[Json] = []
    pairs = []
    for turn in range(1, turns + 1):
        target = _said(source) if turn % 2 == 0 else None
        if target is None:
            history = [*history, {"turn": turn, "role": "user", "content": _said(source)}]
        pairs.append(
            {
                "id": f"educational_turn{turn}",
                "conversation_id": "educational",
                "turn_number": turn,
                "conversation_metadata": pair_metadata,
                "system_prompt": SYSTEM_PROMPT,
                "conversation_history": history,
                "current_user_input": history[-1]["content"],
                "emotional_context": {"detected_emotions": {"primary": "worry", "intensity": 0.7}},
                "target_response": target,
                "training_metadata": {
                    "quality_score": source.randint(24, 50) / 10,
                    "human_reviewed": source.random() < 0.2,
                },
            }
        )
        if target is not None:
            history = [*history, {"turn": turn, "role": "assistant", "content": target}]
    return pairs


def _said(source: random.Random) -> str:
    return " ".join(source.sample(SENTENCES, k=3))
