"""Housekeeping on the real stack: what nobody looks after any more is taken up again or removed, and nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from infra.stack import S3_REGION
from tests.support.builders import Json
from tests.support.s3 import BUCKET, s3_client_of
from tests.support.world import User, World
from training_files.bootstrap import Application, application_from
from training_files.domain.exports.export import CreateExportInput, Export, ExportSplit
from training_files.domain.training_file.build_request import AddConversationsInput, CreateTrainingFileInput
from training_files.errors import TrainingFileNotFoundError
from training_files.ports.leases import Lease
from training_files.settings import settings_from
from training_files.upkeep.housekeeping import Housekeeping

KEPT = "2"


class RememberingQueue:
    """Implements `training_files.ports.queue.BuildQueue`; the messages stay where a test can see them."""

    def __init__(self) -> None:
        self.waiting: list[UUID] = []
        self.waiting_exports: list[UUID] = []

    def send(self, revision_id: UUID) -> None:
        self.waiting.append(revision_id)

    def send_export(self, export_id: UUID) -> None:
        self.waiting_exports.append(export_id)


@pytest.fixture
def queue() -> RememberingQueue:
    return RememberingQueue()


@pytest.fixture
def running(world: World, queue: RememberingQueue) -> Iterator[Application]:
    """The application as a function has it, but for the queue."""
    environment = {
        "SUPABASE_URL": world.supabase.url,
        "SUPABASE_SERVICE_ROLE_KEY": world.supabase.secret_key,
        "KEEP_REVISIONS": KEPT,
        "SUPABASE_S3_ACCESS_KEY_ID": world.supabase.s3_access_key,
        "SUPABASE_S3_SECRET_ACCESS_KEY": world.supabase.s3_secret_key,
        "SUPABASE_S3_REGION": S3_REGION,
    }
    application = application_from(settings_from(environment, lambda *_: "{}"))
    application.service.context = replace(application.service.context, queue=queue)
    # What earlier tests left is not this test's.
    world.database.execute("delete from public.training_file_removals")
    world.database.execute("delete from public.training_file_revisions where status <> 'committed'")
    world.database.execute("delete from public.training_file_exports")
    world.database.execute("delete from public.training_file_removals")
    yield application
    application.close()


@pytest.fixture
def housekeeping(running: Application) -> Housekeeping:
    return running.housekeeping


def a_requested_file(world: World, running: Application, owner: User) -> UUID:
    """The revision of a build that waits in the background."""
    ids = tuple(UUID(conversation_id) for conversation_id in world.some_conversations(owner, 2))
    wanted = CreateTrainingFileInput(name=f"file {uuid4()}", conversation_ids=ids, created_by=UUID(owner.id))
    file = running.service.request_training_file(wanted)
    return UUID(str(world.rows("select id from training_file_revisions where training_file_id = %s", file.id)[0]["id"]))


def aged(world: World, revision_id: object, minutes: int) -> None:
    world.database.execute(
        "update training_file_revisions set created_at = created_at - make_interval(mins => %s), "
        "finished_at = finished_at - make_interval(mins => %s), "
        "lease_expires_at = lease_expires_at - make_interval(mins => %s) where id = %s",
        [minutes, minutes, minutes, revision_id],
    )


def a_day_passes(world: World) -> None:
    """Since the last commit: what was superseded then may go."""
    world.database.execute("update training_file_revisions set finished_at = finished_at - interval '25 hours'")


def is_noted_as_removed(world: World, created: Json) -> bool:
    """Whether nothing is looked for any more in the folder of the first revision."""
    [first] = world.rows(
        "select objects_removed_at from training_file_revisions where training_file_id = %s and number = 1",
        created["id"],
    )
    return first["objects_removed_at"] is not None


def test_a_build_whose_message_was_lost_is_queued_again(
    world: World, user: User, running: Application, queue: RememberingQueue, housekeeping: Housekeeping
) -> None:
    revision_id = a_requested_file(world, running, user)
    queue.waiting.clear()
    housekeeping.run()
    assert queue.waiting == []

    aged(world, revision_id, minutes=5)
    assert housekeeping.run().requeued == 1

    assert queue.waiting == [revision_id]
    running.service.build_revision(revision_id)
    assert [row["status"] for row in world.training_file_rows(user)] == ["active"]


def test_an_attempt_whose_caller_is_gone_ends_and_leaves_nothing(
    world: World, user: User, housekeeping: Housekeeping
) -> None:
    file_id, revision_id = uuid4(), uuid4()
    world.client.rpc(
        "begin_training_file_revision",
        {
            "p_revision_id": str(revision_id),
            "p_training_file_id": str(file_id),
            "p_owner": user.id,
            "p_requested": {},
            "p_new_file": {"name": "left behind"},
        },
    ).execute()
    path = f"{revision_id}/training.json"
    world.client.storage.from_("training-files").upload(path, b"{}", {"content-type": "application/json"})
    assert housekeeping.run().abandoned == 0

    aged(world, revision_id, minutes=16)
    assert housekeeping.run().abandoned == 1

    assert world.training_file_rows(user) == []
    assert path not in world.object_paths()


def test_objects_of_versions_beyond_the_newest_are_removed_and_the_others_stay(
    world: World, user: User, housekeeping: Housekeeping
) -> None:
    created = user.created(world.some_conversations(user, 1))
    for _ in range(3):
        user.add(created["id"], world.some_conversations(user, 1))
    assert housekeeping.run().removed == 0, "links to what was superseded a moment ago are good"

    a_day_passes(world)
    housekeeping.run()

    rows = sorted(world.revision_rows(user), key=lambda row: int(row["number"]))
    there = [row["number"] for row in rows if row["json_file_path"] in world.object_paths()]
    assert there == [3, 4]
    assert len(user.download(created["id"])) == user.get(created["id"])["json_file_size"]
    gone = user.http.get(f"/api/training-files/{created['id']}/download", params={"revision": 1})
    assert (gone.status_code, gone.json()["code"]) == (404, "training_file_not_found")


def test_what_a_late_writer_leaves_of_a_removed_file_is_removed(
    world: World, user: User, housekeeping: Housekeeping
) -> None:
    created = user.created(world.some_conversations(user, 1))
    user.http.delete(f"/api/training-files/{created['id']}")
    path = created["json_file_path"]
    world.client.storage.from_("training-files").upload(path, b"{}", {"content-type": "application/json"})
    housekeeping.run()
    assert path in world.object_paths()

    world.database.execute("update training_file_removals set created_at = created_at - interval '21 minutes'")
    housekeeping.run()

    assert path not in world.object_paths()
    assert world.rows("select * from training_file_removals where removed_at is null") == []


def an_export(running: Application, training_file_id: str, *, later: bool = False) -> Export:
    wanted = CreateExportInput(training_file_id=UUID(training_file_id), format="messages")
    return running.service.create_export(wanted, prefers_background=later).export


def exports_aged(world: World, minutes: int) -> None:
    world.database.execute(
        "update training_file_exports set created_at = created_at - make_interval(mins => %s), "
        "lease_expires_at = lease_expires_at - make_interval(mins => %s)",
        [minutes, minutes],
    )
    world.database.execute(
        "update training_file_removals set created_at = created_at - make_interval(mins => %s)", [minutes]
    )


def test_an_export_whose_message_was_lost_is_queued_again(
    world: World, user: User, running: Application, queue: RememberingQueue, housekeeping: Housekeeping
) -> None:
    created = user.created(world.some_conversations(user, 1))
    export = an_export(running, created["id"], later=True)
    queue.waiting_exports.clear()
    assert housekeeping.run().requeued == 0

    exports_aged(world, minutes=5)
    assert housekeeping.run().requeued == 1

    assert queue.waiting_exports == [export.id]
    running.service.build_export(export.id)
    assert running.service.get_export(UUID(created["id"]), export.id).export.status == "ready"
    assert housekeeping.run().requeued == 0


def test_an_export_whose_caller_is_gone_is_left_to_a_worker(
    world: World, user: User, running: Application, queue: RememberingQueue, housekeeping: Housekeeping
) -> None:
    created = user.created(world.some_conversations(user, 1))
    export = begun_by_a_caller_who_is_gone(running, created["id"])

    housekeeping.run()

    assert queue.waiting_exports == [export]


def test_without_a_queue_an_export_whose_caller_is_gone_ends_as_failed(
    world: World, user: User, running: Application
) -> None:
    running.service.context = replace(running.service.context, queue=None)
    created = user.created(world.some_conversations(user, 1))
    export = begun_by_a_caller_who_is_gone(running, created["id"])

    running.housekeeping.run()

    assert running.service.get_export(UUID(created["id"]), export).export.status == "failed"


def begun_by_a_caller_who_is_gone(running: Application, training_file_id: str) -> UUID:
    begun = running.service.context.exports.begin_export(
        export_id=uuid4(),
        training_file_id=UUID(training_file_id),
        owner=None,
        revision=None,
        request={"format": "messages", "granularity": "turn", "bundle": False},
        lease=Lease(uuid4(), -100),
        waits_up_to_bytes=None,
    )
    assert begun.export is not None
    return begun.export.id


def test_what_a_late_builder_leaves_of_a_failed_or_removed_export_is_removed(
    world: World, user: User, running: Application, housekeeping: Housekeeping
) -> None:
    created = user.created(world.some_conversations(user, 1))
    failed = an_export(running, created["id"], later=True)
    running.service.give_up_export(failed.id)
    removed = an_export(running, created["id"])
    user.http.delete(f"/api/training-files/{created['id']}")
    paths = {f"{failed.id}/train.jsonl", f"{removed.id}/train.metadata.jsonl", f"{removed.id}/bundle.zip"}
    for path in paths:
        world.client.storage.from_("training-files").upload(path, b"{}", {"content-type": "application/x-ndjson"})
    housekeeping.run()
    assert paths <= world.object_paths()

    exports_aged(world, minutes=21)
    housekeeping.run()

    assert paths.isdisjoint(world.object_paths())
    assert world.rows("select * from training_file_removals where removed_at is null") == []


def test_exports_of_versions_beyond_the_newest_go_with_them_and_the_others_stay(
    world: World, user: User, running: Application, housekeeping: Housekeeping
) -> None:
    created = user.created(world.some_conversations(user, 1))
    exports = [an_export(running, created["id"])]
    for _ in range(3):
        user.add(created["id"], world.some_conversations(user, 1))
        exports.append(an_export(running, created["id"]))
    a_day_passes(world)
    assert housekeeping.run().removed == 0, "links to what was exported a moment ago are good"

    world.database.execute("update training_file_exports set finished_at = finished_at - interval '25 hours'")
    housekeeping.run()
    exports_aged(world, minutes=21)
    housekeeping.run()

    listed = running.service.list_exports(UUID(created["id"]), limit=10)
    assert [offered.export.revision for offered in listed] == [4, 3]
    there = {path.partition("/")[0] for path in world.object_paths()}
    assert [str(export.id) in there for export in exports] == [False, False, True, True]
    with pytest.raises(TrainingFileNotFoundError):
        running.service.create_export(
            CreateExportInput(training_file_id=UUID(created["id"]), format="messages", revision=1)
        )


def test_uploads_of_attempts_that_are_over_are_aborted_and_others_go_on(
    world: World, user: User, running: Application, housekeeping: Housekeeping
) -> None:
    over, lasting = a_requested_file(world, running, user), a_requested_file(world, running, user)
    with s3_client_of(world.supabase) as s3:
        for revision_id in (over, over, lasting):
            s3.create_multipart_upload(Bucket=BUCKET, Key=f"{revision_id}/training.json")
        running.service.give_up_revision(over)
        assert housekeeping.run().aborted == 0

        aged(world, over, minutes=21)
        assert housekeeping.run().aborted == 2

        left = {upload["Key"].partition("/")[0] for upload in s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]}
    assert str(over) not in left
    assert str(lasting) in left


def test_uploads_that_cannot_be_aborted_hold_nothing_up_and_are_looked_for_again(
    world: World, user: User, running: Application
) -> None:
    created = user.created(world.some_conversations(user, 1))
    for _ in range(2):
        user.add(created["id"], world.some_conversations(user, 1))
    a_day_passes(world)
    assert running.s3 is not None
    unreachable = replace(running.s3, endpoint_url="http://127.0.0.1:9/storage/v1/s3")

    done = replace(running, s3=unreachable).housekeeping.run()

    assert (done.aborted, set(done.failures)) == (0, {"abort"})
    assert created["json_file_path"] not in world.object_paths()
    assert not is_noted_as_removed(world, created)
    running.housekeeping.run()
    assert is_noted_as_removed(world, created)


def test_what_is_written_into_an_emptied_folder_is_swept(world: World, user: User, housekeeping: Housekeeping) -> None:
    created = user.created(world.some_conversations(user, 1))
    user.http.delete(f"/api/training-files/{created['id']}")
    world.database.execute("update training_file_removals set created_at = created_at - interval '21 minutes'")
    assert housekeeping.run().removed >= 1
    path = created["jsonl_file_path"]
    world.client.storage.from_(BUCKET).upload(path, b"{}", {"content-type": "application/x-ndjson"})

    assert housekeeping.run().swept == 1
    assert path not in world.object_paths()
    assert housekeeping.run().swept == 0

    world.database.execute("update training_file_removals set removed_at = removed_at - interval '31 days'")
    an_attempt_that_failed(world, user)
    housekeeping.run()
    assert world.rows("select * from training_file_removals where removed_at < now() - interval '30 days'") == []


def an_attempt_that_failed(world: World, user: User) -> None:
    """Of which housekeeping has something to remove."""
    created = user.created(world.some_conversations(user, 1))
    revision_id = world.revision_rows(user)[0]["id"]
    assert revision_id
    user.http.delete(f"/api/training-files/{created['id']}")
    world.database.execute(
        "update training_file_removals set created_at = created_at - interval '21 minutes' where removed_at is null"
    )


def test_what_this_system_has_not_written_is_never_removed(world: World, housekeeping: Housekeeping) -> None:
    """Such as the files of another system, in folders named just so, whose tables are not ours."""
    others = {f"{uuid4()}/training.jsonl", f"{uuid4()}/training.json", f"{uuid4()}/notes.json"}
    bucket = world.client.storage.from_(BUCKET)
    for path in others:
        bucket.upload(path, b"{}", {"content-type": "application/json"})
    world.database.execute("update storage.objects set created_at = created_at - interval '1 year'")

    assert housekeeping.run().swept == 0

    assert others <= world.object_paths()
    bucket.remove(list(others))


def test_folders_of_a_training_file_are_never_swept(world: World, user: User, housekeeping: Housekeeping) -> None:
    created = user.created(world.some_conversations(user, 1))
    paths = {created["json_file_path"], created["jsonl_file_path"]}
    world.database.execute("update storage.objects set created_at = created_at - interval '1 year'")

    housekeeping.run()

    assert paths <= world.object_paths()


def test_events_are_forgotten_a_month_after_they_were_published(
    world: World, user: User, housekeeping: Housekeeping
) -> None:
    world.database.execute("delete from public.training_file_events")
    for _ in range(3):
        user.created(world.some_conversations(user, 1))
    ids = [row["id"] for row in world.rows("select id from public.training_file_events order by sequence")]
    aged_event = "update public.training_file_events set published_at = now() - %s::interval where id = %s"
    world.database.execute(aged_event, ["31 days", ids[0]])
    world.database.execute(aged_event, ["29 days", ids[1]])

    assert housekeeping.run().pruned == 1

    assert [row["id"] for row in world.rows("select id from public.training_file_events order by sequence")] == ids[1:]


def test_a_second_run_finds_nothing_to_do(world: World, user: User, housekeeping: Housekeeping) -> None:
    # What other tests have left is not counted.
    a_day_passes(world)
    housekeeping.run()
    created = user.created(world.some_conversations(user, 1))
    for _ in range(3):
        user.add(created["id"], world.some_conversations(user, 1))
    a_day_passes(world)
    assert housekeeping.run().removed == 2

    assert housekeeping.run().removed == 0


def test_attempts_that_failed_are_forgotten_after_a_month_but_for_the_last_one_of_a_file_without_a_revision(
    world: World, user: User, running: Application, housekeeping: Housekeeping
) -> None:
    never_built = a_requested_file(world, running, user)
    running.service.give_up_revision(never_built)
    created = user.created(world.some_conversations(user, 1))
    ids = world.some_conversations(user, 1)
    running.service.acting_for(UUID(user.id)).request_conversations(
        AddConversationsInput(training_file_id=UUID(created["id"]), conversation_ids=tuple(map(UUID, ids)))
    )
    [addition] = [row["id"] for row in world.revision_rows(user) if row["status"] == "building"]
    running.service.give_up_revision(UUID(str(addition)))

    def left() -> set[str]:
        return {str(row["id"]) for row in world.revision_rows(user) if row["status"] == "failed"}

    housekeeping.run()
    assert left() == {str(never_built), str(addition)}

    world.database.execute("update training_file_revisions set finished_at = finished_at - interval '31 days'")
    for _ in range(2):  # the first removes their objects
        housekeeping.run()

    assert left() == {str(never_built)}
    assert user.get(created["id"])["status"] == "active"


def test_a_finished_build_keeps_no_list_of_what_was_asked_for(world: World, user: User, running: Application) -> None:
    created = user.created(world.some_conversations(user, 2))
    revision_id = a_requested_file(world, running, user)
    assert requested(world, user)

    running.service.build_revision(revision_id)

    assert requested(world, user) == []
    assert not any("conversation_ids" in row["requested"] for row in world.revision_rows(user))
    assert len(user.http.get(f"/api/training-files/{created['id']}/conversations").json()["conversation_ids"]) == 2


def requested(world: World, user: User) -> list[dict[str, object]]:
    return world.rows(
        "select unnest(q.conversation_ids) as id from training_file_requested_parts q "
        "join training_file_revisions r on r.id = q.revision_id "
        "where r.created_by = %s",
        user.id,
    )


def test_exports_that_nobody_uses_are_removed_and_those_that_somebody_asks_for_stay(
    world: World, user: User, running: Application, housekeeping: Housekeeping
) -> None:
    created = user.created(world.some_conversations(user, 1))
    unused = an_export(running, created["id"])
    wanted = CreateExportInput(training_file_id=UUID(created["id"]), format="alpaca")
    fetched = running.service.create_export(wanted).export
    wanted = CreateExportInput(training_file_id=UUID(created["id"]), format="sharegpt")
    asked_again = running.service.create_export(wanted).export
    world.database.execute("update training_file_exports set used_at = used_at - interval '31 days'")

    running.service.get_export(UUID(created["id"]), fetched.id)
    assert running.service.create_export(wanted).export.id == asked_again.id
    assert housekeeping.run().pruned == 1

    listed = running.service.list_exports(UUID(created["id"]), limit=10)
    assert {offered.export.id for offered in listed} == {fetched.id, asked_again.id}
    assert str(unused.id) in {str(row["revision_id"]) for row in world.rows("select * from training_file_removals")}


def test_of_a_training_file_the_fifty_newest_exports_stay(
    world: World, user: User, running: Application, housekeeping: Housekeeping
) -> None:
    created = user.created(world.some_conversations(user, 1))
    for seed in range(3):
        split = ExportSplit(validation=Decimal("0.1"), seed=seed)
        wanted = CreateExportInput(training_file_id=UUID(created["id"]), format="messages", split=split)
        newest = running.service.create_export(wanted).export
    # As many as it takes, without building them.
    world.database.execute(
        "insert into training_file_exports "
        "(id, training_file_id, revision, key, request, status, result, created_by, created_at, finished_at) "
        "select gen_random_uuid(), training_file_id, revision, key || number, request, status, result, created_by, "
        "created_at - interval '2 days', finished_at - interval '2 days' "
        "from training_file_exports cross join generate_series(1, 50) as number where id = %s",
        [newest.id],
    )

    assert housekeeping.run().pruned == 3

    [row] = world.rows("select count(*) from training_file_exports where training_file_id = %s", created["id"])
    assert row["count"] == 50
    assert running.service.get_export(UUID(created["id"]), newest.id).export.status == "ready"
