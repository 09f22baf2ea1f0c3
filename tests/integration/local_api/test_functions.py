"""Functions run as on Lambda: one process per concurrent invocation, none that outlives the API."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from infra.local_api import FunctionFailedError, LocalApi, LocalApiError, run_local_api

REPOSITORY = Path(__file__).parents[3]


def wait_until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "The condition never came true."
        time.sleep(0.01)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_calls_of_one_function_run_side_by_side(client: httpx.Client) -> None:
    with ThreadPoolExecutor() as callers:
        left = callers.submit(client.get, "/probe/meet?me=left&other=right")
        right = callers.submit(client.get, "/probe/meet?me=right&other=left")

    assert left.result().status_code == right.result().status_code == 200
    assert left.result().json()["pid"] != right.result().json()["pid"]


def test_calls_beyond_the_concurrency_wait_for_their_turn(template: Path, log: Path) -> None:
    with (
        run_local_api(template, environment={}, concurrency=1, log=log) as api,
        ThreadPoolExecutor() as callers,
    ):
        answers = list(callers.map(httpx.get, [f"{api.url}/probe/process"] * 5))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["pid"] for answer in answers}) == 1


def test_a_call_that_takes_too_long_ends_with_its_process(client: httpx.Client, meeting_folder: Path) -> None:
    answer = client.get("/slow/hang?me=slow")

    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})
    assert is_gone(int((meeting_folder / "slow").read_text()))
    assert client.get("/slow/plain").status_code == 201


def test_a_function_has_its_own_variables_and_lambdas_but_not_the_parents(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_PARENT", "private")

    variables = client.get("/probe/environment").json()["variables"]

    assert (variables["STAGE"], variables["OWN"], variables["QUEUE_URL"]) == ("dev", "own", "")
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == "ProbeFunction"
    assert variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert variables["TZ"] == ":UTC"
    assert not {"HOME", "OF_THE_PARENT", "USER"} & variables.keys()


def test_the_callers_variables_and_parameters_win(template: Path, log: Path) -> None:
    with run_local_api(template, environment={"QUEUE_URL": "local"}, parameters={"Stage": "prod"}, log=log) as api:
        variables = httpx.get(f"{api.url}/probe/environment").json()["variables"]

    assert (variables["STAGE"], variables["QUEUE_URL"]) == ("prod", "local")


def test_variables_of_a_single_function_win_over_all_and_reach_no_other(template: Path, log: Path) -> None:
    own = {"ProbeFunction": {"STAGE": "own"}, "EchoFunction": {"OWN": "others"}}
    with run_local_api(template, environment={"STAGE": "all"}, function_environment=own, log=log) as api:
        variables = httpx.get(f"{api.url}/probe/environment").json()["variables"]

    assert (variables["STAGE"], variables["OWN"]) == ("own", "own")


def test_layers_are_importable_from_the_source_tree_and_as_built(client: httpx.Client) -> None:
    assert client.get("/probe/environment").json()["layers"] == ["source", "built"]


def test_a_function_knows_its_name_and_the_time_that_is_left(client: httpx.Client) -> None:
    context = client.get("/probe/context").json()

    assert context["name"] == "ProbeFunction"
    assert 0 < context["left_ms"] <= 10_000


def test_the_lambda_runtime_brings_the_aws_sdk_and_nothing_else(template: Path, log: Path) -> None:
    with run_local_api(template, environment={}, runtime_packages="lambda", log=log) as api:
        found = httpx.get(f"{api.url}/probe/packages?names=boto3,urllib3,sample_layer,pydantic,pip,aiohttp")

    assert found.json() == {
        "boto3": True,
        "urllib3": True,
        "sample_layer": True,
        "pydantic": False,
        "pip": False,
        "aiohttp": False,
    }


def test_an_artifact_runs_with_the_bytecode_that_it_brings(template: Path, log: Path) -> None:
    with run_local_api(template, environment={}, runtime_packages="lambda", log=log) as api:
        variables = httpx.get(f"{api.url}/probe/environment").json()["variables"]

    assert "PYTHONPYCACHEPREFIX" not in variables
    assert variables["PYTHONDONTWRITEBYTECODE"] == "1"


def test_any_function_can_be_invoked_with_an_event(api: LocalApi) -> None:
    event = {"pathParameters": {"behaviour": "plain"}}

    assert api.invoke("ProbeFunction", event) == {"statusCode": 201, "body": "done"}


def test_a_failed_invocation_says_what_went_wrong(api: LocalApi) -> None:
    with pytest.raises(FunctionFailedError, match="ValueError: The probe was asked to crash") as caught:
        api.invoke("ProbeFunction", {"pathParameters": {"behaviour": "crash"}})

    assert caught.value.error_type == "ValueError"


def test_a_function_that_does_not_load_says_why(api: LocalApi) -> None:
    with pytest.raises(FunctionFailedError, match="This module does not load"):
        api.invoke("BrokenFunction", {})


def test_an_unknown_function_is_named(api: LocalApi) -> None:
    with pytest.raises(LocalApiError, match="no function NoFunction; it has: EchoFunction"):
        api.invoke("NoFunction", {})


def test_what_functions_print_goes_to_the_log(client: httpx.Client, log: Path) -> None:
    client.get("/probe/crash")

    assert "The probe was asked to crash" in log.read_text()


def test_a_taken_port_is_one_clear_sentence(template: Path, api: LocalApi) -> None:
    port = int(api.url.rpartition(":")[2])

    with (
        pytest.raises(LocalApiError, match=f"Port {port} is already in use"),
        run_local_api(template, environment={}, port=port),
    ):
        pytest.fail("Two APIs cannot share a port.")


def test_no_process_is_left_when_the_api_stops_not_even_a_busy_one(template: Path, tmp_path: Path, log: Path) -> None:
    with run_local_api(template, environment={"MEETING_FOLDER": str(tmp_path)}, log=log) as api:
        idle = httpx.get(f"{api.url}/probe/process").json()["pid"]
        busy_call = threading.Thread(target=call_in_vain, args=(f"{api.url}/probe/hang?me=busy",))
        busy_call.start()
        wait_until((tmp_path / "busy").exists)
        busy = int((tmp_path / "busy").read_text())

    busy_call.join(timeout=10)
    assert is_gone(idle)
    assert is_gone(busy)


def call_in_vain(url: str) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(url, timeout=10)


def test_running_writes_nothing_beside_the_functions(template: Path, client: httpx.Client) -> None:
    client.get("/probe/plain")

    assert not list(template.parent.rglob("__pycache__"))


PARENT = """
import sys
from pathlib import Path
from infra.local_api import run_local_api

template, folder = map(Path, sys.argv[1:])
with run_local_api(template, environment={"MEETING_FOLDER": str(folder)}) as api:
    hang = {"pathParameters": {"behaviour": "hang"}, "queryStringParameters": {"me": "busy"}}
    api.invoke("EchoFunction", {})
    api.invoke("ProbeFunction", hang)
"""


def test_workers_die_with_a_killed_parent(template: Path, tmp_path: Path) -> None:
    """Idle and busy workers hold the parent's standard error; it ends only when the last one is gone."""
    parent = subprocess.Popen(  # noqa: S603  # The command is this test's own.
        [sys.executable, "-c", PARENT, template, tmp_path],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        wait_until((tmp_path / "busy").exists)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.communicate(timeout=10)

    assert parent.returncode == -signal.SIGKILL
