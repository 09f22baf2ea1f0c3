"""Idempotency-Key on the real handlers: the same call again has one effect and the same answer."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from tests.support.builders import Json
from tests.support.handlers import a_context, a_post, handler_of, started_anew
from tests.support.world import User, World

TABLE = "idempotency"

Call = Callable[..., Json]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The table that remembers answers, and the queue of builds."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        boto3.client("dynamodb").create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        queue = boto3.client("sqs").create_queue(QueueName="builds")
        monkeypatch.setenv("BUILD_QUEUE_URL", queue["QueueUrl"])
        yield


@pytest.fixture
def post(aws: None, world: World, user: User, monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:  # noqa: ARG001 - has to be there first
    """A POST by the handler of a function itself."""
    monkeypatch.setenv("SUPABASE_URL", world.proxy.url)
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", world.supabase.secret_key)
    monkeypatch.setenv("SUPABASE_JWT_SECRET", world.supabase.jwt_secret)
    monkeypatch.setenv("IDEMPOTENCY_TABLE", TABLE)
    context = a_context()

    def call(
        body: Json,
        key: str | None,
        caller: User = user,
        *,
        function: str = "create_training_file",
        path: str = "",
        **headers: str,
    ) -> Json:
        if key:
            headers["idempotency-key"] = key
        answer = handler_of(function)(a_post(f"/api/training-files{path}", body, caller, **headers), context)
        return answer | {"body": json.loads(answer["body"])}

    with started_anew():
        yield call


@pytest.fixture
def create(post: Call) -> Call:
    """POST /api/training-files."""
    return post


def a_body(world: World, owner: User) -> Json:
    return {"name": f"file {uuid4()}", "conversation_ids": world.some_conversations(owner, 1)}


def test_the_same_call_again_has_one_effect_and_the_same_answer(world: World, user: User, create: Call) -> None:
    body, key = a_body(world, user), str(uuid4())

    first, again = create(body, key), create(body, key)

    assert first["statusCode"] == again["statusCode"] == 201
    assert again["body"] == first["body"]
    assert again["headers"]["Location"] == first["headers"]["Location"]
    assert len(world.training_file_rows(user)) == 1


def test_a_removal_again_is_answered_as_before(world: World, user: User, post: Call) -> None:
    """Without its key it would be refused: the conversation is not in the file any more."""
    whole = a_body(world, user) | {"conversation_ids": world.some_conversations(user, 3)}
    file_id = post(whole, None)["body"]["trainingFile"]["id"]
    body, key = {"conversation_ids": whole["conversation_ids"][:1]}, str(uuid4())
    from_the_file: Json = {"function": "remove_conversations", "path": f"/{file_id}/remove-conversations"}

    first, again = (post(body, key, **from_the_file) for _ in range(2))

    assert (first["statusCode"], first["body"]["trainingFile"]["revision"]) == (200, 2)
    assert again["body"] == first["body"]
    assert user.conversation_ids(file_id) == whole["conversation_ids"][1:]
    assert post(body, None, **from_the_file)["body"]["code"] == "conversations_not_in_file"


def test_an_addition_again_adds_once(world: World, user: User, post: Call) -> None:
    file_id = post(a_body(world, user), None)["body"]["trainingFile"]["id"]
    body, key = {"conversation_ids": world.some_conversations(user, 1)}, str(uuid4())
    to_the_file: Json = {"function": "add_conversations", "path": f"/{file_id}/add-conversations"}

    first, again = (post(body, key, **to_the_file) for _ in range(2))

    assert (first["statusCode"], first["body"]["trainingFile"]["revision"]) == (200, 2)
    assert (again["statusCode"], again["body"]) == (200, first["body"])
    assert post(body, None, **to_the_file)["body"]["code"] == "conversations_already_in_file"


def test_a_retry_again_is_one_build(world: World, user: User, post: Call) -> None:
    file_id = post(a_body(world, user), None, prefer="respond-async")["body"]["trainingFile"]["id"]
    world.database.execute(
        "update training_file_revisions set status = 'failed', error = '{\"message\": \"broken\"}' "
        "where training_file_id = %s",
        [file_id],
    )
    key, of_the_file = str(uuid4()), {"function": "retry_training_file", "path": f"/{file_id}/retry"}

    first, again = (post({}, key, **of_the_file) for _ in range(2))

    assert (first["statusCode"], again["statusCode"]) == (202, 202)
    assert again["body"] == first["body"]
    assert len(world.revision_rows(user)) == 2
    assert post({}, None, **of_the_file)["body"]["code"] == "nothing_to_retry"


def test_without_a_key_the_second_call_is_a_second_one(world: World, user: User, create: Call) -> None:
    body = a_body(world, user)

    assert create(body, None)["statusCode"] == 201
    assert create(body, None)["body"]["code"] == "name_taken"


def test_the_same_key_with_another_body_is_refused(world: World, user: User, create: Call) -> None:
    key = str(uuid4())
    create(a_body(world, user), key)

    refused = create(a_body(world, user), key)

    assert (refused["statusCode"], refused["body"]["code"]) == (422, "idempotency_key_reused")
    assert len(world.training_file_rows(user)) == 1


def test_a_key_belongs_to_its_user(world: World, user: User, create: Call) -> None:
    key, other = str(uuid4()), world.a_user()
    create(a_body(world, user), key)

    assert create(a_body(world, other), key, other)["statusCode"] == 201


def test_a_call_that_was_refused_can_be_made_again(world: World, user: User, create: Call) -> None:
    key, unfinished = str(uuid4()), world.a_conversation(user, enrichment_status="validated")
    body = {"name": f"file {uuid4()}", "conversation_ids": [unfinished]}
    assert create(body, key)["statusCode"] == 400
    world.database.execute(
        "update conversations set enrichment_status = 'completed' where conversation_id = %s", [unfinished]
    )

    assert create(body, key)["statusCode"] == 201


def test_the_same_call_at_the_same_time_is_asked_to_retry(world: World, user: User, create: Call) -> None:
    body, key = a_body(world, user), str(uuid4())
    answers: list[Json] = []
    world.proxy.before("/rpc/commit_training_file_revision", lambda: answers.append(_in_a_thread(create, body, key)))

    assert create(body, key)["statusCode"] == 201

    assert [(answer["statusCode"], answer["body"]["code"]) for answer in answers] == [(409, "request_in_progress")]
    assert create(body, key)["statusCode"] == 201


def _in_a_thread(create: Call, body: Json, key: str) -> Json:
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(create, body, key).result()


@pytest.mark.parametrize("key", ["x" * 256, "naïve", "a\tb"])
def test_a_malformed_key_is_refused(world: World, user: User, create: Call, key: str) -> None:
    refused = create(a_body(world, user), key)

    assert (refused["statusCode"], refused["body"]["details"][0]["field"]) == (400, "Idempotency-Key")
    assert world.training_file_rows(user) == []
