"""What a message about an enriched conversation says: an event of EventBridge, or what the hook puts in its place."""

from collections.abc import Sequence
from uuid import UUID

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import SQSEvent
from pydantic import BaseModel, ValidationError

from training_files.errors import UpstreamUnavailableError
from training_files.ports.queue import EnrichedQueue

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


def tell_again(queue: EnrichedQueue | None, conversation_ids: Sequence[UUID]) -> None:
    """Has conversations looked at that there was no time for; as new messages, which have not been tried at all.

    Raises UpstreamUnavailableError, after which the whole batch comes back.
    """
    if not conversation_ids:
        return
    if queue is None:
        raise UpstreamUnavailableError("ENRICHED_QUEUE_URL is not set, so conversations wait for their messages.")
    queue.send(conversation_ids)


def _conversation_id(body: str) -> UUID | None:
    try:
        return _Enriched.model_validate_json(body).detail.conversation_id
    except ValidationError:
        return None
