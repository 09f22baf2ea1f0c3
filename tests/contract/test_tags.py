"""What a repository promises of tags, and of the revisions that housekeeping gives up: one of both comes first."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.contract.steps import begin, commit, content_of, existing, finished, started
from tests.contract.subjects import RepositorySubject
from training_files.domain.training_file.revision import Change
from training_files.domain.training_file.tags import MOST_TAGS, RevisionName, Tag
from training_files.domain.training_file.training_file import TrainingFileChanges
from training_files.ports.exports import BegunExport
from training_files.ports.leases import Lease

# More than all other tests leave.
ALL = 10_000
A_DAY = 24 * 60


@pytest.fixture
def owner(rows: RepositorySubject) -> UUID:
    return rows.an_owner()


@pytest.fixture
def file_id(rows: RepositorySubject, owner: UUID) -> UUID:
    """With three revisions, of which the first two have been superseded for more than a day."""
    file_id = finished(rows, owner)
    for _ in range(2):
        extend(rows, file_id)
    return file_id


def extend(rows: RepositorySubject, file_id: UUID) -> None:
    """By a revision that was committed more than a day ago."""
    before = existing(rows, file_id)
    revision_id, _ = begin(rows, before.created_by, file_id)
    commit(rows, revision_id, [uuid4()], expected=before.revision, before=before.conversation_count)
    rows.let_pass(revision_id, minutes=A_DAY + 1)


def tagged(rows: RepositorySubject, file_id: UUID, tag: str, revision: RevisionName) -> Tag:
    answer = rows.repository.tag_revision(file_id, None, tag=tag, revision=revision)
    assert answer.outcome == "tagged"
    assert answer.tag is not None
    return answer.tag


def refused(rows: RepositorySubject, file_id: UUID, tag: str, revision: RevisionName, owner: UUID | None = None) -> str:
    answer = rows.repository.tag_revision(file_id, owner, tag=tag, revision=revision)
    assert answer.tag is None
    return answer.outcome


def number_of(rows: RepositorySubject, file_id: UUID, tag: str) -> int | None:
    found = rows.repository.get_tagged_revision(file_id, tag=tag)
    return found.number if found else None


def given_up(rows: RepositorySubject, file_id: UUID) -> set[int]:
    """The numbers of revisions whose objects housekeeping is told to remove; the newest one is to be kept."""
    due = rows.housekeeping.list_work(keep_revisions=1, limit=ALL).remove
    revisions = rows.repository.list_revisions(file_id, limit=100)
    assert {one.number for one in revisions if one.id in due and one.is_kept} == set()
    return {one.number for one in revisions if one.id in due}


def begin_export(rows: RepositorySubject, file_id: UUID, revision: RevisionName) -> BegunExport:
    return rows.exports.begin_export(
        export_id=uuid4(),
        training_file_id=file_id,
        owner=None,
        revision=revision,
        request={"format": "messages", "granularity": "turn", "bundle": False},
        lease=Lease(uuid4(), seconds=120),
        waits_up_to_bytes=None,
    )


def begin_reversion(rows: RepositorySubject, file_id: UUID, revision: int, **options: Any) -> tuple[UUID, str]:
    requested = {"change": "revert", "revision": revision}
    revision_id, begun = begin(rows, None, file_id, requested=requested, **options)
    return revision_id, begun.outcome


class TestTagging:
    def test_names_a_revision_by_its_number_or_by_another_tag(self, rows: RepositorySubject, file_id: UUID) -> None:
        first = tagged(rows, file_id, "v1", 2)
        other = tagged(rows, file_id, "best", "v1")

        assert (first.name, first.revision, other.name, other.revision) == ("v1", 2, "best", 2)
        found = rows.repository.get_tagged_revision(file_id, tag="best")
        assert found == rows.repository.get_revision(file_id, number=2)
        assert found is not None
        assert found.tags == ("best", "v1")
        assert rows.repository.list_tags(file_id) == ["best", "v1"]

    def test_moves_a_tag_and_says_when(self, rows: RepositorySubject, file_id: UUID) -> None:
        before = tagged(rows, file_id, "v1", 1)
        same = tagged(rows, file_id, "v1", 1)
        moved = tagged(rows, file_id, "v1", 3)

        assert same == before
        assert (moved.revision, moved.created_at) == (3, before.created_at)
        assert moved.updated_at >= before.updated_at
        assert number_of(rows, file_id, "v1") == 3
        assert rows.repository.list_tags(file_id) == ["v1"]

    def test_is_told_by_the_list_of_revisions(self, rows: RepositorySubject, file_id: UUID) -> None:
        for tag in ("z", "a", "m"):
            tagged(rows, file_id, tag, 2)
        begin(rows, None, file_id)

        told = {(one.number, one.status): one.tags for one in rows.repository.list_revisions(file_id, limit=10)}
        none: tuple[str, ...] = ()
        expected = {(1, "committed"): none, (2, "committed"): ("a", "m", "z"), (3, "committed"): none}
        assert told == expected | {(4, "building"): none}

    @pytest.mark.parametrize("revision", [4, 2**31 - 1, "v1"])
    def test_refuses_what_is_no_revision(self, rows: RepositorySubject, file_id: UUID, revision: RevisionName) -> None:
        begin(rows, None, file_id)  # The fourth, which is not committed.

        assert refused(rows, file_id, "v1", revision) == "no_revision"
        assert rows.repository.list_tags(file_id) == []

    def test_refuses_a_file_that_is_not_there_or_not_built(self, rows: RepositorySubject, owner: UUID) -> None:
        assert refused(rows, uuid4(), "v1", 1) == "not_found"
        assert refused(rows, started(rows, owner, "new").training_file_id, "v1", 1) == "processing"

    def test_is_for_the_owner_alone(self, rows: RepositorySubject, owner: UUID, file_id: UUID) -> None:
        stranger = rows.an_owner()
        assert refused(rows, file_id, "v1", 1, stranger) == "not_found"
        assert rows.repository.tag_revision(file_id, owner, tag="v1", revision=1).outcome == "tagged"

        rows.repository.untag_revision(file_id, stranger, tag="v1")

        assert number_of(rows, file_id, "v1") == 1

    def test_names_a_revision_of_its_own_file_only(self, rows: RepositorySubject, owner: UUID, file_id: UUID) -> None:
        other = finished(rows, owner, name="another")
        tagged(rows, other, "theirs", 1)

        assert refused(rows, file_id, "mine", "theirs") == "no_revision"
        assert refused(rows, other, "mine", 2) == "no_revision"
        assert number_of(rows, file_id, "theirs") is None

    def test_of_an_archived_file(self, rows: RepositorySubject, owner: UUID, file_id: UUID) -> None:
        rows.repository.update_training_file(file_id, owner, TrainingFileChanges(status="archived"))

        assert tagged(rows, file_id, "v1", 1).revision == 1

    def test_has_an_end(self, rows: RepositorySubject, file_id: UUID) -> None:
        for number in range(MOST_TAGS):
            tagged(rows, file_id, f"v{number}", 1)

        assert refused(rows, file_id, "one-more", 1) == "too_many"
        assert tagged(rows, file_id, "v7", 2).revision == 2, "one that is there can be moved"
        rows.repository.untag_revision(file_id, None, tag="v7")
        assert tagged(rows, file_id, "one-more", 1).revision == 1

    def test_ends_with_the_training_file(self, rows: RepositorySubject, owner: UUID, file_id: UUID) -> None:
        tagged(rows, file_id, "v1", 1)

        rows.repository.delete_training_file(file_id, owner)

        assert rows.repository.list_tags(file_id) == []
        assert number_of(rows, file_id, "v1") is None


class TestUntagging:
    def test_takes_the_tag_and_leaves_the_revision(self, rows: RepositorySubject, file_id: UUID) -> None:
        tagged(rows, file_id, "v1", 1)
        tagged(rows, file_id, "v2", 1)

        for _ in range(2):
            rows.repository.untag_revision(file_id, None, tag="v1")

        assert rows.repository.list_tags(file_id) == ["v2"]
        found = rows.repository.get_revision(file_id, number=1)
        assert found is not None
        assert found.is_kept


class TestGivingUp:
    def test_leaves_what_was_tagged_before(self, rows: RepositorySubject, file_id: UUID) -> None:
        tagged(rows, file_id, "v1", 1)

        assert given_up(rows, file_id) == {2}
        assert number_of(rows, file_id, "v1") == 1

    def test_is_of_what_has_lost_its_last_tag(self, rows: RepositorySubject, file_id: UUID) -> None:
        tagged(rows, file_id, "v1", 1)
        tagged(rows, file_id, "v2", 1)
        assert given_up(rows, file_id) == {2}

        rows.repository.untag_revision(file_id, None, tag="v1")
        assert given_up(rows, file_id) == {2}
        tagged(rows, file_id, "v2", 3)
        assert given_up(rows, file_id) == {1, 2}

    def test_is_for_good(self, rows: RepositorySubject, file_id: UUID) -> None:
        """Before an object is removed, nothing can be begun any more; and what is not removed now is the next time."""
        assert given_up(rows, file_id) == {1, 2}

        assert refused(rows, file_id, "v1", 1) == "no_revision"
        assert begin_reversion(rows, file_id, 1)[1] == "no_revision"
        assert begin_export(rows, file_id, 1).outcome == "no_revision"
        assert given_up(rows, file_id) == {1, 2}
        first, third = (rows.repository.get_revision(file_id, number=number) for number in (1, 3))
        assert first is not None
        assert third is not None
        assert (first.is_kept, third.is_kept) == (False, True)

    def test_ends_when_the_objects_are_removed(self, rows: RepositorySubject, file_id: UUID) -> None:
        given_up(rows, file_id)
        gone = [one.id for one in rows.repository.list_revisions(file_id, limit=10) if not one.is_kept]

        rows.housekeeping.mark_objects_removed(gone)

        assert given_up(rows, file_id) == set()
        assert refused(rows, file_id, "v1", 1) == "no_revision"

    def test_waits_for_whoever_goes_back_to_it(self, rows: RepositorySubject, file_id: UUID) -> None:
        revision_id, outcome = begin_reversion(rows, file_id, 1)
        assert outcome == "begun"

        assert given_up(rows, file_id) == {2}
        rows.repository.abandon_revision(revision_id=revision_id, error={"message": "gone"})
        assert given_up(rows, file_id) == {1, 2}

    def test_waits_for_a_worker_who_goes_back_to_it(self, rows: RepositorySubject, file_id: UUID) -> None:
        """Also from one attempt to the next one."""
        revision_id, _ = begin_reversion(rows, file_id, 1, background=True)
        lease, next_id = Lease(uuid4(), seconds=120), uuid4()
        rows.repository.claim_revision(revision_id=revision_id, lease=lease, next_id=uuid4())
        rows.repository.continue_revision(
            revision_id=revision_id, lease=lease, next_id=next_id, reason="another writer was first"
        )

        assert given_up(rows, file_id) == {2}
        rows.repository.commit_revision(
            revision_id=next_id,
            expected_revision=3,
            content=content_of([uuid4()]).model_copy(
                update={"change": Change(kind="revert", count=2), "reverted_to": 1}
            ),
            conversations=[],
        )
        rows.let_pass(next_id, minutes=A_DAY + 1)
        assert given_up(rows, file_id) >= {1, 2, 3}

    def test_waits_for_whoever_exports_it(self, rows: RepositorySubject, file_id: UUID) -> None:
        assert begin_export(rows, file_id, 1).outcome == "begun"

        assert given_up(rows, file_id) == {2}


class TestNamingARevision:
    def test_an_export_by_a_tag_is_that_by_the_number(self, rows: RepositorySubject, file_id: UUID) -> None:
        tagged(rows, file_id, "v1", 2)
        by_number = begin_export(rows, file_id, 2)
        tagged(rows, file_id, "later", 2)

        by_tag = begin_export(rows, file_id, "v1")

        assert by_number.export is not None
        assert by_tag.export is not None
        assert by_tag.revision is not None
        assert (by_tag.outcome, by_tag.export.id, by_tag.revision.number) == ("building", by_number.export.id, 2)
        assert by_number.export.request.tags == by_tag.export.request.tags == ("v1",)

    def test_of_a_tag_that_is_not_there_no_export_begins(self, rows: RepositorySubject, file_id: UUID) -> None:
        assert begin_export(rows, file_id, "v1").outcome == "no_revision"
