"""Enriched conversations on their way to the training files that collect them, while one of them gets unusable."""

import json
import logging
from collections.abc import Mapping
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
    assert workshop.repository.requested_ids[revision_id] == [good]
    assert f"training file {file_of_bad} collects none of 1 conversations" in caplog.text


class Told:
    """Implements `training_files.ports.queue.EnrichedQueue`."""

    def __init__(self) -> None:
        self.offered: dict[UUID, UUID] = {}

    def send(self, offered: Mapping[UUID, UUID]) -> None:
        self.offered |= offered


def a_late_batch(offered: Mapping[UUID, UUID]) -> dict[str, Any]:
    """What the queue hands out of what it was told in the middle of a batch."""
    details = [{"conversation_id": str(one), "offered_up_to": str(last)} for one, last in offered.items()]
    bodies = [json.dumps({"detail": detail}) for detail in details]
    return {"Records": [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]}


@pytest.mark.parametrize("is_usable", [True, False], ids=["each is added", "none of the others can be used"])
def test_a_batch_that_is_out_of_time_goes_on_where_it_stopped(
    monkeypatch: pytest.MonkeyPatch,
    is_usable: bool,  # noqa: FBT001 - a case
) -> None:
    """Each batch does one training file at least, and comes to all of them, whatever becomes of the additions."""
    first = Workshop.new()
    others = [replace(first, owner=uuid4()) for _ in range(3)]
    files = {one.owner: a_collecting_file(one) for one in (first, *others)}
    ids = [first.a_conversation(), *(one.a_conversation() for one in others)]
    if not is_usable:
        elsewhere = {"enriched_file_path": "elsewhere/enriched.json"}
        ids[1:] = [one.a_conversation(**elsewhere) for one in others]
    told = Told()
    monkeypatch.setattr(bootstrap, "application", lambda: SimpleNamespace(service=first.service, enriched_queue=told))
    handler = handler_of("collect_conversations")
    batch, left = a_batch(*ids), [len(ids)]

    while left[-1] and len(left) <= len(ids):
        assert handler(batch, a_context(seconds_left=5)) == {"batchItemFailures": []}
        batch = a_late_batch(told.offered)
        left.append(len(told.offered))
        told.offered.clear()

    assert left == [4, 3, 2, 1, 0]
    queued = [first.repository.revisions[revision_id].training_file_id for revision_id in first.queue.waiting]
    assert len(queued) == len(set(queued))
    assert set(queued) == (set(files.values()) if is_usable else {files[first.owner]})


def test_what_is_told_anew_is_offered_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    workshop = Workshop.new()
    file_id, conversation_id = a_collecting_file(workshop), workshop.a_conversation()
    application = SimpleNamespace(service=workshop.service, enriched_queue=None)
    monkeypatch.setattr(bootstrap, "application", lambda: application)
    late, anew = a_late_batch({conversation_id: file_id}), a_batch(conversation_id)

    handler_of("collect_conversations")(late, a_context())
    assert workshop.queue.waiting == []
    handler_of("collect_conversations")({"Records": late["Records"] + anew["Records"]}, a_context())
    assert len(workshop.queue.waiting) == 1


def test_with_time_enough_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Workshop.new()
    owners = [first, *(replace(first, owner=uuid4()) for _ in range(3))]
    for one in owners:
        a_collecting_file(one)
    ids = [one.a_conversation() for one in owners]
    told = Told()
    monkeypatch.setattr(bootstrap, "application", lambda: SimpleNamespace(service=first.service, enriched_queue=told))

    handler_of("collect_conversations")(a_batch(*ids), a_context())

    assert (len(first.queue.waiting), told.offered) == (4, {})
