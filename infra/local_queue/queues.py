"""Puts the parts together: a template's queues, and the pollers that feed its functions while a context lasts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.local_api import LocalApi
from infra.local_queue.events import REGION
from infra.local_queue.polling import Poller
from infra.local_queue.server import run_server
from infra.local_queue.template import EventSource, QueueSpec, read_queues

# moto asks for a key, and takes any.
KEY = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


@dataclass(frozen=True)
class LocalQueues:
    """Queues that are being served; `sqs` is a boto3 client for them."""

    endpoint_url: str
    sqs: Any
    _sources: Sequence[EventSource] = field(repr=False)
    _urls: Mapping[str, str] = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """What functions need to reach the queues."""
        return {"AWS_ENDPOINT_URL": self.endpoint_url, **KEY}

    def url(self, logical_id: str) -> str:
        return self._urls[logical_id]

    @contextmanager
    def feeding(self, api: LocalApi) -> Iterator[None]:
        """Hands messages to the functions of `api`, as the template says, while the context lasts."""
        pollers = [self._poller(source, api) for source in self._sources]
        for poller in pollers:
            poller.start()
        try:
            yield
        finally:
            for poller in pollers:
                poller.stop()
            for poller in pollers:
                poller.join()

    def _poller(self, source: EventSource, api: LocalApi) -> Poller:
        url = self.url(source.queue)
        return Poller(source, self.sqs, url, _arn_of(self.sqs, url), api)


@contextmanager
def run_local_queues(template: Path, *, visibility_seconds: int | None = None) -> Iterator[LocalQueues]:
    """Serves the template's queues on the loopback interface; no process is left when the context ends.

    Args:
        visibility_seconds: how long a message that was handed out stays away unless it is removed, for every queue;
            without it as long as the template says.

    Raises:
        LocalQueueError: the queues cannot be served.
    """
    queues, sources = read_queues(template)
    with run_server() as endpoint_url:
        sqs = boto3.client(
            "sqs",
            endpoint_url=endpoint_url,
            region_name=REGION,
            aws_access_key_id=KEY["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEY["AWS_SECRET_ACCESS_KEY"],
            config=Config(max_pool_connections=50),
        )
        urls: dict[str, str] = {}
        for queue in queues:
            urls[queue.logical_id] = _created(sqs, queue, urls, visibility_seconds)
        yield LocalQueues(endpoint_url, sqs, sources, urls)
        sqs.close()


def _created(sqs: Any, queue: QueueSpec, urls: Mapping[str, str], visibility_seconds: int | None) -> str:
    seconds = queue.visibility_seconds if visibility_seconds is None else visibility_seconds
    attributes = {"VisibilityTimeout": str(seconds)}
    if queue.dead_letter_queue:
        target = _arn_of(sqs, urls[queue.dead_letter_queue])
        policy = {"deadLetterTargetArn": target, "maxReceiveCount": queue.max_receive_count}
        attributes["RedrivePolicy"] = json.dumps(policy)
    return str(sqs.create_queue(QueueName=queue.logical_id, Attributes=attributes)["QueueUrl"])


def _arn_of(sqs: Any, url: str) -> str:
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])
