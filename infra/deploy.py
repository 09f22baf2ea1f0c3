"""`make deploy`: what is set is looked at before anything is built, then handed to `sam deploy`, and nothing else.

Each parameter of the template is set by the variable of its name, `AllowedOrigins` by ALLOWED_ORIGINS. What is not set
keeps the value that it has in the stack, or gets its default in a new one.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from infra.local_api.cloudformation import Resolver, load_cloudformation, parameter_values
from infra.stack import TEMPLATE
from infra.terminal import CommandError, fail

STAGES = ("dev", "staging", "prod")
# As samconfig.toml names them.
STACKS = {"dev": "training-files", "staging": "training-files-staging", "prod": "training-files-prod"}
WORD = re.compile("[A-Z]+[a-z0-9]*")


@dataclass(frozen=True)
class Deployment:
    """Where to, and the parameters that are set, by their names in the template."""

    stage: str
    stack: str
    region: str
    parameters: Mapping[str, str]


def main() -> int:
    try:
        wanted = deployment_from(os.environ)
        print(_told(wanted), flush=True)
        if "--check" in sys.argv[1:]:
            return 0
    except CommandError as error:
        return fail(str(error))
    return subprocess.run(_command(wanted), check=False).returncode


def deployment_from(environment: Mapping[str, str]) -> Deployment:
    """Raises CommandError, which names all that is missing or does not fit."""
    stage = environment.get("STAGE") or "dev"
    if stage not in STAGES:
        raise CommandError(f"STAGE is {stage!r}; it must be one of {', '.join(STAGES)}.")
    stack, region = environment.get("STACK_NAME") or STACKS[stage], _region(environment)
    document = load_cloudformation(TEMPLATE.read_text(encoding="utf-8"))
    declared = document["Parameters"]
    set_here = {
        name: value.rstrip("/") if name == "SupabaseUrl" else value
        for name, parameter in declared.items()
        if (value := environment.get(variable_of(name))) or (value == "" == parameter.get("Default"))
    }
    wanted = Deployment(stage, stack, region, {**set_here, "Stage": stage})
    faults = list(_unusable(wanted, declared))
    if not _is_there(wanted):
        faults += [*_missing(wanted, declared), *_against_rules(wanted, document)]
    if faults:
        raise CommandError("\n".join(faults))
    return wanted


def variable_of(parameter: str) -> str:
    """SUPABASE_S3_SECRET_ARN for SupabaseS3SecretArn."""
    return "_".join(WORD.findall(parameter)).upper()


def _region(environment: Mapping[str, str]) -> str:
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or boto3.Session().region_name
    if not region:
        raise CommandError("AWS_REGION is not set, and your profile names no region: say where to deploy to.")
    return str(region)


def _unusable(wanted: Deployment, declared: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name, value in wanted.parameters.items():
        variable, parameter = variable_of(name), declared[name]
        if '"' in value or not re.search(str(parameter.get("AllowedPattern", "")), value):
            yield f"{variable} {parameter.get('ConstraintDescription', 'has a quote in it')}."
        elif "AllowedValues" in parameter and value not in map(str, parameter["AllowedValues"]):
            yield f"{variable} must be one of {', '.join(map(str, parameter['AllowedValues']))}."
        elif parameter["Type"] == "Number" and not _is_number(value, parameter.get("MinValue", 0)):
            yield f"{variable} must be a whole number, at least {parameter.get('MinValue', 0)}."
        elif name.endswith("Arn") and value and value.split(":")[3] != wanted.region:
            place = value.split(":")[3]
            yield f"{variable} is of {place}, the stack of {wanted.region}: set AWS_REGION={place}."


def _is_number(value: str, least: int) -> bool:
    return value.isascii() and value.isdecimal() and int(value) >= least


def _against_rules(wanted: Deployment, document: Mapping[str, Any]) -> Iterator[str]:
    """What the template's rules forbid. They are looked at for a new stack, all of whose values are known here."""
    for rule in document["Rules"].values():
        for assertion in rule["Assertions"]:
            conditions = {"asked": rule["RuleCondition"], "held": assertion["Assert"]}
            resolver = Resolver(
                {**document, "Conditions": document["Conditions"] | conditions},
                parameter_values(document, wanted.parameters),
            )
            if resolver.holds("asked") and not resolver.holds("held"):
                yield f"{assertion['AssertDescription']}."


def _missing(wanted: Deployment, declared: Mapping[str, Mapping[str, Any]]) -> list[str]:
    needed = [name for name, parameter in declared.items() if "Default" not in parameter]
    missing = [variable_of(name) for name in needed if name not in wanted.parameters]
    if not missing:
        return []
    return [f"There is no stack {wanted.stack} in {wanted.region} yet. For a new one, set {', '.join(missing)}."]


def _is_there(wanted: Deployment) -> bool:
    try:
        boto3.client("cloudformation", region_name=wanted.region).describe_stacks(StackName=wanted.stack)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            return False
        raise CommandError(f"AWS does not show its stacks: {error}") from error
    except NoCredentialsError as error:
        raise CommandError("AWS knows no credentials: set AWS_PROFILE, or sign in with `aws sso login`.") from error
    except BotoCoreError as error:
        raise CommandError(f"AWS cannot be asked: {error}") from error
    return True


def _told(wanted: Deployment) -> str:
    names = ", ".join(sorted(wanted.parameters))
    return f"Stack {wanted.stack} in {wanted.region}. Set: {names}; all others stay as they are."


def _command(wanted: Deployment) -> list[str]:
    given = [f'{name}="{value}"' for name, value in wanted.parameters.items()]
    # Without a terminal there is nobody who could answer.
    asks = [] if sys.stdin.isatty() else ["--no-confirm-changeset"]
    return [
        os.environ.get("SAM") or ".tools/bin/sam",
        "deploy",
        "--config-env",
        wanted.stage,
        "--stack-name",
        wanted.stack,
        "--region",
        wanted.region,
        *asks,
        "--parameter-overrides",
        *given,
    ]


if __name__ == "__main__":
    sys.exit(main())
