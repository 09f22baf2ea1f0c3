"""What a SAM template deploys beside functions, on this machine: queues, rules, schedules, tables, its state machine.

moto's CloudFormation makes them and says what `Ref` and `GetAtt` come to, so that functions get the variables of the
template itself. It knows no SAM: what SAM makes of a function's schedule and of a state machine is made here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from infra.local_api.cloudformation import ACCOUNT_ID, Resolver, Value, load_cloudformation, parameter_values
from infra.local_executions import create_state_machine, read_state_machine
from infra.local_queue import LocalQueues
from infra.local_queue.events import REGION
from infra.local_queue.server import aws_client
from infra.local_queue.template import read_queues

STACK = "local"
# Whatever else the template has is only resolved.
MADE_TYPES = ("AWS::SQS::Queue", "AWS::Events::Rule", "AWS::DynamoDB::Table")

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Schedule:
    """A function's schedule, and the rule that SAM makes of it."""

    function: str
    rule: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class LocalStack:
    """A template whose queues, rules, schedules and tables exist; `resources` is what `Resolver` calls so."""

    queues: LocalQueues
    resources: Mapping[str, str]
    schedules: Sequence[Schedule]
    _resolver: Resolver = field(repr=False)

    def resolve(self, expression: Value) -> Value:
        """An expression of the template, as a deployment would see it."""
        return self._resolver.resolve(expression)

    def scheduled_event(self, schedule: Schedule, now: datetime) -> dict[str, Any]:
        """What EventBridge invokes the function with; `now` carries its time zone."""
        if "Input" in schedule.properties:
            event: dict[str, Any] = json.loads(schedule.properties["Input"])
            return event
        return {
            "version": "0",
            "id": str(uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": ACCOUNT_ID,
            "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": REGION,
            "resources": [self.resources[f"{schedule.rule}.Arn"]],
            "detail": {},
        }


@contextmanager
def run_local_stack(template: Path, endpoint_url: str, parameters: Mapping[str, str]) -> Iterator[LocalStack]:
    """Makes what a built template says, on a server of `run_server`, and serves its queues.

    Raises `botocore.exceptions.ClientError` when something of it cannot be made.
    """
    document: Document = load_cloudformation(template.read_text(encoding="utf-8"))
    schedules = list(_schedules(document))
    resources = _made(document, schedules, endpoint_url, parameters)
    resources |= _state_machine(template, endpoint_url, parameters)
    _expire_items(document, resources, endpoint_url)
    queue_specs, sources = read_queues(template)
    urls = {queue.logical_id: resources[queue.logical_id] for queue in queue_specs}
    with aws_client("sqs", endpoint_url) as sqs:
        resolver = Resolver(document, parameter_values(document, parameters), resources)
        yield LocalStack(LocalQueues(endpoint_url, sqs, sources, urls), resources, schedules, resolver)


def _schedules(document: Document) -> Iterator[Schedule]:
    for function, resource in document["Resources"].items():
        for name, event in resource.get("Properties", {}).get("Events", {}).items():
            if event["Type"] == "Schedule":
                yield Schedule(function, f"{function}{name}", event["Properties"])


def _made(
    document: Document, schedules: Sequence[Schedule], endpoint_url: str, parameters: Mapping[str, str]
) -> dict[str, str]:
    """What `Ref` and `GetAtt` of the `Arn` give for everything that was made."""
    own = {name: resource for name, resource in document["Resources"].items() if resource["Type"] in MADE_TYPES}
    made = own | {schedule.rule: _rule_of(schedule) for schedule in schedules}
    references = {name: {"Ref": name} for name in made}
    arns = {f"{name}.Arn": {"Fn::GetAtt": [name, "Arn"]} for name in made}
    # An output's own name may only have letters and digits.
    wanted = {f"Output{number}": pair for number, pair in enumerate((references | arns).items())}
    body = {
        "Parameters": document.get("Parameters", {}),
        "Conditions": document.get("Conditions", {}),
        "Resources": made,
        "Outputs": {output: {"Value": expression} for output, (_, expression) in wanted.items()},
    }
    given = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
    with aws_client("cloudformation", endpoint_url) as cloudformation:
        cloudformation.create_stack(StackName=STACK, TemplateBody=json.dumps(body), Parameters=given)
        [stack] = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    return {wanted[output["OutputKey"]][0]: output["OutputValue"] for output in stack["Outputs"]}


def _state_machine(template: Path, endpoint_url: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """What `Ref` and `GetAtt` of the `Name` give for the state machine."""
    spec = read_state_machine(template, parameters)
    arn = create_state_machine(spec, endpoint_url)
    return {spec.logical_id: arn, f"{spec.logical_id}.Arn": arn, f"{spec.logical_id}.Name": spec.name}


def _rule_of(schedule: Schedule) -> dict[str, Any]:
    """Without its target: moto runs no schedules, but sends every event of the bus to the targets of their rules."""
    passed_on = {name: schedule.properties[name] for name in ("Description", "State") if name in schedule.properties}
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {"ScheduleExpression": schedule.properties["Schedule"], **passed_on},
    }


def _expire_items(document: Document, resources: Mapping[str, str], endpoint_url: str) -> None:
    """moto's CloudFormation overlooks when the items of a table expire."""
    with aws_client("dynamodb", endpoint_url) as dynamodb:
        for name, resource in document["Resources"].items():
            if resource["Type"] == "AWS::DynamoDB::Table" and "TimeToLiveSpecification" in resource["Properties"]:
                expiry = resource["Properties"]["TimeToLiveSpecification"]
                dynamodb.update_time_to_live(TableName=resources[name], TimeToLiveSpecification=expiry)
