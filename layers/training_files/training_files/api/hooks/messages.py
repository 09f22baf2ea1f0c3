"""What a message about an enriched conversation says: an event of EventBridge, or what the hook puts in its place."""

from uuid import UUID

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import SQSEvent
from pydantic import BaseModel, ValidationError

logger = Logger()

Failures = dict[str, list[dict[str, str]]]


class _Detail(BaseModel):
    conversation_id: UUID


class _Enriched(BaseModel):
    detail: _Detail


def enriched_in(event: SQSEvent) -> tuple[list[UUID], Failures]:
    """The conversations of a batch, and the answer that has the messages that name none come back.

    Those end up as dead letters in time, and hold up none of the others.
    """
    ids: list[UUID] = []
    failures: Failures = {"batchItemFailures": []}
    for record in event.records:
        conversation_id = _conversation_id(record.body)
        if conversation_id is None:
            logger.error("message names no conversation", message_id=record.message_id)
            failures["batchItemFailures"].append({"itemIdentifier": record.message_id})
        else:
            ids.append(conversation_id)
    return ids, failures


def _conversation_id(body: str) -> UUID | None:
    try:
        return _Enriched.model_validate_json(body).detail.conversation_id
    except ValidationError:
        return None
