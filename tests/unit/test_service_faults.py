"""Wherever a build breaks off, the training file is as it was, or it is wholly the new revision.

Every call of a port fails once, before or after it took effect, and then for good. Real calls that lose their answer
look the same to the service, whether Supabase failed or the connection to it.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tests.support.trouble import Trouble
from tests.support.workshop import Workshop
from training_files.domain.training_file.training_file import TrainingFile, TrainingFileChanges
from training_files.errors import (
    ConversationsAlreadyInFileError,
    NameTakenError,
    TrainingFileArchivedError,
    TrainingFileBusyError,
    TrainingFileNotFoundError,
    UpstreamUnavailableError,
)


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


STEPS = [
    "resolve",
    "read enriched.json",
    "begin_revision",
    "write training.json",
    "write training.jsonl",
    "commit_revision",
]
at_every_step = pytest.mark.parametrize("step", STEPS)
either_way = pytest.mark.parametrize("has_effect", [False, True], ids=["before its effect", "after its effect"])
for_how_long = pytest.mark.parametrize("lasting", [False, True], ids=["once", "for good"])


def test_these_are_all_steps_of_a_creation_and_of_an_addition(workshop: Workshop) -> None:
    created = workshop.create(workshop.service, workshop.a_conversation())
    of_creation = workshop.trouble.calls.copy()
    assert created.id is not None
    workshop.add(workshop.service, created.id, workshop.a_conversation())
    of_addition = workshop.trouble.calls[len(of_creation) :]

    assert sorted(of_creation) == sorted(of_addition) == sorted(STEPS)


@at_every_step
@either_way
@for_how_long
class TestAnAddition:
    def test_that_breaks_off_leaves_the_file_as_it_was_or_with_all_of_it(
        self, workshop: Workshop, step: str, *, has_effect: bool, lasting: bool
    ) -> None:
        first, second = workshop.a_conversation(), workshop.a_conversation()
        training_file_id = workshop.a_training_file(first)
        before = workshop.repository.training_files[training_file_id]

        self.add_in_trouble(workshop, Trouble(step, has_effect, lasting), training_file_id, second)

        after = workshop.repository.training_files[training_file_id]
        if step == "commit_revision" and has_effect:
            assert workshop.consistent_ids(training_file_id) == [first, second]
        else:
            assert after == before
            assert workshop.consistent_ids(training_file_id) == [first]

    def test_that_breaks_off_leaves_no_orphaned_object(
        self, workshop: Workshop, step: str, *, has_effect: bool, lasting: bool
    ) -> None:
        training_file_id = workshop.a_training_file()

        self.add_in_trouble(workshop, Trouble(step, has_effect, lasting), training_file_id, workshop.a_conversation())

        left = set(workshop.training_files.objects)
        assert left <= workshop.objects_of_known_revisions
        if not lasting and step != "commit_revision":
            assert left == workshop.objects_of_finished_revisions

    def test_that_broke_off_can_be_asked_for_again(
        self, workshop: Workshop, step: str, *, has_effect: bool, lasting: bool
    ) -> None:
        first, second = workshop.a_conversation(), workshop.a_conversation()
        training_file_id = workshop.a_training_file(first)
        self.add_in_trouble(workshop, Trouble(step, has_effect, lasting), training_file_id, second)

        workshop.add(workshop.untroubled, training_file_id, second, on_duplicate="skip")

        assert workshop.consistent_ids(training_file_id) == [first, second]

    @staticmethod
    def add_in_trouble(workshop: Workshop, trouble: Trouble, training_file_id: UUID, conversation_id: UUID) -> None:
        with pytest.raises(UpstreamUnavailableError, match=message_of(trouble)):
            workshop.add(replace(workshop, trouble=trouble).service, training_file_id, conversation_id)


@at_every_step
@either_way
@for_how_long
class TestACreation:
    def test_that_breaks_off_leaves_nothing_or_all_of_it(
        self, workshop: Workshop, step: str, *, has_effect: bool, lasting: bool
    ) -> None:
        wanted = workshop.a_conversation()

        self.create_in_trouble(workshop, Trouble(step, has_effect, lasting), wanted)

        finished = [file.id for file in workshop.repository.training_files.values() if file.status != "processing"]
        if step == "commit_revision" and has_effect:
            [training_file_id] = finished
            assert training_file_id is not None
            assert workshop.consistent_ids(training_file_id) == [wanted]
        else:
            assert finished == []

    def test_that_breaks_off_leaves_no_orphaned_object(
        self, workshop: Workshop, step: str, *, has_effect: bool, lasting: bool
    ) -> None:
        self.create_in_trouble(workshop, Trouble(step, has_effect, lasting), workshop.a_conversation())

        left = set(workshop.training_files.objects)
        assert left <= workshop.objects_of_known_revisions
        if not lasting and step != "commit_revision":
            assert left == set()

    def test_that_broke_off_can_be_asked_for_again(
        self, workshop: Workshop, step: str, *, has_effect: bool, lasting: bool
    ) -> None:
        """At once if the failed one could clean up or began nothing, else in a quarter of an hour."""
        wanted = workshop.a_conversation()
        trouble = Trouble(step, has_effect, lasting)
        self.create_in_trouble(workshop, trouble, wanted)
        if workshop.repository.training_files and (lasting or step == "commit_revision"):
            workshop.clock.advance(minutes=16)

        is_done = step == "commit_revision" and has_effect
        with pytest.raises(NameTakenError) if is_done else nullcontext():
            workshop.create(workshop.untroubled, wanted)

        [file] = workshop.repository.training_files.values()
        assert file.id is not None
        assert workshop.consistent_ids(file.id) == [wanted]

    @staticmethod
    def create_in_trouble(workshop: Workshop, trouble: Trouble, conversation_id: UUID) -> None:
        with pytest.raises(UpstreamUnavailableError, match=message_of(trouble)):
            workshop.create(replace(workshop, trouble=trouble).service, conversation_id)


@pytest.mark.parametrize("step", ["get_training_file", "list_revisions", "delete_training_file", "remove"])
@either_way
@for_how_long
class TestARemoval:
    def test_that_breaks_off_leaves_all_of_the_file_or_none(
        self, workshop: Workshop, step: str, *, has_effect: bool, lasting: bool
    ) -> None:
        first = workshop.a_conversation()
        training_file_id = workshop.a_training_file(first)
        is_told = pytest.raises(UpstreamUnavailableError, match=f"^{step} failed$")

        with nullcontext() if step == "remove" else is_told:
            replace(workshop, trouble=Trouble(step, has_effect, lasting)).service.delete_training_file(training_file_id)

        if step == "remove" or (step == "delete_training_file" and has_effect):
            assert workshop.repository.training_files == workshop.repository.revisions == {}
            left = {path.partition("/")[0] for path in workshop.training_files.objects}
            assert left <= {str(revision_id) for revision_id in workshop.repository.removals}
        else:
            assert workshop.consistent_ids(training_file_id) == [first]


def message_of(trouble: Trouble) -> str:
    """The first fault is told, and of a commit that it may have gone through."""
    return "may or may not be there" if trouble.label == "commit_revision" else f"^{trouble.label} failed$"


class TestOthersWritingMeanwhile:
    def test_an_addition_is_rebased_on_anothers(self, workshop: Workshop) -> None:
        first, mine, theirs = (workshop.a_conversation() for _ in range(3))
        training_file_id = workshop.a_training_file(first)

        built = self.add_while(
            workshop,
            self.first_time(lambda: workshop.add(workshop.untroubled, training_file_id, theirs)),
            training_file_id,
            mine,
        )

        assert built.revision == 3
        assert workshop.consistent_ids(training_file_id) == [first, theirs, mine]
        assert set(workshop.training_files.objects) == workshop.objects_of_finished_revisions

    def test_a_conversation_that_another_added_is_refused(self, workshop: Workshop) -> None:
        training_file_id = workshop.a_training_file()
        both, mine = workshop.a_conversation(), workshop.a_conversation()

        with pytest.raises(ConversationsAlreadyInFileError, match=str(both)):
            self.add_while(
                workshop,
                self.first_time(lambda: workshop.add(workshop.untroubled, training_file_id, both)),
                training_file_id,
                mine,
                both,
            )

        assert workshop.consistent_ids(training_file_id)[1:] == [both]
        assert set(workshop.training_files.objects) == workshop.objects_of_finished_revisions

    def test_a_conversation_that_another_added_is_skipped_if_asked_for(self, workshop: Workshop) -> None:
        training_file_id = workshop.a_training_file()
        both, mine = workshop.a_conversation(), workshop.a_conversation()

        built = self.add_while(
            workshop,
            self.first_time(lambda: workshop.add(workshop.untroubled, training_file_id, both)),
            training_file_id,
            mine,
            both,
            on_duplicate="skip",
        )

        assert [fault.conversation_id for fault in built.skipped] == [both]  # type: ignore[attr-defined]
        assert workshop.consistent_ids(training_file_id)[1:] == [both, mine]

    @pytest.mark.parametrize("step", ["begin_revision", "write training.json", "commit_revision"])
    def test_a_file_that_another_removed_is_gone(self, workshop: Workshop, step: str) -> None:
        training_file_id = workshop.a_training_file()

        with pytest.raises(TrainingFileNotFoundError):
            self.add_while(
                workshop,
                self.first_time(lambda: workshop.untroubled.delete_training_file(training_file_id)),
                training_file_id,
                workshop.a_conversation(),
                step=step,
            )

        assert workshop.repository.revisions == {}
        assert workshop.training_files.objects == {}

    @pytest.mark.parametrize("step", ["begin_revision", "write training.json", "commit_revision"])
    def test_a_file_that_another_archived_stays_as_it_is(self, workshop: Workshop, step: str) -> None:
        first = workshop.a_conversation()
        training_file_id = workshop.a_training_file(first)

        def archive() -> None:
            workshop.untroubled.update_training_file(training_file_id, TrainingFileChanges(status="archived"))

        with pytest.raises(TrainingFileArchivedError):
            self.add_while(workshop, archive, training_file_id, workshop.a_conversation(), step=step)

        workshop.untroubled.update_training_file(training_file_id, TrainingFileChanges(status="active"))
        assert workshop.consistent_ids(training_file_id) == [first]
        assert set(workshop.training_files.objects) == workshop.objects_of_finished_revisions

    def test_a_writer_who_is_never_first_gives_up_and_leaves_nothing(self, workshop: Workshop) -> None:
        training_file_id = workshop.a_training_file()
        mine = workshop.a_conversation()

        with pytest.raises(TrainingFileBusyError):
            self.add_while(
                workshop,
                lambda: workshop.add(workshop.untroubled, training_file_id, workshop.a_conversation()),
                training_file_id,
                mine,
            )

        assert mine not in workshop.consistent_ids(training_file_id)
        assert set(workshop.training_files.objects) == workshop.objects_of_finished_revisions

    def test_a_missing_object_of_the_base_is_reported_and_nothing_changes(self, workshop: Workshop) -> None:
        training_file_id = workshop.a_training_file()
        before = workshop.repository.training_files[training_file_id]
        workshop.training_files.remove([before.json_file_path or ""])

        with pytest.raises(UpstreamUnavailableError, match=f"{before.json_file_path} .* is missing"):
            workshop.add(workshop.service, training_file_id, workshop.a_conversation())

        assert workshop.repository.training_files[training_file_id] == before
        assert set(workshop.training_files.objects) == {before.jsonl_file_path}

    @staticmethod
    def add_while(
        workshop: Workshop,
        others: Callable[[], object],
        training_file_id: UUID,
        *ids: UUID,
        step: str = "commit_revision",
        **options: Any,
    ) -> TrainingFile:
        """Adds while others act, each time just before the step."""
        service = replace(workshop, trouble=Trouble(meanwhile=(step, others))).service
        return workshop.add(service, training_file_id, *ids, **options)

    @staticmethod
    def first_time(action: Callable[[], object]) -> Callable[[], object]:
        remaining = [action]
        return lambda: remaining.pop()() if remaining else None
