"""The SQS queues of a SAM template on this machine, and what Lambda does to feed functions from them."""

from infra.local_queue.errors import LocalQueueError
from infra.local_queue.queues import LocalQueues, run_local_queues

__all__ = ["LocalQueueError", "LocalQueues", "run_local_queues"]
