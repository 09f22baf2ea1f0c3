"""The template as CloudFormation gets to see it is one that CloudFormation takes."""

import io
import json
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local_api.cloudformation import Resolver, parameter_values
from infra.local_queue.server import aws_client, run_server
from tests.support.transformed import CODE_BUCKET, CODE_KEY, LAYER_KEY, transformed

pytestmark = [pytest.mark.artifact]

PROJECT = Path(__file__).parents[2]
STACK = "training-files"
PARAMETERS = {
    "SupabaseUrl": "https://abcdefgh.supabase.co",
    "SupabasePublishableKey": "sb_publishable_0123456789",
    "SupabaseSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:training-files-a1B2c3",
    "AllowedOrigins": "https://one.example,https://two.example",
}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return transformed(PROJECT / "template.yaml", PARAMETERS)


@pytest.fixture(scope="module")
def aws_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with run_server(tmp_path_factory.mktemp("aws") / "requests.jsonl") as url:
        yield url


@pytest.fixture(scope="module")
def made(template: dict[str, Any], aws_url: str) -> list[dict[str, Any]]:
    """Every resource. moto says nothing but that it was made of one whose type it does not know."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "")
    with aws_client("s3", aws_url) as s3:
        s3.create_bucket(Bucket=CODE_BUCKET)
        for key in (CODE_KEY, LAYER_KEY):
            s3.put_object(Bucket=CODE_BUCKET, Key=key, Body=code.getvalue())
    given = [{"ParameterKey": name, "ParameterValue": value} for name, value in PARAMETERS.items()]
    with aws_client("cloudformation", aws_url) as cloudformation:
        cloudformation.create_stack(
            StackName=STACK,
            TemplateBody=json.dumps(_listed_as_deployed(template)),
            Parameters=given,
            Capabilities=["CAPABILITY_IAM"],
        )
        [stack] = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        resources: list[dict[str, Any]] = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        return resources


def _listed_as_deployed(template: dict[str, Any]) -> dict[str, Any]:
    """As far as moto goes.

    It takes AWS::NoValue for an item of a list, and knows no aliases: what names one names its function here.
    """
    resolver = Resolver(template, parameter_values(template, PARAMETERS))

    aliases = {
        name: resource["Properties"]["FunctionName"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Alias"
    }

    def is_there(item: Any) -> bool:
        match item:
            case {"Fn::If": [str(condition), _, {"Ref": "AWS::NoValue"}]}:
                return resolver.holds(condition)
            case _:
                return True

    def pruned(value: Any) -> Any:
        match value:
            case {"Ref": str(name)} if name in aliases:
                return aliases[name]
            case dict():
                return {key: pruned(item) for key, item in value.items()}
            case list():
                return [pruned(item) for item in value if is_there(item)]
            case _:
                return value

    return dict(pruned(template))


@pytest.mark.slow
def test_is_accepted_by_the_linter(tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps(transformed(PROJECT / "template.yaml")), encoding="utf-8")
    linter = PROJECT / ".tools/bin/cfn-lint"

    command = [linter, "--regions", "us-east-1", "--", file]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603

    assert (ended.stdout, ended.returncode) == ("", 0)


@pytest.mark.slow
def test_is_created_with_every_resource(template: dict[str, Any], made: list[dict[str, Any]]) -> None:
    assert {each["ResourceStatus"] for each in made} == {"CREATE_COMPLETE"}
    assert len(made) == len(template["Resources"])
    assert {each["LogicalResourceId"] for each in made if "LogicalResourceId" in each} <= set(template["Resources"])


@pytest.mark.parametrize("is_told", [False, True], ids=["the value comes later", "the transform is told the value"])
@pytest.mark.parametrize("count", [2, *(pytest.param(count, marks=pytest.mark.slow) for count in (1, 5))])
def test_each_origin_arrives_at_the_gateway_as_one(count: int, is_told: bool) -> None:  # noqa: FBT001 - a case
    """Whether the transform writes a parameter's value in the place of its Ref, or leaves that to the deployment."""
    origins = [f"https://{number}.example" for number in range(count)]
    parameters = {"AllowedOrigins": ",".join(origins)}
    document = transformed(PROJECT / "template.yaml", parameters if is_told else {})
    resolver = Resolver(document, parameter_values(document, PARAMETERS | parameters))

    cors = document["Resources"]["TrainingFilesApi"]["Properties"]["Body"]["x-amazon-apigateway-cors"]

    assert resolver.resolve(cors["allowOrigins"]) == origins
    assert cors["allowHeaders"] == ["authorization", "content-type", "idempotency-key", "prefer"]
