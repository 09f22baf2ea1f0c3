"""From training pairs to dialogues: every text once and in its place, and nothing that a trainer would refuse."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.any_exchanges import EXCHANGES, SAID
from tests.support.builders import Json, a_pair
from tests.support.exchanges import (
    CONVERSATION_ID,
    SYSTEM,
    Exchange,
    a_dialogue,
    in_real_shape,
    in_simple_shape,
    models,
)
from training_files.domain.conversation.content import content_sha256
from training_files.domain.conversation.dialogues import Dialogue, LeftOut, Mapped, mapped
from training_files.domain.conversation.granularity import Granularity

HELLO = [("Hello.", "Welcome."), ("And now?", "Begin."), ("Thanks.", "Gladly.")]
GRANULARITIES: list[Granularity] = ["conversation", "turn"]


def outcome(pairs: list[Json], granularity: Granularity = "conversation") -> Mapped:
    return mapped(CONVERSATION_ID, models(pairs), granularity)


def said(dialogue: Dialogue) -> list[Exchange]:
    texts = [message.content for message in dialogue.messages]
    return list(zip(texts[::2], texts[1::2], strict=True))


def user(content: str) -> Json:
    return {"role": "user", "content": content}


def assistant(content: str) -> Json:
    return {"role": "assistant", "content": content}


def by(role: str, content: str) -> Json:
    return {"role": role, "content": content}


def a_turn(turn: int, history: list[Json], user_text: str | None, target: str | None, **changes: Any) -> Json:
    stated = {"conversation_history": history, "current_user_input": user_text, "target_response": target}
    return a_pair(turn, **stated, **changes)


@pytest.mark.parametrize("granularity", GRANULARITIES)
@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(EXCHANGES)
def test_both_shapes_of_pairs_become_the_same_dialogues(granularity: Granularity, exchanges: list[Exchange]) -> None:
    real, simple = (outcome(shape(exchanges), granularity) for shape in (in_real_shape, in_simple_shape))

    assert [said(dialogue) for dialogue in real.dialogues] == [said(dialogue) for dialogue in simple.dialogues]
    assert real.history_mismatches == simple.history_mismatches == ()


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(EXCHANGES, st.one_of(st.none(), SAID))
def test_a_conversation_is_written_once_up_to_its_last_target(exchanges: list[Exchange], tail: str | None) -> None:
    [dialogue] = outcome(in_real_shape(exchanges, tail=tail)).dialogues

    assert said(dialogue) == exchanges
    assert dialogue.targets == tuple(range(1, 2 * len(exchanges), 2))
    assert dialogue.turns == tuple(range(2, 2 * len(exchanges) + 1, 2))
    assert dialogue.turn == 2 * len(exchanges)


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(EXCHANGES)
def test_turn_by_turn_each_target_ends_a_dialogue_of_its_own(exchanges: list[Exchange]) -> None:
    dialogues = outcome(in_real_shape(exchanges), "turn").dialogues

    assert [said(dialogue) for dialogue in dialogues] == [exchanges[: n + 1] for n in range(len(exchanges))]
    assert [dialogue.targets for dialogue in dialogues] == [(2 * n + 1,) for n in range(len(exchanges))]
    assert [dialogue.turns for dialogue in dialogues] == [(dialogue.turn,) for dialogue in dialogues]


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(st.permutations(in_real_shape(HELLO)))
def test_the_order_of_turns_counts_and_not_the_order_in_the_file(pairs: list[Json]) -> None:
    assert outcome(pairs) == outcome(in_real_shape(HELLO))


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_a_users_text_that_no_answer_follows_is_named_and_gives_no_dialogue(granularity: Granularity) -> None:
    pairs = [
        a_turn(1, [], "Hello.", None),
        a_turn(2, [], "Hello.", "Welcome."),
        a_turn(3, [], "Lost?", None),
        a_turn(4, [user("Hello."), assistant("Welcome.")], "And now?", "Begin."),
        a_turn(5, [], "?", ""),
        a_turn(6, [], " ", None),
    ]
    found = outcome(pairs, granularity)

    assert len(found.dialogues) == (1 if granularity == "conversation" else 2)
    assert found.left_out == (LeftOut(CONVERSATION_ID, 3, "no_target"), LeftOut(CONVERSATION_ID, 5, "no_target"))


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_a_users_text_that_is_in_a_row_is_not_left_out(granularity: Granularity) -> None:
    assert outcome(in_real_shape(HELLO), granularity).left_out == ()


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_a_conversation_without_a_trainable_pair_is_named(granularity: Granularity) -> None:
    found = outcome([a_turn(1, [], "Hello.", None)], granularity)

    assert found == Mapped(
        (), (LeftOut(CONVERSATION_ID, 1, "no_target"), LeftOut(CONVERSATION_ID, None, "no_trainable_pair")), ()
    )


def test_history_between_two_targets_is_context_and_no_target() -> None:
    """A target that was taken back, because it was poor, is still what the user heard."""
    history = [user("Hello."), assistant("Welcome."), user("Well?"), assistant("Hm.")]
    [dialogue] = outcome([a_turn(2, [], "Hello.", "Welcome."), a_turn(6, history, "Thanks.", "Gladly.")]).dialogues

    assert said(dialogue) == [("Hello.", "Welcome."), ("Well?", "Hm."), ("Thanks.", "Gladly.")]
    assert dialogue.targets == (1, 5)


def test_a_history_with_other_answers_is_flagged_and_the_targets_are_trusted() -> None:
    history = [user("Hello."), assistant("An earlier draft."), user("Well?"), assistant("Hm.")]
    found = outcome([a_turn(2, [], "Hello.", "Welcome."), a_turn(6, history, "Thanks.", "Gladly.")])

    assert said(found.dialogues[0]) == [("Hello.", "Welcome."), ("Well?", "Hm."), ("Thanks.", "Gladly.")]
    assert found.history_mismatches == (6,)


@pytest.mark.parametrize(
    "history", [[], [user("Another start."), assistant("Welcome.")], [user("Hello.")], [user("?"), assistant("!")] * 3]
)
def test_of_a_history_that_differs_only_the_users_last_text_is_taken(history: list[Json]) -> None:
    found = outcome([a_turn(2, [], "Hello.", "Welcome."), a_turn(4, history, "And now?", "Begin.")])

    assert said(found.dialogues[0]) == [("Hello.", "Welcome."), ("And now?", "Begin.")]
    assert found.history_mismatches == (4,)


def test_mismatches_are_found_turn_by_turn_too_and_each_turn_keeps_its_own_history() -> None:
    history = [user("Hello."), assistant("An earlier draft.")]
    found = outcome([a_turn(2, [], "Hello.", "Welcome."), a_turn(4, history, "And now?", "Begin.")], "turn")

    assert said(found.dialogues[1]) == [("Hello.", "An earlier draft."), ("And now?", "Begin.")]
    assert found.history_mismatches == (4,)


BROKEN_ORDERS = {
    "two users": ([user("Hello."), user("Hello?")], "Hello?", "user"),
    "the same text but for a space": ([user("Hello. ")], "Hello.", "user"),
    "two assistants": ([user("Hello."), assistant("A."), assistant("B.")], "And?", "assistant"),
    "an assistant first": ([assistant("Welcome.")], "Hello.", "assistant"),
    "no user's text at all": ([], None, "assistant"),
    "a history that ends with an answer, and no user's text": (
        [user("Hello."), assistant("Welcome.")],
        None,
        "assistant",
    ),
    "a system message in the middle": ([user("Hello."), by("System", "Be kind."), user("And?")], None, "system"),
    "two system messages": ([by("system", "Be kind."), by("system", "Be brief.")], "Hello.", "system"),
    "an unknown role": ([by("tool", "42")], "Hello.", "tool"),
    "a role that may be either side's": ([by("Agent", "42")], "Hello.", "Agent"),
}
BLANKS = {
    "a blank user's text": ([], " \n\u2003"),
    "an empty user's text": ([], ""),
    "an invisible user's text": ([], "\u2800\u200b\u3164"),
    "a blank message in the history": ([user("Hello."), assistant("\t")], "And?"),
}


@pytest.mark.parametrize("granularity", GRANULARITIES)
@pytest.mark.parametrize(
    ("history", "user_text", "reason"),
    [
        *[(history, text, ("role_order", role)) for history, text, role in BROKEN_ORDERS.values()],
        *[(history, text, ("empty_message",)) for history, text in BLANKS.values()],
    ],
    ids=[*BROKEN_ORDERS, *BLANKS],
)
def test_what_is_out_of_order_or_blank_is_left_out_and_its_turn_is_named(
    history: list[Json], user_text: str | None, reason: Any, granularity: Granularity
) -> None:
    found = outcome([a_turn(7, history, user_text, "An answer.")], granularity)

    assert found.dialogues == ()
    assert found.left_out == (LeftOut(CONVERSATION_ID, 7, *reason),)


@pytest.mark.parametrize("blank", [" \n", "\u200b", "\u00ad\u2060 "])
def test_a_blank_target_leaves_out_the_conversation_but_only_the_turns_that_hold_it(blank: str) -> None:
    pairs = in_real_shape([HELLO[0], ("And now?", blank), HELLO[2]])

    assert outcome(pairs).dialogues == ()
    assert outcome(pairs).left_out[-1] == LeftOut(CONVERSATION_ID, 4, "empty_message")
    assert [said(dialogue) for dialogue in outcome(pairs, "turn").dialogues] == [HELLO[:1]]
    assert [one.turn for one in outcome(pairs, "turn").left_out if one.reason == "empty_message"] == [4, 6]


def test_an_empty_field_beside_a_history_that_has_the_users_text_says_nothing() -> None:
    [dialogue] = outcome([a_turn(2, [user("Hello.")], "", "Welcome.")]).dialogues

    assert said(dialogue) == [("Hello.", "Welcome.")]


def test_a_conversation_has_the_system_prompt_of_its_last_trainable_pair_and_a_turn_its_own() -> None:
    pairs = in_real_shape(HELLO[:2], tail="?")
    for pair, prompt in zip(pairs, ["0", "first", "0", "second", "0"], strict=True):
        pair["system_prompt"] = prompt

    assert [dialogue.system for dialogue in outcome(pairs).dialogues] == ["second"]
    assert [dialogue.system for dialogue in outcome(pairs, "turn").dialogues] == ["first", "second"]


@pytest.mark.parametrize(
    ("prompt", "kept"), [(None, None), ("", None), (" \n", None), ("\ufeff", None), (f" {SYSTEM}\n", f" {SYSTEM}\n")]
)
def test_a_blank_system_prompt_is_none_and_any_other_is_kept_to_the_letter(
    prompt: str | None, kept: str | None
) -> None:
    assert a_dialogue(system=prompt).system == kept


@pytest.mark.parametrize(
    ("asking", "answering"),
    [
        ("User", "Assistant"),
        ("USER", "ASSISTANT"),
        ("human", "gpt"),
        ("Human", "AI"),
        ("user", "model"),
        ("customer", "bot"),
        ("client", "Chatbot"),
        ("prompter", "assistant"),
    ],
)
@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_roles_are_read_as_what_their_names_mean(granularity: Granularity, asking: str, answering: str) -> None:
    usual = in_real_shape(HELLO)
    names = {"user": asking, "assistant": answering}
    named = [
        pair | {"conversation_history": [by(names[m["role"]], m["content"]) for m in pair["conversation_history"]]}
        for pair in usual
    ]

    assert outcome(named, granularity) == outcome(usual, granularity)
    assert content_sha256(models(named)) == content_sha256(models(usual))


@pytest.mark.parametrize(("own", "counts"), [(None, "Be kind."), (" ", "Be kind."), ("Be brief.", "Be brief.")])
@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_a_system_message_at_the_beginning_of_a_history_is_the_system_prompt_where_the_pair_has_none(
    granularity: Granularity, own: str | None, counts: str
) -> None:
    usual = [pair | {"system_prompt": own} for pair in in_simple_shape(HELLO)]
    begun = [
        pair | {"conversation_history": [by("system", "Be kind."), *pair["conversation_history"]]} for pair in usual
    ]
    found = outcome(begun, granularity)

    assert {dialogue.system for dialogue in found.dialogues} == {counts}
    assert [said(one) for one in found.dialogues] == [said(one) for one in outcome(usual, granularity).dialogues]
    assert (found.left_out, found.history_mismatches) == ((), ())
    assert content_sha256(models(begun)) == content_sha256(models(usual))


def test_a_blank_system_message_at_the_beginning_of_a_history_says_nothing() -> None:
    [dialogue] = outcome([a_turn(1, [by("system", " ")], "Hello.", "Welcome.", system_prompt=None)]).dialogues

    assert (dialogue.system, said(dialogue)) == (None, [("Hello.", "Welcome.")])


def test_a_dialogue_names_the_pairs_that_its_targets_come_from() -> None:
    pairs = in_real_shape(HELLO[:2])

    assert outcome(pairs).dialogues[0].pair_ids == ("educational_turn2", "educational_turn4")
    assert [dialogue.pair_ids for dialogue in outcome(pairs, "turn").dialogues] == [
        ("educational_turn2",),
        ("educational_turn4",),
    ]
