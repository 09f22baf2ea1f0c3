"""What a repository promises about builds in the background, whichever it is: leases, attempts, and how they end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from postgrest.exceptions import APIError

from tests.contract.steps import (
    MOMENT,
    begin,
    commit,
    content_of,
    existing,
    figures_of,
    finished,
    resolve,
    revision,
    started,
)
from tests.contract.subjects import RepositorySubject
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.training_file import TrainingFileChanges
from training_files.ports.builds import ClaimedRevision, RetriedBuild, Setback
from training_files.ports.leases import Lease
from training_files.ports.revisions import NewTrainingFile

IDS = [uuid4(), uuid4(), uuid4()]
KEPT = {"on_invalid": "skip", "on_duplicate": "reject"}
WISH = KEPT | {"conversation_ids": [str(wanted) for wanted in IDS]}
REASON = {"message": "It could not be built.", "code": "upstream_unavailable", "failed_conversations": []}
BROKE_OFF = "Supabase did not answer in time."
SETBACK = Setback(message=BROKE_OFF, attempt=2, next_try_at=datetime(2026, 11, 28, 3, 26, tzinfo=UTC))
LEASE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Build:
    """A build in the background as a test handles it."""

    rows: RepositorySubject
    owner: UUID
    training_file_id: UUID
    revision_id: UUID

    def claim(self, lease: Lease, next_id: UUID | None = None, revision_id: UUID | None = None) -> ClaimedRevision:
        return self.rows.repository.claim_revision(
            revision_id=revision_id or self.revision_id, lease=lease, next_id=next_id or uuid4()
        )

    def claim_above(self, conversations: int, next_id: UUID | None = None) -> ClaimedRevision:
        """As a worker does that leaves more than so many conversations to many workers."""
        return self.rows.repository.claim_revision(
            revision_id=self.revision_id, lease=a_lease(), next_id=next_id or uuid4(), sharded_above=conversations
        )

    def claimed(self, lease: Lease, next_id: UUID | None = None) -> Revision:
        """The revision that the claim gives to build."""
        claimed = self.claim(lease, next_id)
        assert claimed.outcome == "claimed"
        assert claimed.revision is not None
        return claimed.revision

    def fail(self, lease: Lease, revision_id: UUID | None = None) -> None:
        self.rows.repository.fail_revision(revision_id=revision_id or self.revision_id, lease=lease, error=REASON)

    def report(self, lease: Lease, done: int = 0, revision_id: UUID | None = None) -> bool:
        return self.rows.repository.report_progress(revision_id=revision_id or self.revision_id, lease=lease, done=done)

    def release(self, lease: Lease) -> None:
        self.rows.repository.release_revision(revision_id=self.revision_id, lease=lease, setback=SETBACK)

    def retry(self, next_id: UUID, owner: UUID | None = None) -> RetriedBuild:
        return self.rows.repository.retry_build(self.training_file_id, owner or self.owner, next_id=next_id)

    def expire(self) -> None:
        self.rows.age(self.training_file_id, minutes=LEASE_SECONDS // 60 + 1)

    def revision(self, revision_id: UUID | None = None) -> Revision:
        return revision(self.rows, self.training_file_id, revision_id or self.revision_id)

    def requested(self, revision_id: UUID | None = None, **page: int) -> list[UUID]:
        rows = self.rows.repository.list_requested(revision_id or self.revision_id, **{"limit": 10, **page})
        first = page.get("after_position", 0) + 1
        assert [position for position, _ in rows] == list(range(first, first + len(rows)))
        return [conversation_id for _, conversation_id in rows]

    @property
    def attempts(self) -> list[UUID]:
        revisions = self.rows.repository.list_revisions(self.training_file_id, limit=1000)
        return [one.id for one in revisions if one.background]


def a_lease() -> Lease:
    return Lease(uuid4(), LEASE_SECONDS)


@pytest.fixture
def owner(rows: RepositorySubject) -> UUID:
    return rows.an_owner()


def a_creation(rows: RepositorySubject, owner: UUID) -> Build:
    start = started(rows, owner, requested=WISH, background=True)
    return Build(rows, owner, start.training_file_id, start.revision_id)


def an_addition(rows: RepositorySubject, owner: UUID) -> Build:
    training_file_id = finished(rows, owner)
    revision_id, _ = begin(rows, owner, training_file_id, requested=WISH, background=True)
    return Build(rows, owner, training_file_id, revision_id)


@pytest.fixture
def creation(rows: RepositorySubject, owner: UUID) -> Build:
    return a_creation(rows, owner)


@pytest.fixture
def addition(rows: RepositorySubject, owner: UUID) -> Build:
    return an_addition(rows, owner)


@pytest.fixture(params=[a_creation, an_addition], ids=["creation", "addition"])
def build(request: pytest.FixtureRequest, rows: RepositorySubject, owner: UUID) -> Build:
    arranged: Build = request.param(rows, owner)
    return arranged


class TestBegin:
    def test_keeps_the_request_and_its_size(self, build: Build) -> None:
        begun = build.revision()

        assert (begun.status, begun.background) == ("building", True)
        assert (begun.progress_done, begun.progress_total) == (0, 3)
        assert begun == build.rows.repository.open_build(build.training_file_id)

    def test_a_build_that_a_caller_waits_for_is_not_one_in_the_background(
        self, rows: RepositorySubject, owner: UUID
    ) -> None:
        start = started(rows, owner)

        assert not revision(rows, start.training_file_id, start.revision_id).background
        assert rows.repository.open_build(start.training_file_id) is None

    def test_holds_the_name_however_long_the_build_waits(self, creation: Build) -> None:
        creation.rows.age(creation.training_file_id, minutes=60 * 24)

        assert resolve(creation.rows, [], creation.owner, name="a file").name_taken
        assert started(creation.rows, creation.owner, "a file").begun.outcome == "name_taken"


class TestClaim:
    def test_gives_the_revision_with_its_request(self, creation: Build) -> None:
        claimed = creation.claim(a_lease())

        assert (claimed.outcome, claimed.base) == ("claimed", None)
        assert claimed.revision == creation.revision()
        assert claimed.requested == KEPT
        assert claimed.training_file == existing(creation.rows, creation.training_file_id)

    def test_gives_the_revision_to_build_on(self, addition: Build) -> None:
        claimed = addition.claim(a_lease())

        assert claimed.revision == addition.revision()
        committed = addition.rows.repository.get_revision(addition.training_file_id, number=1)
        assert committed is not None
        assert claimed.base == committed

    def test_by_the_same_worker_gives_the_same(self, build: Build) -> None:
        """The answer to the first call was lost."""
        lease, next_id = a_lease(), uuid4()

        assert build.claim(lease, next_id) == build.claim(lease, next_id)
        assert build.attempts == [build.revision_id]

    def test_by_another_worker_finds_it_leased(self, build: Build) -> None:
        build.claim(a_lease())

        assert build.claim(a_lease()) == ClaimedRevision(outcome="leased")
        assert build.attempts == [build.revision_id]

    def test_continues_under_another_id_when_the_lease_has_expired(self, build: Build) -> None:
        build.claim(a_lease())
        build.expire()
        lease, next_id = a_lease(), uuid4()

        claimed = build.claim(lease, next_id)

        continued = claimed.revision
        assert continued is not None
        assert (continued.id, claimed.requested, continued.progress_total) == (next_id, KEPT, 3)
        assert continued.json_file_path == f"{next_id}/training.json"
        assert continued == build.revision(next_id) == build.rows.repository.open_build(build.training_file_id)
        lost = build.revision()
        assert (lost.status, lost.error) == (
            "failed",
            {"message": "the worker was lost", "continued_as": str(next_id)},
        )
        assert lost.finished_at is not None
        assert existing(build.rows, build.training_file_id).status in ("processing", "active")

    def test_that_continued_gives_the_same_when_called_again(self, build: Build) -> None:
        build.claim(a_lease())
        build.expire()
        lease, next_id = a_lease(), uuid4()

        assert build.claim(lease, next_id) == build.claim(lease, next_id)
        assert set(build.attempts) == {build.revision_id, next_id}

    def test_follows_the_attempts_to_the_latest(self, build: Build) -> None:
        """Messages name the first attempt, whichever is the current one."""
        ids = [uuid4() for _ in range(3)]
        for next_id in ids:
            build.claim(a_lease(), next_id)
            build.expire()

        assert build.claimed(a_lease(), uuid4()).id not in {build.revision_id, *ids}
        assert build.claim(a_lease()).outcome == "leased"
        assert build.claim(a_lease(), revision_id=ids[1]).outcome == "leased"

    def test_continues_at_once_when_the_lease_was_given_back(self, build: Build) -> None:
        lease, next_id = a_lease(), uuid4()
        build.claim(lease)

        for _ in range(2):
            build.release(lease)

        waiting = build.rows.repository.open_build(build.revision().training_file_id)
        assert waiting is not None
        assert waiting.error == SETBACK.model_dump(mode="json")
        assert build.claimed(a_lease(), next_id).id == next_id
        assert build.revision().error == {"message": BROKE_OFF, "continued_as": str(next_id)}

    def test_is_not_disturbed_when_a_stranger_gives_the_lease_back(self, build: Build) -> None:
        build.claim(a_lease())

        build.release(a_lease())

        assert build.claim(a_lease()).outcome == "leased"

    def test_of_a_finished_build_says_so(self, creation: Build) -> None:
        creation.claim(lease := a_lease())
        commit(creation.rows, creation.revision_id, IDS)

        for worker in (lease, a_lease()):
            assert creation.claim(worker) == ClaimedRevision(outcome="finished", is_committed=True)

    def test_of_a_failed_build_says_so(self, build: Build) -> None:
        build.claim(lease := a_lease())
        build.fail(lease)

        assert build.claim(a_lease()) == ClaimedRevision(outcome="finished")

    def test_of_a_removed_file_finds_nothing(self, build: Build) -> None:
        build.rows.repository.delete_training_file(build.training_file_id, build.owner)

        assert build.claim(a_lease()) == ClaimedRevision(outcome="gone")
        assert build.claim(a_lease(), revision_id=uuid4()) == ClaimedRevision(outcome="gone")


class TestClaimForManyWorkers:
    """Of more conversations than one worker builds."""

    def test_is_the_same_for_all_who_ask(self, build: Build) -> None:
        claims = [build.claim_above(len(IDS) - 1) for _ in range(2)]

        assert [claimed.outcome for claimed in claims] == ["claimed", "claimed"]
        assert [claimed.build_id for claimed in claims] == [build.revision_id] * 2
        assert build.attempts == [build.revision_id]

    def test_is_none_of_as_many_as_one_worker_builds(self, build: Build) -> None:
        assert build.claim_above(len(IDS)).build_id is None

    def test_keeps_other_workers_away(self, build: Build) -> None:
        build.claim_above(0)

        assert build.claim(a_lease()).outcome == "leased"

    def test_stays_by_its_first_attempt_when_it_goes_on_with_another(self, build: Build) -> None:
        build.claim_above(0)
        next_id = uuid4()
        build.rows.repository.continue_revision(
            revision_id=build.revision_id,
            lease=Lease(build.revision_id, LEASE_SECONDS),
            next_id=next_id,
            reason=BROKE_OFF,
        )

        claimed = build.claim_above(0)

        assert claimed.build_id == build.revision_id
        assert claimed.revision
        assert claimed.revision.id == next_id

    def test_begins_anew_what_one_worker_had_and_was_lost(self, build: Build) -> None:
        """A worker of before there were shards."""
        build.claim(a_lease())
        build.expire()

        claimed = build.claim_above(0, next_id := uuid4())

        assert claimed.build_id == next_id
        assert claimed.revision
        assert claimed.revision.id == next_id


class TestContinue:
    def test_begins_the_next_attempt_for_the_same_worker(self, addition: Build) -> None:
        addition.claim(lease := a_lease())
        other, _ = begin(addition.rows, addition.owner, addition.training_file_id)
        commit(addition.rows, other, [uuid4()], expected=1, before=1)
        next_id = uuid4()

        for _ in range(2):
            addition.rows.repository.continue_revision(
                revision_id=addition.revision_id, lease=lease, next_id=next_id, reason="another writer was first"
            )

        ended = addition.revision()
        assert (ended.status, ended.error) == (
            "failed",
            {"message": "another writer was first", "continued_as": str(next_id)},
        )
        claimed = addition.claim(lease, revision_id=next_id)
        assert claimed.revision is not None
        assert (claimed.revision.id, claimed.revision.number, claimed.requested) == (next_id, 3, KEPT)
        assert claimed.base is not None
        assert claimed.base.number == 2
        assert addition.claim(a_lease()).outcome == "leased"

    def test_by_the_same_worker_is_as_far_as_the_attempt_before(self, addition: Build) -> None:
        addition.claim(lease := a_lease())
        addition.report(lease, 2)
        next_id = uuid4()

        addition.rows.repository.continue_revision(
            revision_id=addition.revision_id, lease=lease, next_id=next_id, reason="another writer was first"
        )

        assert addition.revision(next_id).progress_done == 2

    def test_by_another_worker_begins_anew(self, build: Build) -> None:
        build.claim(lost := a_lease())
        build.report(lost, 2)
        build.expire()

        assert build.claimed(a_lease()).progress_done == 0

    def test_of_a_lost_attempt_begins_nothing(self, build: Build) -> None:
        build.claim(lost := a_lease())
        build.expire()
        current = build.claimed(a_lease()).id
        next_id = uuid4()

        build.rows.repository.continue_revision(
            revision_id=build.revision_id, lease=lost, next_id=next_id, reason="another writer was first"
        )

        assert build.claim(lost, revision_id=next_id).outcome == "gone"
        assert set(build.attempts) == {build.revision_id, current}


class TestProgress:
    def test_never_goes_back(self, build: Build) -> None:
        build.claim(lease := a_lease())

        assert [build.report(lease, done) for done in (2, 0)] == [True, True]

        assert build.revision().progress_done == 2

    def test_renews_the_lease(self, build: Build) -> None:
        build.claim(lease := a_lease())
        for _ in range(3):
            build.rows.age(build.training_file_id, minutes=1)
            assert build.report(lease)

        assert build.claim(a_lease()).outcome == "leased"

    def test_is_refused_after_the_lease_was_lost(self, build: Build) -> None:
        build.claim(lost := a_lease())
        build.expire()
        current = build.claimed(holder := a_lease())

        assert not build.report(lost, 3)
        assert not build.report(lost, 3, revision_id=current.id)
        assert build.report(holder, 1, revision_id=current.id)
        assert build.revision(current.id).progress_done == 1

    def test_of_a_removed_file_is_refused(self, build: Build) -> None:
        build.claim(lease := a_lease())
        build.rows.repository.delete_training_file(build.training_file_id, build.owner)

        assert not build.report(lease)

    def test_is_complete_after_the_commit(self, creation: Build) -> None:
        creation.claim(lease := a_lease())
        commit(creation.rows, creation.revision_id, IDS[:2])

        done = creation.revision()
        assert (done.progress_done, done.progress_total) == (2, 2)
        assert not creation.report(lease)


class TestCommit:
    def test_takes_the_rows_that_were_staged_and_its_own(self, addition: Build) -> None:
        ids = [uuid4() for _ in range(5)]
        self.stage(addition, ids[2:4], first_position=3)
        # A second time, because the answer to the first was lost.
        self.stage(addition, ids[:2], first_position=1)
        self.stage(addition, ids[:2], first_position=1)

        committed = self.commit(addition, ids, figures_of(ids[4:], first_position=5))

        assert committed == "committed"
        members = addition.rows.repository.list_conversation_ids(addition.training_file_id, limit=10)
        assert members[1:] == list(enumerate(ids, start=2))
        kept = addition.rows.analyses(addition.training_file_id)
        assert kept[1:] == [row["analysis"] for row in figures_of(ids)]

    def test_may_find_all_rows_staged(self, addition: Build) -> None:
        self.stage(addition, IDS, first_position=1)

        assert self.commit(addition, IDS, []) == "committed"
        members = addition.rows.repository.list_conversation_ids(addition.training_file_id, limit=10)
        assert members[1:] == list(enumerate(IDS, start=2))

    @pytest.mark.parametrize("given", [0, 1, 3])
    def test_is_refused_without_the_figures_of_each_conversation(self, addition: Build, given: int) -> None:
        before = existing(addition.rows, addition.training_file_id)
        self.stage(addition, IDS[:1], first_position=1)

        with pytest.raises((APIError, ValueError), match=rf"has the figures of {given + 1} conversations, not of all"):
            self.commit(addition, IDS, figures_of([uuid4() for _ in range(given)], first_position=2))

        assert existing(addition.rows, addition.training_file_id) == before
        assert addition.revision().status == "building"

    def test_takes_no_rows_of_another_attempt(self, addition: Build) -> None:
        addition.claim(a_lease())
        self.stage(addition, IDS, first_position=1)
        addition.expire()
        current = addition.claimed(a_lease())

        with pytest.raises((APIError, ValueError), match="has the figures of 0 conversations"):
            self.commit(addition, IDS, [], revision_id=current.id)
        assert self.commit(addition, IDS, figures_of(IDS), revision_id=current.id) == "committed"

    def test_forgets_why_an_earlier_try_broke_off(self, build: Build) -> None:
        """The answer to a commit was lost, and it took place all the same, after the worker had gone."""
        build.claim(lease := a_lease())
        build.release(lease)

        assert self.commit(build, IDS, figures_of(IDS)) == "committed"
        assert build.revision().error is None

    def test_of_a_lost_attempt_finds_nothing_staged_after_its_end(self, build: Build) -> None:
        build.claim(a_lease())
        self.stage(build, IDS[:1], first_position=1)
        assert build.rows.staged(build.revision_id) == 1
        build.expire()
        build.claim(a_lease())

        self.stage(build, IDS, first_position=1)

        assert build.rows.staged(build.revision_id) == 0

    def test_of_a_lost_attempt_is_refused(self, build: Build) -> None:
        before = existing(build.rows, build.training_file_id)
        build.claim(a_lease())
        build.expire()
        build.claim(a_lease())

        assert self.commit(build, IDS, figures_of(IDS)) == "gone"
        assert existing(build.rows, build.training_file_id).revision == before.revision

    def test_keeps_what_was_left_out(self, creation: Build) -> None:
        skipped = ({"conversation_id": str(uuid4()), "code": "not_found"},)
        content = content_of(IDS).model_copy(update={"skipped": skipped})

        creation.rows.repository.commit_revision(
            revision_id=creation.revision_id, expected_revision=0, content=content, conversations=figures_of(IDS)
        )

        assert creation.revision().skipped == skipped

    @staticmethod
    def stage(build: Build, ids: Sequence[UUID], *, first_position: int) -> None:
        figures = figures_of(ids, first_position=first_position)
        build.rows.repository.stage_conversations(revision_id=build.revision_id, conversations=figures)

    @staticmethod
    def commit(
        build: Build, ids: Sequence[UUID], figures: list[dict[str, Any]], revision_id: UUID | None = None
    ) -> str:
        file = existing(build.rows, build.training_file_id)
        return build.rows.repository.commit_revision(
            revision_id=revision_id or build.revision_id,
            expected_revision=file.revision,
            content=content_of(ids, before=file.conversation_count),
            conversations=figures,
        ).outcome


class TestFail:
    def test_keeps_a_file_without_a_revision_as_failed(self, creation: Build) -> None:
        creation.claim(lease := a_lease())

        for _ in range(2):
            creation.fail(lease)

        failed = creation.revision()
        assert (failed.status, failed.error) == ("failed", REASON)
        assert failed.finished_at is not None
        assert existing(creation.rows, creation.training_file_id).status == "failed"
        assert started(creation.rows, creation.owner, "a file").begun.outcome == "name_taken"

    def test_leaves_a_file_with_a_revision_as_it_was(self, addition: Build) -> None:
        before = existing(addition.rows, addition.training_file_id)
        addition.claim(lease := a_lease())

        addition.fail(lease)

        assert addition.revision().status == "failed"
        assert existing(addition.rows, addition.training_file_id) == before

    def test_ends_the_latest_attempt(self, build: Build) -> None:
        build.claim(a_lease())
        build.expire()
        current = build.claimed(lease := a_lease())

        build.fail(lease)

        assert build.revision(current.id).error == REASON
        assert build.revision().error != REASON

    def test_is_refused_after_the_lease_was_lost(self, build: Build) -> None:
        before = existing(build.rows, build.training_file_id)
        build.claim(lost := a_lease())
        build.expire()
        current = build.claimed(a_lease())

        build.fail(lost)
        build.fail(lost, current.id)

        assert build.revision(current.id).status == "building"
        assert existing(build.rows, build.training_file_id).status == before.status

    def test_does_nothing_to_a_committed_revision(self, creation: Build) -> None:
        creation.claim(lease := a_lease())
        commit(creation.rows, creation.revision_id, IDS)

        creation.fail(lease)

        assert creation.revision().status == "committed"
        assert existing(creation.rows, creation.training_file_id).status == "active"

    def test_refuses_a_commit_afterwards(self, build: Build) -> None:
        before = existing(build.rows, build.training_file_id)
        build.claim(lease := a_lease())
        build.fail(lease)

        committed = commit(build.rows, build.revision_id, IDS, before.revision, before=before.conversation_count)
        assert committed.outcome == "gone"

    def test_leaves_a_file_that_can_be_removed_and_not_changed(self, creation: Build) -> None:
        creation.claim(lease := a_lease())
        creation.fail(lease)
        repository, file_id, owner = creation.rows.repository, creation.training_file_id, creation.owner

        assert repository.update_training_file(file_id, owner, TrainingFileChanges(name="other")) is None
        assert begin(creation.rows, owner, file_id)[1].outcome == "processing"
        assert repository.delete_training_file(file_id, owner) == [creation.revision_id]
        assert begin(creation.rows, owner, uuid4(), NewTrainingFile(name="a file"))[1].outcome == "begun"


class TestRetry:
    def test_begins_a_failed_build_again(self, build: Build) -> None:
        before = existing(build.rows, build.training_file_id)
        self.fail(build)
        next_id = uuid4()

        retried = build.retry(next_id)

        assert retried.outcome == "begun"
        assert retried.training_file == existing(build.rows, build.training_file_id)
        assert retried.training_file is not None
        assert retried.training_file.status == before.status
        again = build.revision(next_id)
        assert (again.status, again.background, again.error) == ("building", True, None)
        assert (again.number, again.progress_done, again.progress_total) == (before.revision + 1, 0, 3)
        claimed = build.claim(a_lease(), revision_id=next_id)
        assert (claimed.revision, claimed.requested) == (again, KEPT)

    def test_again_has_the_same_effect_as_once(self, build: Build) -> None:
        self.fail(build)
        next_id = uuid4()

        first, second = (build.retry(next_id) for _ in range(2))

        assert first == second
        assert set(build.attempts) == {build.revision_id, next_id}

    def test_leaves_the_failed_attempt_as_it_is_but_for_a_mark(self, build: Build) -> None:
        self.fail(build)
        failed = build.revision()

        build.retry(next_id := uuid4())

        assert failed.error is not None
        assert build.revision() == failed.model_copy(update={"error": failed.error | {"retried_as": str(next_id)}})
        assert build.claim(a_lease()).outcome == "finished"

    @pytest.mark.parametrize("state", ["waiting", "building", "retried", "committed", "never in the background"])
    def test_finds_nothing_to_retry(self, creation: Build, state: str) -> None:
        rows = creation.rows
        build = creation
        if state in ("building", "retried"):
            build.claim(lease := a_lease())
        if state == "retried":
            build.fail(lease)
            build.retry(uuid4())
        if state == "committed":
            commit(rows, build.revision_id, IDS)
        if state == "never in the background":
            build = Build(rows, build.owner, finished(rows, build.owner, name="other", at=MOMENT), uuid4())
        before = build.attempts

        assert build.retry(uuid4()) == RetriedBuild(outcome="nothing_to_retry")
        assert build.attempts == before

    def test_finds_no_foreign_and_no_unknown_file(self, creation: Build) -> None:
        self.fail(creation)

        assert creation.retry(uuid4(), owner=creation.rows.an_owner()) == RetriedBuild(outcome="not_found")
        assert creation.rows.repository.retry_build(uuid4(), creation.owner, next_id=uuid4()).outcome == "not_found"

    def test_finds_every_file_when_trusted(self, creation: Build) -> None:
        self.fail(creation)

        retried = creation.rows.repository.retry_build(creation.training_file_id, None, next_id=uuid4())

        assert retried.outcome == "begun"

    def test_refuses_an_archived_file(self, addition: Build) -> None:
        self.fail(addition)
        archived = TrainingFileChanges(status="archived")
        addition.rows.repository.update_training_file(addition.training_file_id, addition.owner, archived)

        assert addition.retry(uuid4()) == RetriedBuild(outcome="archived")

    @staticmethod
    def fail(build: Build) -> None:
        build.claim(lease := a_lease())
        build.fail(lease)


class TestWhatWasAskedFor:
    """Rows of their own, which belong to the attempt that is to take them, and go when nobody is."""

    def test_comes_in_its_order_and_by_pages(self, build: Build) -> None:
        assert build.requested() == IDS
        assert (build.requested(limit=2), build.requested(limit=2, after_position=2)) == (IDS[:2], IDS[2:])
        assert build.requested(after_position=3) == []

    def test_is_not_kept_while_a_caller_waits(self, rows: RepositorySubject, owner: UUID) -> None:
        start = started(rows, owner, requested=WISH)

        assert rows.repository.list_requested(start.revision_id, limit=10) == []

    def test_goes_to_the_attempt_that_goes_on(self, build: Build) -> None:
        build.claim(a_lease())
        build.expire()
        build.claim(a_lease(), next_id := uuid4())

        assert (build.requested(), build.requested(next_id)) == ([], IDS)

    def test_is_kept_after_a_failure_for_another_try(self, build: Build) -> None:
        build.claim(lease := a_lease())
        build.fail(lease)
        assert build.requested() == IDS

        build.retry(next_id := uuid4())

        assert (build.requested(), build.requested(next_id)) == ([], IDS)

    def test_goes_with_the_commit(self, creation: Build) -> None:
        commit(creation.rows, creation.revision_id, IDS)

        assert creation.requested() == []

    def test_goes_with_what_can_not_be_tried_again(self, addition: Build) -> None:
        addition.claim(lease := a_lease())
        nothing = {"message": "No conversation was left to add.", "code": "nothing_to_add"}
        addition.rows.repository.fail_revision(revision_id=addition.revision_id, lease=lease, error=nothing)

        assert addition.requested() == []

    def test_goes_when_the_build_is_given_up_or_its_file_removed(self, rows: RepositorySubject, owner: UUID) -> None:
        given_up, removed = an_addition(rows, owner), a_creation(rows, owner)

        rows.repository.abandon_revision(revision_id=given_up.revision_id, error=REASON | {"code": "not_queued"})
        rows.repository.delete_training_file(removed.training_file_id, owner)

        assert given_up.requested() == removed.requested() == []

    def test_goes_when_a_person_asks_for_something_else_after_a_failure(self, addition: Build) -> None:
        addition.claim(lease := a_lease())
        addition.fail(lease)
        addition.rows.age(addition.training_file_id, minutes=1)
        other, _ = begin(addition.rows, addition.owner, addition.training_file_id)
        commit(addition.rows, other, [uuid4()], expected=1, before=1)

        assert (addition.revision().error or {})["settled_by"] == str(other)
        assert addition.requested() == []


class TestOpenBuild:
    """The one that GET tells of, and that a retry takes up."""

    @staticmethod
    def asked_for(build: Build, requested: dict[str, Any] | None = None) -> UUID:
        revision_id, _ = begin(
            build.rows, build.owner, build.training_file_id, requested=requested or WISH, background=True
        )
        return revision_id

    @staticmethod
    def fail(build: Build, revision_id: UUID | None = None, **more: str) -> UUID:
        revision_id = revision_id or build.revision_id
        build.claim(lease := a_lease(), revision_id=revision_id)
        build.rows.repository.fail_revision(revision_id=revision_id, lease=lease, error=REASON | more)
        build.rows.age(build.training_file_id, minutes=1)
        return revision_id

    @staticmethod
    def open_id(build: Build) -> UUID | None:
        found = build.rows.repository.open_build(build.training_file_id)
        return found.id if found else None

    @staticmethod
    def add(build: Build, revision_id: UUID) -> None:
        number = existing(build.rows, build.training_file_id).revision
        before = existing(build.rows, build.training_file_id).conversation_count
        ids = [uuid4()]
        committed = build.rows.repository.commit_revision(
            revision_id=revision_id,
            expected_revision=number,
            content=content_of(ids, before=before),
            conversations=figures_of(ids),
        )
        assert committed.outcome == "committed"

    def test_is_the_one_that_failed_whatever_was_added_before_it_did(self, addition: Build) -> None:
        other, _ = begin(addition.rows, addition.owner, addition.training_file_id)
        self.add(addition, other)
        self.fail(addition)

        assert self.open_id(addition) == addition.revision_id

    def test_stays_open_when_what_was_asked_for_before_it_failed_is_added(self, addition: Build) -> None:
        other = self.asked_for(addition)
        self.fail(addition)
        addition.claim(lease := a_lease(), revision_id=other)
        addition.rows.repository.continue_revision(
            revision_id=other, lease=lease, next_id=(next_id := uuid4()), reason="another writer was first"
        )
        self.add(addition, next_id)

        assert self.open_id(addition) == addition.revision_id

    def test_is_none_when_something_that_was_asked_for_afterwards_is_added(self, addition: Build) -> None:
        self.fail(addition)
        other, _ = begin(addition.rows, addition.owner, addition.training_file_id)
        assert self.open_id(addition) == addition.revision_id
        self.add(addition, other)

        assert self.open_id(addition) is None
        assert addition.retry(uuid4()).outcome == "nothing_to_retry"
        assert (addition.revision().error or {})["settled_by"] == str(other)

    def test_stays_open_when_a_collection_rule_adds_something(self, addition: Build) -> None:
        self.fail(addition)
        collected = self.asked_for(addition, WISH | {"by_rule": True})
        assert self.open_id(addition) == collected
        self.add(addition, collected)

        assert self.open_id(addition) == addition.revision_id
        assert addition.retry(uuid4()).outcome == "begun"

    @pytest.mark.parametrize("code", ["nothing_to_add", "not_queued"])
    def test_stays_open_when_another_had_nothing_to_add_or_was_never_queued(self, addition: Build, code: str) -> None:
        self.fail(addition)
        self.fail(addition, self.asked_for(addition), code=code)

        assert self.open_id(addition) == addition.revision_id

    def test_is_the_newest_first_and_each_can_be_tried_again(self, addition: Build) -> None:
        self.fail(addition)
        newest = self.fail(addition, self.asked_for(addition))
        opened = []
        for next_id in (uuid4(), uuid4()):
            opened.append(self.open_id(addition))
            assert addition.retry(next_id).outcome == "begun"
            assert self.open_id(addition) == next_id
            assert addition.retry(uuid4()).outcome == "nothing_to_retry"
            self.add(addition, next_id)

        assert opened == [newest, addition.revision_id]
        assert self.open_id(addition) is None


def test_giving_up_what_was_not_queued_removes_a_new_file_and_leaves_another(build: Build) -> None:
    before = existing(build.rows, build.training_file_id)

    for _ in range(2):
        build.rows.repository.abandon_revision(revision_id=build.revision_id, error=REASON)

    after = build.rows.repository.get_training_file(build.training_file_id, None)
    assert after == (before if before.revision else None)
    assert build.claim(a_lease()).outcome == ("finished" if before.revision else "gone")
