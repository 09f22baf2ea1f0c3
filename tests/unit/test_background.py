"""Wherever a build in the background breaks off, and whoever else builds it: it ends once, as asked for or as failed.

Every call of a port fails, before or after it took effect: once, for good until the message comes again, or because the
process is gone. Messages come again as those of a real queue do, and the third time that they failed is the last.
"""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.contexts import context_over
from tests.support.fake_objects import InMemoryStores
from tests.support.trouble import Trouble
from tests.support.workshop import NAME, Workshop
from training_files.api.training_files.answers import training_file_answer
from training_files.background.leases import BuiltElsewhereError
from training_files.builds import attempts, requesting, worker
from training_files.builds.leased_revision import LeasedRevision
from training_files.builds.rebasing import MAX_ATTEMPTS
from training_files.domain.spelling import iso_utc
from training_files.domain.training_file.build_request import AddConversationsInput, CreateTrainingFileInput
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.training_file import BuiltTrainingFile, TrainingFile, TrainingFileChanges
from training_files.errors import (
    ConversationValidationError,
    NameTakenError,
    NothingToRetryError,
    NotSetUpError,
    RequestInvalidError,
    TrainingFileBusyError,
    UpstreamUnavailableError,
)
from training_files.ports.leases import Lease
from training_files.ports.queue import Delivery
from training_files.service import TrainingFileService

RECEIVED_AT_MOST = 3
COMES_AGAIN_AFTER_MINUTES = 15
GIVE_UP_AFTER_SECONDS = 10

# What a build of five conversations calls, when two are resolved, or staged, at once.
CALLS = {
    "claim_revision": 1,
    "resolve": 3,
    "read enriched.json": 5,
    "report_progress": 3,
    "list_requested": 3,
    "write training.json": 1,
    "write training.jsonl": 1,
    "stage_conversations": 2,
    "commit_revision": 1,
}
FIRST_AND_LAST = [(label, number) for label, count in CALLS.items() for number in sorted({1, count})]

either_way = pytest.mark.parametrize("has_effect", [False, True], ids=["before its effect", "after its effect"])
at_every_call = pytest.mark.parametrize("call", FIRST_AND_LAST, ids=lambda call: f"{call[0]} {call[1]}")
at_every_step = pytest.mark.parametrize("step", CALLS)


class KilledError(Exception):
    """What a process that was killed at a call would do next, does not happen."""


# What a worker leaves a message in the queue for.
COMES_AGAIN = (UpstreamUnavailableError, TrainingFileBusyError, BuiltElsewhereError, KilledError)


for_how_long = pytest.mark.parametrize(
    "how",
    [{}, {"lasting": True}, {"lasting": True, "error": KilledError}],
    ids=["once", "for good", "killed"],
)


@pytest.fixture(autouse=True)
def small_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "CONVERSATIONS_AT_ONCE", 2)
    monkeypatch.setattr(attempts, "ROWS_AT_ONCE", 2)


@dataclass(frozen=True)
class QueuedBuild:
    """A build that was asked for, and the conversations that the file has when it is fulfilled."""

    training_file_id: UUID
    revision_id: UUID
    expected: list[UUID]


class Yard(Workshop):
    """A workshop with a worker."""

    def request(self, *ids: UUID, **options: Any) -> TrainingFile:
        wanted = CreateTrainingFileInput(name=NAME, conversation_ids=ids, created_by=self.owner, **options)
        return self.service.request_training_file(wanted)

    def request_addition(self, training_file_id: UUID, *ids: UUID, **options: Any) -> TrainingFile:
        wanted = AddConversationsInput(training_file_id=training_file_id, conversation_ids=ids, **options)
        return self.service.request_conversations(wanted)

    def a_creation(self, **options: Any) -> QueuedBuild:
        ids = self.some_conversations(5)
        return self.queued(self.request(*ids, **options).id, ids)

    def an_addition(self, **options: Any) -> QueuedBuild:
        first, *ids = self.some_conversations(6)
        training_file_id = self.a_training_file(first)
        self.request_addition(training_file_id, *ids, **options)
        return self.queued(training_file_id, [first, *ids])

    def queued(self, training_file_id: UUID | None, expected: list[UUID]) -> QueuedBuild:
        assert training_file_id is not None
        return QueuedBuild(training_file_id, self.queue.waiting[-1], expected)

    def some_conversations(self, count: int) -> list[UUID]:
        return [self.a_conversation() for _ in range(count)]

    def deliver(self) -> None:
        """Delivers the first message once. Who fails leaves it in the queue, for when it comes again."""
        with suppress(*COMES_AGAIN):
            self.service.build_revision(self.queue.waiting[0])
            self.queue.waiting.pop(0)
            return
        self.pass_time()

    def work_off(self) -> None:
        """Delivers every message until someone is done with it, and at last to whoever gives the build up."""
        for revision_id in [*self.queue.waiting]:
            ways = [self.service.build_revision] * RECEIVED_AT_MOST + [self.service.give_up_revision] * RECEIVED_AT_MOST
            assert any(self.is_done(way, revision_id) for way in ways), "a message came again for ever"
        self.queue.waiting.clear()

    def is_done(self, way: Callable[[UUID], None], revision_id: UUID) -> bool:
        with suppress(*COMES_AGAIN):
            way(revision_id)
            return True
        self.pass_time()
        return False

    def pass_time(self) -> None:
        """Until the message comes again. Supabase is back by then, and so is the worker."""
        self.clock.advance(minutes=COMES_AGAIN_AFTER_MINUTES)
        self.trouble.is_down = False

    def keep_house(self) -> None:
        """Queues again what nobody builds, as housekeeping does, and has it built."""
        self.pass_time()
        latest = [self.repository.newest_build(file_id) for file_id in self.repository.training_files]
        self.queue.waiting[:] = [build.id for build in latest if build and build.status == "building"]
        self.work_off()

    def file(self, queued: QueuedBuild) -> TrainingFile:
        return self.repository.training_files[queued.training_file_id]

    def latest(self, queued: QueuedBuild) -> Revision:
        latest = self.repository.newest_build(queued.training_file_id)
        assert latest is not None
        return latest

    def assert_built(self, queued: QueuedBuild) -> None:
        assert self.consistent_ids(queued.training_file_id) == queued.expected
        assert self.latest(queued).status == "committed"
        self.assert_at_rest()

    def assert_failed(self, queued: QueuedBuild) -> str:
        """Returns the message."""
        latest, file = self.latest(queued), self.file(queued)
        assert latest.status == "failed"
        assert latest.error is not None
        assert file.status == ("active" if file.revision else "failed")
        self.assert_at_rest()
        answer = training_file_answer(*self.service.existing_with_build(queued.training_file_id))["trainingFile"]
        assert answer["build_error"] == latest.error["message"]
        assert answer["failed_conversations"] == latest.error.get("failed_conversations", [])
        return str(latest.error["message"])

    def assert_at_rest(self) -> None:
        revisions = self.repository.revisions.values()
        assert "building" not in {revision.status for revision in revisions}
        assert set(self.training_files.objects) <= self.objects_of_known_revisions
        for file in self.repository.training_files.values():
            committed = [r.number for r in revisions if (r.training_file_id, r.status) == (file.id, "committed")]
            assert sorted(committed) == list(range(1, file.revision + 1))


def in_trouble(yard: Yard, label: str = "", **how: Any) -> Yard:
    return replace(yard, trouble=Trouble(label, **how))


def once(action: Callable[[], object]) -> Callable[[], object]:
    remaining = [action]
    return lambda: remaining.pop()() if remaining else None


@pytest.fixture
def yard() -> Yard:
    return Yard.new()


@pytest.fixture(params=[Yard.a_creation, Yard.an_addition], ids=["creation", "addition"])
def queued(request: pytest.FixtureRequest, yard: Yard) -> QueuedBuild:
    asked_for: QueuedBuild = request.param(yard)
    return asked_for


def test_a_build_makes_these_calls(yard: Yard, queued: QueuedBuild) -> None:
    yard.trouble.calls.clear()

    yard.work_off()

    assert Counter(yard.trouble.calls) == CALLS
    yard.assert_built(queued)


def test_a_build_reports_its_progress(yard: Yard, queued: QueuedBuild) -> None:
    told: list[tuple[int, int]] = []

    def look() -> None:
        build = yard.latest(queued)
        told.append((build.progress_done, build.progress_total))

    look()
    in_trouble(yard, meanwhile=("resolve", look)).work_off()
    look()

    assert told == [(0, 5), (0, 5), (2, 5), (4, 5), (5, 5)]


def test_a_service_without_a_queue_builds_nothing_in_the_background(yard: Yard, queued: QueuedBuild) -> None:
    service = yard.service
    service.context = replace(service.context, queue=None)

    with pytest.raises(RequestInvalidError, match="no queue"):
        service.retry_build(queued.training_file_id)
    wanted = CreateTrainingFileInput(name="other", conversation_ids=(yard.a_conversation(),), created_by=yard.owner)
    with pytest.raises(RequestInvalidError, match="no queue"):
        service.request_training_file(wanted)


class TestAskingFor:
    STEPS = ("resolve", "begin_revision", "send")

    @pytest.mark.parametrize("step", STEPS)
    @either_way
    @for_how_long
    def test_a_creation_that_breaks_off_is_reported_and_ends(
        self, yard: Yard, step: str, how: dict[str, Any], *, has_effect: bool
    ) -> None:
        """There is no such file, or it is built: its name is free again, or taken by what was wanted."""
        wanted = yard.a_conversation()
        troubled = in_trouble(yard, step, has_effect=has_effect, **how)
        with pytest.raises((UpstreamUnavailableError, KilledError), match=f"^{step} failed$"):
            troubled.request(wanted)

        yard.work_off()
        yard.keep_house()

        if how or not yard.repository.training_files:
            with suppress(NameTakenError):
                yard.request(wanted)
            yard.work_off()
        [file] = yard.repository.training_files.values()
        assert file.id is not None
        assert yard.consistent_ids(file.id) == [wanted]
        yard.assert_at_rest()

    @pytest.mark.parametrize("step", STEPS)
    @either_way
    @for_how_long
    def test_an_addition_that_breaks_off_is_reported_and_is_in_the_file_as_a_whole_or_not_at_all(
        self, yard: Yard, step: str, how: dict[str, Any], *, has_effect: bool
    ) -> None:
        first, second = yard.some_conversations(2)
        training_file_id = yard.a_training_file(first)
        troubled = in_trouble(yard, step, has_effect=has_effect, **how)
        with pytest.raises((UpstreamUnavailableError, KilledError), match=f"^{step} failed$"):
            troubled.request_addition(training_file_id, second)

        yard.work_off()
        yard.keep_house()

        assert yard.consistent_ids(training_file_id) in ([first], [first, second])
        if not how:
            assert yard.consistent_ids(training_file_id) == [first]
        yard.request_addition(training_file_id, second, on_duplicate="skip")
        yard.work_off()
        assert yard.consistent_ids(training_file_id) == [first, second]
        yard.assert_at_rest()

    def test_nothing_but_duplicates_to_be_skipped_is_done_at_once(self, yard: Yard) -> None:
        first = yard.a_conversation()
        training_file_id = yard.a_training_file(first)

        answer = yard.request_addition(training_file_id, first, on_duplicate="skip")

        assert [fault.code for fault in answer.skipped] == ["already_in_file"]  # type: ignore[attr-defined]
        assert yard.queue.waiting == []

    def test_what_is_skipped_at_once_and_later_is_kept_with_the_revision(self, yard: Yard) -> None:
        good, broken = yard.some_conversations(2)
        unknown = uuid4()

        answer = yard.request(unknown, good, broken, on_invalid="skip")
        yard.break_file_of(broken)
        yard.work_off()

        skipped = yard.latest(yard_wish := QueuedBuild(answer.id or uuid4(), uuid4(), [good])).skipped
        assert [(fault["conversation_id"], fault["code"]) for fault in skipped] == [
            (str(unknown), "not_found"),
            (str(broken), "enriched_file_missing"),
        ]
        yard.assert_built(yard_wish)


@at_every_call
@either_way
def test_a_build_that_breaks_off_once_is_given_back_for_the_next_worker_at_once(
    yard: Yard, queued: QueuedBuild, call: tuple[str, int], *, has_effect: bool
) -> None:
    label, number = call
    with pytest.raises(UpstreamUnavailableError):
        in_trouble(yard, label, number=number, has_effect=has_effect).service.build_revision(queued.revision_id)

    # Whose claim it was is not known when its answer is lost.
    if call == ("claim_revision", 1) and has_effect:
        yard.pass_time()
    yard.service.build_revision(queued.revision_id)

    yard.assert_built(queued)


@at_every_call
@either_way
@for_how_long
def test_a_build_that_breaks_off_leaves_all_or_nothing_and_is_finished_when_its_message_comes_again(
    yard: Yard, queued: QueuedBuild, call: tuple[str, int], how: dict[str, Any], *, has_effect: bool
) -> None:
    label, number = call
    before = yard.file(queued)
    troubled = in_trouble(yard, label, number=number, has_effect=has_effect, **how)

    troubled.deliver()

    if label == "commit_revision" and has_effect:
        assert yard.consistent_ids(queued.training_file_id) == queued.expected
    else:
        assert yard.file(queued) == before
        assert yard.latest(queued).status == "building"
    assert set(yard.training_files.objects) <= yard.objects_of_known_revisions
    # What can still be removed is removed at once.
    if not how and label != "commit_revision":
        assert set(yard.training_files.objects) == yard.objects_of_finished_revisions

    troubled.work_off()

    yard.assert_built(queued)


class TestABuildThatBreaksOffEachTime:
    def test_is_given_up_and_can_be_tried_again(self, yard: Yard, queued: QueuedBuild) -> None:
        troubled = in_trouble(yard, meanwhile=("write training.json", self.fail))
        troubled.work_off()

        assert "broke off several times" in yard.assert_failed(queued)
        yard.service.retry_build(queued.training_file_id)
        yard.work_off()
        yard.assert_built(queued)

    @pytest.mark.parametrize("step", ["claim_revision", "fail_revision"])
    @either_way
    @for_how_long
    def test_is_given_up_whatever_breaks_off_then(
        self, yard: Yard, queued: QueuedBuild, step: str, how: dict[str, Any], *, has_effect: bool
    ) -> None:
        troubled = in_trouble(yard, step, has_effect=has_effect, **how)

        while not troubled.is_done(troubled.service.give_up_revision, queued.revision_id):
            pass

        assert "broke off several times" in yard.assert_failed(queued)

    def test_is_not_given_up_while_someone_builds_it(self, yard: Yard, queued: QueuedBuild) -> None:
        def give_up() -> None:
            with pytest.raises(BuiltElsewhereError):
                yard.untroubled.give_up_revision(queued.revision_id)

        in_trouble(yard, meanwhile=("write training.json", give_up)).work_off()

        yard.assert_built(queued)

    def test_is_not_given_up_when_it_has_ended(self, yard: Yard, queued: QueuedBuild) -> None:
        yard.work_off()

        yard.service.give_up_revision(queued.revision_id)

        yard.assert_built(queued)

    @staticmethod
    def fail() -> None:
        raise UpstreamUnavailableError("The storage did not answer.")


class TestABuildThatCannotSucceed:
    def test_is_not_shown_without_its_reasons_when_it_fails_while_someone_looks(self, yard: Yard) -> None:
        queued = yard.a_creation()
        yard.break_file_of(queued.expected[0])
        looking = replace(yard, trouble=Trouble(meanwhile=("get_training_file", once(yard.work_off))))

        training_file, build = looking.service.existing_with_build(queued.training_file_id)

        assert (training_file.status, build and build.status) == ("failed", "failed")

    @pytest.mark.parametrize("step", ["write training.jsonl", "read enriched.json", "stage_conversations"])
    def test_ends_at_once_when_only_the_operator_can_mend_it(
        self, yard: Yard, queued: QueuedBuild, step: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        in_trouble(yard, step, error=NotSetUpError).service.build_revision(queued.revision_id)

        assert yard.assert_failed(queued) == f"{step} failed"
        assert f"the build {queued.revision_id} cannot succeed until it is set up: {step} failed" in caplog.text
        yard.queue.waiting.clear()
        yard.service.retry_build(queued.training_file_id)
        yard.work_off()
        yard.assert_built(queued)

    def test_that_waits_for_another_try_says_why(self, yard: Yard, queued: QueuedBuild) -> None:
        with pytest.raises(UpstreamUnavailableError):
            in_trouble(yard, "write training.jsonl").service.build_revision(queued.revision_id, Delivery(3, 120))

        answer = training_file_answer(*yard.service.existing_with_build(queued.training_file_id))["trainingFile"]
        progress = answer["progress"]
        assert "write training.jsonl" in progress["last_error"]
        assert (progress["attempt"], progress["next_try_at"]) == (3, iso_utc(yard.clock.now() + timedelta(minutes=2)))

        yard.service.build_revision(queued.revision_id)
        assert "progress" not in training_file_answer(*yard.service.existing_with_build(queued.training_file_id))

    def test_ends_as_failed_with_every_reason(self, yard: Yard, queued: QueuedBuild) -> None:
        before = yard.file(queued)
        broken = queued.expected[-3::2]
        for conversation_id in broken:
            yard.break_file_of(conversation_id)

        yard.work_off()

        message = yard.assert_failed(queued)
        error = yard.latest(queued).error or {}
        assert [fault["conversation_id"] for fault in error["failed_conversations"]] == [str(one) for one in broken]
        assert error["code"] == "conversation_validation_failed"
        assert all(str(conversation_id) in message for conversation_id in broken)
        assert (yard.file(queued).revision, yard.file(queued).json_file_path) == (
            before.revision,
            before.json_file_path,
        )
        assert set(yard.training_files.objects) == yard.objects_of_finished_revisions

    @either_way
    @for_how_long
    def test_ends_as_failed_even_when_saying_so_breaks_off(
        self, yard: Yard, queued: QueuedBuild, how: dict[str, Any], *, has_effect: bool
    ) -> None:
        yard.break_file_of(queued.expected[-1])

        in_trouble(yard, "fail_revision", has_effect=has_effect, **how).work_off()

        assert str(queued.expected[-1]) in yard.assert_failed(queued)

    def test_succeeds_when_it_is_tried_again_after_the_mending(self, yard: Yard, queued: QueuedBuild) -> None:
        mend = yard.break_file_of(queued.expected[-1])
        yard.work_off()
        mend()

        answer = yard.service.retry_build(queued.training_file_id)

        assert answer.status == ("active" if answer.revision else "processing")
        yard.work_off()
        yard.assert_built(queued)
        with pytest.raises(NothingToRetryError):
            yard.service.retry_build(queued.training_file_id)

    @pytest.mark.parametrize("step", ["retry_build", "send"])
    @either_way
    @for_how_long
    def test_can_be_tried_again_however_often_asking_for_that_breaks_off(
        self, yard: Yard, queued: QueuedBuild, step: str, how: dict[str, Any], *, has_effect: bool
    ) -> None:
        mend = yard.break_file_of(queued.expected[-1])
        yard.work_off()
        mend()
        with pytest.raises((UpstreamUnavailableError, KilledError), match=f"^{step} failed$"):
            in_trouble(yard, step, has_effect=has_effect, **how).service.retry_build(queued.training_file_id)

        if step == "send" and not how:
            assert "send failed" in yard.assert_failed(queued)
        yard.work_off()
        yard.keep_house()
        with suppress(NothingToRetryError):
            yard.service.retry_build(queued.training_file_id)
        yard.work_off()

        yard.assert_built(queued)


class TestAMessage:
    def test_that_comes_again_later_changes_nothing(self, yard: Yard, queued: QueuedBuild) -> None:
        yard.work_off()
        before = yard.file(queued)
        yard.trouble.calls.clear()

        yard.service.build_revision(queued.revision_id)

        assert yard.trouble.calls == ["claim_revision"]
        assert yard.file(queued) == before

    @at_every_step
    def test_that_comes_to_two_workers_is_left_to_the_first(self, yard: Yard, queued: QueuedBuild, step: str) -> None:
        refused: list[str] = []

        def second() -> None:
            try:
                yard.untroubled.build_revision(queued.revision_id)
            except BuiltElsewhereError:
                refused.append(step)

        in_trouble(yard, meanwhile=(step, once(second))).work_off()

        # At the claim, the one that is called the second is the first.
        assert refused == ([] if step == "claim_revision" else [step])
        yard.assert_built(queued)
        assert [r.status for r in yard.repository.revisions.values() if r.background] == ["committed"]

    def test_of_an_unknown_revision_is_done_with(self, yard: Yard) -> None:
        yard.service.build_revision(uuid4())
        yard.service.give_up_revision(uuid4())

        assert yard.repository.revisions == {}


class TestARequestOfMoreThanIsLookedUpAtOnce:
    @pytest.fixture(autouse=True)
    def few_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(requesting, "CONVERSATIONS_AT_ONCE", 2)

    def test_keeps_the_order_and_folds_repeats_wherever_they_stand(self, yard: Yard) -> None:
        one, two, three, four, five = yard.some_conversations(5)
        [row_id_of_two] = [
            found.id
            for found in yard.repository.resolve(ids=[two], owner=yard.owner, all_conversations=False).conversations
        ]
        asking = in_trouble(yard)

        created = asking.request(one, two, three, row_id_of_two, four, one, five)

        assert asking.trouble.calls.count("resolve") == 4
        yard.work_off()
        yard.assert_built(QueuedBuild(created.id or uuid4(), uuid4(), [one, two, three, four, five]))

    def test_names_every_fault_of_every_part(self, yard: Yard) -> None:
        [good] = yard.some_conversations(1)
        unknown = [uuid4() for _ in range(5)]

        with pytest.raises(ConversationValidationError) as refused:
            yard.request(*unknown[:3], good, *unknown[3:], unknown[0])

        assert [fault["conversation_id"] for fault in refused.value.details] == [str(one) for one in unknown]
        assert yard.repository.training_files == {}

    def test_finds_what_a_file_has_in_every_part(self, yard: Yard) -> None:
        inside, *new = yard.some_conversations(6)
        training_file_id = yard.a_training_file(inside)

        extended = yard.request_addition(training_file_id, *new, inside, on_duplicate="skip")
        unchanged = yard.request_addition(training_file_id, inside, on_duplicate="skip")

        assert isinstance(extended, BuiltTrainingFile)
        assert isinstance(unchanged, BuiltTrainingFile)
        assert [fault.conversation_id for fault in extended.skipped] == [inside]
        assert (extended.queued, unchanged.queued, unchanged.id) == (True, False, training_file_id)
        yard.work_off()
        assert yard.consistent_ids(training_file_id) == [inside, *new]


class TestAWorkerWhoseLeaseIsLost:
    @at_every_step
    def test_leaves_the_build_to_the_one_that_finished_it(self, yard: Yard, queued: QueuedBuild, step: str) -> None:
        def other() -> None:
            yard.clock.advance(minutes=5)
            yard.untroubled.build_revision(queued.revision_id)

        in_trouble(yard, meanwhile=(step, once(other))).work_off()

        yard.assert_built(queued)
        assert set(yard.training_files.objects) == yard.objects_of_finished_revisions

    @at_every_step
    def test_leaves_the_build_to_the_one_that_is_at_it(self, yard: Yard, queued: QueuedBuild, step: str) -> None:
        lease, next_id = Lease(uuid4(), 120), uuid4()

        def other() -> None:
            yard.clock.advance(minutes=5)
            yard.repository.claim_revision(revision_id=queued.revision_id, lease=lease, next_id=next_id)

        slow = in_trouble(yard, meanwhile=(step, once(other)))
        with pytest.raises(BuiltElsewhereError):
            slow.service.build_revision(queued.revision_id)

        if step in ("resolve", "read enriched.json", "report_progress"):
            assert slow.trouble.calls.count("resolve") == 1, "it went on, for nothing"
        current = queued.revision_id if step == "claim_revision" else next_id
        assert yard.repository.report_progress(revision_id=current, lease=lease, done=1)
        assert set(yard.training_files.objects) == yard.objects_of_finished_revisions
        yard.pass_time()
        yard.work_off()
        yard.assert_built(queued)

    def test_is_not_believed_that_the_build_cannot_succeed(self, yard: Yard, queued: QueuedBuild) -> None:
        """It read an enriched file that was mended before the other one read it. Its message is not done with."""
        mend = yard.break_file_of(queued.expected[-1])
        lease = Lease(uuid4(), 120)

        def other() -> None:
            mend()
            yard.clock.advance(minutes=5)
            yard.repository.claim_revision(revision_id=queued.revision_id, lease=lease, next_id=uuid4())

        with pytest.raises(BuiltElsewhereError):
            in_trouble(yard, meanwhile=("fail_revision", once(other))).service.build_revision(queued.revision_id)

        assert yard.latest(queued).status == "building"
        yard.pass_time()
        yard.work_off()
        yard.assert_built(queued)

    def test_keeps_it_while_it_writes_however_long_that_takes(
        self, yard: Yard, queued: QueuedBuild, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(LeasedRevision, "renewed_every_seconds", 0.001)
        write = yard.training_files.write
        renewals: list[UUID] = []
        report = yard.repository.report_progress

        def renew(**keywords: Any) -> bool:
            renewals.append(keywords["revision_id"])
            return report(**keywords)

        def slowly(*arguments: Any) -> int:
            for _ in range(5):
                yard.clock.advance(seconds=60)
                wait_for_more(renewals)
            with pytest.raises(BuiltElsewhereError):
                yard.untroubled.build_revision(queued.revision_id)
            return write(*arguments)

        monkeypatch.setattr(yard.repository, "report_progress", renew)
        monkeypatch.setattr(yard.training_files, "write", slowly)
        at_once = TrainingFileService(
            context_over(
                yard.repository,
                exports=yard.exports,
                stores=InMemoryStores(yard.enriched_files, yard.training_files),
                now=yard.clock.now,
                new_id=uuid4,
            )
        )
        at_once.build_revision(queued.revision_id)

        yard.assert_built(queued)


def wait_for_more(things: list[Any]) -> None:
    """Two more: the first one may have been under way."""
    before, give_up_at = len(things), time.monotonic() + GIVE_UP_AFTER_SECONDS
    while len(things) < before + 2:
        assert time.monotonic() < give_up_at
        time.sleep(0.001)


class TestOthersWritingMeanwhile:
    @at_every_step
    def test_an_addition_is_built_on_theirs(self, yard: Yard, step: str) -> None:
        queued, theirs = yard.an_addition(), yard.a_conversation()

        def other() -> None:
            yard.add(yard.untroubled, queued.training_file_id, theirs)

        in_trouble(yard, meanwhile=(step, once(other))).work_off()

        first, *mine = queued.expected
        yard.assert_built(replace(queued, expected=[first, theirs, *mine]))
        assert set(yard.training_files.objects) == yard.objects_of_finished_revisions

    @pytest.mark.parametrize(
        "call",
        [
            ("claim_revision", 2),
            ("resolve", 4),
            ("continue_revision", 1),
            ("remove", 1),
            ("write training.json", 2),
            ("stage_conversations", 4),
            ("commit_revision", 2),
        ],
        ids=lambda call: call[0],
    )
    @either_way
    @for_how_long
    def test_building_on_theirs_may_break_off_as_well(
        self, yard: Yard, call: tuple[str, int], how: dict[str, Any], *, has_effect: bool
    ) -> None:
        queued, theirs = yard.an_addition(), yard.a_conversation()
        label, number = call

        def other() -> None:
            yard.add(yard.untroubled, queued.training_file_id, theirs)

        meanwhile = ("commit_revision", once(other))
        in_trouble(yard, label, number=number, has_effect=has_effect, meanwhile=meanwhile, **how).work_off()

        first, *mine = queued.expected
        yard.assert_built(replace(queued, expected=[first, theirs, *mine]))

    @pytest.mark.parametrize("step", ["resolve", "commit_revision"])
    def test_conversations_that_another_added_are_a_reason_to_fail(self, yard: Yard, step: str) -> None:
        queued = yard.an_addition()
        theirs = queued.expected[3]

        def other() -> None:
            yard.add(yard.untroubled, queued.training_file_id, theirs)

        in_trouble(yard, meanwhile=(step, once(other))).work_off()

        assert str(theirs) in yard.assert_failed(queued)
        assert yard.consistent_ids(queued.training_file_id) == [queued.expected[0], theirs]
        assert set(yard.training_files.objects) == yard.objects_of_finished_revisions

    @pytest.mark.parametrize("step", ["resolve", "commit_revision"])
    def test_conversations_that_another_added_are_skipped_if_asked_for(self, yard: Yard, step: str) -> None:
        queued = yard.an_addition(on_duplicate="skip")
        first, *mine = queued.expected

        def other() -> None:
            yard.add(yard.untroubled, queued.training_file_id, mine[2])

        in_trouble(yard, meanwhile=(step, once(other))).work_off()

        yard.assert_built(replace(queued, expected=[first, mine[2], *mine[:2], *mine[3:]]))
        [skipped] = yard.latest(queued).skipped
        assert (skipped["conversation_id"], skipped["code"]) == (str(mine[2]), "already_in_file")

    @pytest.mark.parametrize("step", ["resolve", "commit_revision"])
    def test_nothing_is_built_when_another_added_all(self, yard: Yard, step: str) -> None:
        queued = yard.an_addition(on_duplicate="skip")

        def other() -> None:
            yard.add(yard.untroubled, queued.training_file_id, *queued.expected[1:])

        in_trouble(yard, meanwhile=(step, once(other))).work_off()

        latest = yard.latest(queued)
        assert (latest.status, (latest.error or {})["code"]) == ("failed", "nothing_to_add")
        assert yard.service.open_build(queued.training_file_id) is None
        yard.assert_at_rest()
        assert yard.consistent_ids(queued.training_file_id) == queued.expected
        assert set(yard.training_files.objects) == yard.objects_of_finished_revisions

    @at_every_step
    def test_a_file_that_is_removed_is_gone(self, yard: Yard, queued: QueuedBuild, step: str) -> None:
        def other() -> None:
            yard.untroubled.delete_training_file(queued.training_file_id)

        in_trouble(yard, meanwhile=(step, once(other))).work_off()

        assert yard.repository.training_files == yard.repository.revisions == {}
        assert yard.training_files.objects == {}

    @at_every_step
    def test_a_file_that_is_archived_stays_as_it_is_and_takes_them_when_it_is_back(self, yard: Yard, step: str) -> None:
        queued = yard.an_addition()

        def other() -> None:
            archived = TrainingFileChanges(status="archived")
            yard.untroubled.update_training_file(queued.training_file_id, archived)

        in_trouble(yard, meanwhile=(step, once(other))).work_off()

        assert yard.latest(queued).status == "failed"
        assert "is archived" in str(yard.latest(queued).error)
        assert set(yard.training_files.objects) == yard.objects_of_finished_revisions
        yard.service.update_training_file(queued.training_file_id, TrainingFileChanges(status="active"))
        assert yard.consistent_ids(queued.training_file_id) == queued.expected[:1]
        yard.service.retry_build(queued.training_file_id)
        yard.work_off()
        yard.assert_built(queued)

    def test_a_worker_who_is_never_first_gives_the_build_back_and_is_in_the_end(self, yard: Yard) -> None:
        queued = yard.an_addition()
        theirs: list[UUID] = []

        def other() -> None:
            if len(theirs) < MAX_ATTEMPTS:
                theirs.append(yard.a_conversation())
                yard.add(yard.untroubled, queued.training_file_id, theirs[-1])

        in_trouble(yard, meanwhile=("commit_revision", other)).work_off()

        first, *mine = queued.expected
        yard.assert_built(replace(queued, expected=[first, *theirs, *mine]))
        assert set(yard.training_files.objects) == yard.objects_of_finished_revisions

    def test_several_builds_of_one_file_are_all_fulfilled(self, yard: Yard) -> None:
        queued = yard.an_addition()
        more = yard.some_conversations(3)
        for conversation_id in more:
            yard.request_addition(queued.training_file_id, conversation_id)

        yard.work_off()

        yard.assert_built(replace(queued, expected=[*queued.expected, *more]))
