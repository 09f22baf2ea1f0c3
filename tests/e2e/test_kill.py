"""A build that is killed at any of its steps leaves a training file that is readable and unchanged.

One in the background is taken up again, and ends as if it had not been killed.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from tests.support.ageing import age_in_database
from tests.support.agreement import agreed_conversation_ids
from tests.support.builders import a_pair, an_enriched_file
from tests.support.builds import BuildProcess, Builds, run_build_process
from tests.support.fake_queue import InMemoryQueue
from tests.support.world import User, World
from training_files.bootstrap import Application, application_from
from training_files.domain.conversation.selection import Selection
from training_files.domain.exports.export import CreateExportInput, Export
from training_files.domain.training_file.build_request import AddConversationsInput
from training_files.settings import settings_from

pytestmark = pytest.mark.slow


# The requests of a build with two conversations, which the first test counts.
REQUESTS_OF_CREATION = 7
REQUESTS_OF_ADDITION = 11
REQUESTS_OF_REMOVAL = 10
REQUESTS_OF_REFRESH = 13


@pytest.fixture(scope="module")
def build_process(session_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuildProcess]:
    with run_build_process(session_world, tmp_path_factory.mktemp("killed")) as process:
        yield process


@pytest.fixture
def builds(world: World, build_process: BuildProcess) -> Builds:
    return Builds(world, build_process)


def test_these_are_the_requests_of_a_build(world: World, user: User, builds: Builds) -> None:
    ids = world.some_conversations(user, 4)

    assert builds.run(owner=user.id, conversation_ids=ids[:2], name="counted") == 0
    assert len(world.proxy.requests) == REQUESTS_OF_CREATION

    world.proxy.reset()
    [file] = world.training_file_rows(user)
    assert builds.run(owner=user.id, conversation_ids=ids[2:], training_file_id=str(file["id"])) == 0
    assert len(world.proxy.requests) == REQUESTS_OF_ADDITION

    enrich_anew(world, ids[0])
    for change, requests in (("refresh", REQUESTS_OF_REFRESH), ("remove", REQUESTS_OF_REMOVAL)):
        world.proxy.reset()
        wanted = {"training_file_id": str(file["id"]), "change": change, "conversation_ids": ids[:1]}
        assert builds.run(owner=user.id, **wanted) == 0
        assert len(world.proxy.requests) == requests


@pytest.mark.parametrize("request_number", range(1, REQUESTS_OF_ADDITION + 1))
def test_an_addition_killed_at_any_request_leaves_the_file_as_it_was(
    world: World, user: User, builds: Builds, request_number: int
) -> None:
    ids = world.some_conversations(user, 4)
    objects_before = world.object_paths()
    training_file = user.created(ids[:2])
    before = {file_format: user.download(training_file["id"], file_format) for file_format in ("json", "jsonl")}
    world.proxy.reset()

    builds.killed_at(request_number, owner=user.id, conversation_ids=ids[2:], training_file_id=training_file["id"])

    assert user.get(training_file["id"]) == training_file
    assert {kind: user.download(training_file["id"], kind) for kind in ("json", "jsonl")} == before
    assert agreed_conversation_ids(world, training_file["id"]) == ids[:2]
    assert world.object_paths() - objects_before <= named_objects(world, user)
    assert user.add(training_file["id"], ids[2:]).status_code == 200
    assert agreed_conversation_ids(world, training_file["id"]) == ids


def enrich_anew(world: World, conversation_id: str) -> None:
    content = json.dumps(an_enriched_file(a_pair(1, current_user_input="Said anew."))).encode()
    bucket = world.client.storage.from_("conversation-files")
    bucket.update(f"{conversation_id}/enriched.json", content, {"content-type": "application/json"})


@pytest.mark.parametrize(
    ("change", "request_number"),
    [
        *(("remove", number) for number in range(1, REQUESTS_OF_REMOVAL + 1)),
        *(("refresh", number) for number in range(1, REQUESTS_OF_REFRESH + 1)),
    ],
)
def test_a_change_killed_at_any_request_leaves_the_file_as_it_was(
    world: World, user: User, builds: Builds, change: str, request_number: int
) -> None:
    ids = world.some_conversations(user, 3)
    objects_before = world.object_paths()
    training_file = user.created(ids)
    before = {file_format: user.download(training_file["id"], file_format) for file_format in ("json", "jsonl")}
    enrich_anew(world, ids[0])
    world.proxy.reset()

    wanted = {"owner": user.id, "training_file_id": training_file["id"], "change": change, "conversation_ids": ids[:1]}
    builds.killed_at(request_number, **wanted)

    assert user.get(training_file["id"]) == training_file
    assert {kind: user.download(training_file["id"], kind) for kind in ("json", "jsonl")} == before
    assert agreed_conversation_ids(world, training_file["id"]) == ids
    assert world.object_paths() - objects_before <= named_objects(world, user)
    assert builds.run(**wanted) == 0
    assert agreed_conversation_ids(world, training_file["id"]) == (ids[1:] if change == "remove" else ids)
    assert user.get(training_file["id"])["revision"] == 2


def test_an_addition_killed_after_its_commit_is_whole(world: World, user: User, builds: Builds) -> None:
    ids = world.some_conversations(user, 4)
    training_file_id = user.created(ids[:2])["id"]
    world.proxy.reset()

    builds.killed_after_the_commit(
        REQUESTS_OF_ADDITION, owner=user.id, conversation_ids=ids[2:], training_file_id=training_file_id
    )

    assert user.get(training_file_id)["revision"] == 2
    assert agreed_conversation_ids(world, training_file_id) == ids
    assert user.add(training_file_id, ids[2:]).json()["code"] == "conversations_already_in_file"


@pytest.mark.parametrize("request_number", range(1, REQUESTS_OF_CREATION + 1))
def test_a_creation_killed_at_any_request_gives_its_name_free_in_the_end(
    world: World, user: User, builds: Builds, request_number: int
) -> None:
    """Once it was begun, the name is held until no function of its time can be alive.

    After that its rows make room. What it had written stays in its own folder, where nobody reads it.
    """
    ids = world.some_conversations(user, 2)
    objects_before = world.object_paths()
    builds.killed_at(request_number, owner=user.id, conversation_ids=ids, name="wanted")

    remains = world.training_file_rows(user)
    assert [(row["status"], row["revision"]) for row in remains] in ([], [("processing", 0)])
    of_killed = named_objects(world, user)
    assert world.object_paths() - objects_before <= of_killed
    for row in remains:
        assert user.create(ids, name="wanted").json()["code"] == "name_taken"
        age_in_database(world.database, row["id"], minutes=16)

    created = user.created(ids, name="wanted")

    assert agreed_conversation_ids(world, created["id"]) == ids
    assert [str(row["id"]) for row in world.training_file_rows(user)] == [created["id"]]
    assert world.object_paths() - objects_before <= of_killed | named_objects(world, user)


def test_what_a_killed_creation_left_can_be_seen_and_removed(world: World, user: User, builds: Builds) -> None:
    ids = world.some_conversations(user, 2)
    objects_before = world.object_paths()
    builds.killed_at(REQUESTS_OF_CREATION, owner=user.id, conversation_ids=ids, name="wanted")
    [left] = user.http.get("/api/training-files?status=processing").json()["files"]
    download = user.http.get(f"/api/training-files/{left['id']}/download")
    assert (download.status_code, download.json()["code"]) == (409, "training_file_processing")

    assert user.http.delete(f"/api/training-files/{left['id']}").status_code == 204

    assert world.training_file_rows(user) == world.revision_rows(user) == []
    assert world.object_paths() == objects_before
    assert user.create(ids, name="wanted").status_code == 201


def test_a_creation_killed_after_its_commit_is_whole(world: World, user: User, builds: Builds) -> None:
    ids = world.some_conversations(user, 2)

    builds.killed_after_the_commit(REQUESTS_OF_CREATION, owner=user.id, conversation_ids=ids, name="wanted")

    [file] = world.training_file_rows(user)
    assert agreed_conversation_ids(world, str(file["id"])) == ids
    assert user.create(ids, name="wanted").json()["code"] == "name_taken"


def named_objects(world: World, user: User) -> set[str]:
    """The objects that the user's revisions may have, as housekeeping will know them."""
    return {row[column] for row in world.revision_rows(user) for column in ("json_file_path", "jsonl_file_path")}


CONVERSATIONS = 120
AT_ONCE = 50

# How often a build in the background of that many conversations asks for what.
REQUESTS_IN_BACKGROUND = {
    "rpc/claim_training_file_revision": 1,
    "rpc/list_requested_conversations": 3,
    "rpc/resolve_training_file_request": 3,
    "object/conversation-files": CONVERSATIONS,
    "rpc/report_training_file_progress": 3,
    "rpc/stage_training_file_conversations": 2,
    "object/sign/training-files": 4,
    "object/training-files": 2,
    "rpc/commit_training_file_revision": 1,
}


@dataclass(frozen=True)
class QueuedBuild:
    """A build in the background that waits for a worker."""

    training_file_id: str
    revision_id: str
    ids: list[str]

    @property
    def to_build(self) -> dict[str, Any]:
        return {"revision_id": self.revision_id, "at_once": AT_ONCE}


@pytest.fixture(params=["named", "selected"])
def queued(request: pytest.FixtureRequest, world: World, user: User, running: Application) -> QueuedBuild:
    """An addition to a file of one conversation. What would be selected later is not in it."""
    world.database.execute("delete from public.conversations where created_by is null")
    first, *ids = world.many_conversations(user, CONVERSATIONS + 1)
    training_file_id = user.created([first])["id"]
    queue = InMemoryQueue()
    running.service.context = replace(running.service.context, queue=queue)
    wanted: dict[str, Any] = {"conversation_ids": tuple(map(UUID, ids))}
    if request.param == "selected":
        wanted = {"select": Selection()}
        # They were all created at one moment.
        ids.sort()
    running.service.acting_for(UUID(user.id)).request_conversations(
        AddConversationsInput(training_file_id=UUID(training_file_id), **wanted)
    )
    world.many_conversations(user, 1)
    world.proxy.reset()
    return QueuedBuild(training_file_id, str(queue.waiting[0]), [first, *ids])


@pytest.fixture
def running(world: World) -> Iterator[Application]:
    """The application as a function has it, on this side of the proxy."""
    environment = {
        "SUPABASE_URL": world.supabase.url,
        "SUPABASE_SERVICE_ROLE_KEY": world.supabase.secret_key,
    }
    application = application_from(settings_from(environment, lambda *_: "{}"))
    yield application
    application.close()


def test_these_are_the_requests_of_a_build_in_the_background(world: World, queued: QueuedBuild, builds: Builds) -> None:
    assert builds.run(**queued.to_build) == 0

    requests = world.proxy.requests
    assert {path: sum(path in request for request in requests) for path in REQUESTS_IN_BACKGROUND} == (
        REQUESTS_IN_BACKGROUND
    )
    assert len(requests) == sum(REQUESTS_IN_BACKGROUND.values())
    assert agreed_conversation_ids(world, queued.training_file_id) == queued.ids


@pytest.mark.parametrize("path", REQUESTS_IN_BACKGROUND)
def test_a_build_in_the_background_that_is_killed_at_any_request_is_finished_when_its_message_comes_again(
    world: World, user: User, queued: QueuedBuild, builds: Builds, path: str
) -> None:
    before = user.get(queued.training_file_id)
    world.proxy.reset()
    builds.killed_at_the((REQUESTS_IN_BACKGROUND[path] + 1) // 2, path, **queued.to_build)
    assert user.get(queued.training_file_id) | {"progress": None} == before | {"progress": None}
    assert agreed_conversation_ids(world, queued.training_file_id) == queued.ids[:1]

    age_in_database(world.database, queued.training_file_id, minutes=3)
    assert builds.run(**queued.to_build) == 0

    assert_built(world, user, queued)


def test_a_build_in_the_background_that_is_killed_after_its_commit_is_whole(
    world: World, user: User, queued: QueuedBuild, builds: Builds
) -> None:
    builds.killed_after_the("commit_training_file_revision", **queued.to_build)
    assert_built(world, user, queued)

    age_in_database(world.database, queued.training_file_id, minutes=3)
    assert builds.run(**queued.to_build) == 0

    assert_built(world, user, queued)
    assert len(world.revision_rows(user)) == 2


def test_a_build_in_the_background_that_is_killed_each_time_is_given_up(
    world: World, user: User, queued: QueuedBuild, builds: Builds, running: Application
) -> None:
    for _ in range(3):
        builds.killed_at_the(1, "object/training-files", **queued.to_build)
        age_in_database(world.database, queued.training_file_id, minutes=3)

    running.service.give_up_revision(UUID(queued.revision_id))

    training_file = user.get(queued.training_file_id)
    assert (training_file["status"], training_file["revision"]) == ("active", 1)
    assert "broke off several times" in training_file["build_error"]
    assert agreed_conversation_ids(world, queued.training_file_id) == queued.ids[:1]


def test_a_worker_that_was_taken_for_killed_does_no_harm(
    world: World, user: User, queued: QueuedBuild, builds: Builds, running: Application
) -> None:
    """It waits at its commit until another one has built the revision."""

    def other() -> None:
        age_in_database(world.database, queued.training_file_id, minutes=3)
        running.service.build_revision(UUID(queued.revision_id))

    world.proxy.before("commit_training_file_revision", other)

    assert builds.run(**queued.to_build) != 0

    assert_built(world, user, queued)
    committed = {row["id"] for row in world.revision_rows(user) if row["status"] == "committed"}
    assert {path.partition("/")[0] for path in named_objects(world, user) & world.object_paths()} == set(
        map(str, committed)
    )


def assert_built(world: World, user: User, queued: QueuedBuild) -> None:
    training_file = user.get(queued.training_file_id)
    assert (training_file["status"], training_file["revision"]) == ("active", 2)
    assert not {"progress", "build_error"} & set(training_file)
    assert agreed_conversation_ids(world, queued.training_file_id) == queued.ids
    rows = world.revision_rows(user)
    assert sorted(row["number"] for row in rows if row["status"] == "committed") == [1, 2]
    assert "building" not in {row["status"] for row in rows}
    staged = (
        "select from training_file_staged_conversations s join training_file_revisions r on r.id = s.revision_id "
        "where r.created_by = %s"
    )
    assert world.rows(staged, user.id) == []


# How often an export in the background asks for what.
REQUESTS_OF_AN_EXPORT = {
    "rpc/claim_training_file_export": 1,
    "object/sign/training-files": 2,
    "rest/v1/training_file_conversations": 2,
    "object/training-files": 3,
    "rpc/commit_training_file_export": 1,
}


@dataclass(frozen=True)
class WishedExport:
    """An export that waits for a worker, and what it will be, byte for byte."""

    id: UUID
    training_file_id: str
    expected_sha256: list[str]


@pytest.fixture
def wished_export(world: World, user: User, running: Application) -> WishedExport:
    ids = world.some_conversations(user, 3)
    training_file_id, twin = (user.created(ids)["id"] for _ in range(2))
    running.service.context = replace(running.service.context, queue=InMemoryQueue())
    expected = an_export(running, twin, later=False)
    export = an_export(running, training_file_id, later=True)
    world.proxy.reset()
    return WishedExport(export.id, training_file_id, [file.sha256 for file in expected.files if file.kind != "bundle"])


def an_export(running: Application, training_file_id: str, *, later: bool) -> Export:
    wanted = CreateExportInput(training_file_id=UUID(training_file_id), format="messages", bundle=True)
    return running.service.create_export(wanted, prefers_background=later).export


def test_these_are_the_requests_of_an_export_in_the_background(
    world: World, running: Application, wished_export: WishedExport, builds: Builds
) -> None:
    assert builds.run(export_id=str(wished_export.id)) == 0

    requests = world.proxy.requests
    assert {path: sum(path in request for request in requests) for path in REQUESTS_OF_AN_EXPORT} == (
        REQUESTS_OF_AN_EXPORT
    )
    assert len(requests) == sum(REQUESTS_OF_AN_EXPORT.values())
    assert_exported(world, running, wished_export)


@pytest.mark.parametrize("path", REQUESTS_OF_AN_EXPORT)
def test_an_export_that_is_killed_at_any_request_is_finished_when_its_message_comes_again(
    world: World, user: User, running: Application, wished_export: WishedExport, builds: Builds, path: str
) -> None:
    builds.killed_at_the(REQUESTS_OF_AN_EXPORT[path], path, export_id=str(wished_export.id))
    shown = user.http.get(f"/api/training-files/{wished_export.training_file_id}/exports/{wished_export.id}").json()
    assert (shown["export"]["status"], shown["export"]["files"]) == ("building", [])

    age_in_database(world.database, wished_export.training_file_id, minutes=2)
    assert builds.run(export_id=str(wished_export.id)) == 0

    assert_exported(world, running, wished_export)


def test_an_export_that_is_killed_after_its_commit_is_whole(
    world: World, running: Application, wished_export: WishedExport, builds: Builds
) -> None:
    builds.killed_after_the("commit_training_file_export", export_id=str(wished_export.id))

    assert builds.run(export_id=str(wished_export.id)) == 0

    assert_exported(world, running, wished_export)


def test_a_builder_of_an_export_that_was_taken_for_killed_does_no_harm(
    world: World, running: Application, wished_export: WishedExport, builds: Builds
) -> None:
    """It waits at its commit until another one has built the export."""

    def other() -> None:
        age_in_database(world.database, wished_export.training_file_id, minutes=2)
        running.service.build_export(wished_export.id)

    world.proxy.before("commit_training_file_export", other)

    assert builds.run(export_id=str(wished_export.id)) == 0

    assert_exported(world, running, wished_export)


def assert_exported(world: World, running: Application, wished: WishedExport) -> None:
    """It is ready, its objects are what it says, and what they would have been without a kill."""
    export = running.service.get_export(UUID(wished.training_file_id), wished.id).export
    assert export.status == "ready"
    contents = {path for path in world.object_paths() if path.startswith(str(wished.id))}
    assert contents == {export.path_of(file) for file in export.files}
    for file in export.files:
        stored = world.client.storage.from_("training-files").download(export.path_of(file))
        assert (len(stored), hashlib.sha256(stored).hexdigest()) == (file.bytes, file.sha256)
    assert [file.sha256 for file in export.files if file.kind != "bundle"] == wished.expected_sha256
    rows = "select from public.training_file_exports where training_file_id = %s"
    assert len(world.rows(rows, wished.training_file_id)) == 1
