"""An export in shards is the very export that one worker would make, in more files; however often a step is done."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest
import yaml

from tests.support.sharded_exports import RecordedExecutions, ShardedWorkshop, a_corpus, an_enriched_conversation
from tests.support.trouble import Trouble
from tests.support.workshop import Workshop
from training_files.background.leases import BuiltElsewhereError
from training_files.background.sharded_work import WorkEndedError
from training_files.domain.exports import bundle_limit, readiness, tally, treatment
from training_files.domain.exports.export import CreateExportInput, Export, ExportFilter, ExportSplit
from training_files.domain.exports.sharding import ExportShards
from training_files.errors import RequestInvalidError, UpstreamUnavailableError
from training_files.exports import offering
from training_files.exports.shard_leases import LEASE_SECONDS
from training_files.exports.worker import build_export, give_up_export
from training_files.ports.executions import Execution

SPLIT = ExportSplit(validation=Decimal("0.3"), test=Decimal("0.2"))
WANTED: dict[str, dict[str, Any]] = {
    "all for training": {},
    "each turn": {"granularity": "turn", "split": SPLIT},
    "weights, filtered": {
        "format": "messages_weight",
        "split": SPLIT,
        "filter": ExportFilter(min_quality_score=Decimal(3), without=("error",)),
    },
    "filtered to almost nothing": {
        "split": SPLIT,
        "filter": ExportFilter(min_quality_score=Decimal(5)),
    },
    "repaired and redacted": {"format": "alpaca", "split": SPLIT, "repair": ("escapes",), "redact": ("personal_data",)},
    "the best seed": {"format": "bedrock", "split": SPLIT.model_copy(update={"seed": "best"})},
    "a seed that represents badly": {"split": SPLIT.model_copy(update={"seed": 7})},
    "one share": {"format": "prompt_completion", "split": ExportSplit(validation=Decimal("0.05"))},
}


@pytest.fixture
def sharded() -> ShardedWorkshop:
    return ShardedWorkshop(Workshop.new())


@pytest.fixture
def file_id(sharded: ShardedWorkshop) -> UUID:
    return sharded.workshop.a_training_file(*a_corpus(sharded.workshop))


def in_one(sharded: ShardedWorkshop, file_id: UUID, **wanted: Any) -> Export:
    """The same export of the same conversations, by one worker."""
    workshop = sharded.workshop
    ids = [member.conversation_id for member in workshop.repository.members[file_id]]
    twin = workshop.a_training_file(*ids, name="its twin")
    asked = CreateExportInput.model_validate({"training_file_id": twin, "format": "messages"} | wanted)
    return workshop.untroubled.create_export(asked).export


def assert_ready(sharded: ShardedWorkshop, export: Export) -> None:
    """Every file is what the export says of it, a link opens it, and nothing else is left."""
    offered = sharded.workshop.untroubled.get_export(export.training_file_id, export.id)
    assert offered.export.status == "ready"
    for file in offered.export.files:
        content = sharded.workshop.training_files.objects[export.path_of(file)]
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.bytes, file.sha256)
        assert sharded.workshop.training_files.open(offered.links[file.name]) == (content, file.filename)
    assert sharded.names_in(export.id) == {file.object_name or file.name for file in offered.export.files}


@pytest.mark.parametrize("wanted", WANTED.values(), ids=WANTED)
@pytest.mark.parametrize("shards", [1, 3, 5, 100])
def test_it_is_what_one_worker_would_have_made(
    sharded: ShardedWorkshop, file_id: UUID, wanted: dict[str, Any], shards: int
) -> None:
    sharded.shards = ExportShards(from_conversations=3, conversations=shards)
    expected, export = in_one(sharded, file_id, **wanted), sharded.built(file_id, **wanted)

    assert_ready(sharded, export)
    assert export.result is not None
    assert expected.result is not None
    assert export.result.model_dump(exclude={"files"}) == expected.result.model_dump(exclude={"files"})
    with_rows = {key: content for key, content in sharded.rows_and_metadata(expected).items() if content}
    assert sharded.rows_and_metadata(export) == with_rows


def test_of_many_places_the_first_are_told(
    sharded: ShardedWorkshop, file_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (tally, readiness, treatment):
        monkeypatch.setattr(module, "PLACES_SHOWN", 1)
    wanted = WANTED["repaired and redacted"]
    expected, export = in_one(sharded, file_id, **wanted), sharded.built(file_id, **wanted)

    assert export.result is not None
    assert expected.result is not None
    assert export.result.model_dump(exclude={"files"}) == expected.result.model_dump(exclude={"files"})


def test_one_that_is_near_to_two_in_two_splits_is_counted_though_they_are_in_other_shards(
    sharded: ShardedWorkshop,
) -> None:
    begins_otherwise = an_enriched_conversation(1, changed=20)
    ends_otherwise = an_enriched_conversation(1, target_response="Nothing of this is as it was said before. " * 3)
    three = (begins_otherwise, ends_otherwise, an_enriched_conversation(1))
    ids = [
        sharded.workshop.a_conversation(enriched, conversation_id=str(uuid5(NAMESPACE_OID, str(number))))
        for number, enriched in enumerate(three)
    ]
    sharded.shards = ExportShards(from_conversations=1, conversations=1)
    file_id = sharded.workshop.a_training_file(*ids)
    twin = sharded.workshop.a_training_file(*ids, name="its twin")
    shared = []
    for seed in range(6):
        split = ExportSplit(validation=Decimal("0.5"), seed=seed)
        asked = CreateExportInput(training_file_id=twin, format="messages", split=split)
        expected = sharded.workshop.untroubled.create_export(asked).export.result
        found = sharded.built(file_id, split=split).result
        assert expected is not None
        assert found is not None
        assert found.splits == expected.splits
        shared.append((found.splits or {})["shared_near_duplicates"])

    assert set(shared) == {0, 1}


def test_what_is_compared_has_everything_that_is_counted(sharded: ShardedWorkshop, file_id: UUID) -> None:
    result = sharded.built(file_id, **WANTED["repaired and redacted"]).result
    assert result is not None
    assert result.splits is not None
    assert result.repaired is not None
    assert result.redacted is not None
    assert all(result.splits["rows"].values())
    assert result.left_out["places"]
    assert result.history_mismatch["places"]
    assert result.repaired["places"]
    assert result.redacted["places"]
    assert any(place for target in result.readiness for rule in target["broken"] for place in rule["places"])


def test_its_files_are_named_as_hugging_face_names_them(sharded: ShardedWorkshop, file_id: UUID) -> None:
    """Without gaps, though some shards have no row for validation; saved as they are called."""
    export = sharded.built(file_id, split=ExportSplit(validation=Decimal("0.2")))

    names = [file.name for file in export.files if file.kind != "text"]
    for split in ("train", "validation"):
        of_split = [name for name in names if name.startswith(split)]
        total = len(of_split) // 2
        assert of_split == [
            *(f"{split}-{number:05}-of-{total:05}.jsonl" for number in range(1, total + 1)),
            *(f"{split}-{number:05}-of-{total:05}.metadata.jsonl" for number in range(1, total + 1)),
        ]
    assert 1 <= sum(name.startswith("validation") for name in names) // 2 < 6
    assert all(file.rows for file in export.files if file.kind != "text")
    assert [file.filename for file in export.files] == [file.name for file in export.files]


def test_card_and_dataset_info_name_all_of_its_files(sharded: ShardedWorkshop, file_id: UUID) -> None:
    export = sharded.built(file_id, split=SPLIT)
    texts = {
        file.name: sharded.workshop.training_files.objects[export.path_of(file)].decode()
        for file in export.files
        if file.kind == "text"
    }
    rows = [file.name for file in export.files if file.kind == "rows"]
    metadata = [file.name for file in export.files if file.kind == "metadata"]

    assert {"README.md", "dataset_info.json", "llamafactory.yaml", "manifest.json"} <= set(texts)
    assert all(f" {name}\n" in texts["README.md"] for name in [*rows, *metadata])
    [card, _] = yaml.safe_load_all(texts["README.md"].partition("\n---\n\n")[0] + "\n---\n")
    for config, files in zip(card["configs"], (rows, metadata), strict=True):
        named = [
            entry["path"] if isinstance(entry["path"], list) else [entry["path"]] for entry in config["data_files"]
        ]
        assert [name for of_split in named for name in of_split] == files
    info = json.loads(texts["dataset_info.json"])
    assert sorted(entry["file_name"] for entry in info.values()) == sorted(rows)
    for dataset, split in (("dataset", "train"), ("eval_dataset", "validation")):
        [line] = [line for line in texts["llamafactory.yaml"].splitlines() if line.startswith(f"{dataset}: ")]
        named = [info[name]["file_name"] for name in line.partition(": ")[2].split(",")]
        assert named == [name for name in rows if name.startswith(split)]
    assert {file["name"] for file in json.loads(texts["manifest.json"])["files"]} == {
        file.name for file in export.files if file.name != "manifest.json"
    }
    total = sum(name.startswith("train") for name in rows)
    assert f'"train": str(HERE / "train-*-of-{total:05}.jsonl")' in texts["train_trl.py"]
    assert f"`cat train-*-of-{total:05}.jsonl > train.jsonl`" in texts["README.md"]
    assert all(f"  - path: {name}\n" in texts["axolotl.yaml"] for name in rows if not name.startswith("test"))


def test_a_shard_reads_nothing_but_its_stretch(sharded: ShardedWorkshop, file_id: UUID) -> None:
    work = sharded.work(sharded.queued(file_id, split=SPLIT))
    shards = work.plan()
    store = sharded.workshop.training_files
    [path] = [path for path in store.objects if path.endswith("training.json")]
    whole, read = len(store.objects[path]), []
    download = store.download
    store.download = lambda part, target: (read.append(part), download(part, target))[1]  # type: ignore[method-assign,func-returns-value]

    for shard in shards:
        work.build_shard(shard)

    stretches = sorted((part.start, part.end) for part in read if part.path == path)
    assert len(stretches) == len(shards)
    assert all(end == begin for (_, end), (begin, _) in pairwise(stretches))
    assert all(part.size < whole / 3 for part in read)


def test_a_shard_has_no_more_bytes_than_it_may(sharded: ShardedWorkshop, file_id: UUID) -> None:
    """But one conversation at least."""
    sharded.shards = ExportShards(from_conversations=3, conversations=100, bytes=1)

    assert sharded.work(sharded.queued(file_id)).plan() == list(range(1, 17))


@pytest.mark.parametrize("step", ["plan", "build_shard", "assemble", "commit"])
def test_every_step_may_be_done_twice(sharded: ShardedWorkshop, file_id: UUID, step: str) -> None:
    """The store refuses other bytes in the place of those that are there."""
    export_id = sharded.queued(file_id, split=SPLIT)
    work, twin = sharded.work(export_id), sharded.work(export_id)
    shards = work.plan()
    if step == "plan":
        assert twin.plan() == shards
    for shard in shards:
        work.build_shard(shard)
        if step == "build_shard":
            twin.build_shard(shard)
    assert work.assemble()
    if step == "assemble":
        assert twin.assemble()
    assert work.commit()
    if step == "commit":
        assert twin.commit()

    assert_ready(sharded, sharded.workshop.exports.rows[export_id])


def test_what_is_done_is_not_planned_again(sharded: ShardedWorkshop, file_id: UUID) -> None:
    work = sharded.work(sharded.queued(file_id, split=SPLIT))
    first, *others = work.plan()
    work.build_shard(first)

    assert work.plan() == others
    assert not work.assemble()
    assert not work.commit()


LABELS = [
    *("list_export_members", "list_objects", "list_scores", "claim_export", "commit_export"),
    *("download training.json", "read shards.json", "read shard-00002.followers.json", "read shard-00002.result.json"),
    *("write shards.json", "write shard-00002.followers.json", "write shard-00002.result.json"),
    *("write shard-00002.train.jsonl", "write README.md", "write shards.result.json"),
]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("has_effect", [False, True], ids=["before its effect", "after its effect"])
def test_a_step_that_fails_is_done_again(
    sharded: ShardedWorkshop, file_id: UUID, label: str, *, has_effect: bool
) -> None:
    export_id = sharded.queued(file_id, split=SPLIT)
    trouble = Trouble(label, has_effect, number=1)
    troubled = replace(sharded, workshop=replace(sharded.workshop, trouble=trouble)).work(export_id)

    def again(step: Any, *arguments: Any) -> Any:
        try:
            return step(*arguments)
        except UpstreamUnavailableError:
            return step(*arguments)

    for shard in again(troubled.plan):
        again(troubled.build_shard, shard)
    assert again(troubled.assemble)
    assert again(troubled.commit)

    assert label in trouble.calls
    assert_ready(sharded, sharded.workshop.exports.rows[export_id])


def test_its_execution_has_the_lease_and_renews_it_with_every_step(sharded: ShardedWorkshop, file_id: UUID) -> None:
    export_id = sharded.queued(file_id)
    work, clock, exports = sharded.work(export_id), sharded.workshop.clock, sharded.workshop.exports
    for step in (work.plan, lambda: work.build_shard(1)):
        step()
        assert (exports.lease_ends_at(export_id) - clock.now()).total_seconds() == LEASE_SECONDS
        clock.advance(seconds=LEASE_SECONDS - 1)

    with pytest.raises(BuiltElsewhereError):
        build_export(sharded.workshop.context, export_id)
    with pytest.raises(BuiltElsewhereError):
        give_up_export(sharded.workshop.context, export_id)


class TestARemovalMeanwhile:
    def test_ends_every_step_that_follows(self, sharded: ShardedWorkshop, file_id: UUID) -> None:
        work = sharded.work(sharded.queued(file_id, split=SPLIT))
        work.build_shard(work.plan()[0])

        sharded.workshop.untroubled.delete_training_file(file_id)

        assert sharded.workshop.training_files.objects == {}
        for step in (work.plan, lambda: work.build_shard(2), work.assemble):
            with pytest.raises(WorkEndedError):
                step()
        work.fail("it was removed")
        assert sharded.workshop.training_files.objects == {}

    @pytest.mark.parametrize(
        "label",
        ["download training.json", "list_scores", "write shard-00002.train.jsonl", "write shard-00002.result.json"],
    )
    def test_leaves_nothing_of_a_shard_that_is_being_built(
        self, sharded: ShardedWorkshop, file_id: UUID, label: str
    ) -> None:
        work = sharded.work(sharded.queued(file_id, split=SPLIT))
        work.plan()
        self.remove_at(sharded, file_id, label)

        with pytest.raises(WorkEndedError):
            sharded.work(work.export_id).build_shard(2)

        assert sharded.workshop.training_files.objects == {}

    @pytest.mark.parametrize("label", ["list_export_members", "download training.json", "write shards.json"])
    def test_leaves_nothing_of_a_plan(self, sharded: ShardedWorkshop, file_id: UUID, label: str) -> None:
        export_id = sharded.queued(file_id)
        self.remove_at(sharded, file_id, label)

        with pytest.raises(WorkEndedError):
            sharded.work(export_id).plan()

        assert sharded.workshop.training_files.objects == {}

    @pytest.mark.parametrize("label", ["write README.md", "write shards.result.json", "commit_export"])
    def test_leaves_nothing_of_what_is_put_together(self, sharded: ShardedWorkshop, file_id: UUID, label: str) -> None:
        work = sharded.work(sharded.queued(file_id))
        for shard in work.plan():
            work.build_shard(shard)
        self.remove_at(sharded, file_id, label)
        work = sharded.work(work.export_id)

        with pytest.raises(WorkEndedError):
            assert work.assemble() and work.commit()  # noqa: PT018 - Either may find it.

        assert sharded.workshop.training_files.objects == {}

    @staticmethod
    def remove_at(sharded: ShardedWorkshop, file_id: UUID, label: str) -> None:
        removed = sharded.workshop.untroubled

        def remove() -> None:
            if file_id in sharded.workshop.repository.training_files:
                removed.delete_training_file(file_id)

        sharded.workshop = replace(sharded.workshop, trouble=Trouble(meanwhile=(label, remove)))


class TestTwoAtOnce:
    @pytest.mark.parametrize("label", ["write shard-00002.train.jsonl", "write shard-00002.result.json"])
    def test_a_worker_that_comes_last_leaves_a_ready_export_as_it_is(
        self, sharded: ShardedWorkshop, file_id: UUID, label: str
    ) -> None:
        export_id = sharded.queued(file_id, split=SPLIT)
        quick = sharded.work(export_id)
        shards = quick.plan()

        def finish() -> None:
            if sharded.workshop.exports.rows[export_id].status == "building":
                for shard in shards:
                    quick.build_shard(shard)
                assert quick.assemble()
                assert quick.commit()

        slow = replace(sharded, workshop=replace(sharded.workshop, trouble=Trouble(meanwhile=(label, finish))))
        with pytest.raises(WorkEndedError):
            slow.work(export_id).build_shard(2)

        assert_ready(sharded, sharded.workshop.exports.rows[export_id])

    @pytest.mark.parametrize("label", ["write README.md", "write shards.result.json", "commit_export"])
    def test_so_does_one_that_puts_it_together(self, sharded: ShardedWorkshop, file_id: UUID, label: str) -> None:
        export_id = sharded.queued(file_id, split=SPLIT)
        quick = sharded.work(export_id)
        for shard in quick.plan():
            quick.build_shard(shard)

        def finish() -> None:
            if sharded.workshop.exports.rows[export_id].status == "building":
                assert quick.assemble()
                assert quick.commit()

        slow = replace(sharded, workshop=replace(sharded.workshop, trouble=Trouble(meanwhile=(label, finish))))
        try:
            assert slow.work(export_id).assemble()
            assert slow.work(export_id).commit()
        except WorkEndedError:
            assert label != "commit_export"

        assert_ready(sharded, sharded.workshop.exports.rows[export_id])


def test_a_page_has_no_more_exports_than_there_is_room_for_their_links(
    sharded: ShardedWorkshop, file_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = [sharded.built(file_id, format=name) for name in ("messages", "alpaca", "sharegpt")]
    monkeypatch.setattr(offering, "MOST_LINKS", len(exports[0].files) + len(exports[1].files))
    service = sharded.workshop.untroubled

    first = service.list_exports(file_id, limit=20)
    second = service.list_exports(file_id, limit=20, before=first[-1].export.id)

    assert first.more
    assert not second.more
    listed = [one.export.id for one in [*first, *second]]
    assert len(listed) == len(exports)
    assert set(listed) == {export.id for export in exports}
    monkeypatch.setattr(offering, "MOST_LINKS", 1)
    assert len(service.list_exports(file_id, limit=20)) == 1


class TestFailing:
    def test_says_why_and_leaves_nothing(self, sharded: ShardedWorkshop, file_id: UUID) -> None:
        work = sharded.work(sharded.queued(file_id))
        work.build_shard(work.plan()[0])

        work.fail("shard 2 timed out.")
        work.fail("shard 3 timed out.")

        export = sharded.workshop.exports.rows[work.export_id]
        assert (export.status, export.error) == (
            "failed",
            {"message": "The export broke off: shard 2 timed out. Ask for it again."},
        )
        assert sharded.names_in(work.export_id) == set()
        with pytest.raises(WorkEndedError):
            work.build_shard(2)
        assert sharded.names_in(work.export_id) == set()

    def test_leaves_a_ready_export_alone(self, sharded: ShardedWorkshop, file_id: UUID) -> None:
        export = sharded.built(file_id)

        sharded.work(export.id).fail("its answer was lost")

        assert_ready(sharded, export)

    def test_that_supabase_does_not_hear_of_is_left_to_housekeeping(
        self, sharded: ShardedWorkshop, file_id: UUID
    ) -> None:
        export_id = sharded.queued(file_id)
        work = sharded.work(export_id)
        work.plan()
        down = replace(sharded, workshop=replace(sharded.workshop, trouble=Trouble("fail_export", lasting=True)))

        down.work(export_id).fail("no reason")

        assert sharded.workshop.exports.rows[export_id].status == "building"


class TestTheWorkerOfTheQueue:
    def test_starts_an_execution_and_leaves_the_export_to_it(self, sharded: ShardedWorkshop, file_id: UUID) -> None:
        export_id = sharded.queued(file_id)

        build_export(sharded.context, export_id)

        assert sharded.executions.started == [export_id]
        assert sharded.workshop.exports.rows[export_id].status == "building"
        assert sharded.names_in(export_id) == set()
        assert sharded.work(export_id).plan()

    def test_leaves_a_running_one_that_has_lost_its_lease_alone(self, sharded: ShardedWorkshop, file_id: UUID) -> None:
        export_id = sharded.queued(file_id)
        sharded.work(export_id).plan()
        sharded.workshop.clock.advance(seconds=LEASE_SECONDS)

        build_export(sharded.context, export_id)

        assert sharded.workshop.exports.rows[export_id].status == "building"
        assert sharded.workshop.exports.lease_ends_at(export_id) > sharded.workshop.clock.now()
        assert sharded.names_in(export_id) != set()

    @pytest.mark.parametrize(
        ("execution", "said"),
        [
            (Execution("timed_out"), "its execution has timed_out"),
            (Execution("failed", "shard 4 ran out of memory"), "shard 4 ran out of memory"),
        ],
    )
    def test_ends_an_export_whose_execution_has_ended(
        self, sharded: ShardedWorkshop, file_id: UUID, execution: Execution, said: str
    ) -> None:
        export_id = sharded.queued(file_id)
        sharded.work(export_id).plan()
        sharded.workshop.clock.advance(seconds=LEASE_SECONDS)
        sharded.executions = RecordedExecutions(execution)

        build_export(sharded.context, export_id)

        export = sharded.workshop.exports.rows[export_id]
        assert export.status == "failed"
        assert export.error == {"message": f"The export broke off: {said}. Ask for it again."}
        assert sharded.names_in(export_id) == set()

    def test_tries_again_where_it_cannot_be_started(self, sharded: ShardedWorkshop, file_id: UUID) -> None:
        export_id = sharded.queued(file_id)
        sharded.executions.error = UpstreamUnavailableError("it does not answer")
        with pytest.raises(UpstreamUnavailableError):
            build_export(sharded.context, export_id)
        sharded.executions.error = None

        build_export(sharded.context, export_id)

        assert sharded.executions.started == [export_id]

    @pytest.mark.parametrize(
        "shards", [ExportShards(from_conversations=16), ExportShards(from_conversations=100, from_bytes=10**9)]
    )
    def test_builds_what_is_not_too_large_itself(
        self, sharded: ShardedWorkshop, file_id: UUID, shards: ExportShards
    ) -> None:
        sharded.shards = shards
        export_id = sharded.queued(file_id)

        build_export(sharded.context, export_id)

        assert sharded.executions.started == []
        assert [file.name for file in sharded.workshop.exports.rows[export_id].files] == [
            "train.jsonl",
            "train.metadata.jsonl",
        ]

    def test_takes_many_bytes_for_too_large_as_well(self, sharded: ShardedWorkshop, file_id: UUID) -> None:
        sharded.shards = ExportShards(from_bytes=1000)
        export_id = sharded.queued(file_id)

        build_export(sharded.context, export_id)

        assert sharded.executions.started == [export_id]

    def test_builds_everything_itself_where_there_is_no_state_machine(
        self, sharded: ShardedWorkshop, file_id: UUID
    ) -> None:
        export_id = sharded.queued(file_id)

        build_export(replace(sharded.context, executions=None), export_id)

        assert sharded.workshop.exports.rows[export_id].status == "ready"


class TestABundle:
    def test_of_shards_has_all_of_them_and_the_same_texts(self, sharded: ShardedWorkshop, file_id: UUID) -> None:
        export = sharded.built(file_id, split=SPLIT, bundle=True)

        assert_ready(sharded, export)
        content = {file.name: sharded.workshop.training_files.objects[export.path_of(file)] for file in export.files}
        with zipfile.ZipFile(io.BytesIO(content.pop("bundle.zip"))) as archive:
            assert {name: archive.read(name) for name in archive.namelist()} == content

    def test_that_is_surely_too_large_is_refused_before_anything_is_built(
        self, sharded: ShardedWorkshop, file_id: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bundle_limit, "LARGEST_BUNDLE_BYTES", 100)

        with pytest.raises(RequestInvalidError, match=r"at most 2 GB .* Ask without bundle") as refused:
            sharded.queued(file_id, bundle=True)

        assert [detail["field"] for detail in refused.value.details] == ["bundle"]
        assert sharded.workshop.queue.waiting_exports == []
        assert [export.status for export in sharded.workshop.exports.rows.values()] == ["failed"]
        assert sharded.built(file_id).status == "ready"

    def test_that_turns_out_too_large_ends_the_export(
        self, sharded: ShardedWorkshop, file_id: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        work = sharded.work(sharded.queued(file_id, bundle=True))
        for shard in work.plan():
            work.build_shard(shard)
        monkeypatch.setattr(bundle_limit, "LARGEST_BUNDLE_BYTES", 100)

        with pytest.raises(WorkEndedError):
            work.assemble()

        export = sharded.workshop.exports.rows[work.export_id]
        assert export.error is not None
        assert "Ask without bundle" in export.error["message"]
        assert sharded.names_in(export.id) == set()

    def test_by_one_worker_that_turns_out_too_large_ends_the_export(
        self, sharded: ShardedWorkshop, file_id: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        export_id = sharded.queued(file_id, bundle=True)
        monkeypatch.setattr(bundle_limit, "LARGEST_BUNDLE_BYTES", 100)

        build_export(sharded.workshop.context, export_id)

        export = sharded.workshop.exports.rows[export_id]
        assert export.error is not None
        assert "Ask without bundle" in export.error["message"]


class TestRowsOfEarlierVersions:
    """Conversations whose sizes or analyses nobody knew when they were added."""

    @pytest.mark.parametrize("missing", ["sizes", "analyses", "signatures", "some analyses"])
    @pytest.mark.parametrize("seed", [42, "best"])
    def test_are_read_again(self, sharded: ShardedWorkshop, file_id: UUID, missing: str, seed: Any) -> None:
        wanted = {"split": SPLIT.model_copy(update={"seed": seed})}
        expected = in_one(sharded, file_id, **wanted)
        members = sharded.workshop.repository.members[file_id]
        for index, member in enumerate(members):
            if missing == "sizes":
                figures = {key: value for key, value in member.figures.items() if key != "json_size"}
                members[index] = replace(member, figures=figures)
            elif missing == "signatures":
                analysis = {**(member.analysis or {}), "version": 1, "content_sha256": "", "signature": None}
                members[index] = replace(member, analysis=analysis)
            elif missing == "analyses" or index % 5 < 3:
                members[index] = replace(member, analysis=None)

        export = sharded.built(file_id, **wanted)

        assert export.result is not None
        assert expected.result is not None
        assert export.result.splits == expected.result.splits
        with_rows = {key: content for key, content in sharded.rows_and_metadata(expected).items() if content}
        assert sharded.rows_and_metadata(export) == with_rows
