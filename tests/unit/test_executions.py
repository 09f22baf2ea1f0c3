"""How executions are started and told of, whatever Step Functions answers. tests/integration runs them."""

import json
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from training_files.adapters.aws.step_functions import STATUSES, StepFunctionsExecutions
from training_files.bootstrap import application_from
from training_files.errors import UpstreamUnavailableError
from training_files.ports.executions import Execution
from training_files.settings import settings_from

ARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:training-files-shards"
ALREADY = ClientError({"Error": {"Code": "ExecutionAlreadyExists"}}, "StartExecution")
THROTTLED = ClientError({"Error": {"Code": "ThrottlingException"}}, "StartExecution")
SILENT = ConnectTimeoutError(endpoint_url="https://states.eu-west-1.amazonaws.com")


class StepFunctions:
    """A client of Step Functions, which raises what it is given, and otherwise says how the execution is."""

    def __init__(self) -> None:
        self.started: list[dict[str, str]] = []
        self.described: list[str] = []
        self.start_error: Exception | None = None
        self.describe_error: Exception | None = None
        self.execution: dict[str, Any] = {"status": "RUNNING"}

    def start_execution(self, **wanted: str) -> dict[str, Any]:
        self.started.append(wanted)
        if self.start_error:
            raise self.start_error
        return {}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803 - as boto3 names it
        self.described.append(executionArn)
        if self.describe_error:
            raise self.describe_error
        return self.execution


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> StepFunctions:
    made = StepFunctions()
    monkeypatch.setattr(boto3, "client", lambda *_, **__: made)
    return made


@pytest.fixture
def executions(client: StepFunctions) -> StepFunctionsExecutions:  # noqa: ARG001 - what boto3 makes then
    return StepFunctionsExecutions(ARN)


def test_an_execution_is_named_after_its_work(executions: StepFunctionsExecutions, client: StepFunctions) -> None:
    build, export = uuid4(), uuid4()

    assert executions.start_build(build) == executions.start_export(export) == Execution("running")
    assert [(call["stateMachineArn"], call["name"], json.loads(call["input"])) for call in client.started] == [
        (ARN, str(build), {"work": {"revision_id": str(build)}}),
        (ARN, str(export), {"work": {"export_id": str(export)}}),
    ]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"status": "RUNNING"}, Execution("running")),
        ({"status": "SUCCEEDED"}, Execution("succeeded")),
        ({"status": "ABORTED"}, Execution("aborted")),
        ({"status": "TIMED_OUT", "error": "States.Timeout"}, Execution("timed_out", "States.Timeout")),
        ({"status": "FAILED", "error": "any", "cause": "Not enough disk."}, Execution("failed", "Not enough disk.")),
        (
            {"status": "FAILED", "error": "any", "cause": json.dumps({"errorMessage": "No answer.", "stackTrace": []})},
            Execution("failed", "No answer."),
        ),
    ],
)
def test_one_that_was_there_is_told_of(
    executions: StepFunctionsExecutions, client: StepFunctions, answer: dict[str, Any], told: Execution
) -> None:
    client.start_error, client.execution, work_id = ALREADY, answer, uuid4()

    assert executions.start_build(work_id) == told
    assert client.described == [f"arn:aws:states:eu-west-1:123456789012:execution:training-files-shards:{work_id}"]


def test_every_status_that_step_functions_has_is_known() -> None:
    described = boto3.Session().client("stepfunctions", region_name="eu-west-1").meta.service_model
    status = described.shape_for("ExecutionStatus")

    assert set(status.enum) == set(STATUSES)


@pytest.mark.parametrize("error", [THROTTLED, SILENT])
def test_whoever_is_not_answered_tries_again(
    executions: StepFunctionsExecutions, client: StepFunctions, error: Exception
) -> None:
    client.start_error = error
    with pytest.raises(UpstreamUnavailableError):
        executions.start_build(uuid4())

    client.start_error, client.describe_error = ALREADY, error
    with pytest.raises(UpstreamUnavailableError):
        executions.start_build(uuid4())


@pytest.mark.parametrize(("variables", "is_there"), [({"SHARDS_STATE_MACHINE_ARN": ARN}, True), ({}, False)])
def test_only_who_is_told_of_the_state_machine_has_executions(
    variables: dict[str, str],
    is_there: bool,  # noqa: FBT001 - a case
) -> None:
    needed = {"SUPABASE_URL": "https://a.example", "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_key"}
    application = application_from(settings_from(needed | variables, lambda *_: ""))

    assert (application.service.context.executions is not None) == is_there
    application.close()
