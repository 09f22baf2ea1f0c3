"""The event bus, on Amazon EventBridge."""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from training_files.deadline import refuse_when_late
from training_files.domain.spelling import iso_utc
from training_files.errors import UpstreamUnavailableError
from training_files.ports.events import TrainingFileEvent

SOURCE = "training-files"


class EventBridgeBus:
    """Implements `training_files.ports.events.EventBus`. boto3 is imported when the first event is published."""

    def __init__(self, name: str) -> None:
        self._name = name

    def publish(self, events: Sequence[TrainingFileEvent]) -> list[bool]:
        from botocore.exceptions import BotoCoreError, ClientError

        refuse_when_late()
        try:
            entries = self._events.put_events(Entries=[self._entry(event) for event in events])["Entries"]
        except (BotoCoreError, ClientError) as error:
            raise UpstreamUnavailableError("The event bus did not answer. Try again in a few seconds.") from error
        return ["ErrorCode" not in entry for entry in entries]

    def _entry(self, event: TrainingFileEvent) -> dict[str, Any]:
        detail = event.detail | {"event_id": str(event.id), "occurred_at": iso_utc(event.created_at)}
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": event.type,
            "Time": event.created_at,
            "Detail": json.dumps(detail, ensure_ascii=False),
        }

    @cached_property
    def _events(self) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 2, "mode": "standard"})
        return boto3.client("events", config=config)
