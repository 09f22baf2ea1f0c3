"""The built template at work: its functions, queues, rules, schedules and tables, with its variables and its roles.

What the template names is made on AWS services of this machine; nothing of it is said again here. Only the Supabase
project, the secret and where AWS is found come from outside, as they do in a deployment.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from infra.clients import supabase_client
from infra.local_api import LocalApi, run_local_api
from infra.local_api.template import read_template
from infra.local_aws import LocalStack, run_local_stack
from infra.local_executions import LambdaEndpoint, run_lambda_endpoint
from infra.local_queue.events import Message, event_of
from infra.local_queue.server import aws_client, run_server
from infra.local_supabase import LocalSupabase
from infra.stack import S3_REGION
from tests.support.agreement import agreed_conversation_ids
from tests.support.aws_calls import AwsCall, calls_in, grants_of
from tests.support.builders import Json
from tests.support.cloudformation import SamTemplate
from tests.support.commands import wait_until
from tests.support.errors import the_error
from tests.support.fault_proxy import FaultProxy
from tests.support.world import User, World

pytestmark = [pytest.mark.artifact, pytest.mark.slow]

FILES = "/api/training-files"
HOOK = "/api/hooks/conversation-enriched"
HOOK_SECRET = "shared-with-the-database-and-nobody"
# What a deployment may leave without a value.
OPTIONAL_VARIABLES = {"TARGET_MODEL", "SUPABASE_JWT_ISSUER"}
DAY = 24 * 3600

Heard = Callable[[str], list[Json]]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every request that came to the AWS services of this machine."""
    return tmp_path_factory.mktemp("aws") / "requests.jsonl"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[LambdaEndpoint]:
    with run_lambda_endpoint() as running:
        yield running


@pytest.fixture(scope="module")
def aws_url(recording: Path, endpoint: LambdaEndpoint) -> Iterator[str]:
    with run_server(recording, lambda_port=endpoint.port) as url:
        yield url


@pytest.fixture(scope="module")
def parameters(aws_url: str, supabase: LocalSupabase, session_proxy: FaultProxy) -> dict[str, str]:
    """What `sam deploy` is given."""
    server = {"SUPABASE_SERVICE_ROLE_KEY": supabase.secret_key, "SUPABASE_JWT_SECRET": supabase.jwt_secret}
    s3 = {
        "SUPABASE_S3_ACCESS_KEY_ID": supabase.s3_access_key,
        "SUPABASE_S3_SECRET_ACCESS_KEY": supabase.s3_secret_key,
        "SUPABASE_S3_REGION": S3_REGION,
    }
    secrets = {
        "SupabaseSecretArn": json.dumps(server),
        "SupabaseS3SecretArn": json.dumps(s3),
        "HookSecretArn": HOOK_SECRET,
    }
    with aws_client("secretsmanager", aws_url) as client:
        arns = {name: client.create_secret(Name=name, SecretString=text)["ARN"] for name, text in secrets.items()}
    return {"SupabaseUrl": session_proxy.url, "SupabasePublishableKey": supabase.publishable_key, **arns}


@pytest.fixture(scope="module")
def stack(host_build: Path, aws_url: str, parameters: dict[str, str]) -> Iterator[LocalStack]:
    with run_local_stack(host_build, aws_url, parameters) as made:
        yield made


@pytest.fixture(scope="module")
def template(host_build: Path) -> SamTemplate:
    return SamTemplate.read(host_build)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("deployment") / "functions.log"


@pytest.fixture(scope="module")
def deployed(
    host_build: Path,
    template: SamTemplate,
    stack: LocalStack,
    parameters: dict[str, str],
    aws_url: str,
    endpoint: LambdaEndpoint,
    log: Path,
) -> Iterator[LocalApi]:
    """The functions, each with a key of its own, as each has a role of its own."""
    keys = {name: {"AWS_ACCESS_KEY_ID": name, "AWS_SECRET_ACCESS_KEY": "local"} for name in template.functions}
    with (
        run_local_api(
            host_build,
            environment={"AWS_ENDPOINT_URL": aws_url},
            parameters=parameters,
            known_resources=stack.resources,
            function_environment=keys,
            runtime_packages="lambda",
            log=log,
        ) as running,
        endpoint.invoking(running),
    ):
        yield running


@pytest.fixture(scope="module")
def session_world(supabase: LocalSupabase, session_proxy: FaultProxy, deployed: LocalApi) -> Iterator[World]:
    with (
        supabase_client(supabase.url, supabase.secret_key) as client,
        psycopg.connect(supabase.database_url, autocommit=True) as database,
    ):
        world = World(supabase, session_proxy, deployed.url, client, database)
        yield world
        world.close()


@pytest.fixture
def fed(stack: LocalStack, deployed: LocalApi) -> Iterator[None]:
    """The queues feed their functions."""
    with stack.queues.feeding(deployed):
        yield


@pytest.fixture(autouse=True)
def calls_are_granted(recording: Path, host_build: Path, stack: LocalStack) -> Iterator[None]:
    """Whatever a test has a function do, the function's own role allows it."""
    before, grants = calls_in(recording), grants_of(host_build, stack)
    yield
    calls = [call for call in calls_in(recording) - before if call.caller in grants]
    assert [call for call in calls if call.grant not in grants[call.caller]] == []


@pytest.fixture
def heard(aws_url: str) -> Iterator[Heard]:
    """What a consumer of the project's events has heard of a training file since it was asked last."""
    name = f"consumer-{uuid4()}"
    with aws_client("events", aws_url) as bus, aws_client("sqs", aws_url) as sqs:
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        bus.put_rule(Name=name, EventPattern=json.dumps({"source": ["training-files"]}))
        bus.put_targets(Rule=name, Targets=[{"Id": "consumer", "Arn": arn}])

        def listen(training_file_id: str) -> list[Json]:
            events: list[Json] = []
            while received := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                events += [json.loads(message["Body"]) for message in received]
            return [event for event in events if event["detail"]["training_file_id"] == training_file_id]

        yield listen
        bus.remove_targets(Rule=name, Ids=["consumer"])
        bus.delete_rule(Name=name)


def a_collecting_file(world: World, owner: User) -> str:
    """A training file of one conversation, whose rule takes all that are enriched."""
    created = owner.created(world.some_conversations(owner, 1))
    changed = owner.http.patch(f"{FILES}/{created['id']}", json={"collect": {}})
    assert changed.status_code == 200, changed.text
    return str(created["id"])


def call_hook(
    user: User, conversation_id: str, *, secret: str = HOOK_SECRET, status: str = "completed"
) -> httpx.Response:
    """As the trigger in sql/optional does."""
    record = {"conversation_id": conversation_id, "enrichment_status": status}
    body = {"type": "UPDATE", "table": "conversations", "record": record}
    return user.http.post(HOOK, json=body, headers={"X-Webhook-Secret": secret})


def put_event(aws_url: str, detail_type: str, detail: Json) -> None:
    """As an enrichment pipeline does."""
    entry = {"Source": "enrichment", "DetailType": detail_type, "Detail": json.dumps(detail)}
    with aws_client("events", aws_url) as events:
        assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0


def left_in(stack: LocalStack, queue: str) -> int:
    """How many messages of a queue nobody has been done with."""
    names, url = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"], stack.queues.url(queue)
    attributes = stack.queues.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(attributes[name]) for name in names)


def is_published(world: World, training_file_id: str, event_type: str) -> bool:
    of_it = "select published_at from training_file_events where training_file_id = %s and type = %s"
    return any(row["published_at"] for row in world.rows(of_it, training_file_id, event_type))


def log_entries(log: Path, function: str, since: int) -> list[Json]:
    """What a function logged behind a place in the log, and what was measured there."""
    entries = [json.loads(line) for line in log.read_text()[since:].splitlines() if line.startswith("{")]
    return [entry for entry in entries if entry.get("function_name") == function or "_aws" in entry]


# --- what functions are given ---


def test_every_variable_has_a_value(
    host_build: Path, parameters: dict[str, str], stack: LocalStack, template: SamTemplate
) -> None:
    functions = read_template(host_build, parameters, stack.resources).functions

    without = {name for function in functions.values() for name, value in function.environment.items() if not value}
    assert functions.keys() == template.functions.keys()
    assert without == OPTIONAL_VARIABLES


# --- collection rules ---


@pytest.mark.usefixtures("fed")
def test_a_conversation_that_the_hook_reports_is_collected(
    world: World, user: User, stack: LocalStack, recording: Path, heard: Heard
) -> None:
    training_file_id, enriched = a_collecting_file(world, user), world.a_conversation(user)
    before = left_in(stack, "EnrichedQueue")
    [created] = heard(training_file_id)

    answer = call_hook(user, enriched)

    assert (answer.status_code, answer.json()) == (202, {"queued": True})
    assert wait_until(lambda: user.get(training_file_id)["revision"] == 2)
    assert agreed_conversation_ids(world, training_file_id)[1:] == [enriched]
    assert wait_until(lambda: is_published(world, training_file_id, "Training File Updated"))
    assert wait_until(lambda: left_in(stack, "EnrichedQueue") == before)
    [updated] = heard(training_file_id)
    assert (created["detail-type"], updated["detail-type"]) == ("Training File Created", "Training File Updated")
    assert calls_in(recording) >= {
        AwsCall("ReceiveConversationEnrichedFunction", "sqs:SendMessage", stack.resources["EnrichedQueue.Arn"]),
        AwsCall("CollectConversationsFunction", "sqs:ReceiveMessage", stack.resources["EnrichedQueue.Arn"]),
        AwsCall("CollectConversationsFunction", "sqs:SendMessage", stack.resources["BuildQueue.Arn"]),
        AwsCall("BuildRevisionFunction", "sqs:DeleteMessage", stack.resources["BuildQueue.Arn"]),
    }


def test_the_hook_takes_nothing_without_the_secret_and_nothing_that_is_not_enriched(
    world: World, user: User, stack: LocalStack
) -> None:
    conversation_id, before = world.a_conversation(user), left_in(stack, "EnrichedQueue")

    the_error(call_hook(user, conversation_id, secret="guessed"), 401, "unauthorized")
    the_error(call_hook(user, conversation_id, secret=""), 401, "unauthorized")
    unfinished = call_hook(user, conversation_id, status="validated")

    assert (unfinished.status_code, unfinished.json()) == (202, {"queued": False})
    assert left_in(stack, "EnrichedQueue") == before


def test_a_burst_of_events_makes_one_revision_and_a_malformed_event_does_not_stop_the_others(
    world: World, user: User, stack: LocalStack, deployed: LocalApi, aws_url: str
) -> None:
    """More than SQS hands out at once: the batch of the event source is what takes them together."""
    training_file_id, enriched = a_collecting_file(world, user), world.some_conversations(user, 12)
    before = left_in(stack, "EnrichedQueue")
    for conversation_id in [*enriched[:6], "no UUID", *enriched[6:]]:
        put_event(aws_url, "Conversation Enriched", {"conversation_id": conversation_id})

    with stack.queues.feeding(deployed):
        assert wait_until(lambda: user.get(training_file_id)["conversation_count"] == 1 + len(enriched))
        assert wait_until(lambda: left_in(stack, "EnrichedQueue") == before + 1)

    assert user.get(training_file_id)["revision"] == 2
    assert sorted(agreed_conversation_ids(world, training_file_id)[1:]) == sorted(enriched)


def test_the_rule_takes_only_events_that_name_an_enriched_conversation(
    world: World, user: User, stack: LocalStack, aws_url: str
) -> None:
    conversation_id, before = world.a_conversation(user), left_in(stack, "EnrichedQueue")

    put_event(aws_url, "Conversation Enriched", {"conversation": conversation_id})
    put_event(aws_url, "Conversation Validated", {"conversation_id": conversation_id})

    assert left_in(stack, "EnrichedQueue") == before


def test_the_queue_lets_the_rule_and_nothing_else_send(template: SamTemplate, stack: LocalStack) -> None:
    [policy] = [stack.resolve(each) for each in template.properties_by_type("AWS::SQS::QueuePolicy").values()]

    assert policy["Queues"] == [stack.resources["EnrichedQueue"]]
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": stack.resources["EnrichedQueue.Arn"],
            "Condition": {"ArnEquals": {"aws:SourceArn": stack.resources["ConversationEnrichedRule.Arn"]}},
        }
    ]


# --- housekeeping ---


def an_abandoned_attempt(world: World, owner: User) -> str:
    """The path of the object that a caller left who has been gone for long."""
    revision_id = str(uuid4())
    wanted = {"p_owner": owner.id, "p_requested": {}, "p_new_file": {"name": "left behind"}}
    ids = {"p_revision_id": revision_id, "p_training_file_id": str(uuid4())}
    world.client.rpc("begin_training_file_revision", ids | wanted).execute()
    path = f"{revision_id}/training.json"
    world.client.storage.from_("training-files").upload(path, b"{}", {"content-type": "application/json"})
    world.database.execute(
        "update training_file_revisions set created_at = created_at - interval '1 hour' where id = %s", [revision_id]
    )
    return path


def an_unpublished_event(world: World, owner: User, heard: Heard) -> Json:
    """What a consumer did not hear, because the function was lost before it could say so."""
    world.database.execute("delete from training_file_events")
    created = owner.created(world.some_conversations(owner, 1))
    [event] = heard(created["id"])
    world.database.execute(
        "update training_file_events set published_at = null where training_file_id = %s", [created["id"]]
    )
    return event


def test_the_schedule_runs_housekeeping_which_tells_what_it_did(
    world: World, user: User, stack: LocalStack, deployed: LocalApi, aws_url: str, log: Path, heard: Heard
) -> None:
    path, event = an_abandoned_attempt(world, user), an_unpublished_event(world, user, heard)
    [schedule] = stack.schedules
    with aws_client("events", aws_url) as events:
        rule = events.describe_rule(Name=stack.resources[schedule.rule])
    since = len(log.read_text())

    done = deployed.invoke(schedule.function, stack.scheduled_event(schedule, datetime.now(UTC)))

    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(5 minutes)", "ENABLED")
    assert done["abandoned"] >= 1
    assert done["announced"] == 1
    assert path not in world.object_paths()
    assert [row["status"] for row in world.training_file_rows(user)] == ["active"]
    [again] = heard(event["detail"]["training_file_id"])
    assert again["detail"] == event["detail"]

    [metrics, line] = sorted(log_entries(log, schedule.function, since), key=lambda entry: "_aws" not in entry)
    assert (line["message"], line["level"]) == ("housekeeping", "INFO")
    assert {kind: line[kind] for kind in done} == done
    [directive] = metrics["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "TrainingFiles"
    assert {metric["Name"] for metric in directive["Metrics"]} == {f"Housekeeping{kind.capitalize()}" for kind in done}
    assert {kind: metrics[f"Housekeeping{kind.capitalize()}"] for kind in done} == {
        kind: [count] for kind, count in done.items()
    }


# --- Idempotency-Key ---


def items_of(aws_url: str, table: str) -> list[dict[str, Any]]:
    with aws_client("dynamodb", aws_url) as dynamodb:
        items: list[dict[str, Any]] = dynamodb.scan(TableName=table)["Items"]
    return items


def test_the_table_makes_a_call_that_is_sent_again_have_one_effect(
    world: World, user: User, stack: LocalStack, aws_url: str
) -> None:
    table = stack.resources["IdempotencyTable"]
    body = {"name": f"file {uuid4()}", "conversation_ids": world.some_conversations(user, 1)}
    headers = {"Idempotency-Key": str(uuid4())}
    known = items_of(aws_url, table)

    first = user.http.post(FILES, json=body, headers=headers)
    again = user.http.post(FILES, json=body, headers=headers)
    other = user.http.post(FILES, json=body | {"name": "another"}, headers=headers)

    assert first.status_code == again.status_code == 201, first.text
    assert (again.json(), again.headers["location"]) == (first.json(), first.headers["location"])
    the_error(other, 422, "idempotency_key_reused")
    assert len(world.training_file_rows(user)) == 1
    with aws_client("dynamodb", aws_url) as dynamodb:
        expiry = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    [item] = [item for item in items_of(aws_url, table) if item not in known]
    assert expiry["TimeToLiveStatus"] == "ENABLED"
    seconds_left = int(item[expiry["AttributeName"]]["N"]) - datetime.now(UTC).timestamp()
    assert DAY / 2 < seconds_left <= DAY


# --- builds that fail ---


def message_about(stack: LocalStack, revision_id: str) -> Message:
    """The message of a revision, as Lambda receives it; those of other tests stay away."""
    received = stack.queues.sqs.receive_message(
        QueueUrl=stack.queues.url("BuildQueue"), MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    )
    [message] = [message for message in received["Messages"] if revision_id in message["Body"]]
    return message


def test_a_build_that_fails_as_often_as_the_queue_allows_ends_as_failed(
    world: World, user: User, stack: LocalStack, deployed: LocalApi, heard: Heard
) -> None:
    """The test takes the messages as Lambda does, and makes the time pass until they come back."""
    sqs, url, arn = stack.queues.sqs, stack.queues.url("BuildQueue"), stack.resources["BuildQueue.Arn"]
    redrive = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]["RedrivePolicy"]
    [conversation_id] = world.some_conversations(user, 1)
    world.proxy.fail(path_contains=f"/object/conversation-files/{conversation_id}", times=None)
    body = {"name": f"file {uuid4()}", "conversation_ids": [conversation_id]}
    answer = user.http.post(FILES, json=body, headers={"Prefer": "respond-async"})
    training_file_id = answer.json()["trainingFile"]["id"]
    [revision] = world.revision_rows(user)

    for _ in range(json.loads(redrive)["maxReceiveCount"]):
        message = message_about(stack, str(revision["id"]))
        reported = deployed.invoke("BuildRevisionFunction", event_of([message], arn))
        assert reported == {"batchItemFailures": [{"itemIdentifier": message["MessageId"]}]}
        assert user.get(training_file_id)["status"] == "processing"
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)

    with stack.queues.feeding(deployed):
        assert wait_until(lambda: is_published(world, training_file_id, "Training File Build Failed"))
        assert wait_until(lambda: left_in(stack, "BuildDeadLetterQueue") == 0)
    failed = user.get(training_file_id)
    assert failed["status"] == "failed"
    assert "broke off several times" in failed["build_error"]
    assert [event["detail-type"] for event in heard(training_file_id)] == ["Training File Build Failed"]
