"""What a message about an enriched conversation says: an event of EventBridge, or what the hook puts in its place."""

from collections.abc import Mapping
from uuid import UUID

from aws_lambda_powertools.utilities.data_classes import SQSEvent
from pydantic import BaseModel, ValidationError

from training_files.api.log import logger
from training_files.errors import UpstreamUnavailableError
from training_files.ports.queue import NOT_OFFERED, EnrichedQueue

Failures = dict[str, list[dict[str, str]]]


class _Detail(BaseModel):
    conversation_id: UUID
    offered_up_to: UUID = NOT_OFFERED


class _Enriched(BaseModel):
    detail: _Detail


def enriched_in(event: SQSEvent) -> tuple[dict[UUID, UUID], Failures]:
    """The conversations of a batch, and the answer that has the messages that name none come back.

    Beside a conversation stands the training file up to which it was offered already, or NOT_OFFERED. Messages that
    name none end up as dead letters in time, and hold up none of the others.
    """
    offered: dict[UUID, UUID] = {}
    failures: Failures = {"batchItemFailures": []}
    for record in event.records:
        detail = _detail(record.body)
        if detail is None:
            logger.error("message names no conversation", message_id=record.message_id)
            failures["batchItemFailures"].append({"itemIdentifier": record.message_id})
        else:
            # Of several messages the one counts that has it offered to most.
            last = min(offered.get(detail.conversation_id, detail.offered_up_to), detail.offered_up_to)
            offered[detail.conversation_id] = last
    return offered, failures


def tell_again(queue: EnrichedQueue | None, conversation_ids: Mapping[UUID, UUID]) -> None:
    """Has conversations looked at that there was no time for, from where they were; in messages of their own.

    Raises UpstreamUnavailableError, after which the whole batch comes back.
    """
    if not conversation_ids:
        return
    if queue is None:
        raise UpstreamUnavailableError("ENRICHED_QUEUE_URL is not set, so conversations wait for their messages.")
    queue.send(conversation_ids)


def _detail(body: str) -> _Detail | None:
    try:
        return _Enriched.model_validate_json(body).detail
    except ValidationError:
        return None
