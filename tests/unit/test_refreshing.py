"""Reading conversations again whose enriched file has changed, over fakes."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.builders import Json, a_pair, a_scored_pair, an_enriched_file
from tests.support.trouble import Trouble
from tests.support.workshop import NAME, Workshop
from training_files.builds import refreshable
from training_files.domain.limits import LARGEST_WHILE_WAITING_BYTES
from training_files.domain.training_file.build_request import RefreshConversationsInput
from training_files.domain.training_file.revision import Change
from training_files.domain.training_file.training_file import BuiltTrainingFile, TrainingFileChanges
from training_files.errors import (
    ConversationValidationError,
    RequestInvalidError,
    TrainingFileNotFoundError,
    UpstreamUnavailableError,
)

BETTER = an_enriched_file(a_scored_pair(1, 5, human_reviewed=True), a_scored_pair(2, 4), a_scored_pair(3, 4.5))
NOTHING_TO_TRAIN_ON = an_enriched_file(a_pair(target_response=None))


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


@pytest.fixture
def ids(workshop: Workshop) -> list[UUID]:
    return [workshop.a_conversation(persona_key=key) for key in ("one", "two", "one", "three")]


@pytest.fixture
def file_id(workshop: Workshop, ids: list[UUID]) -> UUID:
    return workshop.a_training_file(*ids)


def change(workshop: Workshop, conversation_id: UUID, enriched: Json = BETTER) -> None:
    """The enrichment pipeline writes another file, an hour later."""
    workshop.clock.advance(minutes=60)
    workshop.replace_file_of(conversation_id, json.dumps(enriched).encode())


def refresh(workshop: Workshop, file_id: UUID, *ids: UUID, **options: Any) -> BuiltTrainingFile:
    wanted = RefreshConversationsInput(training_file_id=file_id, conversation_ids=ids or None, **options)
    return workshop.service.refresh_training_file(wanted)


def objects(workshop: Workshop, file_id: UUID) -> tuple[bytes, bytes]:
    file = workshop.repository.training_files[file_id]
    read = workshop.training_files.read
    return read(file.json_file_path or ""), read(file.jsonl_file_path or "")


def ids_in(workshop: Workshop, file_id: UUID) -> list[UUID]:
    elements = json.loads(objects(workshop, file_id)[0])["conversations"]
    return [UUID(element["conversation_metadata"]["conversation_id"]) for element in elements]


@pytest.mark.parametrize("enriched", [BETTER, NOTHING_TO_TRAIN_ON], ids=["more", "less"])
@pytest.mark.parametrize("changed", [[0], [3], [1, 2], [0, 3], [0, 1, 2, 3]])
def test_a_refreshed_file_is_as_one_that_is_made_now(
    workshop: Workshop, ids: list[UUID], file_id: UUID, changed: list[int], enriched: Json
) -> None:
    for index in changed:
        change(workshop, ids[index], enriched | {"dataset_metadata": {"vertical": f"of {index}"}})

    built = refresh(workshop, file_id)

    workshop.untroubled.update_training_file(file_id, TrainingFileChanges(name="of before"))
    like = workshop.repository.training_files[workshop.a_training_file(*ids, name=NAME)]
    own = {"id", "name", "revision", "json_file_path", "jsonl_file_path", "created_at", "updated_at", "status"}
    assert built.model_dump(include=set(type(like).model_fields) - own) == like.model_dump(exclude=own)
    assert list(built.scaffolding_distribution["personas"]) == list(like.scaffolding_distribution["personas"])
    (raw, lines), (raw_like, lines_like) = objects(workshop, file_id), objects(workshop, like.id or uuid4())
    document, document_like = json.loads(raw), json.loads(raw_like)
    assert lines == lines_like
    assert {**document, "training_file_metadata": None} == {**document_like, "training_file_metadata": None}
    assert raw[-1000:] == raw_like[-1000:]


def test_without_ids_only_what_has_changed_is_read(workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
    change(workshop, ids[2])
    before = workshop.repository.members_in(file_id, 1)

    built = refresh(workshop, file_id)

    revision = workshop.repository.get_revision(file_id, number=2)
    assert revision is not None
    assert revision.change == Change(kind="refresh", count=1)
    after = workshop.repository.members[file_id]
    assert [member.position for member in after] == [1, 2, 3, 4]
    assert [member.added_in_revision for member in after] == [1, 1, 2, 1]
    assert workshop.repository.members_in(file_id, 1)[0] is before[0]
    assert built.total_training_pairs == sum(member.training_pairs for member in after)
    assert ids_in(workshop, file_id) == ids


def test_without_ids_what_is_gone_does_not_stand_before_what_has_changed(
    workshop: Workshop, ids: list[UUID], file_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshable, "MAX_IDS", 1)
    workshop.break_file_of(ids[0])
    workshop.repository.forget_conversation(ids[1])
    change(workshop, ids[2])

    assert refresh(workshop, file_id).revision == 2
    assert workshop.repository.members[file_id][2].added_in_revision == 2


def test_what_is_named_and_has_not_changed_stays_as_it_is(workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
    change(workshop, ids[2])

    refresh(workshop, file_id, *reversed(ids))

    assert ids_in(workshop, file_id) == ids
    assert [member.added_in_revision for member in workshop.repository.members[file_id]] == [1, 1, 2, 1]


def test_its_rows_are_looked_up_to_begin_with_and_before_it_is_written(
    workshop: Workshop, ids: list[UUID], file_id: UUID
) -> None:
    change(workshop, ids[2])
    watched = replace(workshop, trouble=Trouble())

    assert refresh(watched, file_id, ids[2]).revision == 2

    assert watched.trouble.calls.count("look_up_members") == 2


def test_nothing_that_has_changed_makes_no_revision(workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
    assert refresh(workshop, file_id).revision == 1
    assert refresh(workshop, file_id, *ids).revision == 1
    workshop.clock.advance(minutes=60)
    again = workshop.enriched_files.objects
    for path, content in [*again.items()]:
        workshop.enriched_files.put(path, content)

    assert refresh(workshop, file_id).revision == 1
    assert len(workshop.repository.revisions) == 1


def test_what_cannot_be_used_any_more_refuses_all(workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
    change(workshop, ids[0])
    workshop.clock.advance(minutes=60)
    workshop.replace_file_of(ids[1], b"{}")

    with pytest.raises(ConversationValidationError, match=str(ids[1])):
        refresh(workshop, file_id)
    skipped = refresh(workshop, file_id, on_invalid="skip")

    assert {fault.conversation_id for fault in skipped.skipped} == {ids[1]}
    assert skipped.revision == 2
    assert ids_in(workshop, file_id) == ids


@pytest.mark.parametrize("by_id", [True, False], ids=["by id", "all that have changed"])
def test_where_all_is_skipped_nothing_is_changed(
    workshop: Workshop, ids: list[UUID], file_id: UUID, *, by_id: bool
) -> None:
    workshop.clock.advance(minutes=60)
    workshop.replace_file_of(ids[1], b"{}")
    stranger = workshop.a_conversation()

    built = refresh(workshop, file_id, *([ids[1], stranger] if by_id else []), on_invalid="skip")

    assert (built.revision, built.queued) == (1, False)
    assert {fault.conversation_id for fault in built.skipped} == ({ids[1], stranger} if by_id else {ids[1]})
    assert len(workshop.repository.revisions) == 1


def test_ids_that_are_not_in_the_file_are_faults(workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
    stranger, unknown = workshop.a_conversation(), uuid4()

    with pytest.raises(ConversationValidationError) as refused:
        refresh(workshop, file_id, ids[0], stranger, unknown)

    assert {fault.conversation_id: fault.code for fault in refused.value.faults} == {
        stranger: "not_in_file",
        unknown: "not_found",
    }
    assert {fault.hint for fault in refused.value.faults if fault.code == "not_in_file"} == {
        "Leave it out, or send on_invalid: skip."
    }


def test_a_dry_run_writes_nothing(workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
    change(workshop, ids[0])

    planned = refresh(workshop, file_id, dry_run=True)

    assert (planned.dry_run, planned.revision) == (True, 2)
    assert len(workshop.repository.revisions) == 1
    assert refresh(workshop, file_id).json_file_size == planned.json_file_size


def test_a_dry_run_does_not_read_all_of_a_large_file(workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
    change(workshop, ids[0])
    members = workshop.repository.members[file_id]
    members[:] = [replace(one, figures=one.figures | {"json_size": None, "jsonl_size": None}) for one in members]
    file = workshop.repository.training_files[file_id]
    larger = {"json_file_size": LARGEST_WHILE_WAITING_BYTES + 1}
    workshop.repository.training_files[file_id] = file.model_copy(update=larger)
    watched = replace(workshop, trouble=Trouble())

    with pytest.raises(RequestInvalidError, match="from the next removal or refresh on"):
        refresh(watched, file_id, dry_run=True)

    assert not {call for call in watched.trouble.calls if call.startswith("download")}


def test_another_ones_file_is_not_there(workshop: Workshop, file_id: UUID) -> None:
    stranger = workshop.service.acting_for(uuid4())

    for call in (stranger.refresh_training_file, stranger.request_refresh):
        with pytest.raises(TrainingFileNotFoundError):
            call(RefreshConversationsInput(training_file_id=file_id))


class TestWhileOthersWrite:
    def beside(self, workshop: Workshop, act: Callable[[], object]) -> Workshop:
        once = [act]

        def meanwhile() -> None:
            while once:
                once.pop()()

        return replace(workshop, trouble=Trouble(meanwhile=("commit_revision", meanwhile)))

    def test_what_another_has_removed_is_not_brought_back(
        self, workshop: Workshop, ids: list[UUID], file_id: UUID
    ) -> None:
        change(workshop, ids[0])
        change(workshop, ids[1])
        busy = self.beside(workshop, lambda: workshop.remove(workshop.untroubled, file_id, ids[0]))

        built = refresh(busy, file_id, on_invalid="skip")

        assert [fault.code for fault in built.skipped] == ["not_in_file"]
        assert ids_in(workshop, file_id) == ids[1:]
        assert workshop.repository.members[file_id][0].added_in_revision == 3

    def test_what_another_has_removed_refuses_all_unless_asked_otherwise(
        self, workshop: Workshop, ids: list[UUID], file_id: UUID
    ) -> None:
        change(workshop, ids[0])
        change(workshop, ids[1])
        busy = self.beside(workshop, lambda: workshop.remove(workshop.untroubled, file_id, ids[0]))

        with pytest.raises(ConversationValidationError) as refused:
            refresh(busy, file_id)

        assert [fault.hint for fault in refused.value.faults] == ["Leave it out, or send on_invalid: skip."]
        assert workshop.repository.training_files[file_id].revision == 2

    def test_where_another_has_removed_all_nothing_is_left_to_be_done(
        self, workshop: Workshop, ids: list[UUID], file_id: UUID
    ) -> None:
        change(workshop, ids[0])
        busy = self.beside(workshop, lambda: workshop.remove(workshop.untroubled, file_id, ids[0]))

        built = refresh(busy, file_id, on_invalid="skip")

        assert (built.revision, [fault.code for fault in built.skipped]) == (2, ["not_in_file"])
        assert ids_in(workshop, file_id) == ids[1:]

    def test_what_another_has_refreshed_is_done(self, workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
        change(workshop, ids[0])
        busy = self.beside(workshop, lambda: refresh(workshop, file_id))

        assert refresh(busy, file_id).revision == 2

    def test_what_another_adds_stays(self, workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
        change(workshop, ids[0])
        new = workshop.a_conversation()
        busy = self.beside(workshop, lambda: workshop.add(workshop.untroubled, file_id, new))

        refresh(busy, file_id)

        assert ids_in(workshop, file_id) == [*ids, new]


class TestInTheBackground:
    def test_a_worker_refreshes(self, workshop: Workshop, ids: list[UUID], file_id: UUID) -> None:
        change(workshop, ids[1])
        asked = workshop.service.request_refresh(RefreshConversationsInput(training_file_id=file_id))
        assert (asked.queued, asked.revision) == (True, 1)

        [revision_id] = workshop.queue.waiting
        workshop.service.build_revision(revision_id)

        revision = workshop.repository.revisions[revision_id]
        assert (revision.status, revision.change) == ("committed", Change(kind="refresh", count=1))
        assert ids_in(workshop, file_id) == ids

    @pytest.mark.parametrize("more_than_can_be_waited_for", [True, False])
    def test_what_rows_tell_refuses_it_before_it_is_queued(
        self,
        workshop: Workshop,
        ids: list[UUID],
        file_id: UUID,
        monkeypatch: pytest.MonkeyPatch,
        *,
        more_than_can_be_waited_for: bool,
    ) -> None:
        monkeypatch.setattr("training_files.builds.refreshing.MOST_WHILE_WAITING", 1)
        change(workshop, ids[1])
        wanted = RefreshConversationsInput(
            training_file_id=file_id,
            conversation_ids=(ids[1], stranger := workshop.a_conversation(), unknown := uuid4()),
        )
        service = workshop.service
        call = service.refresh_training_file if more_than_can_be_waited_for else service.request_refresh

        with pytest.raises(ConversationValidationError) as refused:
            call(wanted)
        assert {fault.conversation_id for fault in refused.value.faults} == {stranger, unknown}
        assert not workshop.queue.waiting

        skipping = wanted.model_copy(update={"on_invalid": "skip"})
        asked = call(skipping)
        assert (asked.queued, {fault.conversation_id for fault in asked.skipped}) == (True, {stranger, unknown})
        [revision_id] = workshop.queue.waiting
        workshop.service.build_revision(revision_id)
        revision = workshop.repository.revisions[revision_id]
        assert (revision.status, len(revision.skipped)) == ("committed", 2)

    def test_where_rows_tell_that_all_is_skipped_nothing_is_queued(self, workshop: Workshop, file_id: UUID) -> None:
        wanted = RefreshConversationsInput(
            training_file_id=file_id, conversation_ids=(stranger := uuid4(),), on_invalid="skip"
        )

        asked = workshop.service.request_refresh(wanted)

        assert (asked.queued, asked.revision) == (False, 1)
        assert [fault.conversation_id for fault in asked.skipped] == [stranger]
        assert not workshop.queue.waiting

    def test_more_than_can_be_waited_for_are_left_to_a_worker(
        self, workshop: Workshop, ids: list[UUID], file_id: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("training_files.builds.refreshing.MOST_WHILE_WAITING", 1)
        change(workshop, ids[1])
        change(workshop, ids[2])

        assert refresh(workshop, file_id).queued
        with pytest.raises(RequestInvalidError, match="at most 1"):
            refresh(workshop, file_id, dry_run=True)


@pytest.mark.parametrize("has_effect", [False, True])
@pytest.mark.parametrize("label", ["look_up_members", "begin_revision", "write training.json", "commit_revision"])
def test_what_breaks_off_leaves_a_whole_file(
    workshop: Workshop, ids: list[UUID], file_id: UUID, label: str, *, has_effect: bool
) -> None:
    change(workshop, ids[0])
    before = objects(workshop, file_id)

    with pytest.raises(UpstreamUnavailableError):
        refresh(replace(workshop, trouble=Trouble(label, has_effect=has_effect)), file_id)

    assert (objects(workshop, file_id) != before) == ((label, has_effect) == ("commit_revision", True))
    assert ids_in(workshop, file_id) == ids
