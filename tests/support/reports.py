"""Quality reports of training files of several kinds, made by the real use case over fakes."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from infra.sample_data import sample_conversations
from tests.support.builders import Json, a_pair, an_enriched_file
from tests.support.workshop import Workshop

MARKUP = '<script>window.intruded = 1</script><img src="x" onerror="window.intruded = 2">\'"&amp;'
OUT_OF_ITS_ELEMENT = f"</style></p></div></details>{MARKUP}"
WITHOUT_BREAK = "unbreakable" * 40


def keys_of(row: Json) -> dict[str, Any]:
    snapshot = row["scaffolding_snapshot"]
    return {
        "persona_key": snapshot["persona"]["persona_key"],
        "emotional_arc_key": snapshot["emotional_arc"]["arc_key"],
        "topic_key": snapshot["training_topic"]["topic_key"],
    }


def a_sample_file(workshop: Workshop, count: int, *, turns: int = 6, name: str = "Sample data") -> UUID:
    """A training file of conversations as `make dev` has them."""
    samples = sample_conversations(count, turns=turns)
    ids = [
        workshop.a_conversation(each.enriched, conversation_id=each.conversation_id, **keys_of(each.row))
        for each in samples
    ]
    return workshop.a_training_file(*ids, name=name)


@lru_cache(maxsize=1)
def sample_report() -> Json:
    """Of 30 clean conversations with gaps in their coverage."""
    workshop = Workshop.new()
    return workshop.untroubled.report(a_sample_file(workshop, 30))


@lru_cache(maxsize=1)
def nearly_empty_report() -> Json:
    """Of one conversation without a target, a score or a key."""
    workshop = Workshop.new()
    pair = a_pair(target_response=None, training_metadata=None)
    keys = dict.fromkeys(("persona_key", "emotional_arc_key", "topic_key"))
    return workshop.untroubled.report(workshop.a_training_file(workshop.a_conversation(an_enriched_file(pair), **keys)))


@lru_cache(maxsize=1)
def hostile_report() -> Json:
    """Of conversations with markup, endless words and faults wherever there can be a text."""
    workshop = Workshop.new()
    conversations = [_hostile(workshop, place) for place in range(14)]
    file_id = workshop.a_training_file(*conversations, name=f"{MARKUP}{WITHOUT_BREAK}"[:255])
    workshop.clock.advance(days=1)
    for conversation_id in conversations[:2]:
        workshop.break_file_of(conversation_id)
    for conversation_id in conversations[2:4]:
        workshop.replace_file_of(conversation_id, b"{}")
    return workshop.untroubled.report(file_id)


def _hostile(workshop: Workshop, place: int) -> UUID:
    # All but a few say something of their own.
    said = f"{OUT_OF_ITS_ELEMENT} {WITHOUT_BREAK} {place // 3} \u0634\u0643\u0631\u0627 someone@example.com\\n"
    metadata = dict.fromkeys(("client_persona", "emotional_arc", "training_topic"), f"{MARKUP} {WITHOUT_BREAK}")
    pair = a_pair(
        system_prompt=f"{MARKUP} {place}",
        conversation_history=[{"role": "user", "content": said}],
        current_user_input=said,
        target_response=f"{said * 40} and then",
        conversation_metadata=metadata,
        training_metadata={"quality_score": place % 6, "human_reviewed": True},
    )
    enriched = an_enriched_file(pair, a_pair(2, target_response="  ", conversation_metadata=metadata))
    keys = {
        "persona_key": f"{MARKUP} {place % 3}",
        "emotional_arc_key": f"{WITHOUT_BREAK} {place % 5}"[-100:],
        "topic_key": f"{MARKUP}{WITHOUT_BREAK} {place}"[:-70] + f"{place}",
    }
    return workshop.a_conversation(enriched, **keys)
