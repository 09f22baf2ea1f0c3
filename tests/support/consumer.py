"""Someone who listens to the events of the system."""

import json
from typing import Any

from tests.support.builders import Json


class Consumer:
    """A queue behind a rule of a new bus, which takes all events of the system."""

    def __init__(self, events: Any, sqs: Any, bus: str) -> None:
        self._sqs = sqs
        events.create_event_bus(Name=bus)
        self._url = sqs.create_queue(QueueName=f"consumer-of-{bus}")["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]
        events.put_rule(Name="all", EventBusName=bus, EventPattern=json.dumps({"source": ["training-files"]}))
        events.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "1", "Arn": attributes["QueueArn"]}])

    def heard(self) -> list[Json]:
        """What has arrived since the last time, in order."""
        heard: list[Json] = []
        while messages := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                heard.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return heard
