"""What a repository promises, whichever it is."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.contract.steps import (
    MOMENT,
    begin,
    commit,
    content_of,
    existing,
    figures_of,
    file_of,
    finished,
    resolve,
    revision,
    started,
)
from tests.contract.subjects import RepositorySubject
from training_files.domain.record import Record
from training_files.domain.training_file.collection_rule import CollectionRule
from training_files.domain.training_file.training_file import (
    ListTrainingFilesFilters,
    TrainingFile,
    TrainingFileChanges,
)
from training_files.errors import NameTakenError, RequestInvalidError
from training_files.ports.revisions import BegunRevision, CommittedRevision, NewTrainingFile


@pytest.fixture
def owner(rows: RepositorySubject) -> UUID:
    return rows.an_owner()


class TestResolve:
    def test_finds_conversations_by_either_id(self, rows: RepositorySubject, owner: UUID) -> None:
        by_row, by_key = rows.a_conversation(owner), rows.a_conversation(owner)

        found = resolve(rows, [by_row.id, by_key.conversation_id, uuid4()], owner).conversations

        assert {(c.id, c.conversation_id) for c in found} == {(c.id, c.conversation_id) for c in (by_row, by_key)}

    @pytest.mark.parametrize("everyones", [False, True], ids=["own", "all"])
    def test_keeps_to_the_scope(self, rows: RepositorySubject, owner: UUID, *, everyones: bool) -> None:
        own, foreign = rows.a_conversation(owner), rows.a_conversation(rows.an_owner())
        ownerless = rows.a_conversation(None)

        found = resolve(rows, [own.id, foreign.id, ownerless.id], owner, all_conversations=everyones).conversations

        assert {c.id for c in found} == {own.id, ownerless.id} | ({foreign.id} if everyones else set())

    def test_takes_the_scope_of_the_training_files_owner_when_trusted(
        self, rows: RepositorySubject, owner: UUID
    ) -> None:
        own, foreign = rows.a_conversation(owner), rows.a_conversation(rows.an_owner())
        training_file_id = finished(rows, owner)

        found = resolve(rows, [own.id, foreign.id], None, training_file_id=training_file_id)

        assert {c.id for c in found.conversations} == {own.id}
        assert file_of(found).id == training_file_id

    def test_tells_what_the_row_says(self, rows: RepositorySubject, owner: UUID) -> None:
        stored = rows.a_conversation(
            owner, persona_key="", topic_key=None, quality_score=4.5, enriched_file_path="x/enriched.json"
        )

        [found] = resolve(rows, [stored.id], owner).conversations

        assert str(found.quality_score) == "4.5"
        assert (found.enrichment_status, found.enriched_file_path) == ("completed", "x/enriched.json")
        assert found.created_by == owner

    def test_tells_which_conversations_are_in_the_file(self, rows: RepositorySubject, owner: UUID) -> None:
        inside, outside = rows.a_conversation(owner), rows.a_conversation(owner)
        training_file_id = finished(rows, owner, [inside.conversation_id])

        found = resolve(rows, [inside.id, outside.id], owner, training_file_id=training_file_id)

        assert {c.id: c.already_in_file for c in found.conversations} == {inside.id: True, outside.id: False}
        assert found.base is not None
        assert (found.base.number, file_of(found).revision) == (1, 1)

    def test_hides_a_foreign_training_file(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, rows.an_owner())

        found = resolve(rows, [], owner, training_file_id=training_file_id)

        assert (found.training_file, found.base) == (None, None)

    def test_tells_whether_the_owner_has_the_name(self, rows: RepositorySubject, owner: UUID) -> None:
        finished(rows, owner, name="taken")
        finished(rows, rows.an_owner(), name="theirs")

        taken = {name: resolve(rows, [], owner, name=name).name_taken for name in ("taken", "Taken", "theirs")}

        assert taken == {"taken": True, "Taken": False, "theirs": False}

    def test_tells_the_name_of_a_running_creation_until_it_is_dead(self, rows: RepositorySubject, owner: UUID) -> None:
        start = started(rows, owner, "being made")
        rows.age(start.training_file_id, minutes=14)
        assert resolve(rows, [], owner, name="being made").name_taken

        rows.age(start.training_file_id, minutes=2)

        assert not resolve(rows, [], owner, name="being made").name_taken


class TestBegin:
    def test_makes_a_new_training_file(self, rows: RepositorySubject, owner: UUID) -> None:
        new_file = NewTrainingFile(name="new", description="text", target_model="model")
        revision_id, begun = begin(rows, owner, training_file_id := uuid4(), new_file)

        file = file_of(begun)
        assert (begun.outcome, begun.base, file.id) == ("begun", None, training_file_id)
        assert (file.status, file.revision, file.created_by) == ("processing", 0, owner)
        assert (file.name, file.description, file.target_model) == ("new", "text", "model")
        intended = revision(rows, training_file_id, revision_id)
        assert (intended.status, intended.number) == ("building", 1)
        assert intended.json_file_path == f"{revision_id}/training.json"
        assert intended.jsonl_file_path == f"{revision_id}/training.jsonl"

    def test_gives_the_revision_to_build_on(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)

        revision_id, begun = begin(rows, owner, training_file_id)

        assert begun.outcome == "begun"
        assert begun.base is not None
        assert (begun.base.number, begun.base.json_body_offset, begun.base.totals) == (1, 17, {"conversation_count": 1})
        assert revision(rows, training_file_id, revision_id).number == 2

    def test_again_has_the_same_effect_as_once(self, rows: RepositorySubject, owner: UUID) -> None:
        revision_id, training_file_id = uuid4(), uuid4()
        outcomes = [
            rows.repository.begin_revision(
                revision_id=revision_id,
                training_file_id=training_file_id,
                owner=owner,
                requested={},
                new_file=NewTrainingFile(name="once"),
            ).outcome
            for _ in range(2)
        ]

        assert outcomes == ["begun", "begun"]
        assert len(rows.repository.list_revisions(training_file_id, limit=10)) == 1

    @pytest.mark.parametrize("first_is_finished", [True, False], ids=["finished", "running"])
    def test_refuses_a_taken_name(self, rows: RepositorySubject, owner: UUID, *, first_is_finished: bool) -> None:
        (finished if first_is_finished else started)(rows, owner, name="taken")

        start = started(rows, owner, "taken")

        assert start.begun.outcome == "name_taken"
        assert rows.repository.get_training_file(start.training_file_id, None) is None

    def test_names_are_taken_per_owner(self, rows: RepositorySubject, owner: UUID) -> None:
        finished(rows, rows.an_owner(), name="taken")

        assert started(rows, owner, "taken").begun.outcome == "begun"

    def test_takes_over_the_name_of_a_dead_creation(self, rows: RepositorySubject, owner: UUID) -> None:
        dead = started(rows, owner, "wanted")
        rows.age(dead.training_file_id, minutes=16)

        assert started(rows, owner, "wanted").begun.outcome == "begun"
        assert rows.repository.get_training_file(dead.training_file_id, None) is None
        assert commit(rows, dead.revision_id, [uuid4()]).outcome == "gone"

    def test_leaves_the_name_to_a_slow_creation_and_to_an_old_file(self, rows: RepositorySubject, owner: UUID) -> None:
        old = finished(rows, owner, name="old")
        slow = started(rows, owner, "slow")
        rows.age(old, minutes=7)
        rows.age(slow.training_file_id, minutes=7)

        assert started(rows, owner, "old").begun.outcome == "name_taken"
        assert started(rows, owner, "slow").begun.outcome == "name_taken"
        assert commit(rows, slow.revision_id, [uuid4()]).outcome == "committed"

    @pytest.mark.parametrize("is_theirs", [True, False], ids=["someone else's", "unknown"])
    def test_finds_no_foreign_training_file(self, rows: RepositorySubject, owner: UUID, *, is_theirs: bool) -> None:
        training_file_id = finished(rows, rows.an_owner()) if is_theirs else uuid4()

        assert begin(rows, owner, training_file_id)[1] == BegunRevision(outcome="not_found")

    def test_finds_every_training_file_when_trusted(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)

        revision_id, begun = begin(rows, None, training_file_id)

        assert begun.outcome == "begun"
        assert revision(rows, training_file_id, revision_id).created_by == owner

    def test_refuses_an_archived_and_an_unfinished_file(self, rows: RepositorySubject, owner: UUID) -> None:
        archived = finished(rows, owner, name="archived")
        rows.repository.update_training_file(archived, owner, TrainingFileChanges(status="archived"))
        processing = started(rows, owner, "processing").training_file_id

        assert begin(rows, owner, archived)[1].outcome == "archived"
        assert begin(rows, owner, processing)[1].outcome == "processing"


class TestCommit:
    def test_changes_everything_together(self, rows: RepositorySubject, owner: UUID) -> None:
        start = started(rows, owner)
        ids = [uuid4(), uuid4()]

        committed = commit(rows, start.revision_id, ids)

        file = file_of(committed)
        assert (committed.outcome, file.status, file.revision) == ("committed", "active", 1)
        assert (file.conversation_count, file.json_file_size, file.jsonl_file_size) == (2, 2000, 200)
        assert file.json_file_path == f"{start.revision_id}/training.json"
        assert str(file.avg_quality_score) == "3.25"
        assert file.created_at == file.last_updated_at == MOMENT
        assert file == existing(rows, start.training_file_id)
        assert rows.repository.list_conversation_ids(start.training_file_id, limit=10) == list(enumerate(ids, start=1))
        done = revision(rows, start.training_file_id, start.revision_id)
        assert (done.status, done.number, done.json_file_size, done.jsonl_file_size) == ("committed", 1, 2000, 200)
        assert done == rows.repository.get_revision(start.training_file_id, number=1)

    def test_keeps_what_is_known_of_each_conversation(self, rows: RepositorySubject, owner: UUID) -> None:
        start = started(rows, owner)
        ids = [uuid4(), uuid4()]

        commit(rows, start.revision_id, ids)

        assert rows.analyses(start.training_file_id) == [row["analysis"] for row in figures_of(ids)]

    def test_takes_conversations_of_which_nothing_is_known(self, rows: RepositorySubject, owner: UUID) -> None:
        """As a version of the service before the analysis writes them."""
        start = started(rows, owner)
        [row] = figures_of([uuid4()])
        del row["analysis"]

        committed = rows.repository.commit_revision(
            revision_id=start.revision_id, expected_revision=0, content=content_of([uuid4()]), conversations=[row]
        )

        assert committed.outcome == "committed"
        assert rows.analyses(start.training_file_id) == [None]
        assert revision(rows, start.training_file_id, start.revision_id).warnings is None

    def test_keeps_the_warnings_with_the_revision(self, rows: RepositorySubject, owner: UUID) -> None:
        start = started(rows, owner)
        warnings = {"findings": [{"rule": "role_leak", "turn": 2, "conversation_id": None}], "total": 7}
        content = content_of([uuid4()]).model_copy(update={"warnings": warnings})

        rows.repository.commit_revision(
            revision_id=start.revision_id, expected_revision=0, content=content, conversations=figures_of([uuid4()])
        )

        assert revision(rows, start.training_file_id, start.revision_id).warnings == warnings

    def test_of_an_addition_puts_its_conversations_behind(self, rows: RepositorySubject, owner: UUID) -> None:
        first, second, third = uuid4(), uuid4(), uuid4()
        training_file_id = finished(rows, owner, [first])
        revision_id, _ = begin(rows, owner, training_file_id)
        later = MOMENT.replace(year=2027)

        committed = commit(rows, revision_id, [third, second], expected=1, before=1, at=later)

        file = file_of(committed)
        assert (file.revision, file.created_at, file.last_updated_at) == (2, MOMENT, later)
        in_order = [
            conversation_id for _, conversation_id in rows.repository.list_conversation_ids(training_file_id, limit=10)
        ]
        assert in_order == [first, third, second]

    def test_again_is_recognised(self, rows: RepositorySubject, owner: UUID) -> None:
        start = started(rows, owner)
        ids = [uuid4()]

        first, second = (commit(rows, start.revision_id, ids) for _ in range(2))

        assert second.outcome == "committed"
        assert first == second
        assert len(rows.repository.list_conversation_ids(start.training_file_id, limit=10)) == 1

    def test_again_is_recognised_when_others_wrote_in_between(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)
        mine, _ = begin(rows, owner, training_file_id)
        commit(rows, mine, [uuid4()], expected=1, before=1)
        theirs, _ = begin(rows, owner, training_file_id)
        commit(rows, theirs, [uuid4()], expected=2, before=2)
        rows.repository.update_training_file(training_file_id, owner, TrainingFileChanges(status="archived"))

        again = commit(rows, mine, [uuid4()], expected=1, before=1)

        assert (again.outcome, file_of(again).revision) == ("committed", 3)
        assert len(rows.repository.list_conversation_ids(training_file_id, limit=10)) == 3

    def test_is_superseded_when_another_writer_was_first(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)
        slow, _ = begin(rows, owner, training_file_id)
        fast, _ = begin(rows, owner, training_file_id)
        commit(rows, fast, [uuid4()], expected=1, before=1)
        before = existing(rows, training_file_id)

        assert commit(rows, slow, [uuid4()], expected=1, before=1).outcome == "superseded"
        assert existing(rows, training_file_id) == before
        assert revision(rows, training_file_id, slow).status == "building"

    def test_is_refused_when_the_file_was_archived(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)
        revision_id, _ = begin(rows, owner, training_file_id)
        archived = rows.repository.update_training_file(training_file_id, owner, TrainingFileChanges(status="archived"))

        assert commit(rows, revision_id, [uuid4()], expected=1, before=1).outcome == "archived"
        assert existing(rows, training_file_id) == archived

    def test_is_gone_with_the_file(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)
        revision_id, _ = begin(rows, owner, training_file_id)
        rows.repository.delete_training_file(training_file_id, owner)

        assert commit(rows, revision_id, [uuid4()], expected=1, before=1) == CommittedRevision(outcome="gone")

    def test_of_an_abandoned_revision_is_refused(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)
        revision_id, _ = begin(rows, owner, training_file_id)
        rows.repository.abandon_revision(revision_id=revision_id, error={"message": "given up"})

        assert commit(rows, revision_id, [uuid4()], expected=1, before=1).outcome == "gone"
        assert existing(rows, training_file_id).revision == 1


class TestAbandon:
    def test_of_an_addition_leaves_the_file_as_it_was(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)
        before = existing(rows, training_file_id)
        revision_id, _ = begin(rows, owner, training_file_id)

        for _ in range(2):
            rows.repository.abandon_revision(revision_id=revision_id, error={"message": "given up"})

        abandoned = revision(rows, training_file_id, revision_id)
        assert (abandoned.status, abandoned.error) == ("failed", {"message": "given up"})
        assert abandoned.finished_at is not None
        assert existing(rows, training_file_id) == before

    def test_of_a_creation_removes_the_file_and_frees_the_name(self, rows: RepositorySubject, owner: UUID) -> None:
        start = started(rows, owner, "wanted")

        for _ in range(2):
            rows.repository.abandon_revision(revision_id=start.revision_id, error={"message": "given up"})

        assert rows.repository.get_training_file(start.training_file_id, None) is None
        assert started(rows, owner, "wanted").begun.outcome == "begun"

    def test_does_nothing_to_a_committed_revision(self, rows: RepositorySubject, owner: UUID) -> None:
        start = started(rows, owner)
        commit(rows, start.revision_id, [uuid4()])
        before = existing(rows, start.training_file_id)

        rows.repository.abandon_revision(revision_id=start.revision_id, error={"message": "too late"})

        assert existing(rows, start.training_file_id) == before
        assert revision(rows, start.training_file_id, start.revision_id).status == "committed"


class TestList:
    def test_gives_pages_newest_first_without_gap_or_repetition(self, rows: RepositorySubject, owner: UUID) -> None:
        newest = finished(rows, owner, name="newest", at=MOMENT.replace(microsecond=90_000))
        together = {finished(rows, owner, name=f"file {n}") for n in range(3)}
        oldest = finished(rows, owner, name="oldest", at=MOMENT.replace(year=2025))
        finished(rows, rows.an_owner())

        pages = self.pages(rows, owner, limit=2)

        assert [len(page) for page in pages] == [2, 2, 1]
        in_order = [file.id for page in pages for file in page]
        assert (in_order[0], set(in_order[1:4]), in_order[4]) == (newest, together, oldest)

    def test_says_that_a_full_page_is_the_last(self, rows: RepositorySubject, owner: UUID) -> None:
        for n in range(2):
            finished(rows, owner, name=f"file {n}")

        page = rows.repository.list_training_files(ListTrainingFilesFilters(limit=2), owner)

        assert (len(page.files), page.next_cursor) == (2, None)

    @pytest.mark.parametrize("status", ["active", "archived", "processing", "failed"])
    def test_keeps_to_a_status(self, rows: RepositorySubject, owner: UUID, status: Any) -> None:
        ids = {
            "active": finished(rows, owner, name="active"),
            "archived": finished(rows, owner, name="archived"),
            "processing": started(rows, owner, "processing").training_file_id,
        }
        rows.repository.update_training_file(ids["archived"], owner, TrainingFileChanges(status="archived"))

        page = rows.repository.list_training_files(ListTrainingFilesFilters(status=status), owner)

        assert [file.id for file in page.files] == ([ids[status]] if status in ids else [])

    @pytest.mark.parametrize(
        ("part", "expected"),
        [
            ("spring", ["Spring 100%", "late spring_1"]),
            ("SPRING_", ["late spring_1"]),
            ("00%", ["Spring 100%"]),
            ("%", ["Spring 100%"]),
            ("_", ["late spring_1"]),
            ("*b", ["a*b"]),
            ("\\", ["back\\slash"]),
            ("x.y,(z)", ["x.y,(z)"]),
            ('"', ['say "yes"']),
            ("none", []),
        ],
    )
    def test_finds_by_a_part_of_the_name(
        self, rows: RepositorySubject, owner: UUID, part: str, expected: list[str]
    ) -> None:
        for name in ("Spring 100%", "late spring_1", "a*b", "back\\slash", "x.y,(z)", 'say "yes"'):
            finished(rows, owner, name=name)

        page = rows.repository.list_training_files(ListTrainingFilesFilters(name=part), owner)

        assert sorted(file.name for file in page.files) == expected

    @pytest.mark.parametrize("cursor", ["x", "AAAA", "bm90IGEgY3Vyc29y", "é"])
    def test_refuses_what_is_no_cursor(self, rows: RepositorySubject, owner: UUID, cursor: str) -> None:
        with pytest.raises(RequestInvalidError):
            rows.repository.list_training_files(ListTrainingFilesFilters(cursor=cursor), owner)

    @staticmethod
    def pages(rows: RepositorySubject, owner: UUID, *, limit: int) -> list[tuple[TrainingFile, ...]]:
        pages = []
        cursor = None
        while not pages or cursor:
            page = rows.repository.list_training_files(ListTrainingFilesFilters(limit=limit, cursor=cursor), owner)
            pages.append(page.files)
            cursor = page.next_cursor
        return pages


class TestUpdate:
    def test_changes_only_what_was_set(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner, name="old")
        before = existing(rows, training_file_id)

        named = rows.repository.update_training_file(training_file_id, owner, TrainingFileChanges(name="new"))
        described = rows.repository.update_training_file(
            training_file_id, owner, TrainingFileChanges(description="text")
        )
        emptied = rows.repository.update_training_file(training_file_id, owner, TrainingFileChanges(description=None))

        assert without_updated_at(named) == without_updated_at(before) | {"name": "new"}
        assert without_updated_at(described) == without_updated_at(named) | {"description": "text"}
        assert without_updated_at(emptied) == without_updated_at(named)
        assert existing(rows, training_file_id) == emptied

    def test_refuses_a_name_that_the_owner_has(self, rows: RepositorySubject, owner: UUID) -> None:
        finished(rows, owner, name="taken")
        finished(rows, rows.an_owner(), name="free")
        training_file_id = finished(rows, owner, name="mine")

        with pytest.raises(NameTakenError):
            rows.repository.update_training_file(training_file_id, owner, TrainingFileChanges(name="taken"))
        for name in ("mine", "free"):
            changed = rows.repository.update_training_file(training_file_id, owner, TrainingFileChanges(name=name))
            assert changed is not None

    def test_archives_and_brings_back(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)

        for status in ("archived", "archived", "active"):
            changed = rows.repository.update_training_file(
                training_file_id,
                owner,
                TrainingFileChanges(status=status),  # type: ignore[arg-type]
            )
            assert changed is not None
            assert changed.status == status

    def test_sets_a_collection_rule_and_takes_it_away(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)

        for rule in (CollectionRule(min_quality_score=Decimal("3.5"), personas=("planner",)), None):
            changes = TrainingFileChanges(collect=rule)
            changed = rows.repository.update_training_file(training_file_id, owner, changes)
            assert changed == existing(rows, training_file_id)
            assert changed is not None
            assert changed.collect == rule

    def test_finds_no_foreign_unknown_or_unfinished_file(self, rows: RepositorySubject, owner: UUID) -> None:
        theirs = finished(rows, rows.an_owner())
        unfinished = started(rows, owner).training_file_id
        changes = TrainingFileChanges(name="changed")

        for training_file_id in (theirs, unfinished, uuid4()):
            assert rows.repository.update_training_file(training_file_id, owner, changes) is None
        assert existing(rows, theirs).name == existing(rows, unfinished).name == "a file"


class TestDelete:
    def test_removes_all_rows_and_names_the_revisions(self, rows: RepositorySubject, owner: UUID) -> None:
        start = started(rows, owner)
        commit(rows, start.revision_id, [uuid4()])
        failed, _ = begin(rows, owner, start.training_file_id)
        rows.repository.abandon_revision(revision_id=failed, error={})
        building, _ = begin(rows, owner, start.training_file_id)

        removed = rows.repository.delete_training_file(start.training_file_id, owner)

        assert set(removed or []) == {start.revision_id, failed, building}
        assert rows.repository.get_training_file(start.training_file_id, None) is None
        assert rows.repository.list_conversation_ids(start.training_file_id, limit=10) == []
        assert rows.repository.list_revisions(start.training_file_id, limit=10) == []
        assert rows.repository.delete_training_file(start.training_file_id, owner) is None

    def test_leaves_a_foreign_file_alone(self, rows: RepositorySubject, owner: UUID) -> None:
        theirs = finished(rows, rows.an_owner())

        assert rows.repository.delete_training_file(theirs, owner) is None
        assert existing(rows, theirs).revision == 1


class TestPages:
    def test_of_conversations_come_in_file_order(self, rows: RepositorySubject, owner: UUID) -> None:
        ids = [uuid4() for _ in range(5)]
        training_file_id = finished(rows, owner, ids)

        first = rows.repository.list_conversation_ids(training_file_id, limit=3)
        rest = rows.repository.list_conversation_ids(training_file_id, limit=3, after_position=first[-1][0])
        end = rows.repository.list_conversation_ids(training_file_id, limit=3, after_position=rest[-1][0])

        assert (first + rest, end) == (list(enumerate(ids, start=1)), [])

    @pytest.mark.parametrize("together", [False, True], ids=["one after another", "at one moment"])
    def test_of_revisions_come_without_gap_or_repetition(
        self, rows: RepositorySubject, owner: UUID, *, together: bool
    ) -> None:
        start = started(rows, owner)
        commit(rows, start.revision_id, [uuid4()])
        later = [begin(rows, owner, start.training_file_id)[0] for _ in range(4)]
        if together:
            rows.start_revisions_at(start.training_file_id, MOMENT)

        found: list[UUID] = []
        while page := rows.repository.list_revisions(
            start.training_file_id, limit=2, before=found[-1] if found else None
        ):
            found += [r.id for r in page]

        assert sorted(found) == sorted([start.revision_id, *later])

    def test_of_revisions_refuse_another_files_revision_as_a_cursor(self, rows: RepositorySubject, owner: UUID) -> None:
        other = started(rows, owner, "other")
        training_file_id = finished(rows, owner)

        with pytest.raises(RequestInvalidError):
            rows.repository.list_revisions(training_file_id, limit=2, before=other.revision_id)

    def test_hold_only_committed_revisions_by_number(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)
        begin(rows, owner, training_file_id)

        assert rows.repository.get_revision(training_file_id, number=1) is not None
        assert rows.repository.get_revision(training_file_id, number=2) is None


def without_updated_at(record: Record | None) -> dict[str, Any]:
    assert record is not None
    return record.model_dump(exclude={"updated_at"})
