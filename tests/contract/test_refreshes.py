"""What a repository promises about refreshes in shards, whichever it is: what has changed, and what it comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.contract.steps import begin, content_of, figures_of, finished, remove, started
from tests.contract.subjects import RepositorySubject
from training_files.domain.training_file.totals import Totals
from training_files.ports.leases import Lease
from training_files.ports.shards import RefreshedRevision, ShardResult, Stretch

LEASE_SECONDS = 1200
ALL_CHANGED = {"change": "refresh", "changed": True, "on_invalid": "skip", "conversation_ids": []}


@pytest.fixture
def owner(rows: RepositorySubject) -> UUID:
    return rows.an_owner()


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A training file with a refresh, as a test handles it."""

    rows: RepositorySubject
    training_file_id: UUID
    revision_id: UUID

    @property
    def lease(self) -> Lease:
        return Lease(self.revision_id, LEASE_SECONDS)

    def a_try(self, rows: Sequence[dict[str, Any]]) -> UUID:
        """The id of a finished one."""
        repository, try_id = self.rows.repository, uuid4()
        path = f"{self.revision_id}/shard-1"
        repository.begin_shard(self.revision_id, lease=self.lease, shard=1, try_id=try_id, path=path)
        repository.stage_shard(try_id, rows)
        result = ShardResult(path=path, count=len(rows), json_size=0, jsonl_size=0, analyses_size=0, totals={})
        assert repository.finish_shard(try_id, lease=self.lease, result=result)
        return try_id

    def stretches(self, *try_ids: UUID, limit: int = 100, after: int = 0) -> list[Stretch]:
        return self.rows.repository.list_stretches(
            self.training_file_id, revision=1, try_ids=try_ids, limit=limit, after=after
        )

    def added_up(self, *try_ids: UUID) -> RefreshedRevision:
        return self.rows.repository.add_up_refreshed(self.training_file_id, revision=1, try_ids=try_ids)


def a_refresh(rows: RepositorySubject, owner: UUID, figures: Sequence[dict[str, Any]]) -> Refreshed:
    """Of a training file with these conversations."""
    start = started(rows, owner)
    asked = [str(row["conversation_id"]) for row in figures]
    committed = rows.repository.commit_revision(
        revision_id=start.revision_id,
        expected_revision=0,
        content=content_of([UUID(one) for one in asked]),
        conversations=figures,
    )
    assert committed.outcome == "committed"
    requested = {"change": "refresh", "on_invalid": "skip", "conversation_ids": asked}
    revision_id, _ = begin(rows, owner, start.training_file_id, requested=requested, background=True)
    refresh = Refreshed(rows, start.training_file_id, revision_id)
    rows.repository.claim_revision(revision_id=revision_id, lease=refresh.lease, next_id=uuid4())
    return refresh


def sized(ids: Sequence[UUID], *sizes: tuple[int | None, int | None], first: int = 1) -> list[dict[str, Any]]:
    """Rows of conversations with these bytes in the JSON and in the JSONL."""
    return [
        row | {"json_size": json, "jsonl_size": jsonl}
        for row, (json, jsonl) in zip(figures_of(ids, first_position=first), sizes, strict=True)
    ]


OLD = ((10, 1), (20, 2), (30, 3), (40, 4), (50, 5))
# Of the second one no line is left.
NEW = ((100, 11), (200, 0), (300, 33))


@pytest.fixture
def ids() -> list[UUID]:
    return [uuid4() for _ in OLD]


@pytest.fixture
def refresh(rows: RepositorySubject, owner: UUID, ids: list[UUID]) -> Refreshed:
    return a_refresh(rows, owner, sized(ids, *OLD))


class TestChanged:
    def a_conversation(self, rows: RepositorySubject, owner: UUID, *, minutes_ago: int) -> UUID:
        path = f"{uuid4()}/enriched.json"
        rows.put_object("conversation-files", path, size=1, minutes_ago=minutes_ago)
        return rows.a_conversation(owner, enriched_file_path=path).conversation_id

    def test_conversations_are_found_in_file_order_when_the_build_begins(
        self, rows: RepositorySubject, owner: UUID
    ) -> None:
        written = [-5, 60, 10, -5, 60, -5, -5]
        ids = [self.a_conversation(rows, owner, minutes_ago=minutes) for minutes in written]
        lost = rows.a_conversation(owner, enriched_file_path=f"{uuid4()}/lost.json").conversation_id
        file_id = finished(rows, owner, [lost, *reversed(ids)])
        remove(rows, file_id, ids[3])
        rows.forget(ids[5])

        revision_id, begun = begin(rows, owner, file_id, requested=ALL_CHANGED, background=True)

        found = rows.repository.list_requested(revision_id, limit=100)
        assert found == [(1, ids[6]), (2, ids[2]), (3, ids[0])]
        assert begun.conversation_count == 3
        build = rows.repository.open_build(file_id)
        assert build is not None
        assert (build.progress_total, build.change and (build.change.kind, build.change.count)) == (3, ("refresh", 3))
        surroundings = rows.repository.revision_surroundings(file_id, revision=2, limit=100, newer_only=True)
        assert {doubt.conversation_id for doubt in surroundings.doubts} == {one for _, one in found}

    def test_are_none_where_nothing_was_written(self, rows: RepositorySubject, owner: UUID) -> None:
        file_id = finished(rows, owner, [self.a_conversation(rows, owner, minutes_ago=60)])

        revision_id, begun = begin(rows, owner, file_id, requested=ALL_CHANGED, background=True)

        assert (begun.outcome, begun.conversation_count) == ("begun", 0)
        assert rows.repository.list_requested(revision_id, limit=100) == []

    def test_stay_those_of_the_beginning_when_it_is_tried_again(self, rows: RepositorySubject, owner: UUID) -> None:
        first, second = ids = [self.a_conversation(rows, owner, minutes_ago=ago) for ago in (-5, 60)]
        file_id = finished(rows, owner, ids)
        repository = rows.repository
        revision_id, _ = begin(rows, owner, file_id, requested=ALL_CHANGED, background=True)
        lease = Lease(revision_id, LEASE_SECONDS)
        repository.claim_revision(revision_id=revision_id, lease=lease, next_id=uuid4())
        rows.put_object("conversation-files", f"{second}.json", size=1, minutes_ago=-10)

        repository.continue_revision(
            revision_id=revision_id, lease=lease, next_id=(next_id := uuid4()), reason="another writer was first"
        )
        repository.fail_revision(revision_id=next_id, lease=lease, error={"message": "broken", "code": "any"})
        assert repository.retry_build(file_id, owner, next_id=(again := uuid4())).outcome == "begun"

        assert repository.list_requested(again, limit=100) == [(1, first)]


class TestShard:
    def test_knows_which_enriched_files_the_training_file_has_by_now(
        self, rows: RepositorySubject, ids: list[UUID], refresh: Refreshed
    ) -> None:
        remove(rows, refresh.training_file_id, ids[1])

        begun = rows.repository.begin_shard(
            refresh.revision_id, lease=refresh.lease, shard=1, try_id=uuid4(), path="any"
        )

        assert [one.conversation_id for one in begun.asked] == ids
        assert begun.in_file == {one: "0" * 64 for one in ids if one != ids[1]}

    def test_of_an_addition_asks_for_none(self, rows: RepositorySubject, owner: UUID, ids: list[UUID]) -> None:
        requested = {"conversation_ids": [str(one) for one in ids[:1]]}
        revision_id, _ = begin(rows, owner, finished(rows, owner, ids), requested=requested, background=True)
        lease = Lease(revision_id, LEASE_SECONDS)
        rows.repository.claim_revision(revision_id=revision_id, lease=lease, next_id=uuid4())

        begun = rows.repository.begin_shard(revision_id, lease=lease, shard=1, try_id=uuid4(), path="any")

        assert (len(begun.asked), begun.in_file) == (1, {})


class TestStretches:
    def test_are_one_of_all_where_nothing_is_replaced(self, refresh: Refreshed) -> None:
        assert refresh.stretches() == [Stretch(0, 0, 5, 0, 150, 0, 15)]

    def test_are_what_stays_and_what_takes_the_place_of_others(self, refresh: Refreshed, ids: list[UUID]) -> None:
        first = refresh.a_try(sized([ids[1], ids[2]], *NEW[:2], first=2))
        second = refresh.a_try(sized([ids[4]], NEW[2], first=5))

        assert refresh.stretches(first, second) == [
            Stretch(0, 0, 1, 0, 10, 0, 1),
            Stretch(1, 0, 2, 0, 300, 0, 11),
            Stretch(0, 3, 1, 60, 40, 6, 4),
            Stretch(2, 0, 1, 0, 300, 0, 33),
        ]

    def test_of_one_shard_are_several_where_others_stay_between_them(self, refresh: Refreshed, ids: list[UUID]) -> None:
        made = refresh.a_try(sized([ids[0], ids[2], ids[3]], *NEW, first=1))

        assert refresh.stretches(made) == [
            Stretch(1, 0, 1, 0, 100, 0, 11),
            Stretch(0, 1, 1, 10, 20, 1, 2),
            Stretch(1, 1, 2, 100, 500, 11, 33),
            Stretch(0, 4, 1, 100, 50, 10, 5),
        ]

    def test_are_as_the_file_goes_where_the_shard_has_another_order(self, refresh: Refreshed, ids: list[UUID]) -> None:
        made = refresh.a_try(sized([ids[1], ids[0], ids[2]], *NEW))

        assert refresh.stretches(made)[:3] == [
            Stretch(1, 1, 1, 100, 200, 11, 0),
            Stretch(1, 0, 1, 0, 100, 0, 11),
            Stretch(1, 2, 1, 300, 300, 11, 33),
        ]

    def test_come_in_parts_by_conversations(self, refresh: Refreshed, ids: list[UUID]) -> None:
        made = refresh.a_try(sized(ids[1:4], *NEW, first=2))

        assert refresh.stretches(made, limit=3) == [Stretch(0, 0, 1, 0, 10, 0, 1), Stretch(1, 0, 2, 0, 300, 0, 11)]
        assert refresh.stretches(made, limit=3, after=3) == [
            Stretch(1, 2, 1, 300, 300, 11, 33),
            Stretch(0, 4, 1, 100, 50, 10, 5),
        ]
        assert refresh.stretches(made, after=5) == []

    def test_leave_out_what_is_not_in_the_file(
        self, rows: RepositorySubject, ids: list[UUID], refresh: Refreshed
    ) -> None:
        made = refresh.a_try(sized([uuid4(), ids[0]], *NEW[:2]))
        remove(rows, refresh.training_file_id, ids[1])

        found = rows.repository.list_stretches(refresh.training_file_id, revision=2, try_ids=[made], limit=10)

        assert found == [Stretch(1, 1, 1, 100, 200, 11, 0), Stretch(0, 1, 3, 10, 120, 1, 12)]


class TestAddedUp:
    def test_are_the_sizes_as_they_are_and_the_totals_as_they_will_be(
        self, refresh: Refreshed, ids: list[UUID]
    ) -> None:
        figures = {
            "training_pairs": 4,
            "trainable_pairs": 3,
            "reviewed_pairs": 2,
            "score_sum": "9.5",
            "score_count": 2,
            "min_quality_score": "4.5",
            "max_quality_score": "5",
        }
        made = refresh.a_try([row | figures for row in sized(ids[3:4], NEW[0], first=4)])

        found = refresh.added_up(made)

        assert (found.count, found.json_bytes, found.jsonl_bytes, found.has_sizes) == (5, 150, 15, True)
        totals = Totals.from_json(found.totals)
        assert (totals.conversation_count, totals.total_training_pairs, totals.trainable_pairs) == (5, 8, 7)
        assert (totals.human_reviewed_count, totals.scores.sum, totals.scores.count) == (2, Decimal("22.5"), 6)
        assert (totals.scores.minimum, totals.scores.maximum) == (3, 5)

    def test_without_tries_are_those_of_the_revision(self, refresh: Refreshed) -> None:
        totals = Totals.from_json(refresh.added_up().totals)

        assert (totals.conversation_count, totals.total_training_pairs) == (5, 5)
        assert totals.personas == {"kim": 5}

    def test_have_keys_in_the_order_in_which_they_first_appear(
        self, rows: RepositorySubject, owner: UUID, ids: list[UUID]
    ) -> None:
        def with_keys(given: Sequence[dict[str, Any]], *keys: str | None) -> list[dict[str, Any]]:
            return [row | {"persona_key": key} for row, key in zip(given, keys, strict=True)]

        refresh = a_refresh(rows, owner, with_keys(sized(ids, *OLD), "one", "two", "one", "three", None))
        made = refresh.a_try(with_keys(sized([ids[0], ids[3], ids[4]], *NEW), "three", "two", "four"))

        totals = Totals.from_json(refresh.added_up(made).totals)

        assert list(totals.personas.items()) == [("three", 1), ("two", 2), ("one", 1), ("four", 1)]
        assert (totals.emotional_arcs, totals.training_topics) == ({}, {})

    @pytest.mark.parametrize("unknown", [(None, 2), (20, None)])
    def test_have_no_sizes_where_one_is_not_known(
        self, rows: RepositorySubject, owner: UUID, ids: list[UUID], unknown: tuple[int | None, int | None]
    ) -> None:
        found = a_refresh(rows, owner, sized(ids, OLD[0], unknown, *OLD[2:])).added_up()

        assert (found.count, found.has_sizes) == (5, False)
