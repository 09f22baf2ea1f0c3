"""Every few minutes: lost builds are queued again, abandoned attempts ended, objects removed that nobody needs."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from training_files.bootstrap import application

logger = Logger()
metrics = Metrics(namespace="TrainingFiles")


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - Lambda's own
    done = asdict(application().housekeeping.run())
    logger.info("housekeeping", **done)
    for kind, count in done.items():
        metrics.add_metric(name=f"Housekeeping{kind.capitalize()}", unit=MetricUnit.Count, value=count)

    return done
