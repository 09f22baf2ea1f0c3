"""What the hook makes of a call of the database: messages in the queue of enriched conversations, as moto has it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from tests.support.handlers import a_context, a_hook_call, handler_of, started_anew
from training_files.api.hooks.requests import MAX_ENRICHED_IDS
from training_files.wiring.hooks import hook_application

HANDED_OUT_AGAIN_AFTER_SECONDS = "900"
SECRET = "shared-with-the-database-and-nobody"


@dataclass(frozen=True)
class Hook:
    """The hook, and the queue behind it."""

    url: str
    sqs: Any

    def call(self, body: dict[str, Any]) -> tuple[int, Any]:
        event = a_hook_call("/api/hooks/conversation-enriched", body, SECRET)
        answer = handler_of("receive_conversation_enriched")(event, a_context())
        return answer["statusCode"], json.loads(answer["body"])

    def queued_count(self) -> int:
        name = "ApproximateNumberOfMessages"
        return int(self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])["Attributes"][name])

    def queued_ids(self) -> list[str]:
        ids: list[str] = []
        while received := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            ids += [json.loads(message["Body"])["detail"]["conversation_id"] for message in received]
        return ids


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "HOOK_SECRET": SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        sqs = boto3.client("sqs")
        attributes = {"VisibilityTimeout": HANDED_OUT_AGAIN_AFTER_SECONDS}
        url = sqs.create_queue(QueueName="enriched", Attributes=attributes)["QueueUrl"]
        monkeypatch.setenv("ENRICHED_QUEUE_URL", url)
        with started_anew():
            yield Hook(url, sqs)


def some_ids(count: int) -> list[str]:
    return [str(uuid4()) for _ in range(count)]


def a_row_change(conversation_id: str, status: str = "completed") -> dict[str, Any]:
    """As Supabase's own database webhooks send it."""
    record = {"id": str(uuid4()), "conversation_id": conversation_id, "enrichment_status": status}
    return {"type": "UPDATE", "table": "conversations", "schema": "public", "record": record, "old_record": record}


def test_a_row_that_is_enriched_is_queued(hook: Hook) -> None:
    [conversation_id] = some_ids(1)

    assert hook.call(a_row_change(conversation_id)) == (202, {"queued": True})

    assert hook.queued_ids() == [conversation_id]


@pytest.mark.parametrize(
    "body",
    [a_row_change(str(uuid4()), "validated"), {"type": "DELETE", "table": "conversations", "record": None}],
    ids=["not enriched", "deleted"],
)
def test_other_changes_of_rows_are_heard_and_not_queued(hook: Hook, body: dict[str, Any]) -> None:
    assert hook.call(body) == (202, {"queued": False})

    assert hook.queued_ids() == []


@pytest.mark.parametrize("count", [1, 10, 23])
def test_each_of_a_list_is_queued_once(hook: Hook, count: int) -> None:
    ids = some_ids(count)

    assert hook.call({"conversation_ids": ids}) == (202, {"queued": True})

    assert sorted(hook.queued_ids()) == sorted(ids)


@pytest.mark.slow
def test_a_list_may_be_as_long_as_the_trigger_makes_it(hook: Hook) -> None:
    assert hook.call({"conversation_ids": some_ids(MAX_ENRICHED_IDS)}) == (202, {"queued": True})

    assert hook.queued_count() == MAX_ENRICHED_IDS


@pytest.mark.parametrize(
    "body",
    [{}, {"conversation_ids": []}, {"conversation_ids": some_ids(MAX_ENRICHED_IDS + 1)}, {"conversation_ids": ["x"]}],
    ids=["nothing", "an empty list", "too many", "no id"],
)
def test_what_names_no_conversations_is_refused(hook: Hook, body: dict[str, Any]) -> None:
    status, answer = hook.call(body)

    assert (status, answer["code"]) == (400, "validation_error")
    assert hook.queued_ids() == []


@pytest.mark.parametrize(("refusals", "status"), [(1, 202), (2, 503)])
def test_what_the_queue_refuses_of_a_batch_is_sent_once_more(
    hook: Hook, monkeypatch: pytest.MonkeyPatch, refusals: int, status: int
) -> None:
    ids = some_ids(3)
    sqs = hook_application().enriched_queue._sqs  # type: ignore[union-attr]  # noqa: SLF001 - the queue's client
    send = sqs.send_message_batch
    batches: list[list[str]] = []

    def refuse_the_last(*, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 - boto3's
        batches.append([entry["Id"] for entry in Entries])
        if len(batches) > refusals:
            return dict(send(QueueUrl=QueueUrl, Entries=Entries))
        *taken, refused = Entries
        if taken:
            send(QueueUrl=QueueUrl, Entries=taken)
        return {"Failed": [{"Id": refused["Id"], "SenderFault": False, "Code": "InternalError"}]}

    monkeypatch.setattr(sqs, "send_message_batch", refuse_the_last)

    assert hook.call({"conversation_ids": ids})[0] == status

    assert batches == [["0", "1", "2"], ["2"]]
    assert sorted(hook.queued_ids()) == sorted(ids if status == 202 else ids[:2])
