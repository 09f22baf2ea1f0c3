"""A training file that is deleted or archived while it is changed, at whichever step, over fakes."""

import json
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from tests.support.builders import a_scored_pair, an_enriched_file
from tests.support.trouble import Trouble
from tests.support.workshop import Workshop
from training_files.domain.training_file.build_request import RefreshConversationsInput, RevertInput
from training_files.domain.training_file.training_file import TrainingFileChanges
from training_files.errors import TrainingFileArchivedError, TrainingFileNotFoundError

Change = Callable[[Workshop, UUID, list[UUID]], object]


def remove(workshop: Workshop, file_id: UUID, ids: list[UUID]) -> object:
    return workshop.remove(workshop.service, file_id, ids[0])


def refresh(workshop: Workshop, file_id: UUID, ids: list[UUID]) -> object:
    wanted = RefreshConversationsInput(training_file_id=file_id, conversation_ids=(ids[1],))
    return workshop.service.refresh_training_file(wanted)


def refresh_all(workshop: Workshop, file_id: UUID, ids: list[UUID]) -> object:  # noqa: ARG001 - as the others
    return workshop.service.refresh_training_file(RefreshConversationsInput(training_file_id=file_id))


def revert(workshop: Workshop, file_id: UUID, ids: list[UUID]) -> object:  # noqa: ARG001 - as the others
    return workshop.service.revert_training_file(RevertInput(training_file_id=file_id, revision=1))


def stay(workshop: Workshop, file_id: UUID, ids: list[UUID]) -> object:  # noqa: ARG001 - as the others
    return workshop.service.revert_training_file(RevertInput(training_file_id=file_id, revision=2))


WRITING = ("begin_revision", "write training.json", "write training.jsonl", "commit_revision")
# What each asks before it writes, and the steps of writing.
STEPS: dict[Change, tuple[str, ...]] = {
    remove: ("look_up_members", *WRITING),
    refresh: ("look_up_members", "resolve", *WRITING),
    refresh_all: ("revision_surroundings", "look_up_members", "resolve", *WRITING),
    revert: ("get_revision", "compare_revisions", *WRITING),
    stay: ("get_revision", "compare_revisions"),
}
EACH_STEP = [(change, step) for change, steps in STEPS.items() for step in steps]


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


@pytest.fixture
def ids(workshop: Workshop) -> list[UUID]:
    return [workshop.a_conversation() for _ in range(4)]


@pytest.fixture
def file_id(workshop: Workshop, ids: list[UUID]) -> UUID:
    """At revision 2, with a conversation that has changed since."""
    file_id = workshop.a_training_file(*ids)
    workshop.remove(workshop.service, file_id, ids[3])
    workshop.clock.advance(minutes=60)
    workshop.replace_file_of(ids[1], json.dumps(an_enriched_file(a_scored_pair(1, 5))).encode())
    return file_id


def beside(workshop: Workshop, step: str, act: Callable[[], object]) -> tuple[Workshop, list[Callable[[], object]]]:
    """A workshop in which somebody acts once, just before a step; and what is left to be done."""
    left = [act]

    def meanwhile() -> None:
        while left:
            left.pop()()

    return replace(workshop, trouble=Trouble(meanwhile=(step, meanwhile))), left


@pytest.mark.parametrize(("change", "step"), EACH_STEP)
def test_a_file_that_is_deleted_meanwhile_is_not_there(
    workshop: Workshop, ids: list[UUID], file_id: UUID, change: Change, step: str
) -> None:
    busy, left = beside(workshop, step, lambda: workshop.untroubled.delete_training_file(file_id))

    with pytest.raises(TrainingFileNotFoundError):
        change(busy, file_id, ids)

    assert not left
    assert not workshop.training_files.objects


@pytest.mark.parametrize(("change", "step"), [each for each in EACH_STEP if each[0] is not stay])
def test_a_file_that_is_archived_meanwhile_stays_as_it_is(
    workshop: Workshop, ids: list[UUID], file_id: UUID, change: Change, step: str
) -> None:
    archive = TrainingFileChanges(status="archived")
    busy, left = beside(workshop, step, lambda: workshop.untroubled.update_training_file(file_id, archive))

    with pytest.raises(TrainingFileArchivedError):
        change(busy, file_id, ids)

    assert not left
    assert workshop.repository.training_files[file_id].revision == 2
    assert set(workshop.training_files.objects) == workshop.objects_of_finished_revisions
