"""Executions of the state machine, on AWS Step Functions."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from uuid import UUID

from training_files.deadline import refuse_when_late
from training_files.errors import UpstreamUnavailableError
from training_files.ports.executions import Execution, ExecutionStatus, words_of_cause

DID_NOT_ANSWER = "The state machine did not answer. Try again in a few seconds."
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
STATUSES: Mapping[str, ExecutionStatus] = {
    "RUNNING": "running",
    "PENDING_REDRIVE": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "timed_out",
    "ABORTED": "aborted",
}


class StepFunctionsExecutions:
    """Implements `training_files.ports.executions.Executions`. boto3 is imported when the first one is started.

    A name is taken for 90 days after its execution has ended.
    """

    def __init__(self, state_machine_arn: str) -> None:
        self._state_machine_arn = state_machine_arn

    def start_build(self, revision_id: UUID) -> Execution:
        return self._start("revision_id", revision_id)

    def start_export(self, export_id: UUID) -> Execution:
        return self._start("export_id", export_id)

    def _start(self, kind: str, work_id: UUID) -> Execution:
        from botocore.exceptions import BotoCoreError, ClientError

        refuse_when_late()
        name, work = str(work_id), json.dumps({"work": {kind: str(work_id)}})
        try:
            # One that runs with this name and this input is answered as if it had just been started.
            self._states.start_execution(stateMachineArn=self._state_machine_arn, name=name, input=work)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionAlreadyExists":
                return self._described(name)
            raise UpstreamUnavailableError(DID_NOT_ANSWER) from error
        except BotoCoreError as error:
            raise UpstreamUnavailableError(DID_NOT_ANSWER) from error
        return Execution("running")

    def _described(self, name: str) -> Execution:
        from botocore.exceptions import BotoCoreError, ClientError

        arn = self._state_machine_arn.replace(":stateMachine:", ":execution:")
        try:
            answer = self._states.describe_execution(executionArn=f"{arn}:{name}")
        except (BotoCoreError, ClientError) as error:
            raise UpstreamUnavailableError(DID_NOT_ANSWER) from error
        cause = answer.get("cause")
        return Execution(STATUSES[answer["status"]], words_of_cause(cause) if cause else answer.get("error"))

    @cached_property
    def _states(self) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"})
        return boto3.client("stepfunctions", config=config)
