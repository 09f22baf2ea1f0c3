"""What the functions behind the build queue share: messages in, partial failures out."""

import traceback
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    ExceptionInfo,
    FailureResponse,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from training_files.api.log import logger
from training_files.bootstrap import application
from training_files.errors import TrainingFilesError, UpstreamUnavailableError
from training_files.ports.queue import Delivery


class _Processor(BatchProcessor):
    """Powertools tells nobody why a message comes back; the log has to."""

    def __init__(self, *, retry_soon: bool) -> None:
        # A batch that fails as a whole is no error of the function: its messages come back one by one.
        super().__init__(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
        self._retry_soon = retry_soon

    def failure_handler(self, record: Any, exception: ExceptionInfo) -> FailureResponse:
        _, error, where = exception
        # As for answers: messages of libraries may repeat what a user wrote, ours do not.
        reason = error.message if isinstance(error, TrainingFilesError) else None
        stack = traceback.format_tb(where)
        logger.error("message comes back", error_type=type(error).__name__, reason=reason, stack=stack)
        if self._retry_soon and isinstance(error, TrainingFilesError):
            _put_off(record)
        return super().failure_handler(record, exception)


def queue_handler_of(
    actions: Mapping[str, Callable[[UUID, Delivery], None]], *, retry_soon: bool = False
) -> Callable[[dict[str, Any], LambdaContext], Any]:
    """A handler that calls, for the one field of each message, its action with the id and how the message came.

    Messages whose action raises come back.

    With `retry_soon` those that raise an error of ours come back in seconds, then after pauses that double. What else
    is raised may mean that another worker is at it, or that this one is lost: the time of the queue is for that.
    """
    processor = _Processor(retry_soon=retry_soon)

    def act_on(record: SQSRecord) -> None:
        [(field, value)] = record.json_body.items()
        actions[field](UUID(value), _delivery(record, retry_soon=retry_soon))

    @logger.inject_lambda_context
    def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
        return process_partial_response(event=event, record_handler=act_on, processor=processor, context=context)

    return lambda_handler


def _delivery(record: SQSRecord, *, retry_soon: bool) -> Delivery:
    queue, number = application().build_queue, _receptions(record)
    comes_again = queue and retry_soon and not queue.is_given_up_after(number)
    return Delivery(number, queue.pause_after(number) if queue and comes_again else None)


def _receptions(record: SQSRecord) -> int:
    return int(record.attributes.approximate_receive_count)


def _put_off(record: SQSRecord) -> None:
    queue = application().build_queue
    if queue is None:
        return
    try:
        queue.put_off(record.receipt_handle, receptions=_receptions(record))
    except UpstreamUnavailableError as error:
        logger.warning("the message comes back when its queue says", reason=error.message)
