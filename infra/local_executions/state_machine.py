"""Reads the state machine of a SAM template, and makes it on a server of moto."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local_api.cloudformation import ACCOUNT_ID, Resolver, load_cloudformation, parameter_values
from infra.local_queue.events import REGION
from infra.local_queue.server import aws_client

_STATE_MACHINE = "AWS::Serverless::StateMachine"
_FUNCTION = "AWS::Serverless::Function"

Document = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class StateMachineSpec:
    """A state machine as it is deployed: its definition has the values of the template in it."""

    logical_id: str
    name: str
    definition: str


def read_state_machine(
    template: Path, parameters: Mapping[str, str] | None = None, resources: Mapping[str, str] | None = None
) -> StateMachineSpec:
    """The one state machine of a source or a built template; `resources` are those that exist, for `Resolver`."""
    document: Document = load_cloudformation(template.read_text(encoding="utf-8"))
    resolver = Resolver(
        document, parameter_values(document, parameters or {}), {**function_arns(document), **(resources or {})}
    )
    [(logical_id, properties)] = [
        (logical_id, resource["Properties"])
        for logical_id, resource in document["Resources"].items()
        if resource["Type"] == _STATE_MACHINE
    ]
    text = (template.parent / properties["DefinitionUri"]).read_text(encoding="utf-8")
    values = resolver.resolve(properties["DefinitionSubstitutions"])
    return StateMachineSpec(
        logical_id=logical_id, name=resolver.resolve(properties["Name"]), definition=definition_of(text, values)
    )


def definition_of(text: str, values: Mapping[str, Any]) -> str:
    """A definition with values in the places of its names, as CloudFormation puts them there."""
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", str(value))
    return text


def create_state_machine(spec: StateMachineSpec, endpoint_url: str) -> str:
    """The ARN of the state machine, made on a server that invokes functions.

    Raises `botocore.exceptions.ClientError` when its definition is none.
    """
    with aws_client("stepfunctions", endpoint_url) as states:
        # Refused here with a sentence, rather than by moto's parser.
        json.loads(spec.definition)
        role = f"arn:aws:iam::{ACCOUNT_ID}:role/{spec.logical_id}"
        created = states.create_state_machine(name=spec.name, definition=spec.definition, roleArn=role)
    return str(created["stateMachineArn"])


def function_arns(document: Document) -> dict[str, str]:
    """What `GetAtt` of their `Arn` gives for the functions of a template, which are served under their logical ids."""
    return {
        f"{logical_id}.Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{logical_id}"
        for logical_id, resource in document["Resources"].items()
        if resource["Type"] == _FUNCTION
    }
