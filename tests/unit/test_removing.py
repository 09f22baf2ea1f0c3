"""Taking conversations out of a training file, over fakes."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.builders import a_pair, a_scored_pair, an_enriched_file
from tests.support.trouble import Trouble
from tests.support.workshop import NAME, Workshop
from training_files.builds.cutting import SizesDisagreeError
from training_files.domain.limits import LARGEST_WHILE_WAITING_BYTES
from training_files.domain.training_file.build_request import RemoveConversationsInput
from training_files.domain.training_file.revision import Change
from training_files.domain.training_file.training_file import TrainingFileChanges
from training_files.errors import (
    ConversationsNotInFileError,
    RequestInvalidError,
    TrainingFileArchivedError,
    TrainingFileNotFoundError,
    TrainingFileWouldBeEmptyError,
    UpstreamUnavailableError,
)

NOTHING_TO_TRAIN_ON = an_enriched_file(a_pair(target_response=None), a_pair(2, target_response=None))


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


def some(workshop: Workshop, count: int, **row: Any) -> list[UUID]:
    return [workshop.a_conversation(**row) for _ in range(count)]


def objects(workshop: Workshop, training_file_id: UUID) -> tuple[bytes, bytes]:
    file = workshop.repository.training_files[training_file_id]
    read = workshop.training_files.read
    return read(file.json_file_path or ""), read(file.jsonl_file_path or "")


def ids_in(document: bytes) -> list[UUID]:
    elements = json.loads(document)["conversations"]
    return [UUID(element["conversation_metadata"]["conversation_id"]) for element in elements]


def forget_sizes(workshop: Workshop, training_file_id: UUID) -> None:
    """As of conversations that were added before sizes were kept."""
    members = workshop.repository.members[training_file_id]
    unknown = {"json_size": None, "jsonl_size": None}
    members[:] = [replace(member, figures=member.figures | unknown) for member in members]


def beside(workshop: Workshop, act: Callable[[], object]) -> Workshop:
    """The workshop in which another writer does this, once, just before a commit."""
    once = [act]

    def meanwhile() -> None:
        while once:
            once.pop()()

    return replace(workshop, trouble=Trouble(meanwhile=("commit_revision", meanwhile)))


@pytest.mark.parametrize("removed", [[0], [3], [1], [1, 2], [0, 3], [0, 1, 2], [1, 2, 3], [0, 2]])
def test_a_file_without_conversations_is_as_one_that_never_had_them(workshop: Workshop, removed: list[int]) -> None:
    """But for the profile of its consultant, which it keeps, and here is the same."""
    ids = [
        workshop.a_conversation(an_enriched_file(a_scored_pair(1, 4.5, human_reviewed=True)), persona_key="one"),
        workshop.a_conversation(persona_key="two", emotional_arc_key="up"),
        workshop.a_conversation(an_enriched_file(a_scored_pair(1, 2), a_scored_pair(2, 3)), persona_key="one"),
        workshop.a_conversation(persona_key="three", topic_key="budget"),
    ]
    training_file_id = workshop.a_training_file(*ids)
    left = [one for index, one in enumerate(ids) if index not in removed]

    changed = workshop.remove(workshop.service, training_file_id, *(ids[index] for index in removed))

    workshop.untroubled.update_training_file(training_file_id, TrainingFileChanges(name="of before"))
    like = workshop.repository.training_files[workshop.a_training_file(*left, name=NAME)]
    own = {"id", "name", "revision", "json_file_path", "jsonl_file_path", "scaffolding_distribution"}
    assert changed.model_dump(include=set(type(like).model_fields) - own) == like.model_dump(exclude=own)
    assert {key: list(value.items()) for key, value in changed.scaffolding_distribution.items()} == {
        key: list(value.items()) for key, value in like.scaffolding_distribution.items()
    }
    assert objects(workshop, training_file_id) == objects(workshop, like.id or uuid4())
    assert ids_in(objects(workshop, training_file_id)[0]) == left


def test_conversations_without_a_line_in_the_jsonl_are_removed_as_well(workshop: Workshop) -> None:
    ids = [workshop.a_conversation(), workshop.a_conversation(NOTHING_TO_TRAIN_ON), workshop.a_conversation()]
    training_file_id = workshop.a_training_file(*ids)
    _, before = objects(workshop, training_file_id)

    workshop.remove(workshop.service, training_file_id, ids[1])

    assert objects(workshop, training_file_id)[1] == before
    assert workshop.consistent_ids(training_file_id) == [ids[0], ids[2]]


def test_the_revision_says_what_made_it_and_so_does_its_event(workshop: Workshop) -> None:
    ids = some(workshop, 3)
    training_file_id = workshop.a_training_file(*ids)

    workshop.remove(workshop.service, training_file_id, ids[0], ids[2])

    newest = workshop.repository.get_revision(training_file_id, number=2)
    assert newest is not None
    assert newest.change == Change(kind="remove", count=2)
    assert workshop.repository.events[-1].detail["change"] == {"kind": "remove", "count": 2}


def test_the_revision_before_stays_as_it_was(workshop: Workshop) -> None:
    ids = some(workshop, 3)
    training_file_id = workshop.a_training_file(*ids)
    before = objects(workshop, training_file_id)
    [first] = workshop.service.list_revisions(training_file_id, limit=10)

    workshop.remove(workshop.service, training_file_id, ids[1])

    read = workshop.training_files.read
    assert (read(first.json_file_path), read(first.jsonl_file_path)) == before
    members = workshop.repository.list_memberships(training_file_id, revision=1, limit=10)
    assert [member.conversation_id for member in members] == ids


def test_what_was_removed_can_be_added_again(workshop: Workshop) -> None:
    ids = some(workshop, 3)
    training_file_id = workshop.a_training_file(*ids)
    workshop.remove(workshop.service, training_file_id, ids[0])

    workshop.add(workshop.service, training_file_id, ids[0])

    assert workshop.consistent_ids(training_file_id) == [ids[1], ids[2], ids[0]]


def test_the_sizes_of_older_conversations_are_found_once(workshop: Workshop) -> None:
    ids = [workshop.a_conversation(), workshop.a_conversation(NOTHING_TO_TRAIN_ON), *some(workshop, 3)]
    training_file_id = workshop.a_training_file(*ids)
    known = [member.figures for member in workshop.repository.members[training_file_id]]
    forget_sizes(workshop, training_file_id)

    workshop.remove(workshop.service, training_file_id, ids[2])

    document, _ = objects(workshop, training_file_id)
    assert ids_in(document) == [*ids[:2], *ids[3:]]
    found = workshop.repository.members_in(training_file_id, 1)
    assert [member.figures for member in found] == known


def test_sizes_are_found_in_windows_of_any_size(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training_files.builds.sizes.WINDOW_BYTES", 7)
    monkeypatch.setattr("training_files.builds.sizes.ROWS_AT_ONCE", 2)
    ids = some(workshop, 3)
    training_file_id = workshop.a_training_file(*ids)
    forget_sizes(workshop, training_file_id)

    workshop.remove(workshop.service, training_file_id, ids[0])

    assert workshop.consistent_ids(training_file_id) == ids[1:]


def test_ids_that_are_not_in_the_file_refuse_all(workshop: Workshop) -> None:
    ids, stranger = some(workshop, 2), workshop.a_conversation()
    training_file_id = workshop.a_training_file(*ids)

    with pytest.raises(ConversationsNotInFileError, match=str(stranger)) as refused:
        workshop.remove(workshop.service, training_file_id, ids[0], stranger)

    assert [fault.code for fault in refused.value.faults] == ["not_in_file"]
    assert workshop.consistent_ids(training_file_id) == ids
    assert workshop.repository.training_files[training_file_id].revision == 1


def test_ids_that_are_not_in_the_file_are_skipped_when_asked_for(workshop: Workshop) -> None:
    ids, stranger = some(workshop, 2), uuid4()
    training_file_id = workshop.a_training_file(*ids)

    changed = workshop.remove(workshop.service, training_file_id, stranger, ids[0], on_missing="skip")
    again = workshop.remove(workshop.service, training_file_id, stranger, ids[0], on_missing="skip")

    assert [fault.conversation_id for fault in changed.skipped] == [stranger]
    assert [fault.conversation_id for fault in again.skipped] == [stranger, ids[0]]
    assert (changed.revision, again.revision) == (2, 2)
    assert workshop.consistent_ids(training_file_id) == ids[1:]


@pytest.mark.parametrize("on_missing", ["reject", "skip"])
def test_the_last_conversation_cannot_be_removed(workshop: Workshop, on_missing: str) -> None:
    ids = some(workshop, 2)
    training_file_id = workshop.a_training_file(*ids)

    with pytest.raises(TrainingFileWouldBeEmptyError):
        workshop.remove(workshop.service, training_file_id, *ids, on_missing=on_missing)

    assert workshop.consistent_ids(training_file_id) == ids


def test_a_dry_run_tells_what_would_be_and_writes_nothing(workshop: Workshop) -> None:
    ids = some(workshop, 3)
    training_file_id = workshop.a_training_file(*ids)

    planned = workshop.remove(workshop.service, training_file_id, ids[1], dry_run=True)

    assert (planned.dry_run, planned.revision, planned.conversation_count) == (True, 2, 2)
    assert len(workshop.repository.revisions) == 1
    changed = workshop.remove(workshop.service, training_file_id, ids[1])
    assert (changed.json_file_size, changed.jsonl_file_size) == (planned.json_file_size, planned.jsonl_file_size)


def test_another_ones_file_is_not_there(workshop: Workshop) -> None:
    ids = some(workshop, 2)
    training_file_id = workshop.a_training_file(*ids)
    stranger = workshop.service.acting_for(uuid4())

    for call in (stranger.remove_conversations_from_training_file, stranger.request_removal):
        with pytest.raises(TrainingFileNotFoundError):
            call(RemoveConversationsInput(training_file_id=training_file_id, conversation_ids=(ids[0],)))


def test_an_archived_file_stays_as_it_is(workshop: Workshop) -> None:
    ids = some(workshop, 2)
    training_file_id = workshop.a_training_file(*ids)
    workshop.service.update_training_file(training_file_id, TrainingFileChanges(status="archived"))

    with pytest.raises(TrainingFileArchivedError):
        workshop.remove(workshop.service, training_file_id, ids[0])


class TestWhileOthersWrite:
    def test_what_another_adds_stays(self, workshop: Workshop) -> None:
        ids, new = some(workshop, 2), workshop.a_conversation()
        training_file_id = workshop.a_training_file(*ids)
        busy = beside(workshop, lambda: workshop.add(workshop.untroubled, training_file_id, new))

        changed = workshop.remove(busy.service, training_file_id, ids[0])

        assert changed.revision == 3
        assert workshop.consistent_ids(training_file_id) == [ids[1], new]

    def test_what_another_has_removed_refuses_all(self, workshop: Workshop) -> None:
        ids = some(workshop, 3)
        training_file_id = workshop.a_training_file(*ids)
        busy = beside(workshop, lambda: workshop.remove(workshop.untroubled, training_file_id, ids[0]))

        with pytest.raises(ConversationsNotInFileError):
            workshop.remove(busy.service, training_file_id, *ids[:2])

        assert workshop.consistent_ids(training_file_id) == ids[1:]

    def test_what_another_has_removed_is_skipped_when_asked_for(self, workshop: Workshop) -> None:
        ids = some(workshop, 3)
        training_file_id = workshop.a_training_file(*ids)
        busy = beside(workshop, lambda: workshop.remove(workshop.untroubled, training_file_id, ids[0]))

        changed = workshop.remove(busy.service, training_file_id, *ids[:2], on_missing="skip")

        assert [fault.conversation_id for fault in changed.skipped] == [ids[0]]
        assert workshop.consistent_ids(training_file_id) == ids[2:]

    def test_two_cannot_empty_a_file_together(self, workshop: Workshop) -> None:
        ids = some(workshop, 2)
        training_file_id = workshop.a_training_file(*ids)
        busy = beside(workshop, lambda: workshop.remove(workshop.untroubled, training_file_id, ids[0]))

        with pytest.raises(TrainingFileWouldBeEmptyError):
            workshop.remove(busy.service, training_file_id, ids[1])

        assert workshop.consistent_ids(training_file_id) == ids[1:]


class TestInTheBackground:
    def test_a_worker_removes(self, workshop: Workshop) -> None:
        ids = some(workshop, 3)
        training_file_id = workshop.a_training_file(*ids)
        wanted = RemoveConversationsInput(
            training_file_id=training_file_id, conversation_ids=(ids[0], stranger := uuid4()), on_missing="skip"
        )

        asked = workshop.service.request_removal(wanted)
        assert (asked.queued, asked.revision) == (True, 1)
        [revision_id] = workshop.queue.waiting
        workshop.service.build_revision(revision_id)

        assert workshop.consistent_ids(training_file_id) == ids[1:]
        newest = workshop.repository.revisions[revision_id]
        assert (newest.change, newest.status) == (Change(kind="remove", count=1), "committed")
        assert [detail["conversation_id"] for detail in newest.skipped] == [str(stranger)]

    def test_a_worker_that_cannot_says_why(self, workshop: Workshop) -> None:
        ids = some(workshop, 3)
        training_file_id = workshop.a_training_file(*ids)
        wanted = RemoveConversationsInput(training_file_id=training_file_id, conversation_ids=(ids[0],))
        workshop.service.request_removal(wanted)
        workshop.remove(workshop.untroubled, training_file_id, ids[0])

        [revision_id] = workshop.queue.waiting
        workshop.service.build_revision(revision_id)

        failed = workshop.repository.revisions[revision_id]
        assert (failed.status, (failed.error or {})["code"]) == ("failed", "conversations_not_in_file")
        assert [each["conversation_id"] for each in (failed.error or {})["failed_conversations"]] == [str(ids[0])]

    @pytest.mark.parametrize("copies_inside", [False, True])
    def test_a_file_that_would_be_moved_for_too_long_is_left_to_a_worker(
        self, workshop: Workshop, *, copies_inside: bool
    ) -> None:
        ids = some(workshop, 2)
        training_file_id = workshop.a_training_file(*ids)
        file = workshop.repository.training_files[training_file_id]
        larger = {"json_file_size": LARGEST_WHILE_WAITING_BYTES + 1}
        workshop.repository.training_files[training_file_id] = file.model_copy(update=larger)

        changed = workshop.remove(replace(workshop, copies_inside=copies_inside).service, training_file_id, ids[0])

        assert changed.queued != copies_inside

    def test_what_has_to_be_read_for_too_long_is_left_to_a_worker_as_well(self, workshop: Workshop) -> None:
        ids = some(workshop, 2)
        training_file_id = workshop.a_training_file(*ids)
        file = workshop.repository.training_files[training_file_id]
        larger = {"json_file_size": LARGEST_WHILE_WAITING_BYTES + 1}
        workshop.repository.training_files[training_file_id] = file.model_copy(update=larger)
        forget_sizes(workshop, training_file_id)

        assert workshop.remove(replace(workshop, copies_inside=True).service, training_file_id, ids[0]).queued

    def test_a_dry_run_does_not_read_for_too_long(self, workshop: Workshop) -> None:
        ids = some(workshop, 2)
        training_file_id = workshop.a_training_file(*ids)
        forget_sizes(workshop, training_file_id)
        watched = replace(workshop, trouble=Trouble())
        assert workshop.remove(watched.service, training_file_id, ids[0], dry_run=True).conversation_count == 1
        forget_sizes(workshop, training_file_id)
        file = workshop.repository.training_files[training_file_id]
        larger = {"json_file_size": LARGEST_WHILE_WAITING_BYTES + 1}
        workshop.repository.training_files[training_file_id] = file.model_copy(update=larger)
        watched = replace(workshop, trouble=Trouble())

        with pytest.raises(RequestInvalidError, match="from the next removal or refresh on"):
            workshop.remove(watched.service, training_file_id, ids[0], dry_run=True)

        assert not {call for call in watched.trouble.calls if call.startswith("download")}


@pytest.mark.parametrize("has_effect", [False, True])
@pytest.mark.parametrize(
    "label",
    ["look_up_members", "begin_revision", "write training.json", "write training.jsonl", "commit_revision"],
)
def test_what_breaks_off_leaves_a_whole_file(workshop: Workshop, label: str, *, has_effect: bool) -> None:
    ids = some(workshop, 3)
    training_file_id = workshop.a_training_file(*ids)
    broken = replace(workshop, trouble=Trouble(label, has_effect=has_effect))

    with pytest.raises(UpstreamUnavailableError):
        workshop.remove(broken.service, training_file_id, ids[0])

    is_removed = (label, has_effect) == ("commit_revision", True)
    assert workshop.consistent_ids(training_file_id) == (ids[1:] if is_removed else ids)
    assert set(workshop.training_files.objects) >= workshop.objects_of_finished_revisions


def test_what_is_missing_of_the_base_is_told(workshop: Workshop) -> None:
    ids = some(workshop, 3)
    training_file_id = workshop.a_training_file(*ids)
    forget_sizes(workshop, training_file_id)
    file = workshop.repository.training_files[training_file_id]
    del workshop.training_files.objects[file.json_file_path or ""]

    with pytest.raises(UpstreamUnavailableError, match="is missing in the bucket"):
        workshop.remove(workshop.service, training_file_id, ids[0])


def test_sizes_that_are_not_those_of_the_objects_write_nothing(workshop: Workshop) -> None:
    ids = some(workshop, 3)
    training_file_id = workshop.a_training_file(*ids)
    members = workshop.repository.members[training_file_id]
    members[1] = replace(members[1], figures=members[1].figures | {"jsonl_size": 1})

    with pytest.raises(SizesDisagreeError):
        workshop.remove(workshop.service, training_file_id, ids[0])

    assert workshop.repository.training_files[training_file_id].revision == 1
