"""The messages of the queue of enriched conversations, whoever put them there."""

import json
from uuid import uuid4

from aws_lambda_powertools.utilities.data_classes import SQSEvent

from training_files.api.hooks.messages import enriched_in
from training_files.ports.queue import NOT_OFFERED


def an_event(*bodies: str) -> SQSEvent:
    return SQSEvent({"Records": [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]})


def test_conversations_come_in_order_from_the_bus_and_from_the_hook() -> None:
    first, second = uuid4(), uuid4()
    of_the_bus = {"version": "0", "detail-type": "Conversation Enriched", "detail": {"conversation_id": str(first)}}
    of_the_hook = {"detail": {"conversation_id": str(second)}}

    offered, failures = enriched_in(an_event(json.dumps(of_the_bus), json.dumps(of_the_hook)))

    assert list(offered.items()) == [(first, NOT_OFFERED), (second, NOT_OFFERED)]
    assert failures == {"batchItemFailures": []}


def test_messages_that_name_no_conversation_come_back_alone() -> None:
    good = uuid4()
    malformed = ["", "{", "[]", "{}", '{"detail": null}', '{"detail": {"conversation_id": 42}}']

    ids, failures = enriched_in(an_event(*malformed, json.dumps({"detail": {"conversation_id": str(good)}})))

    assert list(ids) == [good]
    assert [failure["itemIdentifier"] for failure in failures["batchItemFailures"]] == list("012345")
