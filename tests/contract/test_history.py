"""Membership has a history: what a repository promises of the conversations of each revision."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.contract.steps import begin, commit, content_of, existing, figures_of, finished, resolve, revision, started
from tests.contract.subjects import RepositorySubject
from training_files.domain.conversation.figures import ScoreTally
from training_files.domain.training_file.comparison import Difference
from training_files.domain.training_file.revision import Change
from training_files.domain.training_file.totals import Totals, totals_of
from training_files.ports.members import MemberSizes
from training_files.ports.revisions import CommittedRevision

KEPT = [uuid4() for _ in range(3)]


@pytest.fixture
def owner(rows: RepositorySubject) -> UUID:
    return rows.an_owner()


@pytest.fixture
def training_file_id(rows: RepositorySubject, owner: UUID) -> UUID:
    """With three conversations."""
    return finished(rows, owner, KEPT)


def finished_without_sizes(rows: RepositorySubject, owner: UUID) -> UUID:
    """The same, from before sizes were kept."""
    start = started(rows, owner, "without sizes")
    rows.repository.commit_revision(
        revision_id=start.revision_id,
        expected_revision=0,
        content=content_of(KEPT),
        conversations=[{**row, "json_size": None, "jsonl_size": None} for row in figures_of(KEPT)],
    )
    return start.training_file_id


def an_enriched_one(rows: RepositorySubject, owner: UUID, *, minutes_ago: int) -> UUID:
    """A conversation whose enriched file was written then."""
    conversation_id = uuid4()
    rows.a_conversation(owner, conversation_id=str(conversation_id), enriched_file_path=f"{conversation_id}/it.json")
    rewrite(rows, conversation_id, minutes_ago=minutes_ago)
    return conversation_id


def rewrite(rows: RepositorySubject, conversation_id: UUID, *, minutes_ago: int) -> None:
    rows.put_object("conversation-files", f"{conversation_id}/it.json", size=100, minutes_ago=minutes_ago)


def in_doubt(rows: RepositorySubject, training_file_id: UUID, *, revision: int) -> list[UUID]:
    found = rows.repository.revision_surroundings(training_file_id, revision=revision, limit=10)
    assert found.doubts_total == len(found.doubts)
    return [doubt.conversation_id for doubt in found.doubts]


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
    requested = {
        "change": kind,
        "conversation_ids": [str(uuid4()), str(uuid4())],
        "revision": content.get("reverted_to"),
    }
    revision_id, begun = begin(rows, current.created_by, training_file_id, requested=requested)
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


class TestLookingUpMembers:
    def test_tells_where_each_lies_in_both_objects(self, rows: RepositorySubject, training_file_id: UUID) -> None:
        found = rows.repository.look_up_members(training_file_id, revision=1, ids=[KEPT[2], KEPT[1], uuid4()])

        assert [(one.asked_as, one.conversation_id, one.position, one.index) for one in found.named] == [
            ((KEPT[1],), KEPT[1], 2, 1),
            ((KEPT[2],), KEPT[2], 3, 2),
        ]
        assert [(one.json_before, one.json_size, one.jsonl_before, one.jsonl_size) for one in found.named] == [
            (400, 400, 100, 100),
            (800, 400, 200, 100),
        ]
        assert (found.count, found.json_bytes, found.jsonl_bytes, found.has_sizes) == (3, 1200, 300, True)
        assert {one.enriched_sha256 for one in found.named} == {"0" * 64}

    def test_adds_the_others_up(self, rows: RepositorySubject, training_file_id: UUID) -> None:
        others = rows.repository.look_up_members(training_file_id, revision=1, ids=[KEPT[0]]).others

        totals = totals_of(others)
        assert (totals.conversation_count, totals.total_training_pairs, totals.trainable_pairs) == (2, 2, 2)
        assert totals.scores == ScoreTally(Decimal("6.50"), 2, Decimal(3), Decimal("3.5"))
        assert totals.scaffolding_distribution == {"personas": {"kim": 2}, "emotional_arcs": {}, "training_topics": {}}
        assert others["distribution"]["personas"] == [["kim", 2, 2]]

    def test_of_all_leaves_nothing(self, rows: RepositorySubject, training_file_id: UUID) -> None:
        found = rows.repository.look_up_members(training_file_id, revision=1, ids=KEPT)

        assert len(found.named) == found.count == 3
        assert totals_of(found.others) == Totals()

    def test_finds_them_by_their_row_too_but_by_their_own_id_first(self, rows: RepositorySubject, owner: UUID) -> None:
        first, other = rows.a_conversation(owner), rows.a_conversation(owner)
        same = rows.a_conversation(owner, id=first.conversation_id)
        ids = [one.conversation_id for one in (first, other, same)]
        file_id = finished(rows, owner, ids, name="of rows")

        found = rows.repository.look_up_members(
            file_id, revision=1, ids=[other.id, other.conversation_id, first.conversation_id]
        )

        assert [(one.conversation_id, set(one.asked_as)) for one in found.named] == [
            (first.conversation_id, {first.conversation_id}),
            (other.conversation_id, {other.id, other.conversation_id}),
        ]

    def test_is_of_the_revision_that_is_named(self, rows: RepositorySubject, training_file_id: UUID) -> None:
        commit_change(rows, training_file_id, "remove", left=2, removed=(KEPT[0],))

        before, after = (
            rows.repository.look_up_members(training_file_id, revision=number, ids=KEPT) for number in (1, 2)
        )

        assert [one.conversation_id for one in before.named] == KEPT
        assert [(one.conversation_id, one.index, one.json_before) for one in after.named] == [
            (KEPT[1], 0, 0),
            (KEPT[2], 1, 400),
        ]

    def test_knows_sizes_as_soon_as_they_are_noted(self, rows: RepositorySubject, owner: UUID) -> None:
        file_id = finished_without_sizes(rows, owner)
        unknown = rows.repository.look_up_members(file_id, revision=1, ids=[KEPT[1]])
        assert (unknown.json_bytes, unknown.jsonl_bytes, unknown.has_sizes) == (None, None, False)

        lines = rows.repository.list_member_lines(file_id, revision=1, limit=10)
        assert [(one.conversation_id, one.position, one.trainable_pairs) for one in lines] == [
            (one, place, 1) for place, one in enumerate(KEPT, start=1)
        ]
        sizes = [MemberSizes(position=one.position, json_size=10, jsonl_size=one.position) for one in lines]
        rows.repository.note_sizes(file_id, sizes, revision=1)

        known = rows.repository.look_up_members(file_id, revision=1, ids=[KEPT[1]])
        assert (known.json_bytes, known.jsonl_bytes) == (30, 6)
        assert [(one.json_before, one.json_size, one.jsonl_before, one.jsonl_size) for one in known.named] == [
            (10, 10, 1, 2)
        ]

    def test_sizes_are_noted_of_the_revision_alone(self, rows: RepositorySubject, owner: UUID) -> None:
        """A conversation that is refreshed has its place in both."""
        file_id = finished_without_sizes(rows, owner)
        commit_change(rows, file_id, "refresh", left=3, given=KEPT[1:2], removed=(KEPT[1],))

        def noted(size: int, *, revision: int) -> list[int | None]:
            sizes = [MemberSizes(position=position, json_size=size, jsonl_size=1) for position in (1, 2, 3)]
            rows.repository.note_sizes(file_id, sizes, revision=revision)
            return [rows.repository.look_up_members(file_id, revision=number, ids=KEPT).json_bytes for number in (1, 2)]

        assert noted(10, revision=1) == [30, 420]
        assert noted(20, revision=2) == [50, 60]


class TestRemoval:
    def test_leaves_the_others_and_the_revisions_of_before(
        self, rows: RepositorySubject, training_file_id: UUID
    ) -> None:
        assert commit_change(rows, training_file_id, "remove", left=2, removed=(KEPT[1],)).outcome == "committed"

        assert ids_in(rows, training_file_id, 1) == KEPT
        assert ids_in(rows, training_file_id, 2) == current_ids(rows, training_file_id) == [KEPT[0], KEPT[2]]

    def test_is_told_by_the_revision(self, rows: RepositorySubject, training_file_id: UUID) -> None:
        commit_change(rows, training_file_id, "remove", left=2, removed=(KEPT[1],))

        of_number = {one.number: one for one in rows.repository.list_revisions(training_file_id, limit=10)}
        newest, first = of_number[2], of_number[1]
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

    def test_leaves_no_doubt_about_the_source_of_what_is_gone(self, rows: RepositorySubject, owner: UUID) -> None:
        kept, removed = (an_enriched_one(rows, owner, minutes_ago=-5) for _ in range(2))
        file_id = finished(rows, owner, [kept, removed], name="another file")

        commit_change(rows, file_id, "remove", left=1, removed=(removed,))

        assert [in_doubt(rows, file_id, revision=number) for number in (1, 2)] == [[kept, removed], [kept]]


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

    def test_brings_back_where_each_lies(self, rows: RepositorySubject, training_file_id: UUID) -> None:
        commit_change(rows, training_file_id, "remove", left=2, removed=(KEPT[0],))
        commit_change(rows, training_file_id, "revert", left=3, reverted_to=1)

        first, newest = (
            rows.repository.look_up_members(training_file_id, revision=number, ids=KEPT) for number in (1, 3)
        )

        assert newest == first
        assert newest.has_sizes

    def test_doubts_what_was_written_since_it_was_first_added(self, rows: RepositorySubject, owner: UUID) -> None:
        kept, removed = (an_enriched_one(rows, owner, minutes_ago=60) for _ in range(2))
        file_id = finished(rows, owner, [kept, removed], name="another file")
        rows.age(file_id, minutes=120)
        rewrite(rows, removed, minutes_ago=60)
        commit_change(rows, file_id, "remove", left=1, removed=(removed,))

        commit_change(rows, file_id, "revert", left=2, reverted_to=1)

        assert removed in in_doubt(rows, file_id, revision=3)


class TestComparing:
    def test_tells_what_is_another_way_in_both_directions(
        self, rows: RepositorySubject, owner: UUID, training_file_id: UUID
    ) -> None:
        commit_change(rows, training_file_id, "remove", left=1, removed=(KEPT[0], KEPT[1]))
        revision_id, _ = begin(rows, owner, training_file_id)
        commit(rows, revision_id, [KEPT[0], new := uuid4()], expected=2, before=1)

        there, back = (
            rows.repository.compare_revisions(training_file_id, before=before, after=after, limit=10)
            for before, after in ((1, 3), (3, 1))
        )

        assert (there.added, there.removed, there.replaced, there.moved) == (1, 1, 0, 1)
        assert (back.added, back.removed, back.replaced, back.moved) == (1, 1, 0, 1)
        assert changes_of(there) == [("removed", KEPT[1], 2), ("moved", KEPT[0], 4), ("added", new, 5)]
        assert changes_of(back) == [("moved", KEPT[0], 1), ("added", KEPT[1], 2), ("removed", new, 5)]
        assert there.total == back.total == 3

    def test_tells_what_another_enriched_file_says(self, rows: RepositorySubject, training_file_id: UUID) -> None:
        current = existing(rows, training_file_id)
        revision_id, _ = begin(rows, current.created_by, training_file_id)
        [figures] = figures_of(KEPT[1:2])
        content = content_of(KEPT).model_copy(update={"change": Change(kind="refresh", count=1), "removed": (KEPT[1],)})
        rows.repository.commit_revision(
            revision_id=revision_id,
            expected_revision=1,
            content=content,
            conversations=[figures | {"enriched_sha256": "1" * 64}],
        )

        found = rows.repository.compare_revisions(training_file_id, before=1, after=2, limit=10)

        assert changes_of(found) == [("replaced", KEPT[1], 2)]
        assert (found.replaced, found.total) == (1, 1)

    def test_names_as_many_as_are_asked_for_and_goes_on_behind_them(
        self, rows: RepositorySubject, training_file_id: UUID
    ) -> None:
        commit_change(rows, training_file_id, "remove", left=1, removed=(KEPT[2], KEPT[0]))

        def compared(limit: int, after_position: int = 0) -> Difference:
            return rows.repository.compare_revisions(
                training_file_id, before=1, after=2, limit=limit, after_position=after_position
            )

        assert changes_of(compared(1)) == [("removed", KEPT[0], 1)]
        assert changes_of(compared(10, after_position=1)) == [("removed", KEPT[2], 3)]
        assert compared(0).changes == compared(10, after_position=3).changes == ()
        assert {each.removed for each in (compared(0), compared(1), compared(10, after_position=3))} == {2}

    def test_before_the_first_revision_there_was_nothing(self, rows: RepositorySubject, training_file_id: UUID) -> None:
        found = rows.repository.compare_revisions(training_file_id, before=0, after=1, limit=10)

        assert changes_of(found) == [("added", one, place) for place, one in enumerate(KEPT, start=1)]

    def test_of_one_with_itself_finds_nothing(self, rows: RepositorySubject, training_file_id: UUID) -> None:
        found = rows.repository.compare_revisions(training_file_id, before=1, after=1, limit=10)

        assert (found.total, found.changes) == (0, ())


def changes_of(difference: Difference) -> list[tuple[str, UUID, int]]:
    return [(change.kind, change.conversation_id, change.position) for change in difference.changes]
