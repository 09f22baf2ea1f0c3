"""Consumers hear of each training file in the order of its commits, at least once, whatever EventBridge refuses."""

import json
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.support.clock import Clock
from tests.support.fake_repository import InMemoryRepository
from tests.support.fake_surroundings import InMemoryOutbox
from training_files.adapters.aws.event_bridge import EventBridgeBus
from training_files.errors import UpstreamUnavailableError
from training_files.ports.events import PUBLISHED_AT_ONCE, TrainingFileEvent
from training_files.upkeep.announcing import AT_ONCE, Announcer

ONE, OTHER = uuid4(), uuid4()
Told = tuple[UUID, int]


class EventBridge:
    """A client of EventBridge, which takes the entries of a call that it does not refuse."""

    def __init__(self) -> None:
        self.refuses: set[Told] = set()
        self.answers: float = float("inf")
        self.calls: list[list[Told]] = []
        self.heard: list[Told] = []

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - as boto3 names them
        if len(self.calls) >= self.answers:
            raise ClientError({"Error": {"Code": "InternalFailure"}}, "PutEvents")
        told = [_told(entry) for entry in Entries]
        self.calls.append(told)
        self.heard += [one for one in told if one not in self.refuses]
        return {"Entries": [{"ErrorCode": "Throttled"} if one in self.refuses else {"EventId": "1"} for one in told]}


def _told(entry: dict[str, Any]) -> Told:
    detail = json.loads(entry["Detail"])
    return UUID(detail["training_file_id"]), detail["revision"]


@pytest.fixture
def bridge(monkeypatch: pytest.MonkeyPatch) -> EventBridge:
    bridge = EventBridge()
    monkeypatch.setattr(boto3, "client", lambda *_, **__: bridge)
    return bridge


@pytest.fixture
def outbox() -> InMemoryOutbox:
    return InMemoryOutbox(InMemoryRepository(Clock()))


@pytest.fixture
def announcer(outbox: InMemoryOutbox) -> Announcer:
    return Announcer(outbox, EventBridgeBus("any"))


def commit(outbox: InMemoryOutbox, *commits: Told) -> None:
    for training_file_id, revision in commits:
        event = TrainingFileEvent(
            id=uuid4(),
            training_file_id=training_file_id,
            type="Training File Updated",
            detail={"training_file_id": str(training_file_id), "revision": revision},
            created_at=outbox.repository.clock.now(),
        )
        outbox.repository.events.append(event)


def test_what_stands_behind_a_refused_event_of_a_file_is_not_heard_before_it(
    outbox: InMemoryOutbox, announcer: Announcer, bridge: EventBridge
) -> None:
    commit(outbox, (ONE, 1), (ONE, 2), (OTHER, 1), (ONE, 3), (OTHER, 2))
    bridge.refuses = {(ONE, 1)}

    assert announcer.announce() == 2
    assert bridge.heard == [(OTHER, 1), (OTHER, 2)]

    bridge.refuses = set()
    assert announcer.announce() == 3
    assert bridge.heard == [(OTHER, 1), (OTHER, 2), (ONE, 1), (ONE, 2), (ONE, 3)]


def test_a_file_whose_event_was_refused_gets_nothing_more_in_this_run(
    outbox: InMemoryOutbox, announcer: Announcer, bridge: EventBridge
) -> None:
    commit(outbox, (ONE, 1), (ONE, 2), (ONE, 3))
    bridge.refuses = {(ONE, 2)}

    assert announcer.announce() == 1

    assert bridge.calls == [[(ONE, 1)], [(ONE, 2)]]


def test_events_of_many_files_share_calls_and_those_of_one_do_not(
    outbox: InMemoryOutbox, announcer: Announcer, bridge: EventBridge
) -> None:
    files = [uuid4() for _ in range(AT_ONCE // 4)]
    commit(outbox, *((file, revision) for revision in range(1, 5) for file in files))

    assert announcer.announce() == AT_ONCE

    assert len(bridge.calls) == AT_ONCE / PUBLISHED_AT_ONCE
    assert all(set(Counter(file for file, _ in call).values()) == {1} for call in bridge.calls)


def test_what_arrived_before_the_bus_broke_off_is_not_published_again(
    outbox: InMemoryOutbox, announcer: Announcer, bridge: EventBridge
) -> None:
    commit(outbox, (ONE, 1), (ONE, 2), (ONE, 3))
    bridge.answers = 2

    assert announcer.announce() == 2
    with pytest.raises(UpstreamUnavailableError):
        announcer.announce()

    bridge.answers = float("inf")
    assert announcer.announce() == 1
    assert bridge.heard == [(ONE, 1), (ONE, 2), (ONE, 3)]
