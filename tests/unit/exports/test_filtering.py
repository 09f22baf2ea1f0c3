"""What an export does not train on, and that nothing else is lost."""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.builders import Json
from tests.support.exchanges import CONVERSATION_ID, in_real_shape, in_simple_shape, models
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import ExportFilter, ExportFormat, ExportRequest
from training_files.domain.exports.treatment import TreatedConversation, TreatmentTally, treated_conversation
from training_files.domain.health.findings import is_unhealthy

# The second target is cut off, and the third user's text holds a telephone number.
EXCHANGES = [
    ("Where do I start?", "With what you have."),
    ("And then?", "Then you put aside what the next month wi"),
    ("Call me at +1 415 555 0132, please.", "I cannot call, but I can answer here."),
    ("Thank you.", "Gladly."),
]
ERROR, WARNING = ExportFilter(without=("error",)), ExportFilter(without=("warning",))


def treated(
    pairs: list[Json],
    wanted: ExportFilter | None,
    export_format: ExportFormat = "messages",
    granularity: Granularity = "conversation",
    scores: dict[int, Decimal | None] | None = None,
) -> TreatedConversation:
    request = ExportRequest(format=export_format, granularity=granularity, filter=wanted, name="A")
    return treated_conversation(CONVERSATION_ID, models(pairs), request, scores or {})


def trained(found: TreatedConversation) -> list[str]:
    """The targets of its rows."""
    return [row.messages[index].content for row in found.mapped.dialogues for index in row.targets]


@pytest.mark.parametrize("shape", [in_real_shape, in_simple_shape], ids=["a turn for each side", "a turn for both"])
def test_a_row_for_each_target_leaves_out_those_that_fail(shape: Any) -> None:
    found = treated(shape(EXCHANGES), ERROR, granularity="turn")

    assert trained(found) == ["With what you have.", "I cannot call, but I can answer here.", "Gladly."]
    assert found.filtered.lost == ()


@pytest.mark.parametrize("shape", [in_real_shape, in_simple_shape], ids=["a turn for each side", "a turn for both"])
def test_weights_keep_every_target_that_does_not_fail_and_all_that_was_said(shape: Any) -> None:
    found = treated(shape(EXCHANGES), ERROR, "messages_weight")

    [row] = found.mapped.dialogues
    assert trained(found) == ["With what you have.", "I cannot call, but I can answer here.", "Gladly."]
    assert [message.content for message in row.messages] == [text for exchange in EXCHANGES for text in exchange]
    assert found.filtered.lost == ()


@pytest.mark.parametrize("export_format", ["messages", "bedrock", "bedrock_claude", "gemini", "sharegpt", "alpaca"])
def test_other_rows_of_conversations_end_before_the_first_target_that_fails(export_format: ExportFormat) -> None:
    found = treated(in_simple_shape(EXCHANGES), ERROR, export_format)

    [row] = found.mapped.dialogues
    assert [message.content for message in row.messages] == ["Where do I start?", "With what you have."]
    assert (row.turn, found.filtered.lost) == (1, (3, 4))


def test_a_completion_is_that_of_the_last_target_that_does_not_fail() -> None:
    """Of a conversation only the last answer is trained on, so what fails before it does no harm."""
    found = treated(in_simple_shape(EXCHANGES[:3]), ERROR, "prompt_completion")

    [row] = found.mapped.dialogues
    assert (row.messages[-1].content, len(row.messages)) == (EXCHANGES[2][1], 6)
    assert (found.as_metadata(row)["health"], found.filtered.lost) == ("warning", ())


@pytest.mark.parametrize(
    ("export_format", "unhealthy"),
    [("messages", [False, True, True]), ("bedrock", [False, True, True]), ("messages_weight", [False] * 3)],
)
def test_a_row_that_trains_on_a_failing_answer_again_is_not_called_healthy(
    export_format: ExportFormat, unhealthy: list[bool]
) -> None:
    found = treated(in_simple_shape(EXCHANGES), ERROR, export_format, "turn")

    assert [is_unhealthy(found.findings_in(row)) for row in found.mapped.dialogues] == unhealthy


def test_a_text_that_ends_every_dialogue_takes_nothing_before_it_along() -> None:
    pairs = in_simple_shape([EXCHANGES[0], ("\u200b", "I am here."), *EXCHANGES[2:]])
    for export_format in ("messages", "messages_weight"):
        found = treated(pairs, ERROR, export_format)

        assert trained(found) == [EXCHANGES[0][1]]
        assert found.filtered.lost == (3, 4)


@pytest.mark.parametrize("granularity", ["conversation", "turn"])
def test_a_filter_hides_no_text_that_no_answer_follows(granularity: Granularity) -> None:
    found = treated(in_real_shape(EXCHANGES, tail="One more thing."), ERROR, "messages_weight", granularity)

    assert [(each.turn, each.reason) for each in found.mapped.left_out] == [(9, "no_target")]


CARD = "If they ask, it is 4111 1111 1111 1111."


def test_a_system_prompt_in_the_history_is_one() -> None:
    pairs = in_simple_shape(EXCHANGES[:1] * 3, system_prompt=None)
    for pair in pairs:
        pair["conversation_history"].insert(0, {"role": "system", "content": CARD})

    found = treated(pairs, ERROR, granularity="turn")

    assert set(found.filtered.failing) == {1, 2, 3}


@pytest.mark.parametrize(
    ("prompts", "granularity", "failing"),
    [
        ([CARD, "Be kind.", "Be kind."], "turn", {1}),
        ([CARD, "Be kind.", "Be kind."], "conversation", set()),
        (["Be kind.", CARD, CARD], "turn", {2, 3}),
        (["Be kind.", CARD, CARD], "conversation", {1, 2, 3}),
    ],
)
def test_a_target_fails_by_its_own_system_prompt(
    prompts: list[str], granularity: Granularity, failing: set[int]
) -> None:
    """A whole conversation has the last one."""
    pairs = in_simple_shape(EXCHANGES[:1] * 3)
    for pair, prompt in zip(pairs, prompts, strict=True):
        pair["system_prompt"] = prompt

    assert set(treated(pairs, ERROR, granularity=granularity).filtered.failing) == failing


def test_weights_end_with_the_last_target_that_does_not_fail() -> None:
    found = treated(in_simple_shape(EXCHANGES[:2]), ERROR, "messages_weight")

    [row] = found.mapped.dialogues
    assert (trained(found), len(row.messages), row.turn) == (["With what you have."], 2, 1)


@pytest.mark.parametrize("granularity", ["conversation", "turn"])
@pytest.mark.parametrize("export_format", ["messages", "messages_weight"])
def test_a_conversation_with_nothing_to_train_on_has_no_row(
    export_format: ExportFormat, granularity: Granularity
) -> None:
    found = treated(in_simple_shape(EXCHANGES[1:2]), ERROR, export_format, granularity)

    assert found.mapped.dialogues == ()
    assert dict(found.filtered.failing) == {1: ["truncated_target"]}


def test_a_target_fails_by_what_is_found_in_the_text_that_it_answers() -> None:
    """In real data that text stands in a turn of its own."""
    for shape, turn in ((in_real_shape, 6), (in_simple_shape, 3)):
        found = treated(shape(EXCHANGES), ExportFilter(without=("personal_data",)), granularity="turn")

        assert dict(found.filtered.failing) == {turn: ["personal_data"]}


def test_a_target_fails_by_what_all_of_its_conversation_has() -> None:
    pairs = in_simple_shape(EXCHANGES[:1], system_prompt="Write to ana@example.com if you do not know.")

    assert dict(treated(pairs, WARNING).filtered.failing) == {1: ["personal_data"]}


def test_a_label_of_the_consultant_is_one_by_the_name_in_the_profile() -> None:
    wanted = ExportFilter(without=("speaker_label",))
    request = ExportRequest(format="messages", granularity="turn", filter=wanted, name="A")
    pairs = models(in_simple_shape([("Where do I start?", "Elena: With what you have.")]))

    found = [
        dict(treated_conversation(CONVERSATION_ID, pairs, request, {}, consultant=name).filtered.failing)
        for name in ("Elena Morales", None)
    ]

    assert found == [{1: ["speaker_label"]}, {}]


def test_nobody_trains_on_metadata() -> None:
    pairs = in_simple_shape(EXCHANGES[:1], conversation_metadata={"client_background": "[object Object]"})

    assert dict(treated(pairs, WARNING).filtered.failing) == {}


def test_scores_and_reviews_decide_where_they_are_asked_for() -> None:
    pairs = in_simple_shape(EXCHANGES[:1] * 3)
    pairs[1]["training_metadata"] = {"quality_score": 5, "human_reviewed": True}
    scores = {1: Decimal("3.9"), 2: Decimal(4), 3: None}
    least = ExportFilter(min_quality_score=Decimal(4))

    assert dict(treated(pairs, least, scores=scores).filtered.failing) == {1: ["min_quality_score"], 3: ["not_scored"]}
    assert set(treated(pairs, ExportFilter(reviewed_only=True)).filtered.failing) == {1, 3}


def test_without_a_filter_nothing_is_left_out() -> None:
    found = treated(in_simple_shape(EXCHANGES), None)

    assert len(trained(found)) == len(EXCHANGES)
    assert found.as_metadata(found.mapped.dialogues[0]) == {
        "health": "error",
        "findings": "truncated_target@2 personal_data@3",
        "filtered": "",
        "repaired": "",
        "redacted": "",
    }


def test_what_was_filtered_is_counted_and_listed_with_its_place() -> None:
    request = ExportRequest(format="messages", granularity="conversation", filter=ERROR, name="A")
    tally = TreatmentTally(request)
    tally.add(treated(in_simple_shape(EXCHANGES), ERROR))

    assert tally.summary()["filtered"] == {
        "targets": 1,
        "lost_with_them": 2,
        "by_reason": {"truncated_target": 1},
        "places": [{"conversation_id": CONVERSATION_ID, "turn": 2, "reasons": ["truncated_target"]}],
    }
