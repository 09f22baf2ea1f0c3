"""What a target shows beside what it answers is found in a conversation, at its turn and field."""

from typing import Any

import pytest

from tests.support.builders import Json, a_pair, an_enriched_file
from tests.support.domain import as_read
from training_files.domain.health.findings import Finding
from training_files.domain.health.rules import findings_of

ASKED = "I owe money on two cards and I don't know where to start. What would you do with this first, and why?"
ANSWER = "That is a good question, and you are not alone with it. We will look at the three numbers together."
IN_SPANISH = "Tengo una idea para esto. ¿Qué tal el plan más sencillo? Los gastos son muy altos, pero hay tiempo."
RULES = ("speaker_label", "echo", "language_switch")


def exchange(target: str, *, asked: str | None = ASKED, turn: int = 1, **changes: Any) -> Json:
    usual = {"system_prompt": "You are a planner.", "conversation_history": [], "current_user_input": asked}
    metadata = {"client_persona": "Ana - The Tester"}
    return a_pair(turn, **{**usual, "conversation_metadata": metadata, "target_response": target, **changes})


def found_in(*pairs: Json, consultant: str | None = "Elena Morales") -> list[Finding]:
    read = as_read(an_enriched_file(*pairs)).model.training_pairs
    return [finding for finding in findings_of("c", read, consultant=consultant) if finding.rule in RULES]


@pytest.mark.parametrize(
    ("target", "rule", "offset"),
    [
        (f"{ANSWER}\nElena: And then?", "speaker_label", len(ANSWER) + 1),
        (f"{ANSWER}\n**Ana:** And then?", "speaker_label", len(ANSWER) + 1),
        (f"{ASKED} {ANSWER}", "echo", 0),
        (IN_SPANISH, "language_switch", 0),
    ],
)
def test_each_is_found_at_its_place(target: str, rule: str, offset: int) -> None:
    [finding] = found_in(exchange(ANSWER), exchange(target, turn=3))

    assert (finding.rule, finding.severity, finding.turn) == (rule, "warning", 3)
    assert (finding.field, finding.offset) == ("target_response", offset)
    assert finding.message.startswith("the target ")
    assert "Ana" not in finding.message


def test_an_answer_raises_nothing() -> None:
    assert found_in(exchange(ANSWER), exchange(f"Ana, {ANSWER}", turn=3)) == []


@pytest.mark.parametrize("role", ["human", "Human", "prompter", "USER"])
def test_it_is_so_whatever_the_history_calls_the_user(role: str) -> None:
    history = [{"role": role, "content": ASKED}]

    assert [each.rule for each in found_in(exchange(ASKED, asked=None, conversation_history=history))] == ["echo"]


@pytest.mark.parametrize("role", ["gpt", "Assistant", "model"])
def test_a_language_that_only_an_answer_names_is_not_asked_for(role: str) -> None:
    history = [{"role": "human", "content": ASKED}, {"role": role, "content": "I speak Spanish, too."}]

    found = found_in(exchange(IN_SPANISH, conversation_history=history))

    assert [each.rule for each in found] == ["language_switch"]


def test_the_end_of_the_history_is_what_is_answered_where_the_pair_has_no_text_of_its_own() -> None:
    history = [{"role": "user", "content": ASKED}]

    assert [each.rule for each in found_in(exchange(ASKED, asked=None, conversation_history=history))] == ["echo"]


@pytest.mark.parametrize(
    "changes",
    [
        {"system_prompt": "You teach Spanish."},
        {"conversation_history": [{"role": "user", "content": "Please answer in Spanish from now on."}]},
    ],
)
def test_a_language_that_was_asked_for_before_is_no_switch(changes: Json) -> None:
    assert found_in(exchange(IN_SPANISH, **changes)) == []


def test_a_language_that_an_earlier_text_asks_for_is_no_switch_later() -> None:
    first = exchange(ANSWER, asked="Could we speak Spanish after this?")

    assert found_in(first, exchange(IN_SPANISH, turn=3)) == []


def test_a_profile_without_a_name_labels_nobody() -> None:
    assert found_in(exchange(f"{ANSWER}\nElena: And then?"), consultant=None) == []
