"""Membership has a history: what a repository promises of the conversations of each revision."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.contract.steps import begin, commit, content_of, existing, figures_of, finished, resolve, revision
from tests.contract.subjects import RepositorySubject
from training_files.domain.training_file.revision import Change
from training_files.ports.revisions import CommittedRevision

KEPT = [uuid4() for _ in range(3)]


@pytest.fixture
def owner(rows: RepositorySubject) -> UUID:
    return rows.an_owner()


@pytest.fixture
def training_file_id(rows: RepositorySubject, owner: UUID) -> UUID:
    """With three conversations."""
    return finished(rows, owner, KEPT)


def commit_change(
    rows: RepositorySubject,
    training_file_id: UUID,
    kind: str,
    *,
    left: int,
    given: list[UUID] | None = None,
    **content: Any,
) -> CommittedRevision:
    """A change of the current revision, behind which `left` conversations are there."""
    current = existing(rows, training_file_id)
    revision_id, begun = begin(
        rows, current.created_by, training_file_id, requested={"change": kind, "conversation_ids": ["a", "b"]}
    )
    assert begun.outcome == "begun"
    building = revision(rows, training_file_id, revision_id)
    assert building.change == Change.model_validate({"kind": kind, "count": 2})
    change = {"change": Change.model_validate({"kind": kind, "count": 1}), **content}
    return rows.repository.commit_revision(
        revision_id=revision_id,
        expected_revision=current.revision,
        content=content_of([uuid4()] * left).model_copy(update=change),
        conversations=figures_of(given or []),
    )


def ids_in(rows: RepositorySubject, training_file_id: UUID, number: int) -> list[UUID]:
    """Of a revision, on which all that lists its conversations agrees."""
    members = rows.repository.list_memberships(training_file_id, revision=number, limit=100)
    scores = rows.exports.list_scores(training_file_id, revision=number, limit=100)
    assert [(one.position, one.conversation_id) for one in scores] == [(m.position, m.conversation_id) for m in members]
    positions = [member.position for member in members]
    assert positions == sorted(set(positions))
    for member in members:
        [first] = rows.repository.list_memberships(
            training_file_id, revision=number, limit=1, after_position=member.position - 1
        )
        assert first == member
    return [member.conversation_id for member in members]


def current_ids(rows: RepositorySubject, training_file_id: UUID) -> list[UUID]:
    return [one for _, one in rows.repository.list_conversation_ids(training_file_id, limit=100)]


class TestRemoval:
    def test_leaves_the_others_and_the_revisions_of_before(
        self, rows: RepositorySubject, training_file_id: UUID
    ) -> None:
        assert commit_change(rows, training_file_id, "remove", left=2, removed=(KEPT[1],)).outcome == "committed"

        assert ids_in(rows, training_file_id, 1) == KEPT
        assert ids_in(rows, training_file_id, 2) == current_ids(rows, training_file_id) == [KEPT[0], KEPT[2]]

    def test_is_told_by_the_revision(self, rows: RepositorySubject, training_file_id: UUID) -> None:
        commit_change(rows, training_file_id, "remove", left=2, removed=(KEPT[1],))

        newest, first = rows.repository.list_revisions(training_file_id, limit=10)
        assert newest.change == Change(kind="remove", count=1)
        assert (newest.progress_done, newest.progress_total) == (1, 1)
        assert first.change == Change(kind="create", count=3)

    def test_frees_the_conversation_to_be_added_again_behind_all_others(
        self, rows: RepositorySubject, owner: UUID
    ) -> None:
        inside, other = rows.a_conversation(owner), rows.a_conversation(owner)
        file_id = finished(rows, owner, [inside.conversation_id, other.conversation_id], name="another file")
        commit_change(rows, file_id, "remove", left=1, removed=(inside.conversation_id,))
        [found] = resolve(rows, [inside.id], owner, training_file_id=file_id).conversations
        assert not found.already_in_file

        revision_id, _ = begin(rows, owner, file_id)
        assert commit(rows, revision_id, [inside.conversation_id], expected=2, before=1).outcome == "committed"

        both = [inside.conversation_id, other.conversation_id]
        assert [ids_in(rows, file_id, number) for number in (1, 2, 3)] == [both, both[1:], both[::-1]]
        [found] = resolve(rows, [inside.id], owner, training_file_id=file_id).conversations
        assert found.already_in_file

    def test_of_the_last_in_order_gives_its_place_to_nobody(
        self, rows: RepositorySubject, owner: UUID, training_file_id: UUID
    ) -> None:
        commit_change(rows, training_file_id, "remove", left=2, removed=(KEPT[2],))
        revision_id, _ = begin(rows, owner, training_file_id)
        commit(rows, revision_id, [new := uuid4()], expected=2, before=2)

        assert ids_in(rows, training_file_id, 3) == [*KEPT[:2], new]
        [*_, last] = rows.repository.list_memberships(training_file_id, revision=3, limit=10)
        assert last.position == 4

    def test_of_others_than_are_counted_is_refused_as_a_whole(
        self, rows: RepositorySubject, training_file_id: UUID
    ) -> None:
        with pytest.raises(Exception, match="has the figures of"):
            commit_change(rows, training_file_id, "remove", left=2, removed=(uuid4(),))

        assert ids_in(rows, training_file_id, 1) == current_ids(rows, training_file_id) == KEPT
        assert existing(rows, training_file_id).revision == 1


class TestRefresh:
    def test_puts_the_figures_in_the_place_of_those_before(
        self, rows: RepositorySubject, training_file_id: UUID
    ) -> None:
        again = [KEPT[1]]
        commit_change(rows, training_file_id, "refresh", left=3, given=again, removed=tuple(again))

        assert ids_in(rows, training_file_id, 1) == ids_in(rows, training_file_id, 2) == KEPT
        assert current_ids(rows, training_file_id) == KEPT


class TestRevert:
    def test_brings_back_what_was_removed_and_takes_away_what_was_added(
        self, rows: RepositorySubject, owner: UUID, training_file_id: UUID
    ) -> None:
        commit_change(rows, training_file_id, "remove", left=2, removed=(KEPT[0],))
        revision_id, _ = begin(rows, owner, training_file_id)
        commit(rows, revision_id, [new := uuid4()], expected=2, before=2)

        assert commit_change(rows, training_file_id, "revert", left=3, reverted_to=1).outcome == "committed"
        assert commit_change(rows, training_file_id, "revert", left=3, reverted_to=3).outcome == "committed"

        of_each = [KEPT, KEPT[1:], [*KEPT[1:], new], KEPT, [*KEPT[1:], new]]
        assert [ids_in(rows, training_file_id, number) for number in range(1, 6)] == of_each
        assert current_ids(rows, training_file_id) == of_each[-1]
