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
ARCS = ("confusion_to_clarity", "overwhelm_to_empowerment", "shame_to_acceptance", "couple_conflict_to_alignment")
TOPICS = ("retirement", "inheritance", "mortgage", "pension", "saving", "budget", "insurance", "divorce", "college")


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


@lru_cache(maxsize=2)
def crowded_report(conversations: int = 72, topics: int = 72) -> Json:
    """Of conversations with many topics, and faults in some of their texts, as files of real ones are."""
    workshop = Workshop.new()
    ids = [
        workshop.a_conversation(
            _faulty(each.enriched, place),
            conversation_id=each.conversation_id,
            persona_key=("anxious_planner", "overwhelmed_avoider", "pragmatic_optimist")[place % 3],
            emotional_arc_key=ARCS[0] if place % 5 == 0 else ARCS[place % len(ARCS)],
            topic_key=f"{TOPICS[place % topics % len(TOPICS)]}_question_{place % topics + 1}",
        )
        for place, each in enumerate(sample_conversations(conversations))
    ]
    return workshop.untroubled.report(workshop.a_training_file(*ids, name="Spring conversations"))


def _faulty(enriched: Json, place: int) -> Json:
    """Every third conversation with a fault in some of its targets, and in the histories behind them."""
    pairs = enriched["training_pairs"]
    spoilt: dict[str, str] = {}
    for pair in pairs[place % 4 :: 4] if place % 3 == 0 else ():
        if target := pair["target_response"]:
            faults = (target[: len(target) * 2 // 3], target.replace(". ", ".\\n\\n", 1), f"{target}\nUser: And then?")
            spoilt[target] = pair["target_response"] = faults[place // 3 % 3]
    for pair in pairs:
        for message in pair["conversation_history"]:
            message["content"] = spoilt.get(message["content"], message["content"])
    return enriched


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
