"""The running system that integration and end-to-end tests share. It serves what `make build-host` builds."""

import os
import subprocess
from collections.abc import Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from infra.clients import supabase_client
from infra.local_api import LocalApi, run_local_api
from infra.local_queue import LocalQueues, run_local_queues
from infra.local_supabase import LocalSupabase, run_local_supabase, temporary_data_folder
from infra.stack import SECRETS, TEMPLATE, queue_environment
from tests.support.fault_proxy import FaultProxy, run_fault_proxy
from tests.support.world import User, World

ROOT = Path(__file__).parent.parent
# Long enough for a busy machine, short enough to wait for in a test of time-outs.
TIMEOUT_SECONDS = "4"
# A message comes back after this time, unless its build has ended: longer than nearly every build of a test takes.
VISIBILITY_SECONDS = 5

# No test promises how long an example takes: the machine may be busy with something else.
settings.register_profile("without a deadline", deadline=None)
settings.load_profile("without a deadline")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--source", action="store_true", help="serve the source tree instead of a build of it")


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run share; without workers, one of the run's own."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def deployment_build(shared_folder: Path) -> Path:
    """The folder with the build for Lambda: the template and a folder for each function and the layer."""
    return _built_once(shared_folder / "deployment", "build", "BUILD_DIR")


@pytest.fixture(scope="session")
def host_build(shared_folder: Path) -> Path:
    """The template of the same build, made for this machine, so that it can be executed here."""
    return _built_once(shared_folder / "host", "build-host", "HOST_BUILD_DIR") / "template.yaml"


def _built_once(folder: Path, target: str, variable: str) -> Path:
    """The workers of a run take the build of the first one."""
    # SAM keeps notes of its builds in the project's folder, so that no two of them go on at once.
    with (folder.parent / "build.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not (folder / "template.yaml").is_file():
            _make(target, f"{variable}={folder}")
    return folder


def _make(*arguments: str) -> None:
    # When `make` started these tests, its own flags are not meant for the build.
    environment = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}}
    command = ["make", "--no-print-directory", *arguments]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)  # noqa: S603 - The project's own rules.


@pytest.fixture(scope="session")
def supabase() -> Iterator[LocalSupabase]:
    with temporary_data_folder() as data, run_local_supabase(data) as running:
        yield running


@pytest.fixture(scope="session")
def session_proxy(supabase: LocalSupabase) -> Iterator[FaultProxy]:
    with run_fault_proxy(supabase.url) as running:
        yield running


@pytest.fixture(scope="session")
def functions_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the functions of the API log."""
    return tmp_path_factory.mktemp("api") / "functions.log"


@pytest.fixture(scope="session")
def queues() -> Iterator[LocalQueues]:
    with run_local_queues(TEMPLATE, visibility_seconds=VISIBILITY_SECONDS) as running:
        yield running


@pytest.fixture(scope="session")
def api(
    request: pytest.FixtureRequest,
    supabase: LocalSupabase,
    session_proxy: FaultProxy,
    queues: LocalQueues,
    functions_log: Path,
) -> Iterator[LocalApi]:
    """The API and the workers behind its queues, whose Supabase is behind a proxy that can fail."""
    from_source = request.config.getoption("--source")
    environment = {
        "SUPABASE_URL": session_proxy.url,
        "SUPABASE_PUBLISHABLE_KEY": supabase.publishable_key,
        "SUPABASE_SERVICE_ROLE_KEY": supabase.secret_key,
        "SUPABASE_JWT_SECRET": supabase.jwt_secret,
        "SUPABASE_SECRET_ARN": "",
        "HOOK_SECRET": "a secret of the hooks that only the database knows",
        "SUPABASE_TIMEOUT_SECONDS": TIMEOUT_SECONDS,
        # A build that broke off comes back at once.
        "BUILD_RETRY_SECONDS": "0",
        **queue_environment(queues),
    }
    with (
        run_local_api(
            TEMPLATE if from_source else request.getfixturevalue("host_build"),
            environment=environment,
            secrets=SECRETS,
            runtime_packages="environment" if from_source else "lambda",
            log=functions_log,
        ) as running,
        queues.feeding(running),
    ):
        yield running


@pytest.fixture(scope="session")
def session_world(supabase: LocalSupabase, session_proxy: FaultProxy, api: LocalApi) -> Iterator[World]:
    with (
        supabase_client(supabase.url, supabase.secret_key) as client,
        psycopg.connect(supabase.database_url, autocommit=True) as database,
    ):
        world = World(supabase, session_proxy, api.url, client, database)
        yield world
        world.close()


@pytest.fixture
def world(session_world: World) -> Iterator[World]:
    """The running system, without the faults of the test before."""
    session_world.proxy.reset()
    with session_world.closing_what_is_opened():
        yield session_world
    session_world.proxy.reset()


@pytest.fixture
def user(world: World) -> User:
    return world.a_user()
