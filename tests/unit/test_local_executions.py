"""What Step Functions on this machine is answered in the place of Lambda, and the definition that it is given."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.local_api import FunctionFailedError, FunctionTimedOutError, LocalApiError
from infra.local_executions import LambdaEndpoint, definition_of, function_arns, run_lambda_endpoint

ARN = "arn:aws:lambda:us-east-1:000000000000:function:WorkFunction"


class Functions:
    """Answers everything with `outcome`, or raises it."""

    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    def start(self, function_logical_id: str, event: Mapping[str, Any]) -> Future[Any]:
        self.asked.append((function_logical_id, event))
        answer: Future[Any] = Future()
        if isinstance(self.outcome, Exception):
            answer.set_exception(self.outcome)
        else:
            answer.set_result(self.outcome)
        return answer


@pytest.fixture(scope="module")
def endpoint() -> Iterator[LambdaEndpoint]:
    with run_lambda_endpoint() as running:
        yield running


@pytest.fixture(scope="module")
def client(endpoint: LambdaEndpoint) -> Iterator[Any]:
    made = boto3.client(
        "lambda",
        endpoint_url=f"http://127.0.0.1:{endpoint.port}",
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}),
    )
    yield made
    made.close()


def invoke(client: Any) -> tuple[str | None, Any]:
    """The kind of failure, and what the function answered."""
    answer = client.invoke(FunctionName=ARN, Payload=json.dumps({"shard": 1}))
    return answer.get("FunctionError"), json.load(answer["Payload"])


def test_a_function_is_found_by_the_end_of_its_arn_and_answers(endpoint: LambdaEndpoint, client: Any) -> None:
    functions = Functions({"done": True})

    with endpoint.invoking(functions):
        assert invoke(client) == (None, {"done": True})

    assert functions.asked == [("WorkFunction", {"shard": 1})]


@pytest.mark.parametrize(
    ("error", "name", "message"),
    [
        (FunctionFailedError("WorkFunction", "ValueError", "it is none"), "ValueError", "it is none"),
        (FunctionTimedOutError("WorkFunction"), "Sandbox.Timedout", "WorkFunction timed out."),
    ],
)
def test_a_failure_is_told_as_lambda_tells_it(
    endpoint: LambdaEndpoint, client: Any, error: Exception, name: str, message: str
) -> None:
    with endpoint.invoking(Functions(error)):
        told = invoke(client)

    assert told == ("Unhandled", {"errorType": name, "errorMessage": message, "stackTrace": []})


def test_a_function_that_is_not_there_is_told_from_one_that_fails(endpoint: LambdaEndpoint, client: Any) -> None:
    with endpoint.invoking(Functions(LocalApiError("There is none."))), pytest.raises(ClientError) as caught:
        invoke(client)

    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_functions_are_there_only_while_they_are_served(endpoint: LambdaEndpoint, client: Any) -> None:
    with endpoint.invoking(Functions({})):
        pass

    with pytest.raises(ClientError) as caught:
        invoke(client)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503


def test_values_are_put_where_their_names_are() -> None:
    text = '{"Resource": "${Function}", "At.$": "States.StringToJson(\'${Number}\')", "Item.$": "$$.Map.Item.Value"}'

    definition = json.loads(definition_of(text, {"Function": ARN, "Number": "7"}))

    assert definition == {"Resource": ARN, "At.$": "States.StringToJson('7')", "Item.$": "$$.Map.Item.Value"}


def test_functions_are_known_by_their_arns() -> None:
    resources = {"WorkFunction": {"Type": "AWS::Serverless::Function"}, "Queue": {"Type": "AWS::SQS::Queue"}}

    assert function_arns({"Resources": resources}) == {"WorkFunction.Arn": ARN}
