"""Events on the real database and a bus that behaves like EventBridge: at least once, in order, with all they need."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import boto3
import pytest
from moto import mock_aws

from tests.support.consumer import Consumer
from tests.support.world import User, World
from training_files.adapters.aws.event_bridge import EventBridgeBus
from training_files.bootstrap import Application, application_from
from training_files.domain.training_file.build_request import AddConversationsInput, CreateTrainingFileInput
from training_files.settings import settings_from

BUS = "training"


@pytest.fixture
def consumer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Consumer]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        yield Consumer(boto3.client("events"), boto3.client("sqs"), BUS)


@pytest.fixture
def running(world: World, consumer: Consumer) -> Iterator[Application]:  # noqa: ARG001 - AWS has to be there first
    environment = {
        "SUPABASE_URL": world.supabase.url,
        "SUPABASE_SERVICE_ROLE_KEY": world.supabase.secret_key,
        "EVENT_BUS_NAME": BUS,
    }
    world.database.execute("delete from public.training_file_events")
    application = application_from(settings_from(environment, lambda *_: "{}"))
    yield application
    application.close()


def a_file(world: World, running: Application, owner: User, **changes: Any) -> UUID:
    ids = tuple(UUID(conversation_id) for conversation_id in world.some_conversations(owner, 2))
    wanted = CreateTrainingFileInput(name=f"file {uuid4()}", conversation_ids=ids, created_by=UUID(owner.id), **changes)
    built = running.service.create_training_file(wanted)
    return built.id or uuid4()


def extended(world: World, running: Application, owner: User, file_id: UUID) -> None:
    ids = tuple(UUID(conversation_id) for conversation_id in world.some_conversations(owner, 1))
    running.service.add_conversations_to_training_file(
        AddConversationsInput(training_file_id=file_id, conversation_ids=ids)
    )


def test_each_commit_and_the_deletion_are_announced_once_and_in_order(
    world: World, user: User, running: Application, consumer: Consumer
) -> None:
    file_id = a_file(world, running, user)
    extended(world, running, user, file_id)
    current = running.service.existing(file_id)
    running.service.delete_training_file(file_id)

    heard = consumer.heard()

    assert [event["detail-type"] for event in heard] == [
        "Training File Created",
        "Training File Updated",
        "Training File Deleted",
    ]
    assert [event["detail"]["revision"] for event in heard] == [1, 2, 2]
    assert len({event["detail"]["event_id"] for event in heard}) == len(heard)
    told = heard[1]["detail"]
    assert told["training_file_id"] == str(file_id)
    assert told["conversation_count"] == current.conversation_count == 3
    assert (told["json_file_path"], told["jsonl_file_path"]) == (current.json_file_path, current.jsonl_file_path)
    assert world.rows("select id from training_file_events where published_at is null") == []


def test_a_published_commit_is_marked_on_its_revision(
    world: World, user: User, running: Application, consumer: Consumer
) -> None:
    a_file(world, running, user)

    assert consumer.heard()
    assert all(row["published_at"] for row in world.revision_rows(user))


def test_a_dry_run_writes_no_event(world: World, user: User, running: Application, consumer: Consumer) -> None:
    a_file(world, running, user, dry_run=True)

    assert consumer.heard() == []


def test_housekeeping_publishes_events_that_could_not_be_published(
    world: World, user: User, running: Application, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(EventBridgeBus, "publish", lambda _bus, events: [False] * len(events))
        file_id = a_file(world, running, user)
        extended(world, running, user, file_id)
    assert consumer.heard() == []

    assert running.housekeeping.run().announced == 2

    assert [event["detail"]["revision"] for event in consumer.heard()] == [1, 2]
    assert running.housekeeping.run().announced == 0
