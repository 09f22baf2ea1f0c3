"""A SAM template as CloudFormation gets to see it: loops written out, then transformed by AWS's own translator."""

import copy
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from infra.local_api.cloudformation import load_cloudformation
from tests.support.cloudformation import references

PROJECT = Path(__file__).parents[2]
TRANSFORM = Path(__file__).parent / "sam_transform.py"
# Where a deployment uploads code.
CODE_BUCKET, CODE_KEY, LAYER_KEY, DEFINITION_KEY = "code-of-a-deployment", "code.zip", "layer.zip", "states.json"

Json = dict[str, Any]


@dataclass(frozen=True)
class Rights:
    """What a role may do: statements of its own, and the policies of AWS that it has."""

    statements: tuple[Json, ...]
    managed_policies: frozenset[str]


def transformed(template: Path, parameters: Mapping[str, str] | None = None, *, layer: str = LAYER_KEY) -> Json:
    """As a deployment with these values. Parameters without one stay references. `layer` is what the layer is in."""
    return copy.deepcopy(_transformed(template, tuple(sorted((parameters or {}).items())), layer))


@lru_cache(maxsize=8)
def _transformed(template: Path, parameters: tuple[tuple[str, str], ...], layer: str) -> Json:
    document = load_cloudformation(template.read_text(encoding="utf-8"))
    for resource in document["Resources"].values():
        for key, uploaded in (("CodeUri", CODE_KEY), ("ContentUri", layer), ("DefinitionUri", DEFINITION_KEY)):
            if key in resource.get("Properties", {}):
                resource["Properties"][key] = f"s3://{CODE_BUCKET}/{uploaded}"
    declared = document["Parameters"]
    # The transform writes defaults in the place of references, too.
    without_defaults = {name: {"Type": parameter["Type"]} for name, parameter in declared.items()}
    given = json.dumps({"template": document | {"Parameters": without_defaults}, "parameters": dict(parameters)})
    python = PROJECT / ".tools/bin/python"
    made = subprocess.run([python, TRANSFORM], input=given, check=True, capture_output=True, text=True)  # noqa: S603
    resolved: dict[str, Any] = json.loads(made.stdout)
    return resolved | {"Parameters": declared}


@lru_cache(maxsize=2)
def rights_by_function(template: Path) -> dict[str, Rights]:
    """The rights of each function, by its logical id."""
    resources = transformed(template)["Resources"]
    functions = {name: it for name, it in resources.items() if it["Type"] == "AWS::Lambda::Function"}
    roles = {name: references(function["Properties"]["Role"]) for name, function in functions.items()}
    assert len({*map(tuple, roles.values())}) == len(roles), "two functions share a role"
    return {name: _rights_of(resources[role]["Properties"]) for name, (role,) in roles.items()}


def _rights_of(role: Json) -> Rights:
    policies = [_as_if_met(policy) for policy in role.get("Policies", [])]
    statements = [statement for policy in policies for statement in _listed(policy["PolicyDocument"]["Statement"])]
    return Rights(tuple(statements), frozenset(_last_part(arn) for arn in role.get("ManagedPolicyArns", [])))


def _as_if_met(value: Json) -> Json:
    """What stands under a condition, which a role may have as well as not."""
    return dict(value["Fn::If"][1]) if "Fn::If" in value else value


def _last_part(arn: Any) -> str:
    """The name of a policy of AWS, whichever way its ARN is written."""
    text = arn if isinstance(arn, str) else arn["Fn::Sub"]
    return str(text).rpartition("/")[2]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
