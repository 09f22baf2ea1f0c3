"""Refreshes beyond one worker: what many shards put in the place of conversations is what one worker puts there."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tests.support.builders import Json, a_pair, a_scored_pair, an_enriched_file
from tests.support.fake_executions import run_to_its_end
from tests.support.fakes import shards
from tests.support.sharded_site import Site
from tests.support.trouble import Trouble
from training_files.background.sharded_work import WorkEndedError
from training_files.builds import refreshable, requesting, worker
from training_files.builds.cutting import SizesDisagreeError
from training_files.builds.preparing import concurrently
from training_files.domain.training_file.build_request import CreateTrainingFileInput, RefreshConversationsInput
from training_files.domain.training_file.totals import Totals
from training_files.domain.training_file.training_file import BuiltTrainingFile
from training_files.errors import NotSetUpError, RequestInvalidError
from training_files.service import TrainingFileService
from training_files.sharded import joining, replacing

OF_A_SHARD = 3
NAMED = 2


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three conversations a shard, and whatever is more than two is for many workers."""
    monkeypatch.setattr(shards, "CONVERSATIONS_OF_A_SHARD", OF_A_SHARD)
    monkeypatch.setattr(refreshable, "MAX_IDS", NAMED)
    monkeypatch.setattr(requesting, "MOST_OF_ONE_WORKER", NAMED)
    monkeypatch.setattr(worker, "MOST_OF_ONE_WORKER", NAMED)
    # Answers about half a shard, so that stretches go over their borders.
    monkeypatch.setattr(replacing, "CONVERSATIONS_AT_ONCE", 2)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def ids(site: Site) -> list[UUID]:
    keys = ("one", "two", "one", "three")
    return [site.workshop.a_conversation(persona_key=keys[number % 4]) for number in range(10)]


@pytest.fixture
def file_id(site: Site, ids: list[UUID]) -> UUID:
    return _created(site, ids, "large")


def _created(site: Site, ids: Sequence[UUID], name: str) -> UUID:
    wanted = CreateTrainingFileInput(name=name, conversation_ids=tuple(ids), created_by=site.workshop.owner)
    created = site.service.create_training_file(wanted)
    assert created.id
    return created.id


def _longer(number: int) -> Json:
    pairs = [a_scored_pair(1, 5, human_reviewed=True), *(a_pair(2 + further) for further in range(number % 3))]
    return an_enriched_file(*pairs) | {"dataset_metadata": {"vertical": f"of {number}"}}


def _nothing_to_train_on(number: int) -> Json:
    return an_enriched_file(a_pair(target_response=None)) | {"dataset_metadata": {"vertical": f"of {number}"}}


def _change(site: Site, ids: Iterable[UUID], enriched: Callable[[int], Json] = _longer) -> None:
    """The enrichment pipeline writes other files, an hour later."""
    site.workshop.clock.advance(minutes=60)
    for number, one in enumerate(ids):
        site.workshop.replace_file_of(one, json.dumps(enriched(number)).encode())


def _touch(site: Site, ids: Iterable[UUID]) -> None:
    """The enrichment pipeline writes the same files again."""
    for one in ids:
        [conversation] = site.workshop.repository.resolve(
            ids=[one], owner=site.workshop.owner, all_conversations=False
        ).conversations
        path = conversation.enriched_file_path or ""
        site.workshop.enriched_files.put(path, site.workshop.enriched_files.objects[path])


def _refresh(site: Site, file_id: UUID, **options: Any) -> BuiltTrainingFile:
    return site.service.refresh_training_file(RefreshConversationsInput(training_file_id=file_id, **options))


def _shards_done(site: Site, file_id: UUID, **options: Any) -> None:
    _refresh(site, file_id, **options)
    site.work()
    for shard in site.build.plan():
        site.build.build_shard(shard)


def _refreshed_by_one(site: Site, file_id: UUID, monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
    with monkeypatch.context() as usual:
        for module in (requesting, worker):
            usual.setattr(module, "MOST_OF_ONE_WORKER", 10_000)
        usual.setattr(refreshable, "MAX_IDS", 10_000)
        wanted = RefreshConversationsInput(training_file_id=file_id, **options)
        assert site.service.request_refresh(wanted).queued
        site.work()


def _all_about(site: Site, file_id: UUID) -> dict[str, Any]:
    """What differs between two files of the same content is left out."""
    file, repository = site.file(file_id), site.workshop.repository
    revision = repository.get_revision(file_id, number=file.revision)
    assert revision
    json_file, jsonl_file = site.contents(file_id)
    own = {"id", "name", "json_file_path", "jsonl_file_path", "created_at", "updated_at", "last_updated_at"}
    told = {"number", "status", "change", "warnings", "skipped", "skipped_total", "json_body_offset"}
    moments = {"added_at"}
    return {
        "file": file.model_dump(exclude=own),
        "revision": revision.model_dump(include=told),
        "totals": Totals.from_json(revision.totals or {}),
        "keys": [list(counts) for counts in file.scaffolding_distribution.values()],
        "members": [
            {key: getattr(member, key) for key in member.__slots__ if key not in moments | {"figures"}}
            for member in repository.members[file_id]
        ],
        "figures": [member.figures | {"position": None} for member in repository.members[file_id]],
        "json": json_file.replace(b'"large"', b'"small"'),
        "jsonl": jsonl_file,
    }


def _consistent_ids(site: Site, file_id: UUID) -> list[UUID]:
    """The conversations of a training file, on which its members, its JSON and its JSONL agree."""
    json_file, jsonl_file = site.contents(file_id)
    in_json = [one["conversation_metadata"]["conversation_id"] for one in json.loads(json_file)["conversations"]]
    in_jsonl = list(dict.fromkeys(json.loads(line)["conversation_id"] for line in jsonl_file.splitlines()))
    members = site.workshop.repository.members[file_id]
    assert in_json == [str(member.conversation_id) for member in members]
    assert in_jsonl == [str(member.conversation_id) for member in members if member.trainable_pairs]
    return [member.conversation_id for member in members]


def _assert_same(site: Site, file_id: UUID, other: UUID) -> None:
    found, wanted = _all_about(site, file_id), _all_about(site, other)
    for what, value in wanted.items():
        assert found[what] == value, what


@pytest.mark.parametrize("enriched", [_longer, _nothing_to_train_on], ids=["more", "less"])
@pytest.mark.parametrize(
    "changed",
    [[3, 4, 5], [2, 3, 4, 5, 6, 7], [1, 4, 5, 8], [0, 1, 2], [0, 5, 9], [7, 8, 9], range(10)],
    ids=["one stretch", "two shards", "scattered", "the first", "both ends", "the last", "all"],
)
def test_shards_put_there_what_one_worker_puts_there(
    site: Site,
    ids: list[UUID],
    file_id: UUID,
    changed: Sequence[int],
    enriched: Callable[[int], Json],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = _created(site, ids, "small")
    _change(site, [ids[index] for index in changed], enriched)

    assert _refresh(site, file_id).queued
    site.run()

    _refreshed_by_one(site, small, monkeypatch)
    assert site.file(file_id).revision == 2
    _assert_same(site, file_id, small)
    assert _consistent_ids(site, file_id) == ids


def test_what_has_changed_is_found_where_it_is_kept_and_no_id_passes_through_the_service(
    site: Site, ids: list[UUID], file_id: UUID
) -> None:
    _change(site, [ids[7], ids[2], ids[5], ids[3]])
    site.workshop = replace(site.workshop, trouble=Trouble())

    answer = _refresh(site, file_id)

    build = site.open_build(file_id)
    assert (answer.queued, answer.skipped) == (True, ())
    assert (build.progress_total, build.change and build.change.kind) == (4, "refresh")
    assert site.workshop.repository.requested_ids[build.id] == [ids[2], ids[3], ids[5], ids[7]]
    assert not {"look_up_members", "resolve"} & set(site.workshop.trouble.calls)


def test_what_a_request_may_name_is_done_by_one_worker_as_ever(site: Site, ids: list[UUID], file_id: UUID) -> None:
    _change(site, ids[:NAMED])

    answer = _refresh(site, file_id)

    assert (answer.queued, answer.revision) == (False, 2)
    assert not site.executions.builds


def test_it_is_left_to_a_worker_when_it_is_asked_for_later(site: Site, ids: list[UUID], file_id: UUID) -> None:
    _change(site, ids)

    assert site.service.request_refresh(RefreshConversationsInput(training_file_id=file_id)).queued

    assert site.open_build(file_id).progress_total == len(ids)


def test_without_a_queue_the_first_ones_are_refreshed(site: Site, ids: list[UUID], file_id: UUID) -> None:
    _change(site, ids[:5])
    service = TrainingFileService(replace(site.service.context, queue=None))

    service.refresh_training_file(RefreshConversationsInput(training_file_id=file_id))

    added_in = [member.added_in_revision for member in site.workshop.repository.members[file_id]]
    assert added_in == [2] * NAMED + [1] * 8


def test_a_dry_run_says_how_many_have_changed(
    site: Site, ids: list[UUID], file_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training_files.builds.refreshing.MOST_WHILE_WAITING", NAMED)
    _change(site, ids[:5])

    with pytest.raises(RequestInvalidError, match="5 conversations may have changed"):
        _refresh(site, file_id, dry_run=True)


def test_without_the_s3_protocol_it_is_refused_at_once(site: Site, ids: list[UUID], file_id: UUID) -> None:
    _change(site, ids)
    site.workshop = replace(site.workshop, copies_inside=False)

    with pytest.raises(NotSetUpError, match="SUPABASE_S3_ACCESS_KEY_ID"):
        _refresh(site, file_id)

    assert site.file(file_id).revision == 1


def test_what_is_the_same_byte_for_byte_stays_as_it_is(
    site: Site, ids: list[UUID], file_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = _created(site, ids, "small")
    _change(site, [ids[1], ids[4], ids[9]])
    _touch(site, [ids[0], ids[2], ids[6], ids[7], ids[8]])
    _refresh(site, file_id)

    site.run()

    _refreshed_by_one(site, small, monkeypatch)
    _assert_same(site, file_id, small)
    assert [member.added_in_revision for member in site.workshop.repository.members[file_id]] == [
        2 if index in (1, 4, 9) else 1 for index in range(10)
    ]


def test_where_all_is_the_same_there_is_no_revision(site: Site, ids: list[UUID], file_id: UUID) -> None:
    site.workshop.clock.advance(minutes=60)
    _touch(site, ids)
    _refresh(site, file_id)

    with pytest.raises(WorkEndedError):
        site.run()

    assert site.file(file_id).revision == 1
    assert site.service.context.builds.open_build(file_id) is None


def test_what_cannot_be_used_any_more_refuses_all(site: Site, ids: list[UUID], file_id: UUID) -> None:
    _change(site, ids[:5])
    site.workshop.replace_file_of(ids[3], b"{}")
    _refresh(site, file_id)

    with pytest.raises(WorkEndedError):
        site.run()

    failed = (site.open_build(file_id).error or {})["failed_conversations"]
    assert {one["conversation_id"] for one in failed} == {str(ids[3])}
    assert site.file(file_id).revision == 1


def test_a_build_that_failed_can_be_tried_again(site: Site, ids: list[UUID], file_id: UUID) -> None:
    _change(site, ids[:5])
    mend = site.workshop.break_file_of(ids[3])
    site.workshop.enriched_files.put(_path(site, ids[3]), b"{}")
    _refresh(site, file_id)
    with pytest.raises(WorkEndedError):
        site.run()
    mend()

    site.service.retry_build(file_id)
    site.run()

    members = site.workshop.repository.members[file_id]
    assert [member.added_in_revision for member in members] == [2] * 5 + [1] * 5


@pytest.mark.parametrize("broken", [[0], [4], range(5)], ids=["the first", "another", "all"])
def test_faults_that_are_to_be_skipped_are_skipped(
    site: Site, ids: list[UUID], file_id: UUID, broken: Sequence[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = _created(site, ids, "small")
    _change(site, ids[:5])
    for index in broken:
        site.workshop.replace_file_of(ids[index], b"{}")
    _refresh(site, file_id, on_invalid="skip")

    if len(broken) == 5:
        with pytest.raises(WorkEndedError):
            site.run()
        assert site.file(file_id).revision == 1
        assert site.service.context.builds.open_build(file_id) is None
        return
    site.run()

    _refreshed_by_one(site, small, monkeypatch, on_invalid="skip")
    _assert_same(site, file_id, small)


class TestMeanwhile:
    @pytest.mark.parametrize("removed", [0, 4])
    @pytest.mark.parametrize("when", ["before the shards", "before the assembling"])
    def test_what_another_writer_removes_is_not_brought_back(
        self, site: Site, ids: list[UUID], file_id: UUID, removed: int, when: str
    ) -> None:
        _change(site, ids[:6])
        if when == "before the shards":
            _refresh(site, file_id, on_invalid="skip")
            site.work()
        else:
            _shards_done(site, file_id, on_invalid="skip")

        site.workshop.remove(site.workshop.untroubled, file_id, ids[removed])
        run_to_its_end(site.build)

        revision = site.workshop.repository.get_revision(file_id, number=3)
        assert _consistent_ids(site, file_id) == [one for one in ids if one != ids[removed]]
        assert revision
        assert (revision.change and revision.change.count, revision.skipped_total) == (5, 1)
        assert [fault["conversation_id"] for fault in revision.skipped] == [str(ids[removed])]

    def test_what_another_writer_removes_refuses_all_unless_it_is_to_be_skipped(
        self, site: Site, ids: list[UUID], file_id: UUID
    ) -> None:
        _change(site, ids[:6])
        _shards_done(site, file_id)
        site.workshop.remove(site.workshop.untroubled, file_id, ids[4])

        with pytest.raises(WorkEndedError):
            run_to_its_end(site.build)

        assert "not in the training file" in str(site.open_build(file_id).error)
        assert site.file(file_id).revision == 2

    def test_only_the_shard_is_done_again_of_which_another_writer_has_refreshed_one(
        self, site: Site, ids: list[UUID], file_id: UUID
    ) -> None:
        _change(site, ids[:6])
        _shards_done(site, file_id)
        named = RefreshConversationsInput(training_file_id=file_id, conversation_ids=(ids[4],))
        site.workshop.untroubled.refresh_training_file(named)

        assert not site.build.assemble()
        assert site.build.plan() == [2]
        run_to_its_end(site.build)

        assert _consistent_ids(site, file_id) == ids
        added_in = [member.added_in_revision for member in site.workshop.repository.members[file_id]]
        assert added_in == [3, 3, 3, 3, 2, 3, 1, 1, 1, 1]

    def test_what_another_writer_adds_behind_the_assembling_has_it_planned_again(
        self, site: Site, ids: list[UUID], file_id: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        small = _created(site, ids, "small")
        other = site.workshop.a_conversation()
        _change(site, ids[:6])
        _shards_done(site, file_id)
        assert site.build.assemble()

        for each in (file_id, small):
            site.workshop.add(site.workshop.untroubled, each, other)

        assert not site.build.commit()
        assert site.build.plan() == []
        assert site.build.assemble()
        assert site.build.commit()
        assert _consistent_ids(site, file_id) == [*ids, other]
        _refreshed_by_one(site, small, monkeypatch)
        _assert_same(site, file_id, small)

    @pytest.mark.parametrize("moved", [0, 1])
    def test_what_stands_in_another_order_by_now_is_put_there_in_that_order(
        self, site: Site, ids: list[UUID], file_id: UUID, moved: int
    ) -> None:
        before = site.file(file_id).vertical
        _change(site, ids[:3])
        _shards_done(site, file_id)
        site.workshop.remove(site.workshop.untroubled, file_id, ids[moved])
        _change(site, [ids[moved]], lambda _: _longer(7))
        site.workshop.add(site.workshop.untroubled, file_id, ids[moved])

        site.build.assemble()
        site.build.commit()

        assert _consistent_ids(site, file_id) == [*(one for one in ids if one != ids[moved]), ids[moved]]
        # The one that was the first of all says it, or nobody does.
        assert site.file(file_id).vertical == ("of 0" if moved else before)

    def test_what_was_left_out_says_nothing_of_the_file_when_it_is_removed(self, site: Site) -> None:
        first = site.workshop.a_conversation(_longer(9))
        ids = [site.workshop.a_conversation() for _ in range(5)]
        file_id = _created(site, [first, *ids], "another")
        site.workshop.remove(site.workshop.untroubled, file_id, first)
        _change(site, ids[1:])
        _touch(site, ids[:1])
        _shards_done(site, file_id)

        site.workshop.remove(site.workshop.untroubled, file_id, ids[0])
        run_to_its_end(site.build)

        assert _consistent_ids(site, file_id) == ids[1:]
        assert site.file(file_id).vertical == "of 9"


def test_stretches_that_touch_each_other_are_one(
    site: Site, ids: list[UUID], file_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The header, what stands before the shard, the shard, and what stands behind it.
    monkeypatch.setattr(joining, "MOST_COPIES", 4)
    _change(site, ids[3:6])
    _refresh(site, file_id)
    site.workshop = replace(site.workshop, trouble=Trouble())

    site.run()

    assert not [label for label in site.workshop.trouble.calls if "piece" in label]


def test_more_stretches_than_an_object_takes_are_joined_first(
    site: Site, ids: list[UUID], file_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "MOST_COPIES", 4)
    small = _created(site, ids, "small")
    _change(site, ids[::2])
    _refresh(site, file_id)

    site.run()

    _refreshed_by_one(site, small, monkeypatch)
    _assert_same(site, file_id, small)


@pytest.mark.parametrize(("changed", "at_once"), [([3, 4, 5], joining.PIECES_AT_ONCE), ([1, 3, 5, 7], 2)])
def test_of_a_scattered_refresh_fewer_pieces_are_in_memory(
    site: Site,
    ids: list[UUID],
    file_id: UUID,
    changed: Sequence[int],
    at_once: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(joining, "MOST_COPIES", 2)
    monkeypatch.setattr(joining, "SCATTERED_ABOVE", 4)
    seen = set[int]()

    def watched(*arguments: Any, at_once: int) -> Any:
        seen.add(at_once)
        return concurrently(*arguments, at_once=at_once)

    monkeypatch.setattr(joining, "concurrently", watched)
    _change(site, [ids[place] for place in changed])
    _refresh(site, file_id)

    site.run()

    assert seen == {at_once}
    assert _consistent_ids(site, file_id) == ids


def test_nothing_is_left_of_the_shards_when_the_build_is_committed(site: Site, ids: list[UUID], file_id: UUID) -> None:
    _change(site, ids)
    _refresh(site, file_id)

    site.run()

    assert set(site.workshop.training_files.objects) == site.workshop.objects_of_finished_revisions
    assert not site.workshop.repository.shard_tries


def test_the_sizes_of_a_file_that_has_none_are_found_first(
    site: Site, ids: list[UUID], file_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = _created(site, ids, "small")
    members = site.workshop.repository.members[file_id]
    without = {"json_size": None, "jsonl_size": None}
    members[:] = [replace(member, figures=member.figures | without) for member in members]
    _change(site, ids[:6])
    _refresh(site, file_id)

    site.run()

    _refreshed_by_one(site, small, monkeypatch)
    _assert_same(site, file_id, small)


def test_nothing_is_written_where_sizes_are_not_those_of_the_objects(
    site: Site, ids: list[UUID], file_id: UUID
) -> None:
    members = site.workshop.repository.members[file_id]
    members[0] = replace(members[0], figures=members[0].figures | {"jsonl_size": 1})
    _change(site, ids[:6])
    _shards_done(site, file_id)

    with pytest.raises(SizesDisagreeError):
        site.build.assemble()

    assert site.file(file_id).revision == 1


@pytest.mark.parametrize(("room", "is_enough"), [(1.5, True), (0.5, False)])
def test_a_refresh_of_all_needs_the_room_of_one_file(
    site: Site, ids: list[UUID], file_id: UUID, room: float, *, is_enough: bool
) -> None:
    _change(site, ids, lambda _: an_enriched_file())
    paths = [_path(site, one) for one in ids]
    read = sum(len(site.workshop.enriched_files.objects[path]) for path in paths)
    site.workshop.repository.largest_object_bytes = int(room * read)
    _refresh(site, file_id)
    site.work()

    if is_enough:
        assert site.build.plan()
    else:
        with pytest.raises(WorkEndedError):
            site.build.plan()


def _path(site: Site, conversation_id: UUID) -> str:
    [conversation] = site.workshop.repository.resolve(
        ids=[conversation_id], owner=site.workshop.owner, all_conversations=False
    ).conversations
    return conversation.enriched_file_path or ""
