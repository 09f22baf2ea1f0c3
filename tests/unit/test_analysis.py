"""What is kept of a conversation says what its pairs, its exports and its lines say, and stays small."""

import json
from decimal import Decimal
from typing import Any

import orjson
import pytest

from infra.sample_data import sample_conversations
from tests.support.builders import Json, a_pair, a_scored_pair, an_enriched_file
from tests.support.domain import as_read
from training_files.domain.analysis import conversation_analysis
from training_files.domain.analysis.conversation_analysis import ConversationAnalysis, PairFacts, analysis_of
from training_files.domain.conversation.dialogues import mapped
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.rows import line
from training_files.domain.health.rules import GRANULARITIES, findings_of
from training_files.domain.tokens.estimate import tokens_in

ID = "00000000-0000-4000-8000-000000000001"


def pairs_of(*pairs: Json) -> list[TrainingPairModel]:
    return as_read(an_enriched_file(*pairs)).model.training_pairs


def analysed(*pairs: Json, **changes: Any) -> ConversationAnalysis:
    return analysis_of(ID, pairs_of(*pairs), **{"row_score": None, "jsonl_size": 0, **changes})


@pytest.fixture
def sample() -> list[TrainingPairModel]:
    [conversation] = sample_conversations(1, turns=8)
    return pairs_of(*conversation.enriched["training_pairs"])


def test_it_comes_back_from_the_database_as_it_was(sample: list[TrainingPairModel]) -> None:
    faulty = pairs_of(a_pair(1, target_response="Assistant: no"), a_scored_pair(2, 4), a_pair(3, target_response=None))

    for pairs in (sample, faulty):
        analysis = analysis_of(ID, pairs, row_score=None, jsonl_size=17)
        # A jsonb column keeps no order of keys.
        stored = json.loads(json.dumps(analysis.as_json(), sort_keys=True))

        assert ConversationAnalysis.from_json(ID, stored) == analysis


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_its_rows_are_those_of_an_export(sample: list[TrainingPairModel], granularity: Granularity) -> None:
    dialogues = mapped(ID, sample, granularity).dialogues

    rows = analysis_of(ID, sample, row_score=None, jsonl_size=0).rows[granularity]

    assert [(row.turn, row.bytes) for row in rows] == [(d.turn, len(line(d, "messages"))) for d in dialogues]
    assert [row.messages for row in rows] == [len(dialogue.messages) for dialogue in dialogues]


def test_of_a_version_without_signatures_there_is_none(sample: list[TrainingPairModel]) -> None:
    analysis = analysis_of(ID, sample, row_score=None, jsonl_size=0)
    kept = analysis.as_json()
    del kept["signature"]

    assert analysis.signature is not None
    assert ConversationAnalysis.from_json(ID, kept).signature is None


def test_its_pairs_come_in_the_order_of_their_turns() -> None:
    reviewed = {"training_metadata": {"quality_score": 4.25, "human_reviewed": True}}
    target = "Save a little more, week by week."

    analysis = analysed(a_pair(3, target_response=None), a_pair(1, target_response=target, **reviewed))

    first, second = analysis.pairs
    assert second == PairFacts(
        3,
        trainable=False,
        score=Decimal("3.5"),
        reviewed=False,
        target_characters=0,
        target_tokens=0,
        opening=None,
    )
    assert (first.turn, first.trainable, first.score, first.reviewed) == (1, True, Decimal("4.25"), True)
    assert (first.target_characters, first.opening is not None) == (len(target), True)
    assert first.target_tokens == tokens_in(target).most


def test_one_that_was_kept_before_there_were_tokens_has_a_quarter_of_the_bytes() -> None:
    analysis = analysed(a_pair(1, target_response="你好" * 40))
    kept = analysis.as_json()
    kept["pairs"] = [pair[:-1] for pair in kept["pairs"]]
    kept["rows"] = {granularity: [row[:-1] for row in rows] for granularity, rows in kept["rows"].items()}

    old = ConversationAnalysis.from_json(ID, kept)

    [row] = old.rows["conversation"]
    assert (row.tokens.most, row.has_rough_tokens) == (-(-row.bytes // 4), True)
    assert old.pairs[0].target_tokens == 20
    assert not analysis.rows["conversation"][0].has_rough_tokens


def test_the_reviewed_score_of_the_row_wins() -> None:
    analysis = analysed(a_scored_pair(1, 2), a_scored_pair(2, None), row_score=Decimal("4.5"))

    assert [pair.score for pair in analysis.pairs] == [Decimal("4.5"), Decimal("4.5")]


def opening(target: str, persona: object = None) -> str | None:
    pair = a_pair(target_response=target, conversation_metadata={"client_persona": persona})
    return analysed(pair).pairs[0].opening


def test_openings_are_the_same_whatever_their_case_and_punctuation() -> None:
    targets = ["It makes sense, that this feels.", "it MAKES sense\n\nthat “it” is.", "It makes sense when it is."]

    openings = [opening(target) for target in targets]

    assert openings[0] == openings[1] != openings[2]


@pytest.mark.parametrize(
    ("target", "persona"),
    [
        ("Ana, first—take a breath.", "Ana - The Tester"),
        ("Ana Maria: first, take a breath", "Ana Maria Brown \u2013 The Tester"),
        ("ana first take a breath", "Ana"),
        ("Brown! First, take a breath", "Ana Brown, the tester"),
        ("Jörg, first take a breath.", None),
        ("O\u2019Neil, first take a breath.", None),
        ("**Kim**, first take a breath.", "Kim (tester)"),
    ],
)
def test_an_opening_is_the_same_without_the_name_that_it_begins_with(target: str, persona: str | None) -> None:
    assert opening(target, persona) == opening("First, take a breath.") is not None


@pytest.mark.parametrize(
    ("target", "persona"),
    [
        ("Yes, first take a breath.", None),
        ("Thank you, Ana, first take a breath.", "Ana - The Tester"),
        ("The first, take a breath.", "The Tester"),
        ("Careful first take a breath.", None),
    ],
)
def test_other_words_belong_to_the_opening(target: str, persona: str | None) -> None:
    assert opening(target, persona) not in (None, opening("First, take a breath."))


@pytest.mark.parametrize(("target", "persona"), [("Ana, take a breath.", "Ana"), ("Ana", "Ana"), ("", 7), ("...", [])])
def test_a_target_of_few_words_has_no_opening(target: str, persona: object) -> None:
    assert opening(target, persona) is None


def test_what_is_in_no_row_is_counted(sample: list[TrainingPairModel]) -> None:
    history = [{"role": "assistant", "content": "Hello."}]
    one_turn = analysed(
        a_pair(2, conversation_history=history), a_pair(3, current_user_input="Lost?", target_response=None)
    )

    assert one_turn.left_out == {granularity: {"no_target": 1, "role_order": 1} for granularity in GRANULARITIES}
    assert analysis_of(ID, sample, row_score=None, jsonl_size=0).left_out["turn"] == {}


def test_what_an_older_version_counted_as_left_out_is_counted_anew() -> None:
    asked = [a_pair(turn, target_response=None) for turn in (1, 3, 4)]
    now = analysed(asked[0], a_pair(2), *asked[1:]).as_json()
    older = now | {"version": 1, "left_out": {key: {"no_target": 3, "role_order": 1} for key in GRANULARITIES}}

    assert ConversationAnalysis.from_json(ID, older).left_out == {
        key: {"no_target": 2, "role_order": 1} for key in GRANULARITIES
    }


def test_all_findings_are_kept_the_gravest_first() -> None:
    leaks = [a_pair(turn, target_response=f"User: {turn}.") for turn in range(200)]
    pairs = [*leaks, a_pair(200, target_response="null")]

    analysis = analysed(*pairs)

    assert sorted(analysis.findings, key=str) == sorted(findings_of(ID, pairs_of(*pairs)), key=str)
    assert (analysis.findings[0].rule, analysis.is_unhealthy) == ("placeholder_text", True)
    assert analysis.found["role_leak"] == 200


def test_of_more_findings_than_a_row_has_room_for_the_gravest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation_analysis, "FINDINGS_KEPT", 2)
    leaks = [a_pair(turn, target_response=f"User: {turn}.") for turn in range(5)]

    analysis = analysed(*leaks, a_pair(5, target_response="null"))

    assert [finding.rule for finding in analysis.findings] == ["placeholder_text", "role_leak"]
    assert analysis.found["role_leak"] == 5


def test_an_analysis_of_before_findings_had_a_field_can_be_read() -> None:
    """Version 1 kept the gravest hundred, without field and offset, and counted the others."""
    now = analysed(a_pair(1, target_response="User: no."))
    findings = [["role_leak", "warning", 1, "the target has a line that begins with the name of a role and a colon"]]
    stored = now.as_json() | {"version": 1, "findings": findings, "found": {"role_leak": 7}}

    then = ConversationAnalysis.from_json(ID, stored)

    [finding] = then.findings
    assert (finding.rule, finding.conversation_id, finding.turn) == ("role_leak", ID, 1)
    assert (finding.field, finding.offset) == (None, None)
    assert then.found == {"role_leak": 7}


def test_it_takes_about_a_kilobyte(sample: list[TrainingPairModel]) -> None:
    """However long the texts are."""
    long = [pair.model_copy(update={"system_prompt": "Stay calm. " * 10_000}) for pair in sample]

    assert len(orjson.dumps(analysis_of(ID, long, row_score=None, jsonl_size=10**6).as_json())) < 1024
