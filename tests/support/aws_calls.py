"""What was asked of the AWS services of this machine, and what the roles of a template would have allowed."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local_api.cloudformation import ACCOUNT_ID
from infra.local_aws import LocalStack
from infra.local_queue.events import REGION
from tests.support.transformed import rights_by_function

Grant = tuple[str, str]
"""An action, and the ARN of what it may be done to."""


@dataclass(frozen=True)
class AwsCall:
    """A call by the access key that it was made with, which is the name of a function here."""

    caller: str
    action: str
    resource: str

    @property
    def grant(self) -> Grant:
        return self.action, self.resource


def calls_in(recording: Path) -> set[AwsCall]:
    """The calls of JSON protocols; only tests themselves use others."""
    return {call for line in recording.read_text().splitlines() for call in _calls_of(json.loads(line))}


def grants_of(template: Path, stack: LocalStack) -> dict[str, set[Grant]]:
    """What each function's role grants in itself, by the function's logical id."""
    return {
        name: {pair for statement in rights.statements for pair in _pairs(statement, stack)}
        for name, rights in rights_by_function(template).items()
    }


def _pairs(statement: dict[str, Any], stack: LocalStack) -> Iterator[Grant]:
    for resource in _listed(stack.resolve(statement["Resource"])):
        for action in _listed(statement["Action"]):
            yield action, resource


def _calls_of(request: dict[str, Any]) -> Iterator[AwsCall]:
    headers = {name.lower(): value for name, value in request["headers"].items()}
    found = re.search(r"Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/", headers.get("authorization", ""))
    if found is None or "x-amz-target" not in headers:
        return
    caller, service = found.groups()
    # SQS grants what is done in a batch as what is done once.
    operation = headers["x-amz-target"].rpartition(".")[2].removesuffix("Batch")
    for resource in _resources_of(service, json.loads(base64.b64decode(request["body"]))):
        yield AwsCall(caller, f"{service}:{operation}", resource)


def _resources_of(service: str, body: dict[str, Any]) -> list[str]:
    match service:
        case "sqs":
            names = [body["QueueUrl"].rpartition("/")[2]] if "QueueUrl" in body else []
        case "dynamodb":
            names = [f"table/{body['TableName']}"] if "TableName" in body else []
        case "events":
            names = [f"event-bus/{entry.get('EventBusName', 'default')}" for entry in body.get("Entries", [])]
        case "secretsmanager":
            return [body["SecretId"]] if "SecretId" in body else []
        case "states":
            # A role is granted all executions of a state machine, whose names come with what they build.
            executions = f"{body['executionArn'].rpartition(':')[0]}:*" if "executionArn" in body else None
            return [arn for arn in (body.get("stateMachineArn"), executions) if arn]
        case _:
            raise ValueError(f"It is not known what calls of {service} name as their resource.")
    return [f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{name}" for name in names]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
