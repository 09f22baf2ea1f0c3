"""What any outbox and any housekeeping of the database promise, and which conversations rules take."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.contract.steps import begin, commit, existing, finished, started
from tests.contract.subjects import RepositorySubject
from training_files.domain.conversation.conversation import USABLE_STATUSES
from training_files.domain.training_file.collection_rule import CollectionRule
from training_files.domain.training_file.training_file import TrainingFileChanges
from training_files.ports.conversations import CollectionMatch
from training_files.ports.events import TrainingFileEvent
from training_files.ports.housekeeping import HousekeepingWork
from training_files.ports.leases import Lease

KEPT = 2
# More than all other tests leave.
ALL = 10_000


@pytest.fixture
def owner(rows: RepositorySubject) -> UUID:
    return rows.an_owner()


def a_lease() -> Lease:
    return Lease(uuid4(), seconds=120)


def waiting(rows: RepositorySubject, training_file_id: UUID) -> list[TrainingFileEvent]:
    return rows.outbox.unpublished(limit=ALL, training_file_id=training_file_id)


def told(rows: RepositorySubject, training_file_id: UUID) -> list[tuple[str, int]]:
    return [(event.type, event.detail["revision"]) for event in waiting(rows, training_file_id)]


def extended(rows: RepositorySubject, owner: UUID, training_file_id: UUID) -> UUID:
    """The revision that adds one conversation."""
    before = existing(rows, training_file_id)
    revision_id, _ = begin(rows, owner, training_file_id)
    expected, count = before.revision, before.conversation_count
    assert commit(rows, revision_id, [uuid4()], expected=expected, before=count).outcome == "committed"
    return revision_id


def a_failed_build(rows: RepositorySubject, owner: UUID, training_file_id: UUID, error: dict[str, Any]) -> UUID:
    revision_id, _ = begin(rows, owner, training_file_id, background=True)
    lease = a_lease()
    rows.repository.claim_revision(revision_id=revision_id, lease=lease, next_id=uuid4())
    rows.repository.fail_revision(revision_id=revision_id, lease=lease, error=error)
    return revision_id


class TestEvents:
    def test_are_recorded_for_each_commit_and_the_removal_in_order(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)
        extended(rows, owner, training_file_id)
        current = existing(rows, training_file_id)
        rows.repository.delete_training_file(training_file_id, owner)

        assert told(rows, training_file_id) == [
            ("Training File Created", 1),
            ("Training File Updated", 2),
            ("Training File Deleted", 2),
        ]
        updated = waiting(rows, training_file_id)[1]
        assert updated.detail == {
            "training_file_id": str(training_file_id),
            **{key: getattr(current, key) for key in ("name", "revision", "conversation_count", "storage_bucket")},
            **{key: getattr(current, key) for key in ("total_training_pairs", "trainable_pairs")},
            **{key: getattr(current, key) for key in ("json_file_path", "jsonl_file_path")},
            "created_by": str(owner),
            "change": {"kind": "add", "count": 1},
        }

    def test_are_recorded_once_for_a_commit_that_is_repeated(self, rows: RepositorySubject, owner: UUID) -> None:
        start, ids = started(rows, owner), [uuid4()]
        for _ in range(2):
            commit(rows, start.revision_id, ids)

        assert told(rows, start.training_file_id) == [("Training File Created", 1)]

    def test_say_why_a_build_in_the_background_failed(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)
        faults = [{"conversation_id": conversation_id} for conversation_id in ("a", "b", "b")]
        error = {"message": "it is broken", "code": "any", "failed_conversations": faults}
        revision_id = a_failed_build(rows, owner, training_file_id, error)

        [_, failure] = waiting(rows, training_file_id)
        assert failure.type == "Training File Build Failed"
        assert (failure.detail["revision_id"], failure.detail["revision"]) == (str(revision_id), 1)
        assert (failure.detail["build_error"], failure.detail["failed_conversation_count"]) == ("it is broken", 2)

    def test_of_a_first_build_that_failed_have_no_revision(self, rows: RepositorySubject, owner: UUID) -> None:
        start = started(rows, owner, background=True)
        lease = a_lease()
        rows.repository.claim_revision(revision_id=start.revision_id, lease=lease, next_id=uuid4())
        rows.repository.fail_revision(revision_id=start.revision_id, lease=lease, error={"message": "it is broken"})

        [failure] = waiting(rows, start.training_file_id)
        assert (failure.type, failure.detail["revision"]) == ("Training File Build Failed", 0)
        assert (failure.detail["json_file_path"], failure.detail["jsonl_file_path"]) == (None, None)
        assert failure.detail["failed_conversation_count"] == 0

    def test_are_not_recorded_for_a_build_that_goes_on_or_changes_nothing(
        self, rows: RepositorySubject, owner: UUID
    ) -> None:
        training_file_id = finished(rows, owner)
        a_failed_build(rows, owner, training_file_id, {"message": "nothing", "code": "nothing_to_add"})
        lost, _ = begin(rows, owner, training_file_id, background=True)
        rows.repository.continue_revision(revision_id=lost, lease=a_lease(), next_id=uuid4(), reason="lost")
        a_failed_build(rows, owner, training_file_id, {"message": "not queued", "code": "not_queued"})
        awaited, _ = begin(rows, owner, training_file_id)
        rows.repository.abandon_revision(revision_id=awaited, error={"message": "broke off"})

        assert told(rows, training_file_id) == [("Training File Created", 1)]

    def test_are_recorded_for_the_removal_of_a_file_whose_first_build_failed(
        self, rows: RepositorySubject, owner: UUID
    ) -> None:
        start = started(rows, owner, background=True)
        rows.repository.claim_revision(revision_id=start.revision_id, lease=(lease := a_lease()), next_id=uuid4())
        rows.repository.fail_revision(revision_id=start.revision_id, lease=lease, error={"message": "broken"})
        rows.repository.delete_training_file(start.training_file_id, owner)

        assert told(rows, start.training_file_id) == [
            ("Training File Build Failed", 0),
            ("Training File Deleted", 0),
        ]

    def test_are_not_recorded_for_a_file_that_was_given_up_before_its_first_revision(
        self, rows: RepositorySubject, owner: UUID
    ) -> None:
        start = started(rows, owner)
        rows.repository.delete_training_file(start.training_file_id, owner)

        assert told(rows, start.training_file_id) == []

    def test_wait_until_they_are_marked(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)
        extended(rows, owner, training_file_id)
        first, second = waiting(rows, training_file_id)

        assert rows.outbox.unpublished(limit=1, training_file_id=training_file_id) == [first]
        everyones = [event.id for event in rows.outbox.unpublished(limit=ALL)]
        assert everyones.index(first.id) < everyones.index(second.id)
        for _ in range(2):
            rows.outbox.mark_published([first.id])

        assert waiting(rows, training_file_id) == [second]


A_DAY = 24 * 60


class TestHousekeeping:
    def test_queues_a_build_again_that_no_worker_took(self, rows: RepositorySubject, owner: UUID) -> None:
        revision_id = started(rows, owner, background=True).revision_id

        assert revision_id not in self.work(rows).requeue
        rows.let_pass(revision_id, minutes=4)
        assert revision_id in self.work(rows).requeue

    def test_queues_a_build_again_whose_worker_is_lost(self, rows: RepositorySubject, owner: UUID) -> None:
        revision_id = started(rows, owner, background=True).revision_id
        rows.let_pass(revision_id, minutes=60)
        rows.repository.claim_revision(revision_id=revision_id, lease=a_lease(), next_id=uuid4())

        assert revision_id not in self.work(rows).requeue
        rows.let_pass(revision_id, minutes=4)
        assert revision_id in self.work(rows).requeue

    def test_abandons_an_attempt_whose_caller_is_gone(self, rows: RepositorySubject, owner: UUID) -> None:
        revision_id = started(rows, owner).revision_id

        rows.let_pass(revision_id, minutes=14)
        assert revision_id not in self.work(rows).abandon
        rows.let_pass(revision_id, minutes=2)
        assert revision_id in self.work(rows).abandon
        assert revision_id not in self.work(rows).requeue

    def test_removes_the_objects_of_a_failed_attempt_once(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)
        revision_id, _ = begin(rows, owner, training_file_id)
        rows.repository.abandon_revision(revision_id=revision_id, error={})

        rows.let_pass(revision_id, minutes=19)
        assert revision_id not in self.work(rows).remove
        rows.let_pass(revision_id, minutes=2)
        assert revision_id in self.work(rows).remove
        rows.housekeeping.mark_objects_removed([revision_id])
        assert revision_id not in self.work(rows).remove

    def test_removes_versions_beyond_the_newest(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)
        [first] = rows.repository.list_revisions(training_file_id, limit=10)
        later = [extended(rows, owner, training_file_id) for _ in range(KEPT)]

        rows.let_pass(later[0], minutes=A_DAY - 1)
        assert first.id not in self.work(rows).remove, "a link to what was superseded is good for a while"
        rows.let_pass(later[0], minutes=2)

        due = self.work(rows).remove
        assert first.id in due
        assert due.isdisjoint(later)

    def test_removes_no_version_that_is_exported(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = finished(rows, owner)
        [first] = rows.repository.list_revisions(training_file_id, limit=10)
        export_id = uuid4()
        begun = rows.exports.begin_export(
            export_id=export_id,
            training_file_id=training_file_id,
            owner=None,
            revision=1,
            request={"format": "messages", "granularity": "turn", "bundle": False},
            lease=a_lease(),
            waits_up_to_bytes=None,
        )
        assert begun.outcome == "begun"
        later = [extended(rows, owner, training_file_id) for _ in range(KEPT)]
        rows.let_pass(later[0], minutes=A_DAY + 1)

        assert first.id not in self.work(rows).remove

    def test_removes_the_objects_of_a_removed_file_once(self, rows: RepositorySubject, owner: UUID) -> None:
        start = started(rows, owner)
        commit(rows, start.revision_id, [uuid4()])
        rows.repository.delete_training_file(start.training_file_id, owner)

        assert start.revision_id not in self.work(rows).remove
        rows.let_pass(start.revision_id, minutes=21)
        assert start.revision_id in self.work(rows).remove
        rows.housekeeping.mark_objects_removed([start.revision_id])
        assert start.revision_id not in self.work(rows).remove

    def test_sweeps_the_folder_of_a_removed_file_into_which_somebody_wrote_after_it_was_emptied(
        self, rows: RepositorySubject, owner: UUID
    ) -> None:
        late, empty, before = (started(rows, owner, str(uuid4())) for _ in range(3))
        for start in (late, empty, before):
            rows.repository.delete_training_file(start.training_file_id, owner)
        rows.housekeeping.mark_objects_removed([late.revision_id, empty.revision_id])
        for start in (late, before):
            rows.put_object("training-files", f"{start.revision_id}/training.json", size=1)
        rows.put_object("training-files", f"{empty.revision_id}0/training.json", size=1)
        rows.put_object("conversation-files", f"{empty.revision_id}/enriched.json", size=1)

        assert self.work(rows).sweep & {late.revision_id, empty.revision_id, before.revision_id} == {late.revision_id}

    def test_sweeps_no_folder_for_what_a_try_of_a_lasting_build_has_there(
        self, rows: RepositorySubject, owner: UUID
    ) -> None:
        start, gone = started(rows, owner, background=True), started(rows, owner, str(uuid4()))
        lease = a_lease()
        rows.repository.delete_training_file(gone.training_file_id, owner)
        rows.housekeeping.mark_objects_removed([gone.revision_id])
        rows.repository.claim_revision(revision_id=start.revision_id, lease=lease, next_id=uuid4())
        path = f"{gone.revision_id}/shard-00001-0000beef"
        rows.repository.begin_shard(start.revision_id, lease=lease, shard=1, try_id=uuid4(), path=path)

        rows.put_object("training-files", f"{path}.json", size=1)
        assert gone.revision_id not in self.work(rows).sweep
        rows.put_object("training-files", f"{gone.revision_id}/shard-plan.json", size=1)
        assert gone.revision_id in self.work(rows).sweep

    def test_does_at_most_as_much_as_its_limit(self, rows: RepositorySubject, owner: UUID) -> None:
        for _ in range(2):
            rows.let_pass(started(rows, owner, str(uuid4()), background=True).revision_id, minutes=4)

        work = rows.housekeeping.list_work(keep_revisions=KEPT, limit=1)

        assert len(work.requeue) == 1

    @staticmethod
    def work(rows: RepositorySubject) -> "Work":
        return Work(rows.housekeeping.list_work(keep_revisions=KEPT, limit=ALL))


class Work:
    """What is due, as sets: other tests leave something to do as well."""

    def __init__(self, work: HousekeepingWork) -> None:
        self.requeue, self.abandon, self.remove = set(work.requeue), set(work.abandon), set(work.remove)
        self.sweep = set(work.sweep)


class TestCollections:
    def test_take_conversations_that_the_file_does_not_have(self, rows: RepositorySubject, owner: UUID) -> None:
        old, new = (self.an_enriched_one(rows, owner) for _ in range(2))
        training_file_id = self.a_collecting_file(rows, owner, [old])

        [match] = self.matches(rows, old, new)

        assert (match.training_file_id, match.created_by) == (training_file_id, owner)
        assert (match.collect, match.conversation_ids) == (CollectionRule(), (new,))

    @pytest.mark.parametrize(
        ("rule", "row"),
        [
            (CollectionRule(personas=("other",)), {}),
            (CollectionRule(emotional_arcs=("other",)), {}),
            (CollectionRule(training_topics=("other",)), {}),
            (CollectionRule(min_quality_score=Decimal(4)), {"quality_score": 3.9}),
            (CollectionRule(), {"enrichment_status": "enriched"}),
            (CollectionRule(), {"enriched_file_path": None}),
            (CollectionRule(), {"enriched_file_path": ""}),
            (CollectionRule(), {"quality_score": 92}),
            (CollectionRule(), {"quality_score": -1}),
        ],
    )
    @pytest.mark.usefixtures("any_row_score")
    def test_leave_what_a_rule_does_not_take(
        self, rows: RepositorySubject, owner: UUID, rule: CollectionRule, row: dict[str, Any]
    ) -> None:
        self.a_collecting_file(rows, owner, [uuid4()], rule)

        assert self.matches(rows, self.an_enriched_one(rows, owner, **row)) == []

    @pytest.mark.parametrize("by_rule", [True, False])
    def test_take_nothing_twice_while_an_addition_of_the_rule_waits(
        self, rows: RepositorySubject, owner: UUID, *, by_rule: bool
    ) -> None:
        training_file_id = self.a_collecting_file(rows, owner, [uuid4()])
        waiting, other = self.an_enriched_one(rows, owner), self.an_enriched_one(rows, owner)
        requested = {"conversation_ids": [str(waiting)], "by_rule": by_rule}
        revision_id, _ = begin(rows, owner, training_file_id, requested=requested, background=True)

        [match] = self.matches(rows, waiting, other)
        assert set(match.conversation_ids) == ({other} if by_rule else {waiting, other})

        rows.repository.abandon_revision(revision_id=revision_id, error={})
        [match] = self.matches(rows, waiting, other)
        assert set(match.conversation_ids) == {waiting, other}

    def test_take_nothing_of_others_and_for_archived_files(self, rows: RepositorySubject, owner: UUID) -> None:
        training_file_id = self.a_collecting_file(rows, owner, [uuid4()])
        theirs = [self.an_enriched_one(rows, other) for other in (None, rows.an_owner())]
        assert self.matches(rows, *theirs) == []

        rows.repository.update_training_file(training_file_id, owner, TrainingFileChanges(status="archived"))

        assert self.matches(rows, self.an_enriched_one(rows, owner)) == []

    @staticmethod
    def matches(rows: RepositorySubject, *ids: UUID) -> list[CollectionMatch]:
        return rows.repository.match_collections(ids, usable_statuses=USABLE_STATUSES)

    @staticmethod
    def an_enriched_one(rows: RepositorySubject, owner: UUID | None, **row: Any) -> UUID:
        row = {"enriched_file_path": f"{uuid4()}/enriched.json"} | row
        return rows.a_conversation(owner, **row).conversation_id

    @staticmethod
    def a_collecting_file(
        rows: RepositorySubject, owner: UUID, ids: list[UUID], rule: CollectionRule | None = None
    ) -> UUID:
        training_file_id = finished(rows, owner, ids)
        changes = TrainingFileChanges(collect=rule or CollectionRule())
        assert rows.repository.update_training_file(training_file_id, owner, changes) is not None
        return training_file_id
