"""What there is to choose from comes page by page, with why each cannot be used, and with what a filter misspells."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest

from tests.support.trouble import Trouble
from tests.support.workshop import Workshop
from training_files.api.conversations.answers import conversations_answer, summary_answer
from training_files.api.conversations.cursors import NOT_OURS, cursor_of, place_of
from training_files.api.conversations.requests import ListConversationsQuery, SummaryQuery
from training_files.api.parsing import parsed, query_parameters
from training_files.domain.conversation.choices import ChoicesPage, ConversationPlace, Sort
from training_files.domain.conversation.conversation_filter import ConversationFilter
from training_files.errors import RequestInvalidError, TrainingFileNotFoundError

PLACE = ConversationPlace(
    created_at="2026-01-31T09:30:00.123456+00:00", score_order="-4.25", conversation_id=UUID(int=7)
)


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


def page(workshop: Workshop, limit: int = 50, **wanted: Any) -> ChoicesPage:
    return workshop.untroubled.page_of_choices(ConversationFilter(**wanted), limit=limit)


def warnings(workshop: Workshop, **wanted: Any) -> list[tuple[str, str, str | None]]:
    found = page(workshop, **wanted).unknown_keys
    assert found == workshop.untroubled.summarize_conversations(ConversationFilter(**wanted)).unknown_keys
    return [(each.field, each.key, each.nearest) for each in found]


def query_of(**sent: Any) -> ListConversationsQuery:
    return parsed(ListConversationsQuery, query_parameters(urlencode(sent, doseq=True), ListConversationsQuery))


class TestAPage:
    def test_says_why_each_cannot_be_used_as_a_request_for_it_would(self, workshop: Workshop) -> None:
        usable = workshop.a_conversation()
        raw, fileless, elsewhere = (
            workshop.repository.put_conversation(workshop.owner, **row).conversation_id
            for row in (
                {"enrichment_status": "validated"},
                {"enriched_file_path": None},
                {"enriched_file_path": "elsewhere/enriched.json"},
            )
        )

        codes = {
            choice.conversation.conversation_id: choice.fault and choice.fault.code for choice in page(workshop).choices
        }

        assert codes == {
            usable: None,
            raw: "not_enriched",
            fileless: "no_enriched_file",
            elsewhere: "enriched_file_elsewhere",
        }

    @pytest.mark.parametrize(("limit", "more"), [(1, True), (2, True), (3, False), (4, False)])
    def test_leads_on_where_others_follow(self, workshop: Workshop, limit: int, *, more: bool) -> None:
        for _ in range(3):
            workshop.a_conversation()

        found = page(workshop, limit)

        assert len(found.choices) == min(limit, 3)
        assert (found.next_place is not None) == more

    def test_of_a_filter_with_an_unknown_training_file_there_is_none(self, workshop: Workshop) -> None:
        with pytest.raises(TrainingFileNotFoundError):
            page(workshop, not_in=(uuid4(),))
        with pytest.raises(TrainingFileNotFoundError):
            workshop.untroubled.summarize_conversations(ConversationFilter(not_in=(uuid4(),)))


class TestAKeyThatNoConversationHas:
    @pytest.fixture(autouse=True)
    def some_rows(self, workshop: Workshop) -> None:
        for persona in ("anxious_planner", "late_saver", "late_saver"):
            workshop.repository.put_conversation(workshop.owner, persona_key=persona, tier="template")

    @pytest.fixture(autouse=True, params=[0, 10], ids=["counted", "looked for"])
    def looked_for_singly(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("training_files.choosing.counting.LOOKED_FOR_SINGLY", request.param)

    @pytest.mark.parametrize(
        ("key", "nearest"),
        [("anxios_planner", "anxious_planner"), ("LATE_SAVER", "late_saver"), ("zzzz", None)],
    )
    def test_is_named_with_the_nearest(self, workshop: Workshop, key: str, nearest: str | None) -> None:
        assert warnings(workshop, personas=("late_saver", key)) == [("personas", key, nearest)]

    def test_is_said_of_every_kind_of_key(self, workshop: Workshop) -> None:
        found = warnings(
            workshop,
            personas=("x",),
            emotional_arcs=("fear_to_clam",),
            training_topics=("budgets",),
            tiers=("templates",),
            batch_ids=("none",),
        )

        assert found == [
            ("personas", "x", None),
            ("emotional_arcs", "fear_to_clam", "fear_to_calm"),
            ("training_topics", "budgets", "budget"),
            ("tiers", "templates", "template"),
            ("batch_ids", "none", None),
        ]

    def test_is_not_one_that_only_the_rest_of_the_filter_leaves_out(self, workshop: Workshop) -> None:
        assert warnings(workshop, personas=("late_saver",), min_quality_score=5) == []

    def test_is_not_one_that_is_too_rare_to_be_counted(
        self, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("training_files.choosing.counting.KEYS_COUNTED", 1)

        found = warnings(workshop, personas=("anxious_planner", "x"), min_quality_score=5)

        assert found == [("personas", "x", None)]

    def test_is_looked_for_with_the_first_page_alone(self, workshop: Workshop) -> None:
        first = workshop.untroubled.page_of_choices(ConversationFilter(), limit=1)
        wanted = ConversationFilter(personas=("nobody",))

        assert workshop.untroubled.page_of_choices(wanted, limit=1, after=first.next_place).unknown_keys == ()

    def test_is_one_of_five_that_are_named(self, workshop: Workshop) -> None:
        assert len(warnings(workshop, personas=tuple(f"x{number}" for number in range(9)))) == 5


class TestKeysThatAPageDoesNotShow:
    """Everything is counted only to name the nearest of a key that nobody has."""

    @pytest.mark.parametrize(
        ("personas", "counted"), [(("rare", "often"), 0), (("often",), 0), (("rare", "often", "raer"), 1)]
    )
    def test_are_looked_for_without_counting_everything(
        self, workshop: Workshop, personas: tuple[str, ...], counted: int
    ) -> None:
        for persona in ("rare", "often", "often"):
            workshop.repository.put_conversation(workshop.owner, persona_key=persona)
        watched = replace(workshop, trouble=Trouble())

        found = watched.service.page_of_choices(ConversationFilter(personas=personas), limit=1)

        assert len(found.unknown_keys) == counted
        assert watched.trouble.calls.count("summarize_conversations") == counted


class TestAnAnswer:
    def test_shows_a_score_that_json_has_no_number_for_as_none(self, workshop: Workshop) -> None:
        for score in ("NaN", "Infinity", 92):
            workshop.repository.put_conversation(workshop.owner, quality_score=score)

        answer = conversations_answer(page(workshop), "newest")

        assert sorted(str(each["quality_score"]) for each in answer["conversations"]) == ["92", "None", "None"]
        assert {each["usable"] for each in answer["conversations"]} == {False}

    def test_has_ten_steps_of_scores_and_the_most_frequent_keys_first(self, workshop: Workshop) -> None:
        for score, persona in ((0, "b"), ("0.5", "a"), ("4.99", "c"), (5, "c")):
            workshop.repository.put_conversation(workshop.owner, quality_score=score, persona_key=persona)

        answer = summary_answer(workshop.untroubled.summarize_conversations(ConversationFilter()))

        assert [step["count"] for step in answer["scores"]["histogram"]] == [1, 1, 0, 0, 0, 0, 0, 0, 0, 2]
        assert [step["from"] for step in answer["scores"]["histogram"][:3]] == [0, 0.5, 1]
        assert list(answer["personas"]["counts"].items()) == [("c", 2), ("a", 1), ("b", 1)]


class TestAFilter:
    def test_takes_a_key_as_it_is_and_several_by_repeating_the_parameter(self) -> None:
        assert query_of(personas="a,b").wanted.personas == ("a,b",)
        assert query_of(personas=["a", "b & c"], tiers=["d"]).wanted.personas == ("a", "b & c")
        assert query_of().wanted == ConversationFilter()

    @pytest.mark.parametrize(
        ("written", "moment"),
        [
            ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
            ("2026-01-31T09:30:00Z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
            ("2026-01-31T09:30:00.5+02:00", datetime(2026, 1, 31, 7, 30, 0, 500_000, tzinfo=UTC)),
        ],
    )
    def test_takes_a_time_with_its_offset_or_a_date(self, written: str, moment: datetime) -> None:
        assert query_of(created_after=written).wanted.created_after == moment

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            *(("created_after", value) for value in ("", "now", "1769851800", "2026-01-31T09:30:00", "2026-02-30")),
            *(("created_before", value) for value in ("0001-01-01T00:00:00+14:00", "2026-01-31T09:30:00+01:00:30")),
            *(("min_quality_score", value) for value in ("-1", "5.1", "NaN", "4.123", "high")),
            *(("personas", value) for value in ("", "x" * 256, "\0")),
            ("not_in", "x"),
            ("limit", "0"),
            ("limit", "501"),
            ("limit", ["1", "2"]),
            ("sort", "best"),
            ("persona", "a"),
            ("tiers", ["x"] * 201),
        ],
    )
    def test_that_is_malformed_is_refused(self, field: str, value: Any) -> None:
        with pytest.raises(RequestInvalidError) as refused:
            query_of(**{field: value})

        assert refused.value.details[0]["field"].partition("[")[0] == field

    @pytest.mark.parametrize(
        "limits",
        [
            {"min_quality_score": 4, "max_quality_score": 3},
            {"created_after": "2026-02-01", "created_before": "2026-01-31"},
        ],
    )
    def test_whose_limits_leave_nothing_is_refused(self, limits: dict[str, Any]) -> None:
        with pytest.raises(RequestInvalidError):
            parsed(SummaryQuery, limits)


class TestACursor:
    @pytest.mark.parametrize("sort", ["newest", "oldest", "score"])
    @pytest.mark.parametrize("created_at", [PLACE.created_at, "infinity", "0044-03-15T00:00:00+00:00 BC"])
    @pytest.mark.parametrize("score_order", ["-4.25", "Infinity", "NaN", "0", f"-4.{'3' * 36}", f"-0.{'1' * 999}"])
    def test_leads_back_to_its_place(self, sort: Sort, created_at: str, score_order: str) -> None:
        place = PLACE.model_copy(update={"created_at": created_at, "score_order": score_order})
        known = place if sort == "score" else place.model_copy(update={"score_order": None})

        assert place_of(cursor_of(place, sort), sort) == known
        assert query_of(sort=sort, cursor=cursor_of(place, sort)).after == known

    def test_of_the_order_by_age_knows_no_score(self) -> None:
        longest = PLACE.model_copy(update={"score_order": f"-4.{'3' * 16_000}"})

        assert cursor_of(longest, "newest") == cursor_of(PLACE, "newest")

    def test_of_the_order_by_age_may_have_a_score_as_it_had(self) -> None:
        written = f"newest|{PLACE.created_at}|{PLACE.score_order}|{PLACE.conversation_id}"
        cursor = base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")

        assert query_of(cursor=cursor).after == PLACE

    @pytest.mark.parametrize(
        "written",
        [
            "",
            "newest",
            f"newest|now|-4|{UUID(int=7)}",
            f"newest|2026-01-31T09:30:00+00:00|four|{UUID(int=7)}",
            "newest|2026-01-31T09:30:00+00:00|-4|7",
            f"newest|2026-01-31T09:30:00+00:00|-4|{UUID(int=7)}\n",
            f"newest|2026-01-31T09:30:00+00:00|-4|{UUID(int=7)}|",
            f"score|2026-01-31T09:30:00+00:00|-4|{UUID(int=7)}",
            f"newest|2026-01-31T09:30:00+00:00'|-4|{UUID(int=7)}",
        ],
    )
    def test_that_nobody_gave_is_refused(self, written: str) -> None:
        cursor = base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")

        with pytest.raises(RequestInvalidError, match=NOT_OURS):
            query_of(cursor=cursor)

    def test_of_the_order_by_score_needs_the_score(self) -> None:
        written = f"score|{PLACE.created_at}|{PLACE.conversation_id}"
        cursor = base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")

        with pytest.raises(RequestInvalidError, match=NOT_OURS):
            query_of(sort="score", cursor=cursor)

    @pytest.mark.parametrize("cursor", ["é", "?", "=", cursor_of(PLACE, "newest") + "=", "bmV3ZXN0" * 1000])
    def test_that_is_none_is_refused(self, cursor: str) -> None:
        with pytest.raises(RequestInvalidError) as refused:
            query_of(cursor=cursor)

        assert [detail["field"] for detail in refused.value.details] == ["cursor"]
