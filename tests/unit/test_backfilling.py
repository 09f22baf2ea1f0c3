"""A collection rule takes what is enriched already, once, when it is asked to."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.workshop import Workshop
from training_files.domain.training_file.collection_rule import CollectionRule
from training_files.domain.training_file.training_file import ChangedTrainingFile, TrainingFileChanges
from training_files.errors import (
    NameTakenError,
    RequestInvalidError,
    TrainingFileArchivedError,
    TrainingFileNotFoundError,
)
from training_files.ports.conversations import SelectedConversations
from training_files.service import TrainingFileService


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


@pytest.fixture
def file_id(workshop: Workshop) -> UUID:
    return workshop.a_training_file()


def backfilled(workshop: Workshop, file_id: UUID, *, rule: Any = None, **changes: Any) -> ChangedTrainingFile:
    asked = TrainingFileChanges(collect=rule or CollectionRule(), **changes)
    return workshop.service.update_training_file(file_id, asked, backfill=True)


def test_a_rule_takes_what_is_there_once_in_the_background(workshop: Workshop, file_id: UUID) -> None:
    [inside] = workshop.consistent_ids(file_id)
    ids = [workshop.a_conversation(persona_key="late_saver") for _ in range(2)]
    workshop.a_conversation(persona_key="another")

    answer = backfilled(workshop, file_id, rule=CollectionRule(personas=("late_saver",)))

    assert answer.backfill is not None
    assert (answer.backfill.conversation_count, answer.revision, len(workshop.queue.waiting)) == (2, 1, 1)
    workshop.build_all()
    assert set(workshop.consistent_ids(file_id)) == {inside, *ids}
    assert workshop.service.existing(file_id).collect == CollectionRule(personas=("late_saver",))
    again = backfilled(workshop, file_id, rule=CollectionRule(personas=("late_saver",)))
    assert again.backfill is not None
    assert (again.backfill.conversation_count, workshop.queue.waiting) == (0, [])


def test_what_waits_already_is_not_taken_again(workshop: Workshop, file_id: UUID) -> None:
    workshop.a_conversation()
    backfilled(workshop, file_id)

    again = backfilled(workshop, file_id)

    assert again.backfill is not None
    assert (again.backfill.conversation_count, len(workshop.queue.waiting)) == (0, 1)


def test_without_being_asked_a_rule_takes_what_comes(workshop: Workshop, file_id: UUID) -> None:
    workshop.a_conversation()

    answer = workshop.service.update_training_file(file_id, TrainingFileChanges(collect=CollectionRule()))

    assert (answer.backfill, workshop.queue.waiting) == (None, [])


def test_what_was_removed_stays_away(workshop: Workshop, file_id: UUID) -> None:
    other = workshop.a_conversation()
    backfilled(workshop, file_id)
    workshop.build_all()
    workshop.remove(workshop.service, file_id, other)

    answer = backfilled(workshop, file_id)

    assert answer.backfill is not None
    assert answer.backfill.conversation_count == 0


def test_a_conversation_without_a_score_is_judged_when_it_is_read(workshop: Workshop, file_id: UUID) -> None:
    """Those of the workshop have pairs that are scored, and rows that are not."""
    workshop.a_conversation()

    answer = backfilled(workshop, file_id, rule=CollectionRule(min_quality_score=Decimal(5)))
    workshop.build_all()

    assert answer.backfill is not None
    assert answer.backfill.conversation_count == 1
    assert len(workshop.consistent_ids(file_id)) == 1


def test_of_a_refused_change_nothing_is_taken(workshop: Workshop, file_id: UUID) -> None:
    workshop.a_conversation()
    workshop.a_training_file(name="taken")

    with pytest.raises(NameTakenError):
        backfilled(workshop, file_id, name="taken")

    assert workshop.queue.waiting == []


@pytest.mark.parametrize("status", ["archived", None])
def test_an_archived_file_takes_nothing_and_stays_as_it_is(
    workshop: Workshop, file_id: UUID, status: str | None
) -> None:
    changes: Any = {"status": status} if status else {}
    if not status:
        workshop.service.update_training_file(file_id, TrainingFileChanges(status="archived"))

    with pytest.raises(TrainingFileArchivedError):
        backfilled(workshop, file_id, **changes)

    assert workshop.service.existing(file_id).collect is None
    assert workshop.service.existing(file_id).status == ("active" if status else "archived")


def test_a_file_that_comes_back_may_take_at_once(workshop: Workshop, file_id: UUID) -> None:
    workshop.a_conversation()
    workshop.service.update_training_file(file_id, TrainingFileChanges(status="archived"))

    assert backfilled(workshop, file_id, status="active").backfill is not None
    assert len(workshop.queue.waiting) == 1


def test_too_many_are_refused_before_anything_is_changed(
    workshop: Workshop, file_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = SelectedConversations(conversation_count=500_001)
    monkeypatch.setattr(type(workshop.repository), "select_conversations", lambda *_, **__: found)

    with pytest.raises(RequestInvalidError, match="500,001"):
        backfilled(workshop, file_id)

    assert workshop.service.existing(file_id).collect is None


def test_without_a_queue_nothing_is_changed(workshop: Workshop, file_id: UUID) -> None:
    service = TrainingFileService(replace(workshop.context, queue=None))

    with pytest.raises(RequestInvalidError, match="queue"):
        service.update_training_file(file_id, TrainingFileChanges(collect=CollectionRule()), backfill=True)

    assert workshop.service.existing(file_id).collect is None


def test_nobody_takes_for_a_file_of_somebody_else(workshop: Workshop, file_id: UUID) -> None:
    stranger = replace(workshop, owner=uuid4())

    with pytest.raises(TrainingFileNotFoundError):
        backfilled(stranger, file_id)
