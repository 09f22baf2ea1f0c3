"""The stack starts, fails and stops so that nothing is lost, hidden or left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from infra.local_supabase import LocalSupabaseError, run_local_supabase, temporary_data_folder

pytestmark = pytest.mark.slow


REPOSITORY = Path(__file__).parents[3]
LIMIT_SECONDS = 20
# Well below what the parent waits for before it kills the stack.
STOP_SECONDS = 8

RUN_FOREVER = """
import sys, time
from pathlib import Path
from infra.local_supabase import run_local_supabase
with run_local_supabase(Path(sys.argv[1]), sql=None):
    print("ready", flush=True)
    time.sleep(600)
"""

START_ONLY = """
import signal, sys
from pathlib import Path
from infra.local_supabase import run_local_supabase
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
with run_local_supabase(Path(sys.argv[1]), postgres_port=int(sys.argv[2]), sql=Path(sys.argv[3])):
    pass
"""


@pytest.fixture
def data() -> Iterator[Path]:
    with temporary_data_folder() as folder:
        yield folder / "data"


@pytest.fixture
def sql(tmp_path: Path) -> Path:
    folder = tmp_path / "sql"
    folder.mkdir()
    return folder


def processes_on(data: Path) -> dict[int, list[str]]:
    """Arguments by process id of those that name the folder, as the server and PostgreSQL do."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            continue
        if str(data) in command:
            found[int(folder.name)] = command.split("\0")
    return found


def server_process(data: Path) -> int:
    return next(pid for pid, arguments in processes_on(data).items() if "--data" in arguments)


def wait_until(is_so: Callable[[], bool]) -> bool:
    give_up_at = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < give_up_at:
        if is_so():
            return True
        time.sleep(0.05)
    return False


@contextmanager
def parent_to_be_killed(data: Path) -> Iterator[None]:
    """A process that runs a stack on `data`, killed at the end of the block."""
    command = [sys.executable, "-c", RUN_FOREVER, str(data)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as parent:  # noqa: S603 - ours
        try:
            assert parent.stdout is not None
            assert parent.stdout.readline() == b"ready\n"
            yield
        finally:
            parent.kill()


def test_a_killed_parent_leaves_no_process(data: Path) -> None:
    with parent_to_be_killed(data):
        assert len(processes_on(data)) == 3

    assert wait_until(lambda: not processes_on(data))


def test_a_stack_can_follow_at_once_on_one_whose_parent_was_killed(data: Path) -> None:
    with parent_to_be_killed(data):
        pass

    with run_local_supabase(data, sql=None) as stack, psycopg.connect(stack.database_url) as database:
        assert database.execute("select 1").fetchone() == (1,)


def test_a_killed_server_leaves_no_process_once_its_parent_ends(data: Path) -> None:
    with run_local_supabase(data, sql=None):
        os.kill(server_process(data), signal.SIGKILL)

    assert wait_until(lambda: not processes_on(data))


def test_postgresql_that_outlived_all_others_is_stopped_at_the_next_start(data: Path) -> None:
    with parent_to_be_killed(data):
        os.kill(server_process(data), signal.SIGKILL)
    assert len(processes_on(data)) == 1

    with run_local_supabase(data, sql=None):
        assert len(processes_on(data)) == 2

    assert not processes_on(data)


def test_keys_and_data_outlive_a_restart(data: Path, sql: Path) -> None:
    (sql / "10.sql").write_text("create table if not exists kept (n int); insert into kept values (1);")
    with run_local_supabase(data, sql=sql) as first:
        pass

    with run_local_supabase(data, sql=sql) as second, psycopg.connect(second.database_url) as database:
        count = database.execute("select count(*) from kept").fetchone()

    assert count == (2,)  # the file ran at both starts
    assert (first.secret_key, first.jwt_secret) == (second.secret_key, second.jwt_secret)
    assert not processes_on(data)


def test_a_start_that_is_stopped_in_the_middle_of_its_sql_ends_at_once(data: Path, sql: Path) -> None:
    (sql / "10.sql").write_text("select pg_sleep(600)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", START_ONLY, str(data), str(port), str(sql)]
    with subprocess.Popen(command, cwd=REPOSITORY) as parent:  # noqa: S603 - ours
        try:
            assert wait_until(lambda: is_sleeping(port))
            begun = time.monotonic()
            parent.send_signal(signal.SIGTERM)
            parent.wait(LIMIT_SECONDS)
        finally:
            parent.kill()

    assert time.monotonic() - begun < STOP_SECONDS
    assert not processes_on(data)


def is_sleeping(port: int) -> bool:
    """Whether the PostgreSQL on the port is up, and runs a `pg_sleep` of another connection."""
    try:
        with psycopg.connect(f"postgresql://postgres:postgres@127.0.0.1:{port}/postgres") as database:
            query = "select from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()"
            return database.execute(query).fetchone() is not None
    except psycopg.OperationalError:
        return False


def test_two_stacks_do_not_share_a_data_folder(data: Path) -> None:
    with (
        run_local_supabase(data, sql=None),
        pytest.raises(LocalSupabaseError, match=f"Another local Supabase is running on {data}"),
        run_local_supabase(data, sql=None),
    ):
        pass


@pytest.mark.parametrize("which", ["port", "postgres_port"])
def test_a_taken_port_is_named(data: Path, which: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        wanted = {"port": 0, "postgres_port": 0} | {which: port}

        with pytest.raises(LocalSupabaseError, match=f"Port {port} is already taken"):
            run_local_supabase(data, **wanted, sql=None).__enter__()

    assert not processes_on(data)


def test_failing_sql_is_reported_with_its_file_line_and_hint(data: Path, sql: Path) -> None:
    (sql / "10_good.sql").write_text("select 1;")
    (sql / "20_bad.sql").write_text("select 1;\n\nselect * from nowhere;")

    with pytest.raises(LocalSupabaseError, match=r'20_bad.sql, line 3: relation "nowhere" does not exist'):
        run_local_supabase(data, sql=sql).__enter__()

    assert not processes_on(data)


def test_an_error_raised_by_sql_is_shown_with_its_detail_and_hint(data: Path, sql: Path) -> None:
    raising = "do $$ begin raise exception 'Broken' using detail = 'This', hint = 'That'; end $$;"
    (sql / "10.sql").write_text(raising)

    with pytest.raises(LocalSupabaseError, match=r"10.sql: Broken \(SQLSTATE P0001\)\nDetail: This\nHint: That"):
        run_local_supabase(data, sql=sql).__enter__()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's PostgreSQL runs as another user")
def test_a_folder_that_postgresql_cannot_enter_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(LocalSupabaseError, match="who may not enter"):
        run_local_supabase(closed / "data").__enter__()


def test_database_errors_go_to_the_log_only(data: Path, sql: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (sql / "10.sql").write_text("create table if not exists closed (n int);")
    with run_local_supabase(data, sql=sql) as stack:
        headers = {"apikey": stack.publishable_key}
        assert httpx.get(f"{stack.url}/rest/v1/closed", headers=headers).status_code == 401

    assert "permission denied for table closed" in (data / "server.log").read_text()
    assert capfd.readouterr() == ("", "")
