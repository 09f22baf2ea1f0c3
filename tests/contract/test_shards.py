"""What a repository promises about builds in shards, whichever it is: tries, their rows, and what is left of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from postgrest.exceptions import APIError

from tests.contract.steps import begin, content_of, existing, figures_of, finished, revision, started
from tests.contract.subjects import RepositorySubject
from training_files.adapters.supabase.errors import UNIQUE_VIOLATION
from training_files.domain.training_file.revision import Change, Revision
from training_files.ports.leases import Lease
from training_files.ports.revisions import CommittedRevision
from training_files.ports.shards import (
    CONVERSATIONS_OF_A_SHARD,
    AskedConversation,
    BegunShard,
    FailedShard,
    FinishedShard,
    ShardResult,
)

LEASE_SECONDS = 1200
OTHER_SHA256 = "f" * 64
ENDINGS = (".json", ".jsonl", ".analyses.jsonl")


@dataclass(frozen=True, slots=True)
class Build:
    """A build in shards, whose worker has its id, as a test handles it."""

    rows: RepositorySubject
    owner: UUID
    training_file_id: UUID
    revision_id: UUID
    asked: Sequence[UUID]

    @property
    def lease(self) -> Lease:
        return Lease(self.revision_id, LEASE_SECONDS)

    def claimed(self) -> "Build":
        self.rows.repository.claim_revision(revision_id=self.revision_id, lease=self.lease, next_id=uuid4())
        return self

    def continued(self) -> UUID:
        """The attempt that goes on after another writer was first."""
        last = self.lasting().id
        self.rows.repository.continue_revision(
            revision_id=last, lease=self.lease, next_id=(next_id := uuid4()), reason="another writer was first"
        )
        return next_id

    def fail(self) -> None:
        error = {"message": "It could not be built.", "code": "upstream_unavailable"}
        self.rows.repository.fail_revision(revision_id=self.revision_id, lease=self.lease, error=error)

    def lasting(self) -> Revision:
        building = self.rows.repository.open_build(self.training_file_id)
        assert building is not None
        return building

    def to_do(self, lease: Lease | None = None) -> list[int] | None:
        return self.rows.repository.list_shards_to_do(self.revision_id, lease=lease or self.lease)

    def begin(self, shard: int = 1, try_id: UUID | None = None, lease: Lease | None = None) -> BegunShard:
        try_id = try_id or uuid4()
        return self.rows.repository.begin_shard(
            self.revision_id, lease=lease or self.lease, shard=shard, try_id=try_id, path=self.path(shard, try_id)
        )

    def path(self, shard: int, try_id: UUID) -> str:
        return f"{self.revision_id}/shard-{shard:05}-{try_id.hex[:8]}"

    def begun(self, shard: int = 1) -> UUID:
        """The id of a try."""
        try_id = uuid4()
        assert self.begin(shard, try_id).outcome == "begun"
        return try_id

    def finish(self, try_id: UUID, count: int = 0, lease: Lease | None = None) -> bool:
        result = a_result(self.path(1, try_id), count)
        return self.rows.repository.finish_shard(try_id, lease=lease or self.lease, result=result)

    def done(self, shard: int = 1, figures: Sequence[dict[str, Any]] | None = None) -> UUID:
        """The id of a finished try of all that the shard was asked for."""
        first = (shard - 1) * CONVERSATIONS_OF_A_SHARD
        own = self.asked[first : first + CONVERSATIONS_OF_A_SHARD]
        rows = figures_of(own, first_position=first + 1) if figures is None else figures
        try_id = self.begun(shard)
        self.rows.repository.stage_shard(try_id, rows)
        assert self.finish(try_id, len(rows))
        return try_id

    def commit(self, tries: Sequence[UUID], count: int, expected: int = 0, **more: Any) -> CommittedRevision:
        """The commit of a file that has so many conversations then."""
        content = content_of([uuid4()] * count).model_copy(update={"shard_tries": tuple(tries), **more})
        return self.rows.repository.commit_revision(
            revision_id=self.lasting().id, expected_revision=expected, content=content, conversations=[]
        )


def a_result(path: str, count: int = 0) -> ShardResult:
    return ShardResult(
        path=path,
        count=count,
        json_size=400 * count,
        jsonl_size=100 * count,
        analyses_size=30 * count,
        totals={"conversation_count": count},
        skipped=({"reason": "unreadable"},),
        skipped_total=7,
        refused=True,
        body_start="{",
        vertical="planning",
    )


def wish(asked: Sequence[UUID], **more: Any) -> dict[str, Any]:
    return {"on_invalid": "skip", "conversation_ids": [str(one) for one in asked], **more}


def ids(count: int) -> list[UUID]:
    return [uuid4() for _ in range(count)]


def members(build: Build) -> list[tuple[int, UUID]]:
    return list(build.rows.repository.list_conversation_ids(build.training_file_id, limit=1000))


@pytest.fixture
def owner(rows: RepositorySubject) -> UUID:
    return rows.an_owner()


def a_creation(rows: RepositorySubject, owner: UUID, asked: Sequence[UUID]) -> Build:
    start = started(rows, owner, requested=wish(asked), background=True)
    return Build(rows, owner, start.training_file_id, start.revision_id, asked).claimed()


def a_change(rows: RepositorySubject, owner: UUID, training_file_id: UUID, asked: Sequence[UUID], **more: Any) -> Build:
    revision_id, _ = begin(rows, owner, training_file_id, requested=wish(asked, **more), background=True)
    return Build(rows, owner, training_file_id, revision_id, asked).claimed()


@pytest.fixture
def creation(rows: RepositorySubject, owner: UUID) -> Build:
    return a_creation(rows, owner, ids(3))


@pytest.fixture(scope="module")
def many() -> list[UUID]:
    """Two whole shards and one of two conversations."""
    return ids(2 * CONVERSATIONS_OF_A_SHARD + 2)


@pytest.fixture
def large(rows: RepositorySubject, owner: UUID, many: list[UUID]) -> Build:
    return a_creation(rows, owner, many)


class TestBegin:
    def test_gives_the_attempt_with_its_request_and_what_to_build_on(
        self, rows: RepositorySubject, owner: UUID
    ) -> None:
        build = a_change(rows, owner, finished(rows, owner), asked := ids(2))

        begun = build.begin()

        assert (begun.outcome, begun.revision) == ("begun", build.lasting())
        assert begun.requested == {"on_invalid": "skip"}
        assert begun.training_file == existing(rows, build.training_file_id)
        assert begun.base == rows.repository.get_revision(build.training_file_id, number=1)
        assert [(one.position, one.conversation_id) for one in begun.asked] == list(enumerate(asked, start=1))

    def test_has_no_base_where_the_file_is_new(self, creation: Build) -> None:
        assert creation.begin().base is None

    @pytest.mark.parametrize("shard", [1, 2, 3, 4])
    def test_gives_the_positions_of_the_shard(self, large: Build, many: list[UUID], shard: int) -> None:
        first = (shard - 1) * CONVERSATIONS_OF_A_SHARD
        own = many[first : first + CONVERSATIONS_OF_A_SHARD]

        assert large.begin(shard).asked == tuple(
            AskedConversation(position=position, conversation_id=one)
            for position, one in enumerate(own, start=first + 1)
        )

    def test_again_has_the_same_effect_as_once(self, creation: Build) -> None:
        try_id = uuid4()

        first, second = (creation.begin(1, try_id) for _ in range(2))

        assert first.asked == second.asked
        creation.rows.repository.note_setback(try_id, "it broke off")
        [failed] = creation.rows.repository.list_failed(creation.revision_id, limit=10)
        assert failed == FailedShard(shard=1, tries=1, message="it broke off")

    def test_is_refused_to_another_worker_and_after_the_end(self, creation: Build) -> None:
        other = creation.begin(lease=Lease(uuid4(), LEASE_SECONDS))
        creation.fail()

        assert other == creation.begin() == BegunShard(outcome="gone")
        assert creation.rows.repository.list_failed(creation.revision_id, limit=10) == []

    def test_is_refused_where_there_is_no_build(self, creation: Build) -> None:
        creation.rows.repository.delete_training_file(creation.training_file_id, creation.owner)

        assert creation.begin() == BegunShard(outcome="gone")

    def test_finds_the_attempt_that_lasts(self, creation: Build) -> None:
        next_id = creation.continued()

        begun = creation.begin()

        assert begun.revision is not None
        assert begun.revision.id == next_id
        assert [one.conversation_id for one in begun.asked] == creation.asked


@pytest.mark.parametrize("step", ["to_do", "begin", "finish"])
def test_every_step_renews_the_lease(rows: RepositorySubject, owner: UUID, step: str) -> None:
    build = a_creation(rows, owner, ids(3))
    try_id = build.begun()
    rows.age(build.training_file_id, minutes=19)

    {"to_do": build.to_do, "begin": build.begin, "finish": lambda: build.finish(try_id)}[step]()

    rows.age(build.training_file_id, minutes=2)
    taken = rows.repository.claim_revision(
        revision_id=build.revision_id, lease=Lease(uuid4(), LEASE_SECONDS), next_id=uuid4()
    )
    assert taken.outcome == "leased"


class TestFinish:
    def test_counts_the_positions_of_the_shards_that_are_done_as_progress(self, large: Build) -> None:
        tries = [large.begun(shard) for shard in (1, 3, 3)]
        progress = []
        for try_id in tries:
            large.finish(try_id)
            progress.append(large.lasting().progress_done)

        assert progress == [CONVERSATIONS_OF_A_SHARD, *[CONVERSATIONS_OF_A_SHARD + 2] * 2]

    def test_again_has_the_same_effect_as_once(self, creation: Build) -> None:
        first, second = creation.done(), creation.done()

        assert creation.finish(first, 3)

        [found] = creation.rows.repository.list_finished(creation.revision_id, limit=10)
        assert found.try_id == second

    def test_is_refused_to_another_worker_and_after_the_end(self, creation: Build) -> None:
        try_id = creation.begun()
        to_another = creation.finish(try_id, lease=Lease(uuid4(), LEASE_SECONDS))
        creation.fail()

        assert (to_another, creation.finish(try_id), creation.finish(uuid4())) == (False, False, False)
        assert creation.rows.repository.list_finished(creation.revision_id, limit=10) == []

    def test_goes_on_in_the_attempt_that_lasts(self, creation: Build) -> None:
        try_id = creation.begun()
        creation.continued()

        assert creation.finish(try_id, 3)
        assert (creation.lasting().progress_done, creation.to_do()) == (3, [])


class TestFinished:
    def test_are_the_last_ones_that_were_finished_with_what_they_say(self, creation: Build) -> None:
        late, early = creation.begun(), creation.begun()
        creation.finish(early, 1)
        creation.finish(late, 2)
        creation.begun()

        assert creation.rows.repository.list_finished(creation.revision_id, limit=10) == [
            FinishedShard(shard=1, try_id=late, result=a_result(creation.path(1, late), 2))
        ]

    def test_come_by_pages_in_the_order_of_the_shards(self, large: Build) -> None:
        tries = {shard: large.begun(shard) for shard in (3, 1, 2)}
        for try_id in tries.values():
            large.finish(try_id)

        def page(limit: int, **after: int) -> list[tuple[int, UUID]]:
            found = large.rows.repository.list_finished(large.revision_id, limit=limit, **after)
            return [(one.shard, one.try_id) for one in found]

        assert page(2) == [(1, tries[1]), (2, tries[2])]
        assert page(2, after_shard=2) == [(3, tries[3])]

    def test_go_to_the_attempt_that_lasts(self, creation: Build) -> None:
        try_id = creation.done()
        last = [creation.continued() for _ in range(2)][-1]

        for build_id in (creation.revision_id, last):
            [found] = creation.rows.repository.list_finished(build_id, limit=10)
            assert found.try_id == try_id

    def test_are_none_of_what_is_not_there(self, rows: RepositorySubject) -> None:
        assert rows.repository.list_finished(uuid4(), limit=10) == []
        assert rows.repository.list_failed(uuid4(), limit=10) == []


def test_a_shard_that_may_still_be_at_work_has_not_failed(large: Build) -> None:
    large.begun(1)

    assert large.rows.repository.list_failed(large.revision_id, limit=10) == []


def test_failed_shards_are_those_whose_tries_all_broke_off_with_what_the_last_one_said(large: Build) -> None:
    repository = large.rows.repository
    repository.note_setback(large.begun(1), "first")
    repository.note_setback(large.begun(1), "then")
    large.begun(1)
    for _ in range(2):
        large.begun(2)
    large.begun(3)
    large.done(3, figures=[])
    repository.note_setback(uuid4(), "of nobody")

    failed = [FailedShard(shard=1, tries=3, message="then"), FailedShard(shard=2, tries=2)]
    assert repository.list_failed(large.revision_id, limit=10) == failed
    assert repository.list_failed(large.revision_id, limit=1) == failed[:1]
    large.continued()
    assert repository.list_failed(large.revision_id, limit=10) == failed


def test_a_shard_whose_tries_have_said_nothing_may_be_at_work_and_is_not_named_as_failed(large: Build) -> None:
    large.begun(1)
    large.rows.repository.note_setback(large.begun(2), "broke off")

    failed = large.rows.repository.list_failed(large.revision_id, limit=10)

    assert [one.shard for one in failed] == [2]


class TestToDo:
    def test_is_what_has_no_finished_try(self, large: Build) -> None:
        before = large.to_do()
        large.begun(1)
        large.done(2, figures=[])

        assert (before, large.to_do()) == ([1, 2, 3], [1, 3])

    def test_is_nothing_where_nothing_was_asked_for(self, rows: RepositorySubject, owner: UUID) -> None:
        assert a_creation(rows, owner, []).to_do() == []

    @pytest.mark.parametrize(("count", "shards"), [(999, 1), (1000, 1), (1001, 2)])
    def test_has_as_many_shards_as_there_are_positions(
        self, rows: RepositorySubject, owner: UUID, count: int, shards: int
    ) -> None:
        assert a_creation(rows, owner, ids(count)).to_do() == list(range(1, shards + 1))

    @pytest.mark.parametrize("change", ["remove", "revert"])
    def test_is_nothing_where_nothing_is_added(self, rows: RepositorySubject, owner: UUID, change: str) -> None:
        build = a_change(rows, owner, finished(rows, owner), ids(3), change=change, revision=1)

        assert build.to_do() == []

    def test_is_unknown_to_another_worker_and_after_the_end(self, creation: Build) -> None:
        to_another = creation.to_do(Lease(uuid4(), LEASE_SECONDS))
        creation.fail()

        assert (to_another, creation.to_do()) == (None, None)

    def test_is_a_shard_again_of_whose_conversations_one_is_in_the_file_by_now(
        self, rows: RepositorySubject, owner: UUID
    ) -> None:
        file_id = finished(rows, owner)
        build = a_change(rows, owner, file_id, asked := ids(2))
        build.done()
        before = build.to_do()
        add(rows, owner, file_id, asked[:1])

        after = build.to_do()
        build.done(figures=figures_of(asked[1:], first_position=2))

        assert (before, after, build.to_do()) == ([], [1], [])

    def test_is_not_again_what_the_file_had_once(self, rows: RepositorySubject, owner: UUID) -> None:
        file_id = finished(rows, owner, asked := ids(2))
        replace(rows, owner, file_id, asked[0])
        build = a_change(rows, owner, file_id, asked[:1])
        build.done()

        assert build.to_do() == []

    @pytest.mark.parametrize("meanwhile", ["nothing", "removed", "refreshed"])
    def test_of_a_refresh_is_what_is_not_in_the_file_or_is_refreshed_by_now(
        self, rows: RepositorySubject, owner: UUID, meanwhile: str
    ) -> None:
        file_id = finished(rows, owner, asked := ids(2))
        build = a_change(rows, owner, file_id, asked, change="refresh")
        build.done(figures=refreshed(asked))
        if meanwhile == "removed":
            replace(rows, owner, file_id, asked[0])
        if meanwhile == "refreshed":
            replace(rows, owner, file_id, asked[0], refreshed(asked[:1]))

        assert build.to_do() == ([] if meanwhile == "nothing" else [1])


class TestCommit:
    def test_takes_the_rows_of_tries_in_the_order_of_their_positions(self, large: Build, many: list[UUID]) -> None:
        last = large.done(3)
        first = large.done(1, figures=figures_of(many[1:3], first_position=2))

        committed = large.commit([first, last], 4)

        assert committed.outcome == "committed"
        assert [one for _, one in members(large)] == [*many[1:3], *many[-2:]]
        # Of the steps, an analysis has its position.
        assert [(one or {})["turns"] for one in large.rows.analyses(large.training_file_id)] == [
            [2],
            [3],
            [2001],
            [2002],
        ]

    def test_puts_them_behind_what_there_ever_was(self, rows: RepositorySubject, owner: UUID) -> None:
        file_id = finished(rows, owner, had := ids(2))
        replace(rows, owner, file_id, had[1])
        build = a_change(rows, owner, file_id, asked := ids(3))

        assert build.commit([build.done()], 4, expected=2).outcome == "committed"

        assert members(build) == [(1, had[0]), (3, asked[0]), (4, asked[1]), (5, asked[2])]

    def test_takes_them_beside_what_was_staged_and_given(self, creation: Build) -> None:
        one, two = ids(2)
        try_id = creation.done()
        creation.rows.repository.stage_conversations(
            revision_id=creation.revision_id, conversations=figures_of([one], first_position=4)
        )
        content = content_of(ids(5)).model_copy(update={"shard_tries": (try_id,)})

        committed = creation.rows.repository.commit_revision(
            revision_id=creation.revision_id,
            expected_revision=0,
            content=content,
            conversations=figures_of([two], first_position=5),
        )

        assert committed.outcome == "committed"
        assert [member for _, member in members(creation)] == [*creation.asked, one, two]

    def test_of_a_refresh_gives_them_the_places_of_those_that_they_are(
        self, rows: RepositorySubject, owner: UUID
    ) -> None:
        file_id = finished(rows, owner, had := ids(3))
        build = a_change(rows, owner, file_id, had[:2], change="refresh")
        try_id = build.done(figures=refreshed(had[:2]))

        committed = build.commit([try_id], 3, expected=1, change=Change(kind="refresh", count=2))

        assert committed.outcome == "committed"
        assert members(build) == list(enumerate(had, start=1))
        difference = rows.repository.compare_revisions(file_id, before=1, after=2, limit=10)
        assert (difference.replaced, difference.added, difference.removed, difference.moved) == (2, 0, 0, 0)

    @pytest.mark.parametrize("whose", ["an unfinished try", "a try of another build", "nobody's try"])
    def test_takes_no_rows_but_of_finished_tries_of_the_build(self, creation: Build, whose: str) -> None:
        other = a_creation(creation.rows, creation.rows.an_owner(), ids(3))
        unfinished = creation.begun()
        creation.rows.repository.stage_shard(unfinished, figures_of(creation.asked))
        try_id = {
            "an unfinished try": unfinished,
            "a try of another build": other.done(),
            "nobody's try": uuid4(),
        }[whose]

        with pytest.raises((APIError, ValueError)):
            creation.commit([try_id], 3)

        assert creation.lasting().status == "building"

    def test_takes_rows_of_an_attempt_before(self, creation: Build) -> None:
        try_id = creation.done()
        creation.continued()

        assert creation.commit([try_id], 3).outcome == "committed"
        assert [member for _, member in members(creation)] == creation.asked

    def test_says_when_another_writer_was_first_and_can_be_made_again(
        self, rows: RepositorySubject, owner: UUID
    ) -> None:
        file_id = finished(rows, owner)
        build = a_change(rows, owner, file_id, ids(2))
        try_id = build.done()
        add(rows, owner, file_id, ids(1))

        superseded = build.commit([try_id], 3, expected=1)
        build.continued()

        assert superseded.outcome == "superseded"
        assert build.commit([try_id], 4, expected=2).outcome == "committed"

    @pytest.mark.parametrize("come", ["of a try", "staged", "given"])
    def test_puts_no_conversation_twice_among_the_present_ones(
        self, rows: RepositorySubject, owner: UUID, come: str
    ) -> None:
        """A worker that was lost knows nothing of what others have added since."""
        file_id = finished(rows, owner, had := ids(2))
        build = a_change(rows, owner, file_id, [had[0]])
        figures = figures_of(had[:1])
        tries = (build.done(),) if come == "of a try" else ()
        if come == "staged":
            rows.repository.stage_conversations(revision_id=build.revision_id, conversations=figures)

        with pytest.raises(APIError) as refused:
            rows.repository.commit_revision(
                revision_id=build.revision_id,
                expected_revision=1,
                content=content_of(ids(3)).model_copy(update={"shard_tries": tries}),
                conversations=figures if come == "given" else [],
            )

        assert refused.value.code == UNIQUE_VIOLATION
        assert members(build) == list(enumerate(had, start=1))
        assert build.lasting().status == "building"

    def test_leaves_tries_and_rows_to_housekeeping(self, creation: Build) -> None:
        try_id = creation.done()
        creation.commit([try_id], 3)

        left = creation.rows.repository.list_left(limit=1000)

        assert try_id in left.try_ids


def test_rows_that_come_twice_are_kept_once_and_those_of_no_try_not_at_all(creation: Build) -> None:
    try_id = creation.begun()
    for _ in range(2):
        creation.rows.repository.stage_shard(try_id, figures_of(creation.asked))
    creation.rows.repository.stage_shard(uuid4(), figures_of(creation.asked))
    creation.finish(try_id, 3)

    assert creation.commit([try_id], 3).outcome == "committed"


class TestLeft:
    def test_are_tries_of_a_build_that_failed_a_while_ago(self, creation: Build) -> None:
        try_ids = [creation.done(), creation.begun()]
        lasting = left_of(creation, try_ids)
        creation.fail()
        at_first = left_of(creation, try_ids)

        creation.rows.let_pass(creation.revision_id, minutes=21)

        assert (lasting, at_first) == (([], []), ([], []))
        paths = [f"{creation.path(1, one)}{ending}" for one in try_ids for ending in ENDINGS]
        assert left_of(creation, try_ids) == (sorted(try_ids), sorted(paths))

    def test_are_not_those_of_an_attempt_before_while_the_build_lasts(self, creation: Build) -> None:
        try_id = creation.done()
        creation.continued()
        creation.rows.let_pass(creation.revision_id, minutes=21)

        assert left_of(creation, [try_id]) == ([], [])

    def test_are_of_a_committed_build_at_first_those_that_nobody_is_at(self, creation: Build) -> None:
        lost, done = creation.begun(), creation.done()
        creation.commit([done], 3)

        assert left_of(creation, [lost, done])[0] == [done]
        creation.rows.let_pass(creation.revision_id, minutes=21)
        assert left_of(creation, [lost, done])[0] == sorted([lost, done])

    def test_are_of_a_committed_build_also_what_putting_it_together_has_left(self, creation: Build) -> None:
        lost, done = creation.begun(), creation.done()
        plan = f"{creation.revision_id}/shard-plan.json"
        for path in (plan, f"{creation.path(1, lost)}.json", f"{creation.revision_id}/training.json"):
            creation.rows.put_object("training-files", path, size=1)
        lasting = left_of(creation, [lost, done])

        creation.commit([done], 3)

        assert lasting == ([], [])
        of_the_try = [f"{creation.path(1, done)}{ending}" for ending in ENDINGS]
        assert left_of(creation, [lost, done]) == ([done], sorted([*of_the_try, plan]))

    def test_are_given_in_parts_and_forgotten_with_their_rows(self, creation: Build) -> None:
        tries = [creation.done() for _ in range(3)]
        creation.commit([tries[-1]], 3)
        repository = creation.rows.repository
        assert len(repository.list_left(limit=2).try_ids) == 2
        assert len([path for path in repository.list_left(limit=2).paths if "/shard-0" in path]) == 6

        repository.forget_tries(tries)

        assert left_of(creation, tries) == ([], [])
        assert [member for _, member in members(creation)] == creation.asked

    def test_have_with_them_once_what_a_committed_build_made_of_its_shards(self, creation: Build) -> None:
        """Whoever committed it may not have heard so, and has tidied nothing up."""
        rows, folder = creation.rows, creation.revision_id
        first, second = creation.begun(), creation.done()
        made = [f"{folder}/shard-{name}" for name in ("piece-json-1", "piece-jsonl-2", "plan.json", "00009-beef.jsonl")]
        for path in made:
            rows.put_object("training-files", path, size=1)
        rows.put_object("training-files", f"{folder}/training.json", size=1)
        rows.put_object("training-files", f"{uuid4()}/shard-plan.json", size=1)
        rows.put_object("training-files", f"{creation.path(1, second)}.json", size=1)
        creation.commit([second], 3)

        def of_tries(*try_ids: UUID) -> list[str]:
            return [f"{creation.path(1, one)}{ending}" for one in try_ids for ending in ENDINGS]

        # The first try may be at work, and keeps its own.
        rows.put_object("training-files", f"{creation.path(1, first)}.json", size=1)
        assert left_of(creation, [first, second]) == ([second], sorted([*made, *of_tries(second)]))
        rows.let_pass(folder, minutes=21)
        both = left_of(creation, [first, second])
        assert both == (sorted([first, second]), sorted([*made, *of_tries(first, second)]))

        rows.repository.forget_tries([first, second])
        assert left_of(creation, [first, second]) == ([], [])

    @pytest.mark.parametrize("ends", ["lasts", "failed"])
    def test_leave_what_a_build_makes_of_its_shards_until_it_is_committed(self, creation: Build, ends: str) -> None:
        """The folder of an attempt that failed is emptied as a whole."""
        try_id = creation.done()
        creation.rows.put_object("training-files", f"{creation.revision_id}/shard-plan.json", size=1)
        if ends == "failed":
            creation.fail()
            creation.rows.let_pass(creation.revision_id, minutes=21)

        own = [f"{creation.path(1, try_id)}{ending}" for ending in ENDINGS]
        assert left_of(creation, [try_id])[1] == (sorted(own) if ends == "failed" else [])


class TestFolderObjects:
    def test_are_found_where_no_try_owns_them(self, creation: Build) -> None:
        rows = creation.rows
        try_id = creation.begun()
        owned, left = creation.path(1, try_id), f"{creation.revision_id}/shard-00001-0000beef"
        for path in (owned, left):
            for ending in ENDINGS:
                rows.put_object("training-files", path + ending, size=1)
        rows.put_object("training-files", whole := f"{creation.revision_id}/training.json", size=1)
        rows.put_object("training-files", f"{(other := uuid4())}/shard-00001-0000beef.json", size=1)

        def found(*folders: UUID) -> list[str]:
            return rows.housekeeping.list_folder_objects(folders)

        assert found(creation.revision_id) == sorted([whole, *(left + ending for ending in ENDINGS)])
        assert found(other, uuid4()) == [f"{other}/shard-00001-0000beef.json"]
        rows.repository.delete_training_file(creation.training_file_id, creation.owner)
        both = [path + ending for path in (left, owned) for ending in ENDINGS]
        assert found(creation.revision_id) == sorted([whole, *both])


def test_the_bytes_of_a_build_are_those_of_the_enriched_files_that_it_was_asked_for(
    rows: RepositorySubject, owner: UUID
) -> None:
    paths = [f"{uuid4()}/enriched.json" for _ in range(3)]
    conversations = [
        rows.a_conversation(owner, id=uuid4(), conversation_id=uuid4(), enriched_file_path=path) for path in paths
    ]
    for place, path in enumerate(paths[:2]):
        rows.put_object("conversation-files", path, size=10**place)
    rows.put_object("training-files", paths[2], size=1000)
    asked = [one.conversation_id for one in conversations]

    assert rows.repository.estimated_bytes(a_creation(rows, owner, asked).revision_id) == (11, 52_428_800)
    assert rows.repository.estimated_bytes(uuid4()) == (0, 52_428_800)


def test_tries_go_with_their_training_file(creation: Build) -> None:
    try_id = creation.done()
    creation.rows.repository.delete_training_file(creation.training_file_id, creation.owner)

    creation.rows.repository.stage_shard(try_id, figures_of(creation.asked))

    assert creation.rows.repository.list_finished(creation.revision_id, limit=10) == []
    assert creation.finish(try_id) is False


def left_of(build: Build, try_ids: Sequence[UUID]) -> tuple[list[UUID], list[str]]:
    left = build.rows.repository.list_left(limit=10_000)
    paths = [path for path in left.paths if path.startswith(f"{build.revision_id}/")]
    return sorted(set(left.try_ids) & set(try_ids)), sorted(paths)


def refreshed(conversation_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    return [row | {"enriched_sha256": OTHER_SHA256} for row in figures_of(conversation_ids)]


def add(rows: RepositorySubject, owner: UUID, file_id: UUID, conversation_ids: Sequence[UUID]) -> None:
    """A revision of another writer with these conversations more."""
    current = existing(rows, file_id)
    revision_id, _ = begin(rows, owner, file_id)
    committed = rows.repository.commit_revision(
        revision_id=revision_id,
        expected_revision=current.revision,
        content=content_of(conversation_ids, before=current.conversation_count),
        conversations=figures_of(conversation_ids),
    )
    assert committed.outcome == "committed"


def replace(
    rows: RepositorySubject, owner: UUID, file_id: UUID, conversation_id: UUID, by: Sequence[dict[str, Any]] = ()
) -> None:
    """A revision of another writer in which a conversation is taken out, or is another."""
    current = existing(rows, file_id)
    revision_id, _ = begin(rows, owner, file_id)
    content = content_of(ids(current.conversation_count - 1 + len(by)))
    committed = rows.repository.commit_revision(
        revision_id=revision_id,
        expected_revision=current.revision,
        content=content.model_copy(update={"removed": (conversation_id,)}),
        conversations=by,
    )
    assert committed.outcome == "committed"
    assert revision(rows, file_id, revision_id).status == "committed"
