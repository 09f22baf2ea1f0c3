"""The state machine and the functions that are built, together."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from infra.stack import TEMPLATE
from tests.support.agreement import agreed_conversation_ids
from tests.support.commands import wait_until
from tests.support.sharded_system import ShardedSystem, run_sharded_system
from tests.support.world import User, World, client_of_api

pytestmark = pytest.mark.slow

# One worker takes 10,000.
BEYOND_ONE_WORKER = 10_050


@pytest.fixture(scope="module")
def system(
    request: pytest.FixtureRequest, session_world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ShardedSystem]:
    from_source = request.config.getoption("--source")
    template = TEMPLATE if from_source else request.getfixturevalue("host_build")
    log = tmp_path_factory.mktemp("sharded") / "functions.log"
    packages = "environment" if from_source else "lambda"
    environment = {"SUPABASE_URL": session_world.proxy.url}
    with run_sharded_system(
        session_world.supabase, log, template=template, runtime_packages=packages, environment=environment
    ) as running:
        yield running


@pytest.fixture
def sharded_user(world: World, system: ShardedSystem) -> Iterator[User]:
    user = world.a_user()
    with client_of_api(system.api.url, user.token) as http:
        yield User(user.id, user.token, http)


def test_a_build_beyond_one_worker_is_executed_once_and_becomes_visible(
    world: World, sharded_user: User, system: ShardedSystem
) -> None:
    ids = world.many_conversations(sharded_user, BEYOND_ONE_WORKER)
    # Other tests leave conversations of nobody, which may be used as well.
    persona = str(uuid4())
    world.database.execute(
        "update public.conversations set persona_key = %s where created_by = %s", [persona, sharded_user.id]
    )
    body = {"name": "beyond one worker", "select": {"personas": [persona]}}

    accepted = sharded_user.http.post("/api/training-files", json=body, headers={"Prefer": "respond-async"})
    assert accepted.status_code == 202, accepted.text
    training_file_id = accepted.json()["trainingFile"]["id"]
    [revision] = world.revision_rows(sharded_user)
    assert wait_until(lambda: system.machine.is_there(revision["id"]))
    ended = system.machine.ended(system.machine.execution_arn(revision["id"]), limit_seconds=15 * 60)

    assert ended["status"] == "SUCCEEDED", ended
    built = sharded_user.get(training_file_id)
    assert (built["status"], built["revision"], built["conversation_count"]) == ("active", 1, BEYOND_ONE_WORKER)
    assert sorted(agreed_conversation_ids(world, training_file_id)) == sorted(ids)


@pytest.mark.parametrize("kind", ["revision_id", "export_id"])
def test_work_that_is_not_there_is_over_and_no_failure(system: ShardedSystem, kind: str) -> None:
    ended = system.machine.run(uuid4(), kind=kind)

    assert ended["status"] == "SUCCEEDED"
    assert "DirectShardsFunction" in system.log.read_text()
