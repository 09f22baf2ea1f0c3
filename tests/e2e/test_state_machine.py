"""The state machine and the functions that are built, together."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from infra.local_supabase import LocalSupabase
from infra.stack import TEMPLATE
from tests.support.sharded_system import ShardedSystem, run_sharded_system

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def system(
    request: pytest.FixtureRequest, supabase: LocalSupabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ShardedSystem]:
    from_source = request.config.getoption("--source")
    template = TEMPLATE if from_source else request.getfixturevalue("host_build")
    log = tmp_path_factory.mktemp("sharded") / "functions.log"
    packages = "environment" if from_source else "lambda"
    with run_sharded_system(supabase, log, template=template, runtime_packages=packages) as running:
        yield running


@pytest.mark.parametrize("kind", ["revision_id", "export_id"])
def test_work_that_is_not_there_ends_as_failed(system: ShardedSystem, kind: str) -> None:
    ended = system.machine.run(uuid4(), kind=kind)

    assert ended["status"] == "FAILED"
    assert "DirectShardsFunction" in system.log.read_text()
