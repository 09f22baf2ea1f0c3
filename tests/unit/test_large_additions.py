"""What a training file holds already is moved through here only where there is the time and the room for it."""

from dataclasses import replace
from errno import EACCES, ENOSPC
from uuid import UUID

import httpx
import pytest

from tests.support.trouble import Trouble
from tests.support.workshop import NAME, Workshop
from training_files.adapters.s3.access import S3Access
from training_files.adapters.supabase.connection import SupabaseConnection
from training_files.bootstrap import create_training_file_service
from training_files.builds.spool import temporary_spool
from training_files.domain.limits import LARGEST_WHILE_WAITING_BYTES
from training_files.domain.training_file.build_request import AddConversationsInput, CreateTrainingFileInput
from training_files.domain.training_file.training_file import BuiltTrainingFile
from training_files.errors import ConversationsAlreadyInFileError, NotSetUpError, TrainingFileArchivedError

TOO_LARGE_TO_WAIT_FOR = LARGEST_WHILE_WAITING_BYTES + 1


class DiskFullError(OSError):
    """What the operating system says when there is no room left."""

    def __init__(self, message: str) -> None:
        super().__init__(ENOSPC, message)


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


def a_file_of(workshop: Workshop, size_bytes: int) -> UUID:
    """A training file of one conversation whose row says that its full JSON is this large."""
    training_file_id = workshop.a_training_file()
    files = workshop.repository.training_files
    files[training_file_id] = files[training_file_id].model_copy(update={"json_file_size": size_bytes})
    workshop.trouble.calls.clear()
    return training_file_id


def add(workshop: Workshop, training_file_id: UUID, *ids: UUID, dry_run: bool = False) -> BuiltTrainingFile:
    wanted = AddConversationsInput(training_file_id=training_file_id, conversation_ids=ids, dry_run=dry_run)
    return workshop.service.add_conversations_to_training_file(wanted)


class TestAnAdditionToALargeFile:
    def test_is_left_to_a_worker_where_its_bytes_come_through_here(self, workshop: Workshop) -> None:
        training_file_id = a_file_of(workshop, TOO_LARGE_TO_WAIT_FOR)
        before = workshop.repository.training_files[training_file_id]
        added = workshop.a_conversation()

        answer = add(workshop, training_file_id, added)

        assert answer.queued
        assert workshop.repository.training_files[training_file_id] == before
        [revision_id] = workshop.queue.waiting
        workshop.service.build_revision(revision_id)
        assert workshop.consistent_ids(training_file_id)[1:] == [added]

    def test_asks_the_database_no_more_than_any_other(self, workshop: Workshop) -> None:
        add(workshop, a_file_of(workshop, TOO_LARGE_TO_WAIT_FOR), workshop.a_conversation())

        assert workshop.trouble.calls == ["resolve", "begin_revision", "send"]

    def test_is_refused_at_once_for_what_its_rows_tell(self, workshop: Workshop) -> None:
        training_file_id = a_file_of(workshop, TOO_LARGE_TO_WAIT_FOR)
        [there] = [member.conversation_id for member in workshop.repository.members[training_file_id]]

        with pytest.raises(ConversationsAlreadyInFileError):
            add(workshop, training_file_id, there)
        files = workshop.repository.training_files
        files[training_file_id] = files[training_file_id].model_copy(update={"status": "archived"})
        with pytest.raises(TrainingFileArchivedError):
            add(workshop, training_file_id, workshop.a_conversation())

        assert workshop.queue.waiting == []

    def test_is_waited_for_where_its_bytes_are_copied_inside_the_storage(self, workshop: Workshop) -> None:
        training_file_id = a_file_of(workshop, TOO_LARGE_TO_WAIT_FOR)

        answer = add(replace(workshop, copies_inside=True), training_file_id, workshop.a_conversation())

        assert (answer.queued, answer.conversation_count) == (False, 2)

    def test_is_waited_for_where_there_is_no_worker(self, workshop: Workshop) -> None:
        training_file_id = a_file_of(workshop, TOO_LARGE_TO_WAIT_FOR)
        service = workshop.service
        service.context = replace(service.context, queue=None)

        assert workshop.add(service, training_file_id, workshop.a_conversation()).conversation_count == 2

    def test_can_be_tried_dry_at_once(self, workshop: Workshop) -> None:
        training_file_id = a_file_of(workshop, TOO_LARGE_TO_WAIT_FOR)

        answer = add(workshop, training_file_id, workshop.a_conversation(), dry_run=True)

        assert (answer.queued, answer.dry_run, answer.conversation_count) == (False, True, 2)


def test_the_largest_file_that_an_addition_is_waited_for(workshop: Workshop) -> None:
    training_file_id = a_file_of(workshop, LARGEST_WHILE_WAITING_BYTES)

    assert not add(workshop, training_file_id, workshop.a_conversation()).queued


class TestAFullDisk:
    def test_is_refused_with_what_mends_it_and_leaves_the_file_as_it_was(self, workshop: Workshop) -> None:
        training_file_id = workshop.a_training_file()
        before = workshop.consistent_ids(training_file_id)
        cramped = replace(workshop, trouble=Trouble("write training.jsonl", error=DiskFullError))

        with pytest.raises(NotSetUpError, match="EphemeralStorage"):
            cramped.add(cramped.service, training_file_id, workshop.a_conversation())

        assert workshop.consistent_ids(training_file_id) == before
        assert set(workshop.training_files.objects) == workshop.objects_of_finished_revisions

    def test_ends_a_build_in_the_background_at_once_and_says_why(self, workshop: Workshop) -> None:
        training_file = workshop.service.request_training_file(
            CreateTrainingFileInput(name=NAME, conversation_ids=(workshop.a_conversation(),), created_by=workshop.owner)
        )
        assert training_file.id is not None
        [revision_id] = workshop.queue.waiting
        cramped = replace(workshop, trouble=Trouble("write training.json", error=DiskFullError))
        cramped.service.build_revision(revision_id)

        build = workshop.repository.newest_build(training_file.id)
        assert build is not None
        assert build.error is not None
        assert "EphemeralStorage" in build.error["message"]

    def test_is_not_made_of_other_faults_of_the_machine(self) -> None:
        with pytest.raises(PermissionError), temporary_spool():
            raise PermissionError(EACCES, "not yours")


@pytest.mark.parametrize(
    ("access", "copies_inside"),
    [(None, False), (S3Access("http://localhost", "id", "secret", "local", timeout_seconds=1), True)],
    ids=["REST", "S3"],
)
def test_only_the_s3_protocol_copies_inside_the_storage(access: S3Access | None, *, copies_inside: bool) -> None:
    with httpx.Client() as http:
        connection = SupabaseConnection("http://localhost", "key", http)

        service = create_training_file_service(connection, http=http, s3=access)

    assert service.context.stores.copies_inside is copies_inside
