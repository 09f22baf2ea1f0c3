"""Every few minutes: lost builds are queued again, abandoned attempts ended, objects removed that nobody needs."""

from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from training_files.api.log import logger
from training_files.bootstrap import application

# A call that is under way may end a little late, and the report is written after it.
KEPT_FOR_THE_REPORT_SECONDS = 20

metrics = Metrics(namespace="TrainingFiles")


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - Lambda's own
    seconds = context.get_remaining_time_in_millis() / 1000 - KEPT_FOR_THE_REPORT_SECONDS
    report = application().housekeeping.run(seconds=seconds)
    logger.info("housekeeping", **report.counts, failures=report.reasons)
    for kind, count in report.counts.items():
        metrics.add_metric(name=f"Housekeeping{kind.capitalize()}", unit=MetricUnit.Count, value=count)
    # Lambda counts the error, and its alarm rings.
    report.raise_failures()

    return report.counts
