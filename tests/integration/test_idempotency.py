"""Idempotency-Key on the real handlers: the same call again has one effect and the same answer."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from tests.support.builders import Json
from tests.support.handlers import a_context, a_post, handler_of
from tests.support.world import User, World
from training_files import bootstrap
from training_files.api.app import remembered_in

TABLE = "idempotency"

Call = Callable[..., Json]


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
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
        yield


@pytest.fixture
def create(table: None, world: World, user: User, monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:  # noqa: ARG001 - has to be there first
    """POST /api/training-files by the handler itself."""
    monkeypatch.setenv("SUPABASE_URL", world.proxy.url)
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", world.supabase.secret_key)
    monkeypatch.setenv("SUPABASE_JWT_SECRET", world.supabase.jwt_secret)
    monkeypatch.setenv("IDEMPOTENCY_TABLE", TABLE)
    for cached in (bootstrap.application, remembered_in):
        cached.cache_clear()
    handler = handler_of("create_training_file")
    context = a_context()

    def call(body: Json, key: str | None, caller: User = user) -> Json:
        headers = {"idempotency-key": key} if key else {}
        answer = handler(a_post("/api/training-files", body, caller, **headers), context)
        return answer | {"body": json.loads(answer["body"])}

    yield call
    bootstrap.application().close()
    for cached in (bootstrap.application, remembered_in):
        cached.cache_clear()


def a_body(world: World, owner: User) -> Json:
    return {"name": f"file {uuid4()}", "conversation_ids": world.some_conversations(owner, 1)}


def test_the_same_call_again_has_one_effect_and_the_same_answer(world: World, user: User, create: Call) -> None:
    body, key = a_body(world, user), str(uuid4())

    first, again = create(body, key), create(body, key)

    assert first["statusCode"] == again["statusCode"] == 201
    assert again["body"] == first["body"]
    assert again["headers"]["Location"] == first["headers"]["Location"]
    assert len(world.training_file_rows(user)) == 1


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


def test_the_same_call_at_the_same_time_is_told_to_ask_again(world: World, user: User, create: Call) -> None:
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
def test_a_key_that_is_none_is_refused(world: World, user: User, create: Call, key: str) -> None:
    refused = create(a_body(world, user), key)

    assert (refused["statusCode"], refused["body"]["details"][0]["field"]) == (400, "Idempotency-Key")
    assert world.training_file_rows(user) == []
