"""Reads from a SAM template its queues and which functions they feed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local_api.cloudformation import load_cloudformation
from infra.local_queue.errors import LocalQueueError

# What SQS and Lambda take where a template says nothing.
DEFAULT_VISIBILITY_SECONDS = 30
DEFAULT_BATCH_SIZE = 10
DEFAULT_CONCURRENCY = 5

Properties = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class QueueSpec:
    """A queue; after `max_receive_count` receptions a message moves on to `dead_letter_queue`."""

    logical_id: str
    visibility_seconds: int
    dead_letter_queue: str | None = None
    max_receive_count: int = 0


@dataclass(frozen=True, kw_only=True)
class EventSource:
    """A function that a queue feeds, at most `concurrency` batches at a time."""

    function: str
    queue: str
    batch_size: int
    reports_failures: bool
    concurrency: int


def read_queues(template: Path) -> tuple[list[QueueSpec], list[EventSource]]:
    """The queues, each behind its dead-letter queue, and the event sources, from a source or a built template."""
    resources: Mapping[str, Any] = load_cloudformation(template.read_text(encoding="utf-8"))["Resources"]
    queues = [_queue(logical_id, properties) for logical_id, properties in _of_type(resources, "AWS::SQS::Queue")]
    sources = [
        _event_source(logical_id, event["Properties"])
        for logical_id, properties in _of_type(resources, "AWS::Serverless::Function")
        for event in properties.get("Events", {}).values()
        if event["Type"] == "SQS"
    ]
    return sorted(queues, key=lambda queue: queue.dead_letter_queue is not None), sources


def _of_type(resources: Mapping[str, Any], resource_type: str) -> Iterator[tuple[str, Properties]]:
    for logical_id, resource in resources.items():
        if resource["Type"] == resource_type:
            yield logical_id, resource.get("Properties", {})


def _queue(logical_id: str, properties: Properties) -> QueueSpec:
    redrive = properties.get("RedrivePolicy")
    return QueueSpec(
        logical_id=logical_id,
        visibility_seconds=properties.get("VisibilityTimeout", DEFAULT_VISIBILITY_SECONDS),
        dead_letter_queue=_resource_named(redrive["deadLetterTargetArn"]) if redrive else None,
        max_receive_count=redrive["maxReceiveCount"] if redrive else 0,
    )


def _event_source(function: str, properties: Properties) -> EventSource:
    if "FilterCriteria" in properties:
        raise LocalQueueError(f"{function} filters its messages, which cannot be done here.")
    return EventSource(
        function=function,
        queue=_resource_named(properties["Queue"]),
        batch_size=properties.get("BatchSize", DEFAULT_BATCH_SIZE),
        reports_failures="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
        concurrency=properties.get("ScalingConfig", {}).get("MaximumConcurrency", DEFAULT_CONCURRENCY),
    )


def _resource_named(expression: object) -> str:
    """The logical id in the ARN of a resource, in either spelling of GetAtt."""
    match expression:
        case {"Fn::GetAtt": str(attribute)}:
            return attribute.partition(".")[0]
        case {"Fn::GetAtt": [str(logical_id), *_]}:
            return logical_id
        case _:
            raise LocalQueueError(f"Only queues of the template itself can be run here, not {expression}.")
