"""Adds enriched conversations, a batch at a time, to the training files whose collection rules take them."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import SQSEvent, event_source
from aws_lambda_powertools.utilities.typing import LambdaContext

from training_files.api.hooks.messages import enriched_in
from training_files.bootstrap import application

logger = Logger()


@logger.inject_lambda_context
@event_source(data_class=SQSEvent)
def lambda_handler(event: SQSEvent, context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's own
    ids, failures = enriched_in(event)
    additions = application().service.collect_conversations(ids)
    logger.info("collected", conversations=len(ids), additions=additions)

    return failures
