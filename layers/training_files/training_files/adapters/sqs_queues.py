"""The queues: builds in the background, and conversations that were just enriched. Both on SQS."""

import json
from functools import cached_property
from typing import Any
from uuid import UUID

from training_files.errors import UpstreamUnavailableError


class SqsQueue:
    """Sends JSON. boto3 is imported when the first message is sent."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send_json(self, message: dict[str, Any]) -> None:
        """Raises UpstreamUnavailableError."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._sqs.send_message(QueueUrl=self._url, MessageBody=json.dumps(message))
        except (BotoCoreError, ClientError) as error:
            raise UpstreamUnavailableError("The queue did not answer. Try again in a few seconds.") from error

    @cached_property
    def _sqs(self) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"})
        return boto3.client("sqs", config=config)


class SqsBuildQueue(SqsQueue):
    """Implements `training_files.ports.BuildQueue`."""

    def send(self, revision_id: UUID) -> None:
        self.send_json({"revision_id": str(revision_id)})


class SqsEnrichedQueue(SqsQueue):
    """Takes conversations that were enriched, in the form in which EventBridge puts its events there."""

    def send(self, conversation_id: UUID) -> None:
        self.send_json({"detail": {"conversation_id": str(conversation_id)}})
