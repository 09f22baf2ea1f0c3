"""Where the names of persona, emotional arc and training topic come from."""

from typing import Any

import pytest

from tests.support.builders import a_pair, an_enriched_file
from tests.support.domain import a_conversation, as_read
from training_files.domain.conversation.scaffolding import Scaffolding, scaffolding_of

FROM_PAIR = {"client_persona": "Sam", "emotional_arc": "Fear → Calm", "training_topic": "Debt"}


def the_scaffolding(metadata: dict[str, Any] | None = None, **row: Any) -> Scaffolding:
    nothing = {"persona_key": None, "persona_name": None}
    enriched = an_enriched_file(a_pair(1, conversation_metadata=metadata), a_pair(2, conversation_metadata=FROM_PAIR))
    return scaffolding_of(a_conversation(**nothing | row), as_read(enriched))


def test_the_names_of_the_rows_snapshot_win() -> None:
    found = the_scaffolding(FROM_PAIR, persona_name="Kim", emotional_arc_name="Arc", training_topic_name="Topic")

    assert (found.persona_name, found.emotional_arc, found.training_topic) == ("Kim", "Arc", "Topic")


@pytest.mark.parametrize("empty", [None, ""])
def test_names_that_the_snapshot_lacks_are_those_of_the_first_pair(empty: str | None) -> None:
    found = the_scaffolding(FROM_PAIR, persona_name=empty, emotional_arc_name=empty, training_topic_name=empty)

    assert (found.persona_name, found.emotional_arc, found.training_topic) == ("Sam", "Fear → Calm", "Debt")


@pytest.mark.parametrize("metadata", [None, {}, {"client_persona": ""}, {"client_persona": 7}, {"client_persona": {}}])
def test_an_unknown_name_has_no_value(metadata: dict[str, Any] | None) -> None:
    assert the_scaffolding(metadata).persona_name is None


def test_an_empty_key_counts_as_no_key() -> None:
    found = the_scaffolding(persona_key="", emotional_arc_key="", training_topic_key="")

    assert (found.persona_key, found.emotional_arc_key, found.training_topic_key) == (None, None, None)


KEYS_OF_PAIR = {"persona_archetype": "planner", "emotional_arc_key": "fear_to_calm", "training_topic_key": "debt"}


def the_keys(found: Scaffolding) -> tuple[str | None, ...]:
    return found.persona_key, found.emotional_arc_key, found.training_topic_key


@pytest.mark.parametrize("empty", [None, ""])
def test_keys_that_the_row_lacks_are_those_of_the_first_pair(empty: str | None) -> None:
    found = the_scaffolding(KEYS_OF_PAIR, persona_key=empty, emotional_arc_key=empty, training_topic_key=empty)

    assert the_keys(found) == ("planner", "fear_to_calm", "debt")


def test_the_keys_of_the_row_win() -> None:
    found = the_scaffolding(KEYS_OF_PAIR, persona_key="a", emotional_arc_key="b", training_topic_key="c")

    assert the_keys(found) == ("a", "b", "c")


@pytest.mark.parametrize("odd", ["", 7, {}, ["debt"], None])
def test_a_key_of_the_pair_that_is_no_text_is_none(odd: Any) -> None:
    assert the_keys(the_scaffolding(dict.fromkeys(KEYS_OF_PAIR, odd))) == (None, None, None)
