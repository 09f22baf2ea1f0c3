"""Puts the parts together: a template's queues, and the pollers that feed its functions while a context lasts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.local_api import LocalApi
from infra.local_queue.polling import Poller
from infra.local_queue.server import KEY, aws_client, run_server
from infra.local_queue.template import EventSource, QueueSpec, read_queues


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
        with ExitStack() as clients:
            pollers = [self._poller(source, api, clients) for source in self._sources]
            for poller in pollers:
                poller.start()
            try:
                yield
            finally:
                for poller in pollers:
                    poller.stop()
                for poller in pollers:
                    poller.join()

    def _poller(self, source: EventSource, api: LocalApi, clients: ExitStack) -> Poller:
        # Lambda takes messages with the function's role; a recording shows by the key for whom it was.
        sqs = clients.enter_context(aws_client("sqs", self.endpoint_url, access_key_id=source.function))
        url = self.url(source.queue)
        return Poller(source, sqs, url, _arn_of(sqs, url), api)


@contextmanager
def run_local_queues(
    template: Path, *, visibility_seconds: int | None = None, lambda_port: int | None = None
) -> Iterator[LocalQueues]:
    """Serves the template's queues on the loopback interface; no process is left when the context ends.

    Args:
        visibility_seconds: how long a message that was handed out stays away unless it is removed, for every queue;
            without it as long as the template says.
        lambda_port: where the tasks of state machines find Lambda, for those that are made beside the queues.

    Raises:
        LocalQueueError: the queues cannot be served.
    """
    queues, sources = read_queues(template)
    with run_server(lambda_port=lambda_port) as endpoint_url, aws_client("sqs", endpoint_url) as sqs:
        urls: dict[str, str] = {}
        for queue in queues:
            urls[queue.logical_id] = _created(sqs, queue, urls, visibility_seconds)
        yield LocalQueues(endpoint_url, sqs, sources, urls)


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
