"""Adds enriched conversations, a batch at a time, to the training files whose collection rules take them."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes import SQSEvent, event_source
from aws_lambda_powertools.utilities.typing import LambdaContext

from training_files.api.hooks.messages import enriched_in, tell_again
from training_files.api.log import logger
from training_files.bootstrap import application
from training_files.deadline import deadline

KEPT_FOR_THE_END_SECONDS = 3


@logger.inject_lambda_context
@event_source(data_class=SQSEvent)
def lambda_handler(event: SQSEvent, context: LambdaContext) -> dict[str, Any]:
    ids, failures = enriched_in(event)
    with deadline(context.get_remaining_time_in_millis() / 1000 - KEPT_FOR_THE_END_SECONDS):
        collected = application().service.collect_conversations(ids)
    tell_again(application().enriched_queue, collected.left)
    logger.info("collected", conversations=len(ids), additions=collected.additions, left=len(collected.left))

    return failures
