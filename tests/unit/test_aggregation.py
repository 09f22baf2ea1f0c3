"""What a conversation contributes, and what a training file adds up to."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.builders import a_pair, a_scored_pair, an_enriched_file
from tests.support.domain import a_conversation, some_figures, the_figures, the_totals
from training_files.domain.conversation.figures import ConversationFigures
from training_files.domain.training_file.totals import Totals

scores = st.lists(st.decimals(0, 5, places=4), max_size=4)
keys = st.sampled_from([None, "", "planner", "worrier", "naïve"])
conversations = st.lists(
    st.builds(
        some_figures,
        scores,
        training_pairs=st.integers(1, 9),
        reviewed_pairs=st.integers(0, 1),
        persona_key=keys,
        emotional_arc_key=keys,
    ),
    max_size=6,
)


def as_kept(totals: Totals) -> Totals:
    """The totals as the next addition finds them: through a jsonb column, which keeps no order of keys."""
    return Totals.from_json(json.loads(json.dumps(totals.as_json(), sort_keys=True)))


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(conversations, conversations)
def test_totals_do_not_depend_on_how_a_file_grew(
    first: list[ConversationFigures], then: list[ConversationFigures]
) -> None:
    at_once = the_totals(*first, *then)
    in_two_steps = the_totals(*then, before=as_kept(the_totals(*first)))

    assert in_two_steps == at_once
    assert in_two_steps.avg_quality_score == at_once.avg_quality_score
    # An order too is a part of the file's bytes.
    assert json.dumps(in_two_steps.scaffolding_distribution) == json.dumps(at_once.scaffolding_distribution)


def test_totals_of_nothing_survive_being_kept() -> None:
    assert as_kept(Totals()) == Totals()
    assert Totals().avg_quality_score is None


def test_pairs_are_counted_by_what_they_are() -> None:
    enriched = an_enriched_file(
        a_scored_pair(1, human_reviewed=True), a_pair(2, target_response=None), a_pair(3, target_response="")
    )
    figures = the_figures(enriched=enriched)

    assert (figures.training_pairs, figures.trainable_pairs, figures.reviewed_pairs) == (3, 1, 1)


def test_a_row_without_a_score_leaves_each_pair_its_own() -> None:
    scores = the_figures(
        enriched=an_enriched_file(a_scored_pair(1, 2), a_scored_pair(2, 4.1), a_scored_pair(3, None))
    ).scores

    assert (scores.sum, scores.count, scores.minimum, scores.maximum) == (Decimal("6.1"), 2, 2, Decimal("4.1"))
    assert scores.mean == Decimal("3.05")


@pytest.mark.parametrize("row_score", ["4.6", "0"])
def test_the_score_of_the_row_wins_for_every_pair(row_score: str) -> None:
    enriched = an_enriched_file(a_scored_pair(1, 2), a_scored_pair(2, None))
    scores = the_figures(a_conversation(quality_score=row_score), enriched).scores

    assert (scores.count, scores.minimum, scores.maximum) == (2, Decimal(row_score), Decimal(row_score))


def test_average_minimum_and_maximum_run_over_all_scored_pairs() -> None:
    totals = the_totals(some_figures([Decimal(1), Decimal(2)]), some_figures([]), some_figures([Decimal("4.015")]))

    assert totals.scores.mean == Decimal("7.015") / 3
    assert str(totals.avg_quality_score) == "2.34"
    assert (totals.scores.minimum, totals.scores.maximum) == (1, Decimal("4.015"))


def test_the_average_is_rounded_half_up() -> None:
    assert str(the_totals(some_figures([Decimal("4.34"), Decimal("4.35")])).avg_quality_score) == "4.35"


@pytest.mark.parametrize("nothing", [None, ""])
def test_empty_keys_do_not_count(nothing: str | None) -> None:
    distribution = the_totals(
        some_figures(persona_key="worrier"), some_figures(persona_key=nothing), some_figures(persona_key="planner")
    ).scaffolding_distribution

    assert json.dumps(distribution["personas"]) == '{"worrier": 1, "planner": 1}'
    assert distribution["emotional_arcs"] == {}
    assert distribution["training_topics"] == {"budget": 3}
