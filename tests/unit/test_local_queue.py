"""The queues of this machine hand out and take back messages as SQS and Lambda do."""

from pathlib import Path
from typing import Any

import pytest

from infra.local_queue import LocalQueueError
from infra.local_queue.events import event_of, handled
from infra.local_queue.template import EventSource, QueueSpec, read_queues

TEMPLATE = """
Resources:
  Work:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 900
      RedrivePolicy: {{ deadLetterTargetArn: {dead_arn}, maxReceiveCount: 3 }}
  Dead:
    Type: AWS::SQS::Queue
  WorkerFunction:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Call: {{ Type: HttpApi }}
        Job:
          Type: SQS
          Properties:
            Queue: {work_arn}
            BatchSize: 1
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: {{ MaximumConcurrency: 2 }}
  OtherFunction:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Dead: {{ Type: SQS, Properties: {{ Queue: {dead_arn} }} }}
"""
MESSAGES = [{"MessageId": "one"}, {"MessageId": "two"}]


def _template(folder: Path, work_arn: str, dead_arn: str) -> Path:
    path = folder / "template.yaml"
    path.write_text(TEMPLATE.format(work_arn=work_arn, dead_arn=dead_arn))
    return path


@pytest.mark.parametrize(
    ("work_arn", "dead_arn"),
    [("!GetAtt Work.Arn", "!GetAtt Dead.Arn"), ("{Fn::GetAtt: [Work, Arn]}", "{Fn::GetAtt: [Dead, Arn]}")],
    ids=["as it is written", "as it is built"],
)
def test_queues_come_behind_their_dead_letter_queues_with_what_they_feed(
    tmp_path: Path, work_arn: str, dead_arn: str
) -> None:
    queues, sources = read_queues(_template(tmp_path, work_arn, dead_arn))

    assert queues == [
        QueueSpec(logical_id="Dead", visibility_seconds=30),
        QueueSpec(logical_id="Work", visibility_seconds=900, dead_letter_queue="Dead", max_receive_count=3),
    ]
    assert sources == [
        EventSource(function="WorkerFunction", queue="Work", batch_size=1, reports_failures=True, concurrency=2),
        EventSource(function="OtherFunction", queue="Dead", batch_size=10, reports_failures=False, concurrency=5),
    ]


def test_a_queue_that_is_not_the_templates_own_cannot_be_run(tmp_path: Path) -> None:
    with pytest.raises(LocalQueueError, match="arn:aws:sqs"):
        read_queues(_template(tmp_path, "arn:aws:sqs:us-east-1:000000000000:elsewhere", "!GetAtt Dead.Arn"))


def test_what_would_be_filtered_elsewhere_is_not_handed_out_here(tmp_path: Path) -> None:
    path = _template(tmp_path, "!GetAtt Work.Arn", "!GetAtt Dead.Arn")
    path.write_text(path.read_text().replace("BatchSize: 1", "FilterCriteria: {Filters: []}"))

    with pytest.raises(LocalQueueError, match="WorkerFunction filters"):
        read_queues(path)


@pytest.mark.parametrize(
    ("answer", "done"),
    [
        (None, ["one", "two"]),
        ({}, ["one", "two"]),
        ({"batchItemFailures": []}, ["one", "two"]),
        ({"batchItemFailures": [{"itemIdentifier": "one"}]}, ["two"]),
        ({"batchItemFailures": [{"itemIdentifier": "one"}, {"itemIdentifier": "two"}]}, []),
        ({"batchItemFailures": [{"itemIdentifier": "three"}]}, []),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, []),
        ({"batchItemFailures": [{}]}, []),
        ({"statusCode": 200}, []),
    ],
)
def test_what_a_function_reports_as_failed_stays_in_the_queue(answer: Any, done: list[str]) -> None:
    assert [message["MessageId"] for message in handled(MESSAGES, answer, reports_failures=True)] == done


def test_without_reports_every_answer_means_that_all_is_done() -> None:
    answer = {"batchItemFailures": [{"itemIdentifier": "one"}]}

    assert handled(MESSAGES, answer, reports_failures=False) == MESSAGES


def test_a_message_becomes_a_record_as_lambda_makes_it() -> None:
    received = {
        "MessageId": "one",
        "ReceiptHandle": "handle",
        "Body": "{}",
        "MD5OfBody": "99914b932bd37a50b983c5e7c90ae93b",
        "Attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1770000000000"},
    }

    assert event_of([received], "arn:aws:sqs:us-east-1:000000000000:Work") == {
        "Records": [
            {
                "messageId": "one",
                "receiptHandle": "handle",
                "body": "{}",
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1770000000000"},
                "messageAttributes": {},
                "md5OfBody": "99914b932bd37a50b983c5e7c90ae93b",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:Work",
                "awsRegion": "us-east-1",
            }
        ]
    }
