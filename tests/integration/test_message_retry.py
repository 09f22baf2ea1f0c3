"""When a message that its worker was not done with comes back, on an SQS queue as moto has it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import boto3
import pytest
from moto import mock_aws

from tests.support.handlers import a_context, started_anew
from training_files import bootstrap
from training_files.adapters.aws.queues import SqsBuildQueue
from training_files.api.queue import queue_handler_of
from training_files.background.leases import BuiltElsewhereError
from training_files.errors import NotSetUpError, TrainingFileBusyError, TrainingFilesError, UpstreamUnavailableError
from training_files.ports.queue import Delivery

HANDED_OUT_AGAIN_AFTER_SECONDS = "900"


@dataclass(frozen=True)
class Queue:
    """The queue of builds, with one message."""

    url: str
    sqs: Any

    def received(self) -> dict[str, Any] | None:
        answer = self.sqs.receive_message(QueueUrl=self.url, MessageSystemAttributeNames=["All"])
        [message] = answer.get("Messages", [None])
        return message

    def hand_to(self, act: Callable[[UUID, Delivery], None], *, retry_soon: bool = True) -> bool:
        """Whether the function was done with the message, which is there to be handed out."""
        message = self.received()
        assert message is not None
        record = {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
            "eventSource": "aws:sqs",
        }
        answer = queue_handler_of({"revision_id": act}, retry_soon=retry_soon)({"Records": [record]}, a_context())
        return not answer["batchItemFailures"]


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("SUPABASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", "sb_secret_key")
    monkeypatch.setenv("BUILD_RETRY_SECONDS", "0")
    with mock_aws():
        sqs = boto3.client("sqs")
        attributes = {"VisibilityTimeout": HANDED_OUT_AGAIN_AFTER_SECONDS}
        url = sqs.create_queue(QueueName="builds", Attributes=attributes)["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"revision_id": str(uuid4())}))
        monkeypatch.setenv("BUILD_QUEUE_URL", url)
        with started_anew():
            yield Queue(url, sqs)


def raising(error: Exception) -> Callable[[UUID, Delivery], None]:
    def act(_: UUID, __: Delivery) -> None:
        raise error

    return act


@pytest.mark.parametrize(
    "error", [UpstreamUnavailableError("no answer"), NotSetUpError("no bucket"), TrainingFileBusyError(uuid4())]
)
def test_a_build_that_broke_off_comes_back_when_the_worker_says(queue: Queue, error: TrainingFilesError) -> None:
    assert not queue.hand_to(raising(error))

    again = queue.received()

    assert again is not None
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"


@pytest.mark.parametrize("error", [BuiltElsewhereError(), KeyError()])
def test_what_another_worker_may_be_at_comes_back_when_the_queue_says(queue: Queue, error: Exception) -> None:
    assert not queue.hand_to(raising(error))

    assert queue.received() is None


def test_a_function_that_does_not_ask_for_it_leaves_the_queue_its_time(queue: Queue) -> None:
    assert not queue.hand_to(raising(UpstreamUnavailableError("no answer")), retry_soon=False)

    assert queue.received() is None


def test_a_worker_is_told_how_often_the_message_came_and_when_it_comes_again(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Delivery] = []

    def act(_: UUID, delivery: Delivery) -> None:
        told.append(delivery)
        raise UpstreamUnavailableError("no answer")

    for name, value in {"_retry_seconds": 30, "_tries": 3, "put_off": come_at_once(queue)}.items():
        monkeypatch.setattr(bootstrap.application().build_queue, name, value)
    for _ in range(3):
        queue.hand_to(act)

    assert told == [Delivery(1, 30), Delivery(2, 60), Delivery(3, None)]


def come_at_once(queue: Queue) -> Callable[..., None]:
    def put_off(receipt_handle: str, **_: int) -> None:
        queue.sqs.change_message_visibility(QueueUrl=queue.url, ReceiptHandle=receipt_handle, VisibilityTimeout=0)

    return put_off


def test_each_pause_is_twice_the_one_before_up_to_the_longest(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    builds = SqsBuildQueue(queue.url, 30, 6)
    sqs = builds._sqs  # noqa: SLF001 - the client that asks the queue
    monkeypatch.setattr(sqs, "change_message_visibility", lambda **wanted: asked.append(wanted["VisibilityTimeout"]))

    for receptions in range(1, 8):
        builds.put_off("handle", receptions=receptions)

    assert asked == [30, 60, 120, 240, 480, 480, 480]


def test_a_pause_that_the_queue_does_not_take_is_no_failure_of_its_own(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bootstrap.application().build_queue, "_url", f"{queue.url}-gone")

    assert not queue.hand_to(raising(UpstreamUnavailableError("no answer")))

    assert "comes back when its queue says" in caplog.text
