"""What a repository gives to choose from, whichever it is."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.contract.steps import finished, remove
from tests.contract.subjects import RepositorySubject
from training_files.domain.conversation.choices import ConversationPlace, ListedConversation, Sort
from training_files.domain.conversation.conversation import USABLE_STATUSES
from training_files.domain.conversation.conversation_filter import ConversationFilter
from training_files.domain.conversation.usable import fault_of_row
from training_files.errors import RequestInvalidError
from training_files.ports.conversations import ListedConversations, SummarizedConversations

SORTS: tuple[Sort, ...] = ("newest", "oldest", "score")
DAYS = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 8)]


@dataclass(frozen=True, slots=True)
class Project:
    """A user, and conversations of one topic among those that others left."""

    rows: RepositorySubject
    owner: UUID
    topic: str = field(default_factory=lambda: f"topic {uuid4()}")

    def a_row(self, owner: UUID | None, **columns: Any) -> UUID:
        row = {"topic_key": self.topic, "enriched_file_path": "a/enriched.json", **columns}
        return self.rows.a_conversation(owner, **row).conversation_id

    def own(self, **columns: Any) -> UUID:
        return self.a_row(self.owner, **columns)

    def listed(
        self, owner: UUID | None = None, *, all_conversations: bool = False, sort: Sort = "oldest", **wanted: Any
    ) -> list[ListedConversation]:
        answer = self.rows.repository.list_conversations(
            self.filter(**wanted), owner or self.owner, all_conversations=all_conversations, sort=sort, limit=100
        )
        assert answer.unknown_training_file is None
        return list(answer.conversations)

    def ids(self, owner: UUID | None = None, **options: Any) -> list[UUID]:
        return [row.conversation_id for row in self.listed(owner, **options)]

    def counted(self, *, keys: int = 100, any_path: bool = True, **wanted: Any) -> SummarizedConversations:
        return self.rows.repository.summarize_conversations(
            self.filter(**wanted),
            self.owner,
            all_conversations=False,
            usable_statuses=USABLE_STATUSES,
            enriched_paths="any" if any_path else "own",
            keys=keys,
        )

    def pages(self, sort: Sort, limit: int) -> list[list[UUID]]:
        found: list[list[UUID]] = []
        place: ConversationPlace | None = None
        while True:
            rows = self.rows.repository.list_conversations(
                self.filter(), self.owner, all_conversations=False, sort=sort, limit=limit, after=place
            ).conversations
            if not rows:
                return found
            found.append([row.conversation_id for row in rows])
            place = rows[-1].place

    def filter(self, **wanted: Any) -> ConversationFilter:
        return ConversationFilter(**{"training_topics": (self.topic,), **wanted})


@pytest.fixture
def project(rows: RepositorySubject) -> Project:
    return Project(rows, rows.an_owner())


def test_says_of_a_conversation_what_its_row_says(project: Project) -> None:
    batch = str(uuid4())
    conversation_id = project.own(
        emotional_arc_key="anger", tier="edge_case", batch_id=batch, quality_score=4.25, created_at=DAYS[0].isoformat()
    )

    [found] = project.listed()

    assert (found.conversation_id, found.created_at, found.quality_score) == (conversation_id, DAYS[0], Decimal("4.25"))
    assert (found.persona_key, found.emotional_arc_key, found.training_topic_key) == ("planner", "anger", project.topic)
    assert (found.tier, found.batch_id, found.enrichment_status) == ("edge_case", batch, "completed")
    assert found.enriched_file_path == "a/enriched.json"
    assert found.training_file_count == 0


def test_keeps_to_the_scope_of_the_caller(project: Project) -> None:
    stranger = project.rows.an_owner()
    own, foreign, ownerless = (project.a_row(whose) for whose in (project.owner, stranger, None))

    assert set(project.ids()) == {own, ownerless}
    assert set(project.ids(stranger)) == {foreign, ownerless}
    assert set(project.ids(all_conversations=True)) == {own, ownerless, foreign}
    assert project.counted().conversation_count == 2


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_pages_have_each_conversation_once_in_its_order(project: Project, sort: Sort, limit: int) -> None:
    """Own ones and those of nobody, some of the same moment or score, or without one."""
    made = [
        (DAYS[day], Decimal(str(score)) if score is not None else None, project.a_row(whose, **columns))
        for day, score, whose in [
            (0, 4.5, project.owner),
            (0, 4.5, None),
            (0, None, None),
            (1, 4.5, project.owner),
            (2, 0, None),
            (3, None, project.owner),
            (4, 5, project.owner),
        ]
        for columns in [{"quality_score": score, "created_at": DAYS[day].isoformat()}]
    ]
    by_age = [each[2] for each in sorted(made, key=lambda each: (each[0], each[2]))]
    by_score = [each[2] for each in sorted(made, key=lambda each: (each[1] is None, -(each[1] or 0), each[0], each[2]))]
    expected = {"oldest": by_age, "newest": by_age[::-1], "score": by_score}[sort]

    pages = project.pages(sort, limit)

    assert [each for page in pages for each in page] == expected
    assert {len(page) for page in pages[:-1]} <= {limit}


@pytest.mark.parametrize("sort", SORTS)
def test_further_pages_go_on_where_the_last_one_ended_whatever_came_or_went(project: Project, sort: Sort) -> None:
    made = [project.own(created_at=day.isoformat(), quality_score=4) for day in DAYS]
    first = project.listed(sort=sort)[:3]
    project.rows.forget(first[-1].conversation_id)

    rest = project.rows.repository.list_conversations(
        project.filter(), project.owner, all_conversations=False, sort=sort, limit=100, after=first[-1].place
    ).conversations

    assert {row.conversation_id for row in (*first, *rest)} == set(made)
    assert len(first) + len(rest) == len(made)


@pytest.mark.parametrize(
    ("field", "column", "key"),
    [
        ("personas", "persona_key", "rare"),
        ("emotional_arcs", "emotional_arc_key", "rare"),
        ("tiers", "tier", "rare"),
        ("batch_ids", "batch_id", "7f0c3f5a-3f64-4c64-9f0e-5f7f2a3b1c11"),
    ],
)
def test_only_what_has_one_of_the_keys_comes(project: Project, field: str, column: str, key: str) -> None:
    rare = project.own(**{column: key})
    project.own(**{column: None}, scaffolding_snapshot={})

    assert project.ids(**{field: (key,)}) == project.ids(**{field: ("none", key)}) == [rare]
    assert project.ids(**{field: ("none",)}) == []
    assert project.counted(**{field: (key,)}).conversation_count == 1


def test_limits_of_scores_include_themselves_and_leave_out_what_has_none(project: Project) -> None:
    project.own()
    low, middle, high = (project.own(quality_score=score, created_at=DAYS[0].isoformat()) for score in (3, 4, 5))

    def found(**wanted: str) -> set[UUID]:
        return set(project.ids(**{name: Decimal(score) for name, score in wanted.items()}))

    assert found(min_quality_score="4") == {middle, high}
    assert found(max_quality_score="4") == {low, middle}
    assert found(min_quality_score="3.01", max_quality_score="4.99") == {middle}
    assert found(min_quality_score="0") == {low, middle, high}


def test_a_time_is_included_from_which_on_and_not_before_which(project: Project) -> None:
    first, second, third = (project.own(created_at=day.isoformat()) for day in DAYS[:3])

    assert project.ids(created_after=DAYS[1]) == [second, third]
    assert project.ids(created_before=DAYS[1]) == [first]
    assert project.ids(created_after=DAYS[1], created_before=DAYS[2]) == [second]


def test_says_in_how_many_files_of_the_caller_a_conversation_is(project: Project) -> None:
    stranger = project.rows.an_owner()
    once, twice, shared = project.own(), project.own(), project.a_row(None)
    finished(project.rows, project.owner, [once, twice])
    finished(project.rows, project.owner, [twice, shared], "another file")
    finished(project.rows, stranger, [shared])

    assert {row.conversation_id: row.training_file_count for row in project.listed()} == {once: 1, twice: 2, shared: 1}
    assert [row.training_file_count for row in project.listed(stranger)] == [1]


def test_what_was_removed_from_a_file_is_in_it_no_more(project: Project) -> None:
    kept, removed = project.own(), project.own()
    file_id = finished(project.rows, project.owner, [kept, removed])

    remove(project.rows, file_id, removed)

    assert {row.conversation_id: row.training_file_count for row in project.listed()} == {kept: 1, removed: 0}
    assert project.ids(not_in=(file_id,)) == [removed]
    assert project.counted(not_in=(file_id,)).conversation_count == 1


def test_leaves_out_what_files_of_the_caller_have(project: Project) -> None:
    stranger = project.rows.an_owner()
    first, second, third = (project.own(created_at=day.isoformat()) for day in DAYS[:3])
    one, other = (
        finished(project.rows, project.owner, [which], name) for which, name in ((first, "one"), (second, "other"))
    )
    foreign = finished(project.rows, stranger, [third])

    assert project.ids(not_in=(one,)) == [second, third]
    assert project.ids(not_in=(one, other)) == [third]
    assert project.counted(not_in=(one,)).conversation_count == 2
    for unknown in (foreign, uuid4()):
        wanted = project.filter(not_in=(one, unknown))
        listed = project.rows.repository.list_conversations(
            wanted, project.owner, all_conversations=False, sort="oldest", limit=100
        )
        assert listed.unknown_training_file == project.counted(not_in=(unknown,)).unknown_training_file == unknown


@pytest.mark.usefixtures("any_row_score")
def test_counts_what_there_is(project: Project) -> None:
    for persona, score, status in [
        ("often", 4.5, "completed"),
        ("often", 5, "completed"),
        ("rare", 0, "validated"),
        (None, None, "completed"),
        ("once", 92, "completed"),
    ]:
        project.own(persona_key=persona, quality_score=score, enrichment_status=status, scaffolding_snapshot={})

    found = project.counted()

    assert (found.conversation_count, found.usable_count) == (5, 3)
    assert found.personas.counts == {"often": 2, "rare": 1, "once": 1}
    assert (found.personas.without_key, found.personas.further_keys) == (1, 0)
    assert found.training_topics.counts == {project.topic: 5}
    assert found.enrichment_statuses.counts == {"completed": 4, "validated": 1}
    assert (found.tiers.counts, found.tiers.without_key) == ({}, 5)
    scores = found.scores
    assert (scores.without_score, scores.off_scale, scores.steps) == (1, 1, {1: 1, 10: 2})
    assert (scores.min_quality_score, scores.max_quality_score, scores.avg_quality_score) == (0, 5, Decimal("3.17"))


def test_counts_the_most_frequent_keys_and_says_how_many_more_there_are(project: Project) -> None:
    for persona in ("b", "a", "b", "c"):
        project.own(persona_key=persona)

    found = project.counted(keys=2).personas

    assert (found.counts, found.further_keys) == ({"b": 2, "a": 1}, 1)


def test_names_no_key_that_is_longer_than_a_filter_takes(project: Project) -> None:
    for persona in ("x" * 255, "x" * 256):
        project.own(persona_key=persona)

    found = project.counted().personas

    assert (found.counts, found.further_keys) == ({"x" * 255: 1}, 1)


def test_a_page_has_as_many_as_an_answer_has_room_for(rows: RepositorySubject, project: Project) -> None:
    made = [project.own(persona_key="x" * 900_000) for _ in range(3)]

    def listed(after: ConversationPlace | None = None) -> ListedConversations:
        return rows.repository.list_conversations(
            project.filter(), project.owner, all_conversations=False, sort="oldest", limit=3, after=after
        )

    first = listed()
    rest = listed(first.conversations[-1].place)

    assert {row.conversation_id for page in (first, rest) for row in page.conversations} == set(made)
    assert first.more == (len(first.conversations) < 3)
    assert not rest.more


def test_counts_as_usable_what_rows_say_can_be_used(project: Project) -> None:
    for path in (f"{project.owner}/enriched.json", "elsewhere/enriched.json", "", None):
        project.own(enriched_file_path=path)
    by_conversation = uuid4()
    project.own(conversation_id=str(by_conversation), enriched_file_path=f"a/{by_conversation}/enriched.json".upper())
    nobody = uuid4()
    project.a_row(None, conversation_id=str(nobody), enriched_file_path=f"a/{nobody}")

    assert project.counted(any_path=True).usable_count == 4
    assert project.counted(any_path=False).usable_count == 2


@pytest.mark.parametrize(
    ("created_at", "is_usable"),
    [
        ("0044-03-15T00:00:00+00:00 BC", False),
        ("0001-01-01T23:59:59+00:00", False),
        ("0001-01-02T00:00:00+00:00", True),
        ("0001-01-02T00:59:00+01:00", False),
        ("9999-12-30T00:00:00+00:00", True),
        ("9999-12-30T00:00:00.000001+00:00", False),
        ("9999-12-31T00:00:00+00:00", False),
        ("infinity", False),
    ],
)
def test_what_is_counted_as_usable_is_listed_as_such(project: Project, created_at: str, *, is_usable: bool) -> None:
    project.own(created_at=created_at)

    usable = [row for row in project.listed() if fault_of_row(row, "any", USABLE_STATUSES) is None]

    assert len(usable) == project.counted().usable_count == int(is_usable)


def test_of_nothing_there_is_nothing_to_count(project: Project) -> None:
    assert project.counted() == SummarizedConversations()
    assert project.ids() == []


@pytest.mark.parametrize("sort", SORTS)
def test_scores_of_any_number_of_digits_are_in_order(project: Project, sort: Sort) -> None:
    made = {
        project.own(created_at=DAYS[0].isoformat(), quality_score=f"4.{digits}")
        for digits in ("3" * 36, "3" * 35 + "4", "3" * 200)
    }

    pages = project.pages(sort, 1)

    assert {one for [one] in pages} == made
    assert len(pages) == len(made)


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_a_place_in_the_order_by_age_needs_no_score(project: Project, sort: Sort) -> None:
    for day in DAYS:
        project.own(created_at=day.isoformat())
    [first, *others] = project.listed(sort=sort)
    place = first.place.model_copy(update={"score_order": None})

    rest = project.rows.repository.list_conversations(
        project.filter(), project.owner, all_conversations=False, sort=sort, limit=100, after=place
    ).conversations

    assert list(rest) == others


@pytest.mark.parametrize("moment", ["2026-13-45T00:00:00+00:00", "294277-01-01T00:00:00+00:00", "now, or never"])
def test_a_place_that_is_none_is_refused(project: Project, moment: str) -> None:
    place = ConversationPlace(created_at=moment, score_order="-4", conversation_id=uuid4())

    with pytest.raises(RequestInvalidError, match="cursor"):
        project.rows.repository.list_conversations(
            project.filter(), project.owner, all_conversations=False, sort="newest", limit=10, after=place
        )
