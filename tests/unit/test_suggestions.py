"""Which conversations are suggested: those that bring the shares of personas, arcs and topics closest together."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from training_files.domain.balance.suggestions import ENOUGH_OF_ALL, Suggestions, suggested
from training_files.domain.conversation.conversation import Candidate
from training_files.domain.training_file.training_file import Distribution

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
NOTHING: Distribution = {"personas": {}, "emotional_arcs": {}, "training_topics": {}}


def a_candidate(number: int, persona: str | None = "kim", **columns: Any) -> Candidate:
    return Candidate(
        conversation_id=UUID(int=number),
        persona_key=persona,
        **{"created_at": MOMENT, "quality_score": Decimal(4), **columns},
    )


def numbers(suggestions: Suggestions) -> list[int]:
    return [suggestion.candidate.conversation_id.int for suggestion in suggestions.chosen]


def personas(**counts: int) -> Distribution:
    return NOTHING | {"personas": counts}


def chosen(candidates: list[Candidate], distribution: Distribution = NOTHING, limit: int = 10) -> Suggestions:
    count = sum(distribution["personas"].values())
    return suggested(candidates, distribution, conversation_count=count, limit=limit)


def test_the_rarest_key_is_taken_first_and_again_until_it_has_its_share() -> None:
    candidates = [*(a_candidate(n, "ana") for n in (1, 2, 3)), *(a_candidate(n, "kim") for n in (4, 5, 6))]

    suggestions = chosen(candidates, personas(ana=3, kim=1), limit=3)

    assert numbers(suggestions) == [4, 5, 1]
    assert suggestions.before.distribution["personas"] == {"ana": 3, "kim": 1}
    assert suggestions.after.distribution["personas"] == {"ana": 4, "kim": 3}
    assert (suggestions.before.imbalance, suggestions.after.conversation_count) == (0.125, 7)


def test_a_key_that_only_candidates_have_counts_with_nothing_in_the_file() -> None:
    suggestions = chosen([a_candidate(1, "kim"), a_candidate(2, "new")], personas(ana=2, kim=2), limit=1)

    assert suggestions.before.distribution["personas"] == {"ana": 2, "kim": 2, "new": 0}
    assert numbers(suggestions) == [2]
    assert suggestions.chosen[0].reason == "persona new: 0 of 4 conversations"


def test_the_reason_names_every_rare_key_with_what_was_suggested_before_counted_in() -> None:
    arc = {"emotional_arc_key": "fear_to_calm"}
    distribution = personas(ana=4, kim=0) | {"emotional_arcs": {"anger": 3, "fear_to_calm": 1}}

    first, second = chosen([a_candidate(1, **arc), a_candidate(2, **arc)], distribution, limit=2).chosen

    assert first.reason == "persona kim: 0 of 4 conversations; emotional arc fear_to_calm: 1 of 4 conversations"
    assert second.reason == "persona kim: 1 of 5 conversations; emotional arc fear_to_calm: 2 of 5 conversations"


def test_a_candidate_that_brings_nothing_rare_says_so() -> None:
    [only] = chosen([a_candidate(1, "ana")], personas(ana=3, kim=1)).chosen

    assert only.reason == ENOUGH_OF_ALL


def test_what_balances_equally_goes_by_score_then_age_then_id() -> None:
    older = MOMENT - timedelta(days=1)
    candidates = [
        a_candidate(5, quality_score=None),
        a_candidate(4),
        a_candidate(3),
        a_candidate(2, created_at=older),
        a_candidate(1, quality_score=Decimal("4.5")),
    ]

    assert numbers(chosen(candidates)) == [1, 2, 3, 4, 5]


def test_low_scores_come_last_whatever_they_balance() -> None:
    candidates = [a_candidate(1, "kim", quality_score=Decimal("3.49")), a_candidate(2, "ana", quality_score=None)]

    assert numbers(chosen(candidates, personas(ana=9, kim=0))) == [2, 1]


def test_candidates_without_keys_are_no_better_than_those_that_are_a_first() -> None:
    assert numbers(chosen([a_candidate(1, None), a_candidate(2, "kim"), a_candidate(3, "ana")])) == [2, 3, 1]


def test_there_may_be_nothing_to_suggest() -> None:
    suggestions = chosen([], personas(ana=2))

    assert (suggestions.chosen, suggestions.before) == ((), suggestions.after)


keys = st.sampled_from([None, "a", "b", "c"])
counts = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 20))
distributions = st.fixed_dictionaries({"personas": counts, "emotional_arcs": counts, "training_topics": counts})


@given(distributions, st.lists(st.tuples(keys, keys, keys), max_size=12), st.integers(1, 12))
def test_no_other_candidate_would_have_left_less_imbalance(
    distribution: Distribution, cells: list[tuple[str | None, ...]], limit: int
) -> None:
    names = ("persona_key", "emotional_arc_key", "training_topic_key")
    candidates = [
        Candidate(conversation_id=UUID(int=number), created_at=MOMENT, **dict(zip(names, cell, strict=True)))
        for number, cell in enumerate(cells, start=1)
    ]

    suggestions = suggested(candidates, distribution, conversation_count=20, limit=limit)

    assert len(set(numbers(suggestions))) == len(suggestions.chosen) == min(limit, len(candidates))
    left, now = list(candidates), suggestions.before.distribution
    for suggestion in suggestions.chosen:
        taken = imbalance(with_one_more(now, suggestion.candidate))
        assert taken <= min(imbalance(with_one_more(now, other)) for other in left) + 1e-12
        left.remove(suggestion.candidate)
        now = with_one_more(now, suggestion.candidate)
    assert now == suggestions.after.distribution
    assert abs(imbalance(now) - suggestions.after.imbalance) < 0.0001


def with_one_more(distribution: Distribution, candidate: Candidate) -> Distribution:
    added = {
        "personas": candidate.persona_key,
        "emotional_arcs": candidate.emotional_arc_key,
        "training_topics": candidate.training_topic_key,
    }
    return {
        kind: {**counted, key: counted[key] + 1} if (key := added[kind]) else counted
        for kind, counted in distribution.items()
    }


def imbalance(distribution: Distribution) -> float:
    """As it is defined, without a short cut."""
    return sum(_imbalance(Counter(counted)) for counted in distribution.values())


def _imbalance(counted: Counter[str]) -> float:
    if not counted.total():
        return 1.0 if counted else 0.0
    return sum((count / counted.total() - 1 / len(counted)) ** 2 for count in counted.values())
