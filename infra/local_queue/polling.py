"""Does for one function what a Lambda event source mapping does: takes messages, invokes, removes what is done."""

import sys
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local_api import FunctionError, LocalApi
from infra.local_queue.events import Message, event_of, handled
from infra.local_queue.template import EventSource

# Each call returns at once when there is a message. The stop of a poller has to wait for the one under way.
LONG_POLL_SECONDS = 1
# SQS hands out no more at once; Lambda fills larger batches by asking again.
RECEIVED_AT_ONCE = 10


class Poller:
    """Feeds a function from a queue, in threads of its own, from `start` to `stop` and `join`."""

    def __init__(self, source: EventSource, sqs: Any, queue_url: str, queue_arn: str, api: LocalApi) -> None:
        self._source = source
        self._sqs = sqs
        self._queue_url = queue_url
        self._queue_arn = queue_arn
        self._api = api
        self._stopping = threading.Event()
        self._places = threading.Semaphore(source.concurrency)
        self._invocations: set[Future[Any]] = set()
        self._thread = threading.Thread(target=self._poll, name=f"poller of {source.function}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Takes no more messages and waits for no function: what runs is left to the API, its message to the queue."""
        self._stopping.set()
        self._places.release()
        for invocation in tuple(self._invocations):
            invocation.cancel()

    def join(self) -> None:
        """Waits for the end of what `stop` has stopped."""
        self._thread.join()

    def _poll(self) -> None:
        with ThreadPoolExecutor(self._source.concurrency, f"batch of {self._source.function}") as batches:
            while self._places.acquire() and not self._stopping.is_set():
                messages = self._received()
                if messages:
                    # Whatever is not expected of a batch is logged when its result is asked for.
                    batches.submit(self._feed, messages).add_done_callback(Future.result)
                else:
                    self._places.release()

    def _received(self) -> list[Message]:
        """A batch of what is there, without waiting for more."""
        batch = self._received_at_once(self._source.batch_size, LONG_POLL_SECONDS)
        while batch and (missing := self._source.batch_size - len(batch)):
            more = self._received_at_once(missing, 0)
            if not more:
                break
            batch += more
        return batch

    def _received_at_once(self, wanted: int, wait_seconds: int) -> list[Message]:
        answer = self._sqs.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=min(wanted, RECEIVED_AT_ONCE),
            WaitTimeSeconds=wait_seconds,
            MessageSystemAttributeNames=["All"],
        )
        messages: list[Message] = answer.get("Messages", [])
        return messages

    def _feed(self, messages: Sequence[Message]) -> None:
        try:
            answer = self._answer_to(event_of(messages, self._queue_arn))
            for message in handled(messages, answer, reports_failures=self._source.reports_failures):
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
        except FunctionError as error:
            _report(f"{self._source.queue}: {error} Its messages come back.")
        except (BotoCoreError, ClientError) as error:
            _report(f"{self._source.queue}: a message that was done could not be removed: {error}")
        except CancelledError:
            return
        finally:
            self._places.release()

    def _answer_to(self, event: dict[str, Any]) -> object:
        invocation = self._api.start(self._source.function, event)
        self._invocations.add(invocation)
        try:
            if self._stopping.is_set():
                invocation.cancel()
            return invocation.result()
        finally:
            self._invocations.discard(invocation)


def _report(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
