"""The queues: builds in the background, and conversations that were just enriched. Both on SQS."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from uuid import UUID

from training_files.deadline import refuse_when_late
from training_files.errors import UpstreamUnavailableError

# Less than the time after which the queue hands a message out again by itself.
LONGEST_PAUSE_SECONDS = 480
# What SQS takes in one call.
MESSAGES_AT_ONCE = 10
TRIES = 2
QUEUE_DID_NOT_ANSWER = "The queue did not answer. Try again in a few seconds."


class SqsQueue:
    """Sends JSON. boto3 is imported when the first message is sent."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send_json(self, message: dict[str, Any]) -> None:
        """Raises UpstreamUnavailableError."""
        refuse_when_late()
        with _queue_errors_translated():
            self._sqs.send_message(QueueUrl=self._url, MessageBody=json.dumps(message))

    @cached_property
    def _sqs(self) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"})
        return boto3.client("sqs", config=config)


class SqsBuildQueue(SqsQueue):
    """Implements `training_files.ports.queue.BuildQueue`."""

    def __init__(self, url: str, retry_seconds: int, tries: int) -> None:
        super().__init__(url)
        self._retry_seconds = retry_seconds
        self._tries = tries

    def send(self, revision_id: UUID) -> None:
        self.send_json({"revision_id": str(revision_id)})

    def send_export(self, export_id: UUID) -> None:
        self.send_json({"export_id": str(export_id)})

    def pause_after(self, receptions: int) -> int:
        """Seconds until a message comes back that was handed out this often: each time twice as many."""
        return int(min(self._retry_seconds * 2 ** (receptions - 1), LONGEST_PAUSE_SECONDS))

    def is_given_up_after(self, receptions: int) -> bool:
        """Whether a message that was handed out this often is handed to no worker again."""
        return receptions >= self._tries

    def put_off(self, receipt_handle: str, *, receptions: int) -> None:
        """Has a message that was handed out this often, and not done with, come back after its pause.

        Raises UpstreamUnavailableError; the message comes back when its queue says, then.
        """
        seconds = self.pause_after(receptions)
        with _queue_errors_translated():
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
            )


class SqsEnrichedQueue(SqsQueue):
    """Takes conversations that were enriched, in the form in which EventBridge puts its events there."""

    def send(self, offered: Mapping[UUID, UUID]) -> None:
        """Raises UpstreamUnavailableError; some have been queued then, and may be queued again without harm."""
        details = [{"conversation_id": str(one), "offered_up_to": str(last)} for one, last in offered.items()]
        for start in range(0, len(details), MESSAGES_AT_ONCE):
            self._send_batch(details[start : start + MESSAGES_AT_ONCE])

    def _send_batch(self, details: Sequence[dict[str, str]]) -> None:
        bodies = [json.dumps({"detail": detail}) for detail in details]
        left = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        # SQS may take some and refuse others; a database webhook does not call again for these.
        for _ in range(TRIES):
            left = self._refused(left)
            if not left:
                return
        raise UpstreamUnavailableError(QUEUE_DID_NOT_ANSWER)

    def _refused(self, entries: list[dict[str, str]]) -> list[dict[str, str]]:
        refuse_when_late()
        with _queue_errors_translated():
            answer = self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries)
        refused = {failure["Id"] for failure in answer.get("Failed", [])}
        return [entry for entry in entries if entry["Id"] in refused]


@contextmanager
def _queue_errors_translated() -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise UpstreamUnavailableError(QUEUE_DID_NOT_ANSWER) from error
