"""Builds beyond one worker: what many shards come to is what one worker makes of the same conversations."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.fake_executions import run_to_its_end
from tests.support.fakes import shards
from tests.support.sharded_site import Site
from training_files.background.sharded_work import WorkEndedError
from training_files.builds import requesting, worker
from training_files.builds.leased_revision import claimed_revision
from training_files.domain.training_file.build_request import CreateTrainingFileInput
from training_files.domain.training_file.training_file import TrainingFile
from training_files.errors import NotSetUpError, UpstreamUnavailableError
from training_files.ports.executions import Execution
from training_files.ports.objects import Part, StoredPart
from training_files.sharded import joining
from training_files.sharded.assembled import begin_assembling

OF_A_SHARD = 3


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three conversations a shard, and whatever is more than two is for many workers."""
    monkeypatch.setattr(shards, "CONVERSATIONS_OF_A_SHARD", OF_A_SHARD)
    monkeypatch.setattr(requesting, "MOST_OF_ONE_WORKER", 2)
    monkeypatch.setattr(worker, "MOST_OF_ONE_WORKER", 2)


@pytest.fixture
def site() -> Site:
    return Site()


def _built_by_one(site: Site, ids: Sequence[UUID], monkeypatch: pytest.MonkeyPatch) -> TrainingFile:
    with monkeypatch.context() as usual:
        usual.setattr(requesting, "MOST_OF_ONE_WORKER", 10_000)
        usual.setattr(worker, "MOST_OF_ONE_WORKER", 10_000)
        wanted = CreateTrainingFileInput(name="small", conversation_ids=tuple(ids), created_by=site.workshop.owner)
        file = site.service.request_training_file(wanted)
        site.work()
    return site.file(file.id)


def _same(json_file: bytes, other: bytes) -> bool:
    """But for the name of the file."""
    return json_file.replace(b'"large"', b'"small"') == other


@pytest.mark.parametrize("count", [3, 4, 9, 10])
def test_shards_make_the_bytes_that_one_worker_makes(site: Site, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = site.conversations(count)
    requested = site.request(ids)

    site.run()

    file = site.file(requested.id)
    assert (file.status, file.revision, file.conversation_count) == ("active", 1, count)
    alone = _built_by_one(site, ids, monkeypatch)
    json_file, jsonl_file = site.contents(file.id)
    other_json, other_jsonl = site.contents(alone.id)
    assert _same(json_file, other_json)
    assert jsonl_file == other_jsonl
    same = {"scaffolding_distribution", "avg_quality_score", "total_training_pairs", "trainable_pairs", "vertical"}
    assert file.model_dump(include=same) == alone.model_dump(include=same)


def test_an_addition_in_shards_stands_behind_what_was_there(site: Site) -> None:
    first, further = site.conversations(3), site.conversations(5)
    requested = site.request(first)
    site.run()

    site.request_addition(requested.id, further)
    site.run()

    assert site.file(requested.id).revision == 2
    document = json.loads(site.contents(requested.id)[0])
    found = [one["conversation_metadata"]["conversation_id"] for one in document["conversations"]]
    assert found == list(map(str, [*first, *further]))
    assert site.members(requested.id) == [*first, *further]


def test_nothing_is_left_of_the_shards_when_the_build_is_committed(site: Site) -> None:
    requested = site.request(site.conversations(7))

    site.run()

    folder = site.file(requested.id).json_file_path or ""
    assert set(site.workshop.training_files.objects) == {folder, folder.replace("json", "jsonl")}
    assert not site.workshop.repository.shard_tries


def test_progress_counts_what_finished_shards_have(site: Site) -> None:
    requested = site.request(site.conversations(7))
    seen = []

    def look(_: int) -> None:
        build = site.open_build(requested.id)
        seen.append((build.progress_done, build.progress_total))

    site.run(look)

    assert seen == [(3, 7), (6, 7), (7, 7)]


def test_faults_of_all_shards_are_told_at_once_and_nothing_is_left(site: Site) -> None:
    ids = site.conversations(7)
    broken = [ids[0], ids[4], ids[6]]
    for one in broken:
        site.workshop.break_file_of(one)
    requested = site.request(ids)

    with pytest.raises(WorkEndedError):
        site.run()

    failed = (site.open_build(requested.id).error or {})["failed_conversations"]
    assert [one["conversation_id"] for one in failed] == list(map(str, broken))
    assert site.file(requested.id).status == "failed"


def test_faults_that_are_to_be_skipped_are_skipped(site: Site) -> None:
    ids = site.conversations(7)
    site.workshop.break_file_of(ids[0])
    requested = site.request(ids, on_invalid="skip")

    site.run()

    file = site.file(requested.id)
    [revision] = site.service.context.revisions.list_revisions(requested.id or uuid4(), limit=5)
    assert (file.conversation_count, revision.skipped_total) == (6, 1)
    assert [one["conversation_id"] for one in revision.skipped] == [str(ids[0])]
    assert json.loads(site.contents(file.id)[0])["conversations"]


def test_a_shard_that_is_done_twice_or_breaks_off_does_no_harm(site: Site) -> None:
    ids = site.conversations(7)
    requested = site.request(ids)
    site.work()
    build = site.build

    planned = build.plan()
    for shard in [*planned, planned[1], planned[0]]:
        build.build_shard(shard)
    assert build.assemble()
    assert build.assemble()
    assert build.commit()
    assert build.commit()

    assert site.members(requested.id) == ids
    assert len(json.loads(site.contents(requested.id)[0])["conversations"]) == 7


def test_what_another_writer_adds_meanwhile_is_left_out_by_the_shards_that_had_it(site: Site) -> None:
    first, further = site.conversations(3), site.conversations(7)
    requested = site.request(first)
    site.run()
    site.request_addition(requested.id, further, on_duplicate="skip")
    site.work()
    build = site.build
    for shard in build.plan():
        build.build_shard(shard)

    site.workshop.add(site.service, requested.id or uuid4(), further[4])

    assert not build.assemble()
    assert build.plan() == [2]
    run_to_its_end(build)
    assert site.members(requested.id) == [*first, further[4], *further[:4], *further[5:]]


def test_what_another_writer_commits_behind_the_assembling_has_it_planned_again(site: Site) -> None:
    first, further = site.conversations(3), site.conversations(4)
    other = site.workshop.a_conversation()
    requested = site.request(first)
    site.run()
    site.request_addition(requested.id, further)
    build = site.assembled()

    site.workshop.add(site.service, requested.id or uuid4(), other)

    assert not build.commit()
    assert build.plan() == []
    assert build.assemble()
    assert build.commit()
    assert site.members(requested.id) == [*first, other, *further]


def test_what_a_call_has_only_begun_to_put_together_is_not_committed(site: Site) -> None:
    """Of two calls of one step, the first may still be at it when the other one has finished."""
    ids = site.conversations(4)
    requested = site.request(ids)
    build = site.assembled()
    late = claimed_revision(site.service.context, build.build_id, lease=build.lease)
    assert late
    begin_assembling(late)

    assert not build.commit()

    run_to_its_end(build)
    assert site.members(requested.id) == ids
    assert len(json.loads(site.contents(requested.id)[0])["conversations"]) == 4


def test_the_lost_answer_of_a_commit_that_came_second_has_it_planned_again(site: Site) -> None:
    first, further = site.conversations(3), site.conversations(4)
    requested = site.request(first)
    site.run()
    site.request_addition(requested.id, further)
    build = site.assembled()
    site.workshop.add(site.service, requested.id or uuid4(), site.workshop.a_conversation())

    assert [build.commit(), build.commit()] == [False, False]

    run_to_its_end(build)
    assert site.members(requested.id)[-4:] == further


def test_only_what_is_not_to_be_skipped_is_counted_among_what_failed(site: Site) -> None:
    first, further = site.conversations(3), site.conversations(4)
    requested = site.request(first)
    site.run()
    site.request_addition(requested.id, further, on_duplicate="skip")
    site.workshop.break_file_of(further[3])
    site.work()
    site.workshop.add(site.service, requested.id or uuid4(), *further[:3])

    with pytest.raises(WorkEndedError):
        run_to_its_end(site.build)

    error = site.open_build(requested.id).error or {}
    assert [one["conversation_id"] for one in error["failed_conversations"]] == [str(further[3])]
    assert "failed_total" not in error


def test_the_end_of_a_build_is_announced_by_the_step_that_brings_it(site: Site) -> None:
    announced = list[UUID]()
    ids = site.conversations(4)
    requested = site.request(ids)
    site.work()
    run_to_its_end(replace(site.build, announce=announced.append))
    assert announced == [requested.id]

    further = site.conversations(4)
    site.workshop.break_file_of(further[0])
    site.request_addition(requested.id, further)
    site.work()
    with pytest.raises(WorkEndedError):
        run_to_its_end(replace(site.build, announce=announced.append))
    assert announced == [requested.id] * 2

    site.request_addition(requested.id, site.conversations(4))
    site.work()
    replace(site.build, announce=announced.append).fail("it took too long")
    assert announced == [requested.id] * 3


def test_a_training_file_that_is_removed_meanwhile_ends_the_work(site: Site) -> None:
    requested = site.request(site.conversations(7))
    site.work()
    build = site.build
    [first, *_] = build.plan()
    build.build_shard(first)

    site.service.delete_training_file(requested.id or uuid4())

    for step in (build.plan, lambda: build.build_shard(2), build.assemble, build.commit):
        with pytest.raises(WorkEndedError):
            step()
    build.fail("it is gone")


def test_the_reasons_of_shards_end_a_build_that_failed(site: Site) -> None:
    requested = site.request(site.conversations(7))
    site.work()
    build = site.build
    build.plan()
    site.workshop.trouble.label, site.workshop.trouble.number = "read enriched.json", 2
    with pytest.raises(UpstreamUnavailableError):
        build.build_shard(2)

    build.fail("Lambda.Unknown")

    assert "2" in site.reason(requested.id)
    assert "read enriched.json failed" in site.reason(requested.id)
    assert site.file(requested.id).status == "failed"


@pytest.mark.parametrize("status", ["failed", "aborted", "timed_out"])
def test_an_execution_that_ended_without_a_word_ends_the_build(site: Site, status: Any) -> None:
    requested = site.request(site.conversations(3))
    site.work()
    [build_id] = site.executions.builds
    site.executions.builds[build_id] = Execution(status, "the state machine said so")

    site.service.build_revision(build_id)

    assert "the state machine said so" in site.reason(requested.id)


def test_a_message_that_comes_again_starts_nothing_anew(site: Site) -> None:
    site.request(site.conversations(3))
    site.work()
    [build_id] = site.executions.builds

    site.service.build_revision(build_id)

    assert list(site.executions.builds) == [build_id]


def test_without_the_s3_protocol_it_is_refused_at_once_and_nothing_is_left() -> None:
    site = Site()
    site.workshop = replace(site.workshop, copies_inside=False)

    with pytest.raises(NotSetUpError, match="SUPABASE_S3_ACCESS_KEY_ID"):
        site.request(site.conversations(3))

    assert not site.workshop.repository.training_files
    assert not site.workshop.queue.waiting


def test_more_stretches_than_an_object_takes_are_joined_first(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "MOST_COPIES", 4)
    ids = site.conversations(17)
    requested = site.request(ids)
    stored_parts = list[int]()
    write = site.workshop.training_files.write

    def written(path: str, parts: Sequence[Part], content_type: str) -> int:
        stored_parts.append(sum(isinstance(part, StoredPart) for part in parts))
        return write(path, parts, content_type)

    monkeypatch.setattr(site.workshop.training_files, "write", written)

    site.run()

    assert max(stored_parts) <= 4

    assert site.members(requested.id) == ids
    document = json.loads(site.contents(requested.id)[0])
    assert len(document["conversations"]) == 17
    assert len(site.workshop.training_files.objects) == 2
