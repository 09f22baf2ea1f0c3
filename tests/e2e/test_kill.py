"""A build that is killed at any of its steps leaves a training file that is readable and unchanged."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.ageing import age_in_database
from tests.support.agreement import agreed_conversation_ids
from tests.support.world import User, World

ROOT = Path(__file__).parent.parent.parent
GIVE_UP_AFTER_SECONDS = 20

# The requests of a build with two conversations, which the first test counts.
REQUESTS_OF_CREATION = 7
REQUESTS_OF_ADDITION = 11


@dataclass(frozen=True)
class Builds:
    """Builds in processes of their own, against the proxy."""

    world: World
    process: "subprocess.Popen[str]"

    def run(self, **wanted: Any) -> int:
        """The exit code of a build that nothing disturbs."""
        self._ask(wanted)
        self._line()
        return int(self._line())

    def killed_at(self, request: int, **wanted: Any) -> None:
        """Builds until request number `request` has arrived at the proxy, which never passes it on; then kills."""
        self.world.proxy.hang(spared=request - 1)
        self._killed_after(request, wanted)

    def killed_after_the_commit(self, requests: int, **wanted: Any) -> None:
        """Lets the database commit, but loses the answer, and kills the process when it asks anew."""
        self.world.proxy.drop_answer(path_contains="commit_training_file_revision")
        self.world.proxy.hang(path_contains="commit_training_file_revision")
        self._killed_after(requests + 1, wanted)

    def _killed_after(self, requests: int, wanted: dict[str, Any]) -> None:
        self._ask(wanted)
        build = int(self._line())
        self._wait_for_requests(requests)
        os.kill(build, signal.SIGKILL)
        assert int(self._line()) == -signal.SIGKILL
        self.world.proxy.reset()

    def _wait_for_requests(self, count: int) -> None:
        give_up_at = time.monotonic() + GIVE_UP_AFTER_SECONDS
        while len(self.world.proxy.requests) < count:
            assert time.monotonic() < give_up_at, f"only these arrived: {self.world.proxy.requests}"
            time.sleep(0.005)

    def _ask(self, wanted: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(wanted) + "\n")
        self.process.stdin.flush()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@pytest.fixture(scope="module")
def build_process(session_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator["subprocess.Popen[str]"]:
    environment = {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "layers" / "training_files"), str(ROOT)]),
        "SUPABASE_URL": session_world.proxy.url,
        "SUPABASE_SERVICE_ROLE_KEY": session_world.supabase.secret_key,
        # Whoever is killed leaves temporary files.
        "TMPDIR": str(tmp_path_factory.mktemp("killed")),
    }
    command = [sys.executable, "-m", "tests.support.build_process"]
    with subprocess.Popen(  # noqa: S603 - The project's own program.
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


@pytest.fixture
def builds(world: World, build_process: "subprocess.Popen[str]") -> Builds:
    return Builds(world, build_process)


def test_these_are_the_requests_of_a_build(world: World, user: User, builds: Builds) -> None:
    ids = world.some_conversations(user, 4)

    assert builds.run(owner=user.id, conversation_ids=ids[:2], name="counted") == 0
    assert len(world.proxy.requests) == REQUESTS_OF_CREATION

    world.proxy.reset()
    [file] = world.training_file_rows(user)
    assert builds.run(owner=user.id, conversation_ids=ids[2:], training_file_id=str(file["id"])) == 0
    assert len(world.proxy.requests) == REQUESTS_OF_ADDITION


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
