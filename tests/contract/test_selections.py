"""What a repository says of selections, whichever it is: what they take, in which order, and what a file would be."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.contract.steps import begin, finished, remove, revision
from tests.contract.subjects import RepositorySubject
from training_files.domain.conversation.selection import Selection, SelectionScope
from training_files.ports.conversations import PreviewedAddition, SelectedConversations
from training_files.ports.revisions import BegunRevision, NewTrainingFile

SCOPE = SelectionScope(all_conversations=False, usable_statuses=("completed",), enriched_paths="any")


@dataclass(frozen=True, slots=True)
class Project:
    """A user, and conversations of one batch among those that others left."""

    rows: RepositorySubject
    owner: UUID
    batch: str = field(default_factory=lambda: str(uuid4()))

    def a_row(self, owner: UUID | None, day: int = 1, **columns: Any) -> UUID:
        row = {
            "batch_id": self.batch,
            "created_at": f"2026-01-{day:02}T00:00:00+00:00",
            "enriched_file_path": "a/enriched.json",
            **columns,
        }
        return self.rows.a_conversation(owner, **row).conversation_id

    def own(self, day: int = 1, **columns: Any) -> UUID:
        return self.a_row(self.owner, day, **columns)

    def selection(self, **wanted: Any) -> Selection:
        return Selection.model_validate({"batch_ids": (self.batch,), **wanted})

    def found(self, *, most: int = 100, scope: SelectionScope = SCOPE, **wanted: Any) -> SelectedConversations:
        about = {name: wanted.pop(name) for name in ("training_file_id", "beside") if name in wanted}
        owner = wanted.pop("owner", self.owner)
        return self.rows.repository.select_conversations(
            self.selection(**wanted), owner, scope=scope, most=most, **about
        )

    def taken(self, **wanted: Any) -> list[UUID]:
        return list(self.found(**wanted).conversation_ids)

    def preview(self, *ids: UUID, selected: bool = True, file_id: UUID | None = None) -> PreviewedAddition:
        return self.rows.repository.preview_addition(
            self.owner,
            ids=ids,
            selection=self.selection() if selected else None,
            scope=SCOPE,
            keys=10,
            training_file_id=file_id,
        )

    def begin(
        self, *ids: UUID, file_id: UUID | None = None, revision_id: UUID | None = None, **wanted: Any
    ) -> tuple[UUID, BegunRevision]:
        revision_id, new_file = revision_id or uuid4(), None if file_id else NewTrainingFile(name="selected")
        requested = {"conversation_ids": [str(one) for one in ids], "selection": self.selection(**wanted).as_json()}
        begun = self.rows.repository.begin_revision(
            revision_id=revision_id,
            training_file_id=file_id or uuid4(),
            owner=self.owner,
            requested=requested,
            new_file=new_file,
            background=True,
            scope=SCOPE,
        )
        return revision_id, begun

    def requested(self, revision_id: UUID) -> list[UUID]:
        return [one for _, one in self.rows.repository.list_requested(revision_id, limit=1000)]


@pytest.fixture
def project(rows: RepositorySubject) -> Project:
    return Project(rows, rows.an_owner())


class TestASelection:
    def test_has_the_order_of_creation(self, project: Project) -> None:
        third, first, second = project.own(3), project.own(1), project.own(2)
        same = sorted([project.own(4), project.own(4)])

        assert project.taken() == [first, second, third, *same]

    @pytest.mark.usefixtures("any_row_score")
    def test_takes_what_can_be_used_as_far_as_rows_tell(self, project: Project) -> None:
        good = project.own()
        for columns in (
            {"enrichment_status": "validated"},
            {"enriched_file_path": None},
            {"enriched_file_path": ""},
            {"quality_score": 92},
            {"created_at": "infinity"},
        ):
            project.own(**columns)

        assert project.taken() == [good]

    def test_keeps_to_the_paths_that_the_operator_allows(self, project: Project) -> None:
        project.own()
        conversation_id = uuid4()
        in_its_own = project.own(conversation_id=conversation_id, enriched_file_path=f"x/{conversation_id}/e.json")
        in_its_users = project.own(2, enriched_file_path=f"{project.owner}/e.json")

        assert project.taken(scope=SCOPE.model_copy(update={"enriched_paths": "own"})) == [in_its_own, in_its_users]

    def test_keeps_to_what_the_caller_may_use(self, project: Project) -> None:
        own, ownerless, foreign = project.own(1), project.a_row(None, 2), project.a_row(project.rows.an_owner(), 3)

        assert project.taken() == [own, ownerless]
        assert project.taken(scope=SCOPE.model_copy(update={"all_conversations": True})) == [own, ownerless, foreign]
        assert project.taken(scope=SCOPE.model_copy(update={"by_rule": True})) == [own]

    def test_by_a_rule_leaves_out_what_the_file_had_and_takes_what_has_no_score(self, project: Project) -> None:
        """The rule judges it when it is read."""
        inside, removed, low, unscored = (
            project.own(day, quality_score=score) for day, score in enumerate((5, 5, 2, None), 1)
        )
        file_id = finished(project.rows, project.owner, [inside, removed])
        remove(project.rows, file_id, removed)
        by_rule = SCOPE.model_copy(update={"by_rule": True})

        assert project.taken(training_file_id=file_id, min_quality_score=4) == [removed]
        assert project.taken(training_file_id=file_id, min_quality_score=4, scope=by_rule) == [unscored]
        assert project.taken(training_file_id=file_id, scope=by_rule) == [low, unscored]

    def test_by_a_rule_leaves_out_what_waits_to_be_added_by_one(self, project: Project) -> None:
        file_id, other_id = (finished(project.rows, project.owner, name=name) for name in ("a file", "another"))
        waiting, asked, new = (project.own(day) for day in (1, 2, 3))
        for one, options in ((waiting, {"by_rule": True}), (asked, {})):
            requested = {"conversation_ids": [str(one)], **options}
            begin(project.rows, project.owner, file_id, requested=requested, background=True)
        by_rule = SCOPE.model_copy(update={"by_rule": True})

        assert project.taken(training_file_id=file_id, scope=by_rule) == [asked, new]
        assert project.taken(training_file_id=other_id, scope=by_rule) == [waiting, asked, new]
        assert project.taken(training_file_id=file_id) == [waiting, asked, new]

    def test_for_a_file_keeps_to_what_its_owner_may_use_also_when_trusted(self, project: Project) -> None:
        file_id = finished(project.rows, project.owner)
        own, ownerless, _ = project.own(1), project.a_row(None, 2), project.a_row(project.rows.an_owner(), 3)

        assert project.taken(owner=None, training_file_id=file_id) == [own, ownerless]

    def test_leaves_out_what_the_file_has_and_what_is_named_beside(self, project: Project) -> None:
        inside, named, new = project.own(1), project.own(2), project.own(3)
        by_row_id, row_id = uuid4(), uuid4()
        project.own(4, id=row_id, conversation_id=by_row_id)
        file_id = finished(project.rows, project.owner, [inside])

        assert project.taken(training_file_id=file_id, beside=(named, row_id)) == [new]
        assert project.taken(beside=(named,)) == [inside, new, by_row_id]

    def test_names_its_conversations_where_there_is_room_for_all(self, project: Project) -> None:
        ids = [project.own(day) for day in (1, 2)]

        assert project.found(most=2) == SelectedConversations(conversation_count=2, conversation_ids=tuple(ids))
        assert project.found(most=1) == SelectedConversations(conversation_count=2)
        assert project.found(personas=("nobody",)) == SelectedConversations()

    def test_tells_of_a_training_file_of_another(self, project: Project) -> None:
        stranger = project.rows.an_owner()
        theirs, own = finished(project.rows, stranger), finished(project.rows, project.owner, name="own")

        assert project.found(not_in=(theirs,)).unknown_training_file == theirs
        assert project.found(not_in=(own,)).unknown_training_file is None


class TestALimit:
    def test_takes_the_best_scored_then_the_older(self, project: Project) -> None:
        unscored, low, older, best, same = (
            project.own(day, quality_score=score) for day, score in enumerate((None, 2, 4, "4.5", 4), start=1)
        )

        assert project.taken(limit=1) == [best]
        assert project.taken(limit=2) == [older, best]
        assert project.taken(limit=3) == [older, best, same]
        assert project.taken(limit=4) == [low, older, best, same]
        assert project.taken(limit=9) == [unscored, low, older, best, same]


class TestABalance:
    def test_of_one_aspect_gives_its_keys_equal_shares_of_the_best(self, project: Project) -> None:
        many = [project.own(day, persona_key="ana", quality_score=5 - day / 10) for day in range(1, 6)]
        few = [project.own(day, persona_key="kim", quality_score=1) for day in (6, 7)]

        assert project.taken(limit=2, balance="personas") == [many[0], few[0]]
        assert project.taken(limit=4, balance="personas") == [*many[:2], *few]
        assert project.taken(limit=6, balance="personas") == [*many[:4], *few]

    def test_begins_with_what_the_file_has(self, project: Project) -> None:
        """Its only conversation is of the persona kim."""
        file_id = finished(project.rows, project.owner)
        ana, kim = project.own(1, persona_key="ana"), project.own(2, persona_key="kim", quality_score=5)

        for balance in ("personas", "all"):
            assert project.taken(training_file_id=file_id, limit=1, balance=balance) == [ana]
        assert project.taken(limit=1, balance="personas") == [kim]

    @pytest.mark.parametrize("balance", ["personas", "all"])
    def test_counts_what_is_named_beside(self, project: Project, balance: str) -> None:
        """By either of its ids; what the file has already counts once."""
        inside, named, row_id = project.own(1, persona_key="ana"), project.own(2, persona_key="ana"), uuid4()
        project.own(3, persona_key="ana", id=row_id)
        [kim, _], lou = [project.own(day, persona_key="kim") for day in (4, 5)], project.own(6, persona_key="lou")
        project.own(7, persona_key="ana", quality_score=5)
        file_id = finished(project.rows, project.owner, [inside])

        beside = (inside, named, row_id)
        assert project.taken(training_file_id=file_id, beside=beside, limit=2, balance=balance) == [kim, lou]

    @pytest.mark.parametrize("balance", ["personas", "all"])
    def test_takes_what_lacks_a_key_last(self, project: Project, balance: str) -> None:
        project.own(1, persona_key=None, scaffolding_snapshot=None, quality_score=5)
        known = [project.own(day, persona_key="ana", quality_score=1) for day in (2, 3)]

        assert project.taken(limit=2, balance=balance) == known

    def test_of_all_aspects_brings_each_closest_to_equal_shares(self, project: Project) -> None:
        """A balance of personas alone would take the same arc and topic again and again."""
        keys = [
            {"persona_key": persona, "emotional_arc_key": arc, "topic_key": topic}
            for persona in ("ana", "kim")
            for arc in ("anger", "calm")
            for topic in ("debt", "budget")
        ]
        frequent = [project.own(day, **keys[0], quality_score=5) for day in range(1, 10)]
        others = [project.own(10 + number, **each, quality_score=1) for number, each in enumerate(keys[1:])]

        taken = project.taken(limit=8, balance="all")

        assert taken == [frequent[0], *others]
        assert project.taken(limit=2, balance="all") == [frequent[0], others[-1]]

    def test_takes_all_where_there_are_no_more(self, project: Project) -> None:
        ids = [project.own(day, persona_key=f"p{day % 2}") for day in (1, 2, 3)]

        for balance in ("personas", "emotional_arcs", "training_topics", "all"):
            assert project.taken(limit=10, balance=balance) == ids

    def test_of_nothing_takes_nothing(self, project: Project) -> None:
        assert project.taken(limit=10, balance="all") == []


class TestABuild:
    def test_is_of_what_was_named_and_behind_it_of_what_was_selected(self, project: Project) -> None:
        second, first, named = project.own(2), project.own(1), project.own(3)

        revision_id, begun = project.begin(named)

        assert (begun.outcome, begun.conversation_count) == ("begun", 3)
        assert project.requested(revision_id) == [named, first, second]
        assert begun.training_file is not None
        assert begun.training_file.id is not None
        [attempt] = project.rows.repository.list_revisions(begun.training_file.id, limit=2)
        assert (attempt.progress_total, attempt.change and attempt.change.count) == (3, 3)
        assert attempt.change is not None
        assert attempt.change.selection == project.selection()

    def test_stays_with_what_was_selected_when_it_was_begun(self, project: Project) -> None:
        file_id = finished(project.rows, project.owner)
        before = project.own(2)
        revision_id, _ = project.begin(file_id=file_id)
        project.own(1)

        _, again = project.begin(file_id=file_id, revision_id=revision_id)

        assert (again.outcome, again.conversation_count) == ("begun", 1)
        assert project.requested(revision_id) == [before]

    def test_leaves_out_what_the_file_has(self, project: Project) -> None:
        inside, new = project.own(1), project.own(2)
        file_id = finished(project.rows, project.owner, [inside])

        assert project.requested(project.begin(file_id=file_id)[0]) == [new]

    def test_of_nothing_is_not_begun_and_makes_no_file(self, project: Project) -> None:
        file_id = uuid4()

        _, begun = project.begin(personas=["nobody"])

        assert (begun.outcome, begun.conversation_count) == ("nothing_selected", 0)
        assert project.rows.repository.get_training_file(file_id, None) is None
        assert not project.rows.repository.resolve(
            ids=[], owner=project.owner, all_conversations=False, name="selected"
        ).name_taken

    def test_may_be_of_what_was_named_alone(self, project: Project) -> None:
        named = project.own()

        assert project.requested(project.begin(named)[0]) == [named]

    def test_is_not_begun_for_a_filter_with_a_file_of_another(self, project: Project) -> None:
        project.own()
        theirs = finished(project.rows, project.rows.an_owner())

        _, begun = project.begin(not_in=[str(theirs)])

        assert (begun.outcome, begun.unknown_training_file) == ("unknown_training_file", theirs)

    def test_is_not_begun_for_a_file_of_another(self, project: Project) -> None:
        project.own()
        theirs = finished(project.rows, project.rows.an_owner())

        assert project.begin(file_id=theirs)[1].outcome == "not_found"

    def test_that_a_caller_waits_for_says_what_was_selected(self, project: Project) -> None:
        """What its selection takes was looked up before."""
        file_id = finished(project.rows, project.owner)
        requested = {"conversation_ids": [], "selection": project.selection(limit=3).as_json()}
        revision_id, _ = begin(project.rows, project.owner, file_id, requested=requested)

        change = revision(project.rows, file_id, revision_id).change
        assert change is not None
        assert change.selection == project.selection(limit=3)


class TestAPreview:
    def test_counts_what_would_be_taken_and_the_file_with_it(self, project: Project) -> None:
        inside = project.own(1, persona_key="kim", tier="template", quality_score=3)
        named = project.own(2, persona_key="ana", quality_score=5)
        project.own(3, persona_key="ana", tier="edge", quality_score="4.5")
        file_id = finished(project.rows, project.owner, [inside])

        preview = project.preview(named, file_id=file_id)

        assert preview.selected_count == 1
        assert (preview.taken.conversation_count, preview.after.conversation_count) == (2, 3)
        assert (preview.taken.personas.counts, preview.after.personas.counts) == ({"ana": 2}, {"ana": 2, "kim": 1})
        assert (preview.taken.tiers.counts, preview.after.tiers.counts) == ({"edge": 1}, {"edge": 1, "template": 1})
        assert preview.taken.tiers.without_key == 1
        scores = preview.taken.scores
        assert [float(score or 0) for score in (scores.avg_quality_score, scores.min_quality_score)] == [4.75, 4.5]
        assert preview.after.scores.steps == {7: 1, 10: 2}

    def test_of_a_new_file_is_what_would_be_taken(self, project: Project) -> None:
        named = project.own()
        project.own()

        both, one = project.preview(named), project.preview(named, selected=False)

        assert (both.selected_count, both.taken.conversation_count, both.after) == (1, 2, both.taken)
        assert (one.selected_count, one.taken.conversation_count) == (0, 1)

    def test_counts_what_the_file_has_also_where_its_row_is_gone(self, project: Project) -> None:
        inside = project.own(1, persona_key="kim")
        file_id = finished(project.rows, project.owner, [inside])
        project.own(2)
        project.rows.forget(inside)

        preview = project.preview(file_id=file_id)

        assert preview.after.conversation_count == 2
        assert preview.after.personas.counts["kim"] == 1
        assert preview.after.scores.without_score == 2

    def test_tells_of_a_training_file_of_another(self, project: Project) -> None:
        theirs = finished(project.rows, project.rows.an_owner())

        told = project.rows.repository.preview_addition(
            project.owner, ids=(), selection=Selection(not_in=(theirs,)), scope=SCOPE, keys=1
        )

        assert told.unknown_training_file == theirs
