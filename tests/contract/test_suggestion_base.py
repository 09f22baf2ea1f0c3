"""What a repository gives suggestions to choose from, whichever it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.contract.steps import finished, remove
from tests.contract.subjects import RepositorySubject
from training_files.domain.conversation.conversation import USABLE_STATUSES, Candidate, EnrichedPaths, EnrichmentStatus
from training_files.domain.conversation.conversation_filter import ConversationFilter
from training_files.ports.conversations import SuggestionBase


@dataclass(frozen=True, slots=True)
class Project:
    """A user, and conversations of one persona among those that others left."""

    rows: RepositorySubject
    owner: UUID
    persona: str = field(default_factory=lambda: f"persona {uuid4()}")
    made: set[UUID] = field(default_factory=set)

    def a_candidate(self, owner: UUID | None, **columns: Any) -> UUID:
        row = {"persona_key": self.persona, "enriched_file_path": "a/enriched.json", **columns}
        conversation_id = self.rows.a_conversation(owner, **row).conversation_id
        self.made.add(conversation_id)
        return conversation_id

    def own(self, **columns: Any) -> UUID:
        return self.a_candidate(self.owner, **columns)

    def base(
        self,
        file_id: UUID,
        owner: UUID | None,
        *,
        all_conversations: bool = False,
        limit: int = 10,
        usable_statuses: Sequence[EnrichmentStatus] = USABLE_STATUSES,
        enriched_paths: EnrichedPaths = "any",
        **wanted: Any,
    ) -> SuggestionBase:
        return self.rows.repository.suggestion_base(
            file_id,
            owner,
            all_conversations=all_conversations,
            limit=limit,
            usable_statuses=usable_statuses,
            enriched_paths=enriched_paths,
            wanted=ConversationFilter(**wanted),
        )

    def candidates(self, file_id: UUID, **options: Any) -> list[Candidate]:
        found = self.base(file_id, **{"owner": self.owner, **options}).candidates
        return [candidate for candidate in found if candidate.conversation_id in self.made]

    def ids(self, file_id: UUID, **options: Any) -> set[UUID]:
        return {candidate.conversation_id for candidate in self.candidates(file_id, **options)}


@pytest.fixture
def project(rows: RepositorySubject) -> Project:
    return Project(rows, rows.an_owner())


def test_says_of_a_candidate_what_its_row_says(project: Project) -> None:
    file_id = finished(project.rows, project.owner)
    conversation_id = project.own(emotional_arc_key="anger", topic_key="debt", quality_score=4.25)

    [found] = project.candidates(file_id)

    assert (found.conversation_id, found.quality_score) == (conversation_id, Decimal("4.25"))
    assert (found.persona_key, found.emotional_arc_key, found.training_topic_key) == (project.persona, "anger", "debt")


@pytest.mark.parametrize("trusted", [False, True], ids=["for its owner", "trusted"])
def test_keeps_to_the_scope_of_the_files_owner(project: Project, *, trusted: bool) -> None:
    file_id = finished(project.rows, project.owner)
    own, foreign, ownerless = (project.a_candidate(whose) for whose in (project.owner, project.rows.an_owner(), None))
    caller = None if trusted else project.owner

    assert project.ids(file_id, owner=caller) == {own, ownerless}
    assert project.ids(file_id, owner=caller, all_conversations=True) == {own, ownerless, foreign}


def test_suggests_what_the_file_had_and_has_no_more(project: Project) -> None:
    kept, removed = project.own(), project.own()
    file_id = finished(project.rows, project.owner, [kept, removed])
    assert project.ids(file_id) == set()

    remove(project.rows, file_id, removed)

    assert project.ids(file_id) == {removed}


@pytest.mark.usefixtures("any_row_score")
def test_leaves_out_what_cannot_be_added(project: Project) -> None:
    file_id = finished(project.rows, project.owner, [project.own()])
    project.own(enrichment_status="validated")
    project.own(enriched_file_path=None)
    project.own(enriched_file_path="")
    project.own(quality_score=92)
    for moment in ("infinity", "-infinity", "0044-03-15 BC", "12026-01-01"):
        project.own(created_at=moment)
    enriched, completed = (project.own(enrichment_status=status) for status in ("enriched", "completed"))

    assert project.ids(file_id) == {completed}
    assert project.ids(file_id, usable_statuses=("enriched", "completed")) == {enriched, completed}


def test_gives_the_best_of_each_group_of_keys(project: Project) -> None:
    file_id = finished(project.rows, project.owner)
    low, unscored, best, good = (project.own(quality_score=score) for score in (3.4, None, 4.5, 3.5))
    other = project.own(topic_key="another", quality_score=1)

    for limit, expected in enumerate(([best], [best, good], [best, good, unscored], [best, good, unscored, low]), 1):
        assert project.ids(file_id, limit=limit) == {*expected, other}


def test_prefers_older_ones_of_equal_score(project: Project) -> None:
    file_id = finished(project.rows, project.owner)
    project.own(created_at="2026-01-02T00:00:00+00:00")
    older = project.own(created_at="2026-01-01T00:00:00+00:00")

    assert project.ids(file_id, limit=1) == {older}


def test_gives_the_training_file_and_nothing_of_someone_elses(project: Project) -> None:
    file_id = finished(project.rows, project.owner)

    found = project.base(file_id, project.owner).training_file

    assert found is not None
    assert (found.id, found.conversation_count) == (file_id, 1)
    assert project.base(file_id, project.rows.an_owner()) == project.base(uuid4(), project.owner) == SuggestionBase()


def test_keeps_to_a_filter(project: Project) -> None:
    file_id = finished(project.rows, project.owner)
    rare, scored, new = (
        project.own(**columns)
        for columns in ({"topic_key": "rare"}, {"quality_score": 4.5}, {"created_at": "2026-05-01T00:00:00+00:00"})
    )
    taken = finished(project.rows, project.owner, [scored], "another file")

    assert project.ids(file_id) == {rare, scored, new}
    assert project.ids(file_id, training_topics=("rare", "none")) == {rare}
    assert project.ids(file_id, min_quality_score=Decimal(4)) == {scored}
    assert project.ids(file_id, created_after=datetime(2026, 5, 1, tzinfo=UTC)) == {new}
    assert project.ids(file_id, not_in=(taken,)) == {rare, new}
    assert project.ids(file_id, personas=("none",)) == set()


def test_names_a_training_file_of_the_filter_that_its_owner_does_not_have(project: Project) -> None:
    file_id, foreign = finished(project.rows, project.owner), finished(project.rows, project.rows.an_owner())

    assert project.base(file_id, project.owner, not_in=(file_id,)).unknown_training_file is None
    assert project.base(file_id, project.owner, not_in=(file_id, foreign)).unknown_training_file == foreign
