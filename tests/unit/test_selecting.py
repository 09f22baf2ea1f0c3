"""Training files are made of, and added to by, what conversations are: while the caller waits, later, or to see."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.trouble import Trouble
from tests.support.workshop import Workshop
from training_files.api.parsing import parsed
from training_files.api.training_files.answers import preview_answer, revisions_answer, training_file_answer
from training_files.api.training_files.requests import AddConversationsRequest, CreateTrainingFileRequest
from training_files.background.leases import BuiltElsewhereError
from training_files.builds.requesting import request_addition
from training_files.domain.conversation.selection import MAX_SELECTED, Selection
from training_files.domain.limits import MOST_WHILE_WAITING
from training_files.domain.training_file.build_request import AddConversationsInput, CreateTrainingFileInput
from training_files.domain.training_file.training_file import BuiltTrainingFile, TrainingFileChanges
from training_files.errors import (
    ConversationsAlreadyInFileError,
    ConversationValidationError,
    NameTakenError,
    NothingSelectedError,
    RequestInvalidError,
    TrainingFileArchivedError,
    TrainingFileNotFoundError,
)
from training_files.ports.conversations import SelectedConversations
from training_files.ports.paging import Page
from training_files.service import TrainingFileService

EVERYTHING = Selection()


@pytest.fixture
def workshop() -> Workshop:
    return Workshop.new()


def on_day(day: int) -> str:
    return f"2026-01-{day:02}T00:00:00Z"


def some_conversations(workshop: Workshop, count: int, **row: Any) -> list[UUID]:
    return [workshop.a_conversation(created_at=on_day(day), **row) for day in range(1, count + 1)]


def creation(workshop: Workshop, *ids: UUID, select: Selection | None = EVERYTHING, **options: Any) -> Any:
    return CreateTrainingFileInput(
        **{"name": "selected", "conversation_ids": ids, "select": select, "created_by": workshop.owner, **options}
    )


def create(workshop: Workshop, *ids: UUID, select: Selection = EVERYTHING, **options: Any) -> BuiltTrainingFile:
    return workshop.service.create_training_file(creation(workshop, *ids, select=select, **options))


def addition(file_id: UUID, *ids: UUID, select: Selection | None = EVERYTHING, **options: Any) -> AddConversationsInput:
    return AddConversationsInput(training_file_id=file_id, conversation_ids=ids, select=select, **options)


def members(workshop: Workshop, built: BuiltTrainingFile) -> list[UUID]:
    assert built.id is not None
    return workshop.consistent_ids(built.id)


class TestWhileTheCallerWaits:
    def test_what_is_selected_is_there_in_the_order_of_creation(self, workshop: Workshop) -> None:
        third, first, second = (workshop.a_conversation(created_at=on_day(day)) for day in (3, 1, 2))

        created = create(workshop)

        assert members(workshop, created) == [first, second, third]
        assert created.selected is not None
        assert created.selected.conversation_count == 3

    def test_what_is_named_stands_before_what_is_selected(self, workshop: Workshop) -> None:
        first, second, third = some_conversations(workshop, 3)

        assert members(workshop, create(workshop, third)) == [third, first, second]

    def test_an_addition_takes_what_the_file_does_not_have(self, workshop: Workshop) -> None:
        first, second, third = some_conversations(workshop, 3)
        file_id = workshop.a_training_file(second)

        added = workshop.service.add_conversations_to_training_file(addition(file_id))

        assert members(workshop, added) == [second, first, third]

    def test_what_cannot_be_used_is_not_selected(self, workshop: Workshop) -> None:
        [good] = some_conversations(workshop, 1)
        workshop.a_conversation(enrichment_status="validated")
        workshop.a_conversation(enriched_file_path="elsewhere/enriched.json")

        assert members(workshop, create(workshop)) == [good]

    def test_a_broken_file_refuses_it_unless_that_is_to_be_skipped(self, workshop: Workshop) -> None:
        good, broken = some_conversations(workshop, 2)
        workshop.replace_file_of(broken, b"{}")

        with pytest.raises(ConversationValidationError):
            create(workshop)
        created = create(workshop, on_invalid="skip")

        assert members(workshop, created) == [good]
        assert [fault.conversation_id for fault in created.skipped] == [broken]

    def test_the_revision_says_what_was_selected(self, workshop: Workshop) -> None:
        some_conversations(workshop, 3)
        created = create(workshop, select=Selection(personas=("planner",), limit=2))

        [shown] = revisions_answer(Page(workshop.repository.revisions.values(), more=False), limit=1)["revisions"]

        assert shown["change"] == {
            "kind": "create",
            "count": 2,
            "selection": {"personas": ["planner"], "limit": 2},
        }
        assert workshop.repository.events[-1].detail["change"] == {"kind": "create", "count": 2}
        assert created.conversation_count == 2

    def test_what_another_adds_meanwhile_is_skipped(self, workshop: Workshop) -> None:
        first, second = some_conversations(workshop, 2)
        file_id = workshop.a_training_file(workshop.a_conversation(created_at=on_day(9)))

        def add_first() -> None:
            workshop.add(workshop.untroubled, file_id, first)

        troubled = replace(workshop, trouble=Trouble(meanwhile=("begin_revision", once(add_first))))
        added = troubled.service.add_conversations_to_training_file(addition(file_id))

        assert members(workshop, added)[1:] == [first, second]
        assert [fault.code for fault in added.skipped] == ["already_in_file"]


class TestMoreThanACallerWaitsFor:
    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("training_files.builds.waiting.MOST_WHILE_WAITING", 2)

    def test_is_left_to_a_worker_who_takes_the_same(self, workshop: Workshop) -> None:
        ids = some_conversations(workshop, 3)

        created = create(workshop)
        workshop.a_conversation(created_at=on_day(1))
        workshop.build_all()

        assert created.queued
        assert created.selected is not None
        assert created.selected.conversation_count == 3
        assert members(workshop, created) == ids

    def test_counts_what_is_named_as_well(self, workshop: Workshop) -> None:
        first, second = some_conversations(workshop, 2)
        other = workshop.a_conversation(enrichment_status="completed", created_at=on_day(8), persona_key="other")
        planners = Selection(personas=("planner",))

        created = create(workshop, other, select=planners)
        workshop.build_all()

        assert created.queued
        assert created.selected is not None
        assert created.selected.conversation_count == 2
        assert members(workshop, created) == [other, first, second]

    def test_without_a_queue_is_built_all_the_same(self, workshop: Workshop) -> None:
        ids = some_conversations(workshop, 3)
        service = TrainingFileService(replace(workshop.context, queue=None))

        created = service.create_training_file(creation(workshop))

        assert members(workshop, created) == ids

    def test_is_told_by_the_revision_with_what_was_selected(self, workshop: Workshop) -> None:
        some_conversations(workshop, 3)
        created = create(workshop, select=Selection(min_quality_score=None, tiers=(), limit=3))
        workshop.build_all()

        [revision] = workshop.repository.revisions.values()
        assert revision.change is not None
        assert revision.change.as_json() == {"kind": "create", "count": 3, "selection": {"limit": 3}}
        assert workshop.repository.requested_ids == {}
        assert created.id == revision.training_file_id

    def test_in_an_addition_is_left_to_a_worker_too(self, workshop: Workshop) -> None:
        inside = workshop.a_conversation(created_at=on_day(9))
        file_id = workshop.a_training_file(inside)
        ids = some_conversations(workshop, 3)

        added = workshop.service.add_conversations_to_training_file(addition(file_id))
        workshop.build_all()

        assert added.queued
        assert workshop.consistent_ids(file_id) == [inside, *ids]


class TestAskedForInTheBackground:
    def test_what_is_selected_is_looked_up_when_it_is_begun(self, workshop: Workshop) -> None:
        first, second = some_conversations(workshop, 2)

        requested = workshop.service.request_training_file(creation(workshop, second))
        workshop.build_all()

        assert workshop.trouble.calls.count("select_conversations") == 0
        assert members(workshop, requested) == [second, first]

    def test_an_addition_of_nothing_but_what_is_to_be_skipped_is_done_already(self, workshop: Workshop) -> None:
        [inside] = some_conversations(workshop, 1)
        file_id = workshop.a_training_file(inside)

        done = workshop.service.request_conversations(addition(file_id, inside, on_duplicate="skip"))

        assert (done.queued, [fault.code for fault in done.skipped]) == (False, ["already_in_file"])
        assert done.selected is not None
        assert done.selected.conversation_count == 0
        assert workshop.queue.waiting == []

    def test_a_rule_takes_its_owners_alone_and_a_broken_one_keeps_no_other_out(self, workshop: Workshop) -> None:
        file_id = workshop.a_training_file()
        good, broken = some_conversations(workshop, 2)
        workshop.replace_file_of(broken, b"{}")
        workshop.repository.put_conversation(None, enriched_file_path="x/enriched.json")
        wanted = addition(file_id, on_invalid="skip", by_rule=True)

        assert request_addition(workshop.context, wanted).queued
        workshop.build_all()

        assert workshop.consistent_ids(file_id)[1:] == [good]


def test_a_worker_whose_rows_another_has_taken_stops(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training_files.builds.worker.CONVERSATIONS_AT_ONCE", 1)
    some_conversations(workshop, 2)
    workshop.service.request_training_file(creation(workshop))
    [revision_id] = workshop.queue.waiting
    take_over = once(lambda: workshop.repository.requested_ids.update({uuid4(): take_rows(workshop, revision_id)}))

    troubled = replace(workshop, trouble=Trouble(meanwhile=("resolve", take_over)))
    with pytest.raises(BuiltElsewhereError):
        troubled.service.build_revision(revision_id)

    assert workshop.repository.revisions[revision_id].status == "building"
    assert workshop.training_files.objects == {}


def take_rows(workshop: Workshop, revision_id: UUID) -> list[UUID]:
    return workshop.repository.requested_ids.pop(revision_id)


class TestASelectionThatTakesNothing:
    def test_is_refused_with_the_nearest_keys(self, workshop: Workshop) -> None:
        some_conversations(workshop, 1)
        misspelled = Selection(personas=("planer",))

        for ask in (workshop.service.create_training_file, workshop.service.request_training_file):
            with pytest.raises(NothingSelectedError, match="did you mean 'planner'") as refused:
                ask(creation(workshop, select=misspelled))
            assert [detail["nearest"] for detail in refused.value.details] == ["planner"]
        assert workshop.repository.training_files == {}

    def test_is_refused_where_the_file_has_all(self, workshop: Workshop) -> None:
        file_id = workshop.a_training_file(*some_conversations(workshop, 2))

        for ask in (workshop.service.add_conversations_to_training_file, workshop.service.request_conversations):
            with pytest.raises(NothingSelectedError):
                ask(addition(file_id))

    def test_leaves_what_is_named(self, workshop: Workshop) -> None:
        [only] = some_conversations(workshop, 1)
        created = create(workshop, only, select=Selection(personas=("nobody",)))

        assert members(workshop, created) == [only]
        assert created.selected is not None
        assert (created.selected.conversation_count, len(created.selected.unknown_keys)) == (0, 1)


class TestWhatIsRefused:
    def test_more_than_one_commit_takes(self, workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
        some_conversations(workshop, 1)
        too_many = SelectedConversations(conversation_count=MAX_SELECTED + 1)
        monkeypatch.setattr(workshop.repository, "select_conversations", lambda *_, **__: too_many)

        with pytest.raises(RequestInvalidError, match=r"500,001 conversations.*send a limit"):
            create(workshop)

    def test_a_training_file_of_another_in_the_filter(self, workshop: Workshop) -> None:
        some_conversations(workshop, 1)
        unknown = Selection(not_in=(uuid4(),))

        for ask in (
            workshop.service.create_training_file,
            workshop.service.request_training_file,
            workshop.service.preview_training_file,
        ):
            with pytest.raises(TrainingFileNotFoundError):
                ask(creation(workshop, select=unknown))

    def test_a_name_that_is_taken(self, workshop: Workshop) -> None:
        workshop.a_training_file(name="selected")
        workshop.a_conversation()

        for ask in (
            workshop.service.create_training_file,
            workshop.service.request_training_file,
            workshop.service.preview_training_file,
        ):
            with pytest.raises(NameTakenError):
                ask(creation(workshop))

    @pytest.mark.parametrize("archived", [False, True], ids=["of another", "archived"])
    def test_an_addition_to_a_file(self, workshop: Workshop, *, archived: bool) -> None:
        workshop.a_conversation()
        file_id = workshop.a_training_file() if archived else uuid4()
        if archived:
            workshop.untroubled.update_training_file(file_id, TrainingFileChanges(status="archived"))

        for ask in (
            workshop.service.add_conversations_to_training_file,
            workshop.service.request_conversations,
            workshop.service.preview_conversations,
        ):
            with pytest.raises(TrainingFileArchivedError if archived else TrainingFileNotFoundError):
                ask(addition(file_id))

    def test_duplicates_among_what_is_named(self, workshop: Workshop) -> None:
        inside, _ = some_conversations(workshop, 2)
        file_id = workshop.a_training_file(inside)

        with pytest.raises(ConversationsAlreadyInFileError):
            workshop.service.add_conversations_to_training_file(addition(file_id, inside))


class TestAPreview:
    def test_tells_what_would_be_taken_and_the_file_as_it_would_be(self, workshop: Workshop) -> None:
        inside = workshop.a_conversation(persona_key="kim", created_at=on_day(9))
        file_id = workshop.a_training_file(inside)
        some_conversations(workshop, 2)
        workshop.trouble.calls.clear()

        answer = preview_answer(workshop.service.preview_conversations(addition(file_id)))

        assert answer["taken"]["personas"]["counts"] == {"planner": 2}
        assert answer["after"]["personas"]["counts"] == {"planner": 2, "kim": 1}
        assert (answer["selection"], answer["dry_run"]) == ({"conversation_count": 2, "warnings": []}, True)
        assert set(workshop.trouble.calls) == {"resolve", "preview_addition"}

    def test_says_how_many_ids_are_skipped_and_names_the_first_hundred(self, workshop: Workshop) -> None:
        [good] = some_conversations(workshop, 1)
        unknown = [uuid4() for _ in range(MOST_WHILE_WAITING + 1)]
        wanted = creation(workshop, good, *unknown, select=None, on_invalid="skip")

        answer = preview_answer(workshop.service.preview_training_file(wanted))

        assert answer["taken"]["conversation_count"] == 1
        assert [fault["conversation_id"] for fault in answer["skipped"]] == [str(one) for one in unknown[:100]]
        assert answer["skipped_total"] == 101
        assert "selection" not in answer

    def test_refuses_a_file_of_nothing_as_a_build_does(self, workshop: Workshop) -> None:
        wanted = creation(workshop, uuid4(), on_invalid="skip")

        for create in (workshop.service.preview_training_file, workshop.service.request_training_file):
            with pytest.raises(NothingSelectedError):
                create(wanted)

    def test_refuses_faults_that_are_not_to_be_skipped(self, workshop: Workshop) -> None:
        with pytest.raises(ConversationValidationError):
            workshop.service.preview_training_file(creation(workshop, uuid4()))


def test_what_was_skipped_before_is_counted_and_the_first_hundred_are_named(workshop: Workshop) -> None:
    [good] = some_conversations(workshop, 1)
    unknown = [uuid4() for _ in range(150)]
    wanted = creation(workshop, *unknown, good, select=None, on_invalid="skip")

    requested = workshop.service.request_training_file(wanted)
    [waiting] = workshop.repository.revisions.values()
    workshop.build_all()

    [built] = workshop.repository.revisions.values()
    assert members(workshop, requested) == [good]
    assert (waiting.skipped_total, built.skipped_total) == (150, 150)
    assert [fault["conversation_id"] for fault in built.skipped] == [str(one) for one in unknown[:100]]


class TestARequest:
    def test_says_all_that_is_wrong_with_a_selection(self) -> None:
        sent = {
            "name": "x",
            "select": {"persona": ["a"], "min_quality_score": 9, "limit": 0, "balance": "all of them", "tiers": "x"},
        }

        with pytest.raises(RequestInvalidError) as refused:
            parsed(CreateTrainingFileRequest, sent)

        assert {detail["field"] for detail in refused.value.details} == {
            "select.persona",
            "select.min_quality_score",
            "select.limit",
            "select.balance",
            "select.tiers",
        }

    @pytest.mark.parametrize("limit", [True, "5", 1.5, MAX_SELECTED + 1, 0])
    def test_has_a_limit_that_is_a_number(self, limit: Any) -> None:
        with pytest.raises(RequestInvalidError) as refused:
            parsed(AddConversationsRequest, {"select": {"limit": limit}})

        assert [detail["field"] for detail in refused.value.details] == ["select.limit"]

    def test_needs_a_limit_for_a_balance(self) -> None:
        with pytest.raises(RequestInvalidError, match="balance needs limit"):
            parsed(AddConversationsRequest, {"select": {"balance": "personas"}})

    def test_needs_ids_or_a_selection(self) -> None:
        with pytest.raises(RequestInvalidError, match="send conversation_ids, or select, or both"):
            parsed(CreateTrainingFileRequest, {"name": "x"})

    def test_may_select_everything(self) -> None:
        assert parsed(AddConversationsRequest, {"select": {}}).to_input(UUID(int=1)).select == Selection()

    @pytest.mark.parametrize(
        ("sent", "for_rows", "later"),
        [
            ({"select": {}}, False, False),
            ({"select": {}, "dry_run": True}, True, False),
            ({"conversation_ids": 100, "dry_run": True}, False, False),
            ({"conversation_ids": 101, "dry_run": True}, True, False),
            ({"conversation_ids": 100}, False, False),
            ({"conversation_ids": 101}, False, True),
        ],
    )
    def test_reads_rows_alone_where_there_may_be_many(
        self, sent: dict[str, Any], *, for_rows: bool, later: bool
    ) -> None:
        if count := sent.get("conversation_ids"):
            sent = sent | {"conversation_ids": [str(UUID(int=number)) for number in range(count)]}
        request = parsed(AddConversationsRequest, sent)

        assert (request.is_for_rows, request.is_for_later(None)) == (for_rows, later)
        assert request.is_for_later("respond-async") == ("dry_run" not in sent)

    def test_keeps_numbers_and_times_as_they_are_written(self, workshop: Workshop) -> None:
        some_conversations(workshop, 1, quality_score="4.25")
        sent = {"select": {"min_quality_score": 4.25, "created_after": "2026-01-01"}, "name": "x"}

        answer = training_file_answer(
            workshop.service.create_training_file(parsed(CreateTrainingFileRequest, sent).to_input(workshop.owner))
        )
        [shown] = revisions_answer(Page(workshop.repository.revisions.values(), more=False), limit=1)["revisions"]

        assert answer["selection"] == {"conversation_count": 1, "warnings": []}
        assert shown["change"]["selection"] == {"min_quality_score": 4.25, "created_after": "2026-01-01T00:00:00.000Z"}


def once(action: Any) -> Any:
    remaining = [action]
    return lambda: remaining.pop()() if remaining else None
