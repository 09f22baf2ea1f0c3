"""What `make deploy` hands to SAM, by what a shell has set, and what it refuses before anything is built."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from infra.deploy import variable_of
from infra.local_api.cloudformation import load_cloudformation

# Each starts make, which starts Python twice.
pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[2]
PARAMETERS = load_cloudformation((PROJECT / "template.yaml").read_text(encoding="utf-8"))["Parameters"]
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:training-files/supabase-a1B2c3"
NEEDED = {
    "SUPABASE_URL": "https://abcdefgh.supabase.co",
    "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_0123456789",
    "SUPABASE_SECRET_ARN": SECRET,
}
REGION = "eu-central-1"
FAKE_SAM = """#!/usr/bin/env python3
import json, os, sys
with open(os.environ["SAM_WAS_ASKED"], "a") as file:
    print(json.dumps(sys.argv[1:]), file=file)
"""


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """An AWS in which the stack of dev is there, and no other."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    boto3.client(
        "cloudformation",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    ).create_stack(StackName="training-files", TemplateBody=json.dumps(template))
    yield url
    server.stop()


class Shell:
    """A shell in which somebody types `make deploy`."""

    def __init__(self, folder: Path, aws: str) -> None:
        self._asked = folder / "asked.jsonl"
        sam = folder / "sam"
        sam.write_text(FAKE_SAM)
        sam.chmod(0o755)
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "SAM": str(sam),
            "SAM_WAS_ASKED": str(self._asked),
            "AWS_ENDPOINT_URL": aws,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": REGION,
        }

    def deploys(self, **variables: str) -> tuple[int, str]:
        command = ["make", "--no-print-directory", "deploy"]
        environment = {name: value for name, value in (self._environment | variables).items() if value != "unset"}
        ended = subprocess.run(  # noqa: S603 - the project's own rule
            command, cwd=PROJECT, env=environment, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        return ended.returncode, ended.stdout + ended.stderr

    @property
    def asked(self) -> list[list[str]]:
        return [json.loads(line) for line in self._asked.read_text().splitlines()] if self._asked.exists() else []

    @property
    def deployment(self) -> list[str]:
        """What SAM was asked to deploy, after it was asked to build."""
        build, deploy = self.asked
        assert build[0] == "build"
        assert deploy[0] == "deploy"
        return deploy


@pytest.fixture
def shell(tmp_path: Path, aws: str) -> Shell:
    return Shell(tmp_path, aws)


def overrides(deployment: list[str]) -> Mapping[str, str]:
    given = deployment[deployment.index("--parameter-overrides") + 1 :]
    return {name: value.strip('"') for name, _, value in (one.partition("=") for one in given)}


def option(deployment: list[str], name: str) -> str:
    return deployment[deployment.index(name) + 1]


def test_a_stack_that_is_there_keeps_what_is_not_set(shell: Shell) -> None:
    assert shell.deploys()[0] == 0

    assert overrides(shell.deployment) == {"Stage": "dev"}
    assert option(shell.deployment, "--stack-name") == "training-files"


def test_a_shell_hands_on_what_it_has_set(shell: Shell) -> None:
    more = {"ALLOWED_ORIGINS": "https://one.example,https://two.example", "CONVERSATION_SCOPE": "all"}
    exit_code, output = shell.deploys(STAGE="prod", **NEEDED, **more)

    assert exit_code == 0, output
    assert overrides(shell.deployment) == {
        "Stage": "prod",
        "SupabaseUrl": NEEDED["SUPABASE_URL"],
        "SupabasePublishableKey": NEEDED["SUPABASE_PUBLISHABLE_KEY"],
        "SupabaseSecretArn": SECRET,
        "AllowedOrigins": more["ALLOWED_ORIGINS"],
        "ConversationScope": "all",
    }
    assert option(shell.deployment, "--stack-name") == "training-files-prod"
    assert option(shell.deployment, "--config-env") == "prod"
    assert option(shell.deployment, "--region") == REGION


def test_a_stack_may_have_another_name_and_an_empty_value_switches_off(shell: Shell) -> None:
    assert shell.deploys(STACK_NAME="training-files", ALARM_TOPIC_ARN="", ALLOWED_ORIGINS="")[0] == 0

    assert overrides(shell.deployment) == {"Stage": "dev", "AlarmTopicArn": ""}


def test_nobody_is_asked_where_there_is_no_terminal(shell: Shell) -> None:
    shell.deploys()

    assert "--no-confirm-changeset" in shell.deployment


REFUSED: list[tuple[dict[str, str], list[str]]] = [
    (
        {"STAGE": "prod"},
        ["no stack training-files-prod in eu-central-1", "SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_ARN"],
    ),
    ({"STAGE": "production"}, ["STAGE is 'production'", "dev, staging, prod"]),
    (
        {"AWS_REGION": "us-east-1", **NEEDED},
        ["SUPABASE_SECRET_ARN is of eu-central-1", "the stack of us-east-1", "AWS_REGION=eu-central-1"],
    ),
    ({"AWS_REGION": "unset", **NEEDED}, ["AWS_REGION is not set"]),
    (
        {"SUPABASE_URL": "https://abcdefgh.supabase.co/rest/v1", "SUPABASE_SECRET_ARN": "sb_secret_key"},
        ["SUPABASE_URL must be an https URL without a path", "SUPABASE_SECRET_ARN must be the ARN of a secret"],
    ),
    ({"AWS_ACCESS_KEY_ID": "unset", "AWS_SECRET_ACCESS_KEY": "unset"}, ["AWS knows no credentials"]),
    ({"STAGE": "prod", **NEEDED}, ["ALLOWED_ORIGINS"]),
    ({"STAGE": "staging", **NEEDED, "HOOK_SECRET_ARN": SECRET}, ["HookSecretArn names a secret of its own"]),
    (
        {
            "CONVERSATION_SCOPE": "mine",
            "KEEP_REVISIONS": "0",
            "LOG_RETENTION_IN_DAYS": "10",
            "THROTTLING_RATE_LIMIT": "fast",
        },
        [
            "CONVERSATION_SCOPE must be one of own, all.",
            "KEEP_REVISIONS must be a whole number, at least 1.",
            "LOG_RETENTION_IN_DAYS must be one of 1, 3, 5",
            "THROTTLING_RATE_LIMIT must be a whole number, at least 1.",
        ],
    ),
    ({"ALARM_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:alarms"}, ["ALARM_TOPIC_ARN is of us-east-1"]),
    ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "STAGE": "prod"}, ["AWS cannot be asked"]),
]


@pytest.mark.parametrize(("variables", "sentences"), REFUSED, ids=[sentences[0] for _, sentences in REFUSED])
def test_what_does_not_fit_is_told_before_anything_is_built(
    shell: Shell, variables: dict[str, str], sentences: list[str]
) -> None:
    exit_code, output = shell.deploys(**variables)

    assert exit_code != 0
    assert [sentence for sentence in sentences if sentence not in output] == []
    assert "sb_secret_key" not in output
    assert "Traceback" not in output
    assert shell.asked == []


def test_every_parameter_has_a_variable_of_its_own() -> None:
    variables = [variable_of(name) for name in PARAMETERS]

    assert len(set(variables)) == len(variables)
    assert {variable_of("SupabaseS3SecretArn"), variable_of("LogRetentionInDays")} == {
        "SUPABASE_S3_SECRET_ARN",
        "LOG_RETENTION_IN_DAYS",
    }
