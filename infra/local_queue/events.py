"""Translates messages of SQS into Lambda events, and what functions answer to them."""

from collections.abc import Mapping, Sequence
from typing import Any

Message = Mapping[str, Any]

REGION = "us-east-1"


def event_of(messages: Sequence[Message], queue_arn: str) -> dict[str, Any]:
    """The event that Lambda makes of messages as `receive_message` returns them."""
    return {"Records": [_record(message, queue_arn) for message in messages]}


def handled(messages: Sequence[Message], answer: object, *, reports_failures: bool) -> list[Message]:
    """The messages that a function is done with, of those that it was given.

    As on Lambda, an answer that names a message that was not there, or is no such answer, means that all have failed.
    """
    if not answer or not reports_failures:
        return list(messages)
    match answer:
        case {"batchItemFailures": list(failures)}:
            failed = [failure.get("itemIdentifier") for failure in failures]
        case _:
            return []
    if not {message["MessageId"] for message in messages}.issuperset(failed):
        return []
    return [message for message in messages if message["MessageId"] not in failed]


def _record(message: Message, queue_arn: str) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }
