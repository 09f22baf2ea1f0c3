"""Enriched conversations, made up: for the demo, for `make dev`, for tests and for benchmarks."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from infra.sample_dialogues import an_exchange, some_numbers

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
SYSTEM_PROMPT = "You are a warm, precise financial planner. Acknowledge feelings before facts, and never judge."
CONSULTANT_PROFILE: Json = {
    "name": "Morgan Reyes, CFP",
    "business": "Harbor Street Planning",
    "expertise": "fee-only financial planning",
    "years_experience": 12,
    "core_philosophy": {"principle_1": "Feelings before facts", "principle_2": "Progress over perfection"},
    "communication_style": {"tone": "warm and plain", "avoid": ["jargon", "judgement"]},
}


# What an enrichment may do to an answer.
HARMS: Sequence[Callable[[str], str]] = (
    lambda answer: answer[: len(answer) * 2 // 3].rstrip(" .,;:?!"),
    lambda answer: answer.replace(". ", ".\\n\\n", 2),
)


HALF = 0.5


@dataclass(frozen=True)
class SampleConversation:
    """A row of `conversations`, without owner and path, and the enriched file that belongs to it."""

    row: Json
    enriched: Json = field(repr=False)

    @property
    def conversation_id(self) -> str:
        return str(self.row["conversation_id"])


def sample_conversations(
    count: int, *, seed: int = 1, turns: int = 6, with_findings: bool = False
) -> Iterator[SampleConversation]:
    """The same conversations for the same seed. Every second turn is the client's and has no target.

    With `with_findings`, text health finds something in the last two: an answer that was cut off, and escape sequences
    that were meant as line breaks.
    """
    source = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for number in range(count):
        sample = _sample_conversation(source, turns)
        if with_findings and count - number <= len(HARMS):
            last = sample.enriched["training_pairs"][-1]
            last["target_response"] = HARMS[count - number - 1](last["target_response"])
        yield sample


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
        "training_pairs": _training_pairs(source, topic, pair_metadata, turns),
    }
    return SampleConversation(row, enriched)


def _training_pairs(source: random.Random, topic: str, pair_metadata: Json, turns: int) -> list[Json]:
    history: list[Json] = []
    pairs = []
    answer, numbers = "", some_numbers(source)
    for turn in range(1, turns + 1):
        target = answer if turn % 2 == 0 else None
        if target is None:
            said, answer = an_exchange(source, topic, (turn + 1) // 2, numbers)
            history = [*history, {"turn": turn, "role": "user", "content": said}]
        pairs.append(
            {
                "id": f"educational_turn{turn}",
                "conversation_id": "educational",
                "turn_number": turn,
                "conversation_metadata": pair_metadata,
                "system_prompt": SYSTEM_PROMPT,
                "conversation_history": history,
                "current_user_input": history[-1]["content"],
                "emotional_context": {"detected_emotions": _emotions(pair_metadata["emotional_arc"], turn, turns)},
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


def _emotions(arc: str, turn: int, turns: int) -> Json:
    """From what the arc begins with to what it ends with, in the middle least of both."""
    begin, end = arc.lower().split(" → ")
    share = turn / turns
    return {"primary": begin if share < HALF else end, "intensity": round(0.4 + abs(share - HALF), 1)}
