"""Enriched conversations on their way to the training files that collect them, while one of them gets unusable."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.handlers import a_context, handler_of
from tests.support.trouble import Trouble
from tests.support.workshop import Workshop
from training_files import bootstrap
from training_files.domain.training_file.collection_rule import CollectionRule
from training_files.domain.training_file.training_file import TrainingFileChanges


def a_collecting_file(workshop: Workshop) -> UUID:
    training_file_id = workshop.a_training_file()
    workshop.untroubled.update_training_file(training_file_id, TrainingFileChanges(collect=CollectionRule()))
    return training_file_id


def a_batch(*conversation_ids: UUID) -> dict[str, Any]:
    """As the queue hands out what it was told of enriched conversations."""
    bodies = [json.dumps({"detail": {"conversation_id": str(one)}}) for one in conversation_ids]
    return {"Records": [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]}


@pytest.mark.parametrize(
    "change",
    [{"enrichment_status": "validated"}, {"enriched_file_path": ""}, {"quality_score": 92}],
    ids=lambda change: next(iter(change)),
)
def test_a_conversation_that_cannot_be_used_any_more_does_not_stop_those_of_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, change: dict[str, Any]
) -> None:
    caplog.set_level(logging.INFO)
    workshop = Workshop.new()
    other = replace(workshop, owner=uuid4())
    file_of_bad, file_of_good = a_collecting_file(workshop), a_collecting_file(other)
    row_id, good = uuid4(), other.a_conversation()
    bad = workshop.a_conversation(id=row_id)

    def change_it() -> None:
        workshop.repository.put_conversation(workshop.owner, id=row_id, conversation_id=bad, **change)

    service = replace(workshop, trouble=Trouble(meanwhile=("resolve", change_it))).service
    monkeypatch.setattr(bootstrap, "application", lambda: SimpleNamespace(service=service, enriched_queue=None))

    answer = handler_of("collect_conversations")(a_batch(bad, good), a_context())

    assert answer == {"batchItemFailures": []}
    [revision_id] = workshop.queue.waiting
    assert workshop.repository.revisions[revision_id].training_file_id == file_of_good
    assert workshop.repository.requested[revision_id]["conversation_ids"] == [str(good)]
    assert f"training file {file_of_bad} collects none of 1 conversations" in caplog.text


class Told:
    """Implements `training_files.ports.queue.EnrichedQueue`."""

    def __init__(self) -> None:
        self.ids: list[UUID] = []

    def send(self, conversation_ids: Sequence[UUID]) -> None:
        self.ids += conversation_ids


def test_a_batch_that_is_out_of_time_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch does one training file at least, and what it leaves is not what it did."""
    first = Workshop.new()
    owners = [first, *(replace(first, owner=uuid4()) for _ in range(3))]
    files = {a_collecting_file(one) for one in owners}
    ids = {one.a_conversation() for one in owners}
    told = Told()
    monkeypatch.setattr(bootstrap, "application", lambda: SimpleNamespace(service=first.service, enriched_queue=told))
    handler = handler_of("collect_conversations")
    left = [set(ids)]

    while left[-1]:
        assert handler(a_batch(*left[-1]), a_context(seconds_left=5)) == {"batchItemFailures": []}
        left.append(set(told.ids))
        told.ids.clear()

    assert [len(each) for each in left] == [4, 3, 2, 1, 0]
    queued = [first.repository.revisions[revision_id].training_file_id for revision_id in first.queue.waiting]
    assert (len(queued), set(queued)) == (4, files)


def test_with_time_enough_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Workshop.new()
    owners = [first, *(replace(first, owner=uuid4()) for _ in range(3))]
    for one in owners:
        a_collecting_file(one)
    ids = [one.a_conversation() for one in owners]
    told = Told()
    monkeypatch.setattr(bootstrap, "application", lambda: SimpleNamespace(service=first.service, enriched_queue=told))

    handler_of("collect_conversations")(a_batch(*ids), a_context())

    assert (len(first.queue.waiting), told.ids) == (4, [])
