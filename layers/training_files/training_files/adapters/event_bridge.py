"""The event bus, on Amazon EventBridge."""

import json
from collections.abc import Sequence
from functools import cached_property
from itertools import groupby
from typing import Any
from uuid import UUID

from training_files.deadline import refuse_when_late
from training_files.domain.spelling import iso_utc
from training_files.errors import UpstreamUnavailableError
from training_files.events import TrainingFileEvent

SOURCE = "training-files"
ENTRIES_AT_ONCE = 10


class EventBridgeBus:
    """Implements `training_files.events.EventBus`. boto3 is imported when the first event is published."""

    def __init__(self, name: str) -> None:
        self._name = name

    def publish(self, events: Sequence[TrainingFileEvent]) -> list[UUID]:
        """Raises UpstreamUnavailableError when nothing could be sent at all."""
        by_file = sorted(events, key=lambda event: str(event.training_file_id))  # A stable sort: order within a file.
        arrived: list[UUID] = []
        for _, of_one_file in groupby(by_file, key=lambda event: event.training_file_id):
            arrived.extend(self._publish_in_order(list(of_one_file)))
        return arrived

    def _publish_in_order(self, events: list[TrainingFileEvent]) -> list[UUID]:
        arrived: list[UUID] = []
        for start in range(0, len(events), ENTRIES_AT_ONCE):
            batch = events[start : start + ENTRIES_AT_ONCE]
            accepted = self._accepted(batch)
            arrived.extend(event.id for event in batch[:accepted])
            if accepted < len(batch):
                break
        return arrived

    def _accepted(self, batch: list[TrainingFileEvent]) -> int:
        """How many events from the first on were accepted, up to one that was not."""
        from botocore.exceptions import BotoCoreError, ClientError

        refuse_when_late()
        try:
            entries = self._events.put_events(Entries=[self._entry(event) for event in batch])["Entries"]
        except (BotoCoreError, ClientError) as error:
            raise UpstreamUnavailableError("The event bus did not answer. Try again in a few seconds.") from error
        refused = [index for index, entry in enumerate(entries) if "ErrorCode" in entry]
        return refused[0] if refused else len(batch)

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
