"""`make deploy`: what is set is looked at before anything is built, then handed to `sam deploy`, and nothing else.

Each parameter of the template is set by the variable of its name, `AllowedOrigins` by ALLOWED_ORIGINS. What is not set
keeps the value that it has in the stack, or gets its default in a new one.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from infra.local_api.cloudformation import load_cloudformation
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
    declared = load_cloudformation(TEMPLATE.read_text(encoding="utf-8"))["Parameters"]
    set_here = {
        name: value
        for name, parameter in declared.items()
        if (value := environment.get(variable_of(name))) or (value == "" == parameter.get("Default"))
    }
    wanted = Deployment(stage, stack, region, {**set_here, "Stage": stage})
    faults = [*_unusable(wanted, declared), *_missing(wanted, declared)]
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


def _unusable(wanted: Deployment, declared: Mapping[str, Mapping[str, object]]) -> list[str]:
    faults = []
    for name, value in wanted.parameters.items():
        pattern = str(declared[name].get("AllowedPattern", ""))
        if '"' in value or (pattern and not re.search(pattern, value)):
            faults.append(f"{variable_of(name)} {declared[name].get('ConstraintDescription', 'has a quote in it')}.")
        elif name.endswith("SecretArn") and value and value.split(":")[3] != wanted.region:
            place = value.split(":")[3]
            faults.append(
                f"{variable_of(name)} is of {place}, and the stack of {wanted.region}: set AWS_REGION={place}."
            )
    return faults


def _missing(wanted: Deployment, declared: Mapping[str, Mapping[str, object]]) -> list[str]:
    needed = [name for name, parameter in declared.items() if "Default" not in parameter]
    missing = [variable_of(name) for name in needed if name not in wanted.parameters]
    if not missing or _is_there(wanted):
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
