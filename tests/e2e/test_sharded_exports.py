"""Exports in shards over real Supabase: what is downloaded is what one worker makes, in more files."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from infra.sample_data import sample_conversations
from infra.stack import api_environment
from tests.support.builders import Json
from tests.support.downloaded_exports import FILES, downloads_of, exported
from tests.support.export_reading import lines_of
from tests.support.fake_executions import InMemoryExecutions, run_to_its_end
from tests.support.fake_queue import InMemoryQueue
from tests.support.world import User, World
from training_files.bootstrap import application_from
from training_files.domain.exports.export import CreateExportInput, ExportSplit
from training_files.domain.exports.sharding import ExportShards
from training_files.service import TrainingFileService
from training_files.settings import settings_from

CONVERSATIONS = 11
SPLIT = {"validation": 0.3, "seed": 7}
SHARDS_OF_FOUR = ExportShards(from_conversations=4, conversations=4)


@pytest.fixture
def service(world: World) -> Iterator[TrainingFileService]:
    """One that exports in shards of four conversations."""
    environment = {**api_environment(world.supabase, s3=True), "SUPABASE_URL": world.proxy.url}
    application = application_from(settings_from(environment, lambda *_: "{}"))
    options = replace(application.service.context.options, export_shards=SHARDS_OF_FOUR)
    yield TrainingFileService(
        replace(application.service.context, options=options, queue=InMemoryQueue(), executions=InMemoryExecutions())
    )
    application.close()


def _rows_by_split(export: Json) -> dict[str, list[Json]]:
    contents = downloads_of(export)
    rows: dict[str, list[Json]] = defaultdict(list)
    for file in export["files"]:
        if file["kind"] == "rows":
            rows[file["split"]] += lines_of(contents[file["name"]])
    return rows


def test_the_shards_of_an_export_hold_what_one_worker_makes(
    world: World, user: User, service: TrainingFileService
) -> None:
    samples = sample_conversations(CONVERSATIONS, seed=3)
    ids = [world.a_conversation(user, sample.enriched) for sample in samples]
    whole = exported(user, str(user.created(ids)["id"]), split=SPLIT)
    training_file_id = UUID(user.created(ids)["id"])

    wanted = CreateExportInput(
        training_file_id=training_file_id, format="messages", split=ExportSplit.model_validate(SPLIT)
    )
    asked = service.acting_for(UUID(user.id)).create_export(wanted, prefers_background=True).export
    service.build_export(asked.id)
    run_to_its_end(service.sharded_export(asked.id))

    export: Json = user.http.get(f"{FILES}/{training_file_id}/exports/{asked.id}").json()["export"]
    assert export["status"] == "ready"
    names = [file["name"] for file in export["files"] if file["kind"] == "rows"]
    assert names[:3] == [f"train-{number:05}-of-00003.jsonl" for number in (1, 2, 3)]
    assert _rows_by_split(export) == _rows_by_split(whole)
    for told in ("totals", "splits", "lengths", "left_out"):
        assert export[told] == whole[told]
    stored = {path for path in world.object_paths() if path.startswith(f"{asked.id}/")}
    assert len(stored) == len(export["files"])
