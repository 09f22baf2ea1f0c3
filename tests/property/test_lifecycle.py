"""Whatever is asked for, in whatever order, and wherever it breaks off: a training file is as the design promises.

Callers, workers and housekeeping are processes that stop before each call of a port. In between others go on, time
passes, and calls fail, lose their answer, are repeated, have their effect late, or are the last thing that their
process did. After each call `Watcher` looks at what a reader could see. In the end everyone is gone, and the queue and
housekeeping bring all of it to rest.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.support.builders import Json, a_pair, a_scored_pair, an_enriched_file
from tests.support.processes import Fate, Process, run_in_one_thread
from tests.support.system import RECEIVED_AT_MOST, Course, Judge, Message, System
from training_files.background.leases import BuiltElsewhereError
from training_files.builds import attempts, worker
from training_files.domain.conversation.selection import Selection
from training_files.domain.training_file.build_request import (
    AddConversationsInput,
    CreateTrainingFileInput,
    OnFault,
    RefreshConversationsInput,
    RemoveConversationsInput,
    RevertInput,
)
from training_files.domain.training_file.collection_rule import CollectionRule
from training_files.domain.training_file.training_file import TrainingFileChanges
from training_files.errors import TrainingFileBusyError, UpstreamUnavailableError
from training_files.ports.events import PUBLISHED_AT_ONCE
from training_files.service import TrainingFileService

OWNER = UUID(int=1)
KEEP_REVISIONS = 2
ROUNDS_UNTIL_REST = 20
LONGEST_WAIT = timedelta(minutes=21)
# Why a build may end as failed. It is not left unqueued, unless its caller was told so.
REASONS = {
    "conversation_validation_failed",
    "conversations_already_in_file",
    "conversations_not_in_file",
    "training_file_would_be_empty",
    "revision_not_found",
    "training_file_archived",
    "nothing_to_add",
    "upstream_unavailable",
}

GOOD = [UUID(int=100 + number) for number in range(30)]
UNKNOWN, NOT_ENRICHED, BROKEN = (UUID(int=201 + number) for number in range(3))
PAIRS = (
    [a_pair()],
    [a_pair(1), a_pair(2, target_response=None)],
    [a_pair(1, target_response=None)],
    [a_scored_pair(1, 4.5, human_reviewed=True), a_scored_pair(2, 2)],
)
ENRICHED_FILES = {one: orjson.dumps(an_enriched_file(*PAIRS[one.int % len(PAIRS)])) for one in GOOD}
ENRICHED_FILES[BROKEN] = b"{}"

SOME_GOOD = st.lists(st.sampled_from(GOOD), min_size=1, max_size=3)
BAD = st.sampled_from([UNKNOWN, NOT_ENRICHED, BROKEN])
SOME_BAD = st.just([]) | st.just([]) | st.just([BROKEN]) | st.lists(BAD, max_size=2)
IDS = st.builds(lambda good, bad: (*good, *bad), SOME_GOOD, SOME_BAD)
IDS_OF_OTHERS = st.just([]) | SOME_GOOD
OPTIONS = st.fixed_dictionaries({}, optional=dict.fromkeys(["on_invalid", "on_duplicate"], st.just("skip")))
OPTIONS_OF_SELECTIONS = {"on_invalid": "skip"}
SELECTIONS = st.builds(
    Selection, limit=st.integers(1, 4), balance=st.none() | st.sampled_from(["personas", "all"])
) | st.just(Selection())
NAMES = st.sampled_from(["one", "two", "three"])
TAGS = st.sampled_from(["v1", "v2"])
A_DAY = timedelta(hours=25)
SECONDS = st.sampled_from([5, 70, 130, 4 * 60, 10 * 60, 21 * 60])

CALLS_WITH_EFFECT = (
    "begin_revision",
    "write training.json",
    "write training.jsonl",
    "stage_conversations",
    "commit_revision",
    "remove",
    "abandon_revision",
    "send",
    "claim_revision",
    "continue_revision",
    "fail_revision",
    "delete_training_file",
    "tag_revision",
    "untag_revision",
    "list_work",
    "mark_objects_removed",
    "publish",
    "mark_published",
)
ON_MISSING: st.SearchStrategy[OnFault] = st.sampled_from(["skip", "reject"])
CHANGING = st.sampled_from(["begin_revision", "write training.json", "commit_revision"])
WRITING = st.sampled_from(["report_progress", "begin_revision", "write training.json", "commit_revision"])
STRETCHES = st.integers(0, 12) | WRITING | st.sampled_from(CALLS_WITH_EFFECT)
TROUBLE = st.sampled_from([fate for fate in Fate if fate is not Fate.GOES_THROUGH])
LEGS = st.just([]) | st.lists(st.tuples(STRETCHES, TROUBLE), max_size=2)
COURSES = st.builds(Course, LEGS, st.none() | STRETCHES)

FILES = st.runner().flatmap(lambda machine: st.sampled_from(sorted(machine.system.repository.training_files)))
MESSAGES = st.runner().flatmap(lambda machine: st.sampled_from(machine.system.queue.messages))
FAILED = st.runner().flatmap(lambda machine: st.sampled_from(machine.files_whose_build_failed))
STOPPED = st.runner().flatmap(lambda machine: st.sampled_from(machine.system.stopped))

there_are_files = precondition(lambda machine: machine.system.repository.training_files)
there_are_several_files = precondition(lambda machine: len(machine.system.repository.training_files) > 1)
there_are_messages = precondition(lambda machine: machine.system.queue.messages)
a_build_has_failed = precondition(lambda machine: machine.files_whose_build_failed)
someone_has_stopped = precondition(lambda machine: machine.system.stopped)


Use = Callable[[TrainingFileService, UUID, tuple[UUID, ...], dict[str, Any]], object]


def see_what_an_addition_would_do(
    service: TrainingFileService, file: UUID, ids: tuple[UUID, ...], options: dict[str, Any]
) -> object:
    wanted = AddConversationsInput(training_file_id=file, conversation_ids=ids, dry_run=True, **options)
    return service.add_conversations_to_training_file(wanted)


def retry(service: TrainingFileService, file: UUID, *_: object) -> object:
    return service.retry_build(file)


def archive(service: TrainingFileService, file: UUID, *_: object) -> object:
    return service.update_training_file(file, TrainingFileChanges(status="archived"))


def bring_back(service: TrainingFileService, file: UUID, *_: object) -> object:
    return service.update_training_file(file, TrainingFileChanges(status="active"))


def rename(service: TrainingFileService, file: UUID, *_: object) -> object:
    return service.update_training_file(file, TrainingFileChanges(name="one"))


def let_collect(service: TrainingFileService, file: UUID, *_: object) -> object:
    return service.update_training_file(file, TrainingFileChanges(collect=CollectionRule()))


def let_late_calls_arrive(system: System) -> None:
    system.let_late_calls_arrive()


def supabase_goes_or_comes(system: System) -> None:
    system.supabase_is_down = not system.supabase_is_down


def aws_goes_or_comes(system: System) -> None:
    system.aws_is_down = not system.aws_is_down


def the_bus_refuses_the_first_event_of_each_call(system: System) -> None:
    system.bus.refuses = {0}


def the_bus_takes_no_event(system: System) -> None:
    system.bus.refuses = range(PUBLISHED_AT_ONCE)


def the_broken_file_is_mended_or_lost_or_comes_back(system: System) -> None:
    contents = system.enriched_files.objects
    path, good = path_of(BROKEN), ENRICHED_FILES[GOOD[0]]
    if contents.get(path) == good:
        del contents[path]
    else:
        contents[path] = good if path in contents else ENRICHED_FILES[BROKEN]


USES = st.sampled_from([see_what_an_addition_would_do, retry, archive, bring_back, bring_back, rename, let_collect])
Happening = Callable[[System], None]
HAPPENINGS = st.sampled_from(
    [
        let_late_calls_arrive,
        supabase_goes_or_comes,
        aws_goes_or_comes,
        the_bus_refuses_the_first_event_of_each_call,
        the_bus_takes_no_event,
        the_broken_file_is_mended_or_lost_or_comes_back,
    ]
)


class Lifecycle(RuleBasedStateMachine):
    """All that can happen around the training files of one owner."""

    def __init__(self) -> None:
        super().__init__()
        self.system = System(keep_revisions=KEEP_REVISIONS)
        self.acknowledged_builds: list[UUID] = []
        for conversation_id in (*GOOD, BROKEN):
            self.put_conversation(conversation_id)
        self.put_conversation(NOT_ENRICHED, is_enriched=False)

    def put_conversation(self, conversation_id: UUID, *, is_enriched: bool = True) -> None:
        self.system.repository.put_conversation(
            OWNER,
            id=row_id_of(conversation_id),
            conversation_id=conversation_id,
            enrichment_status="completed" if is_enriched else "validated",
            enriched_file_path=path_of(conversation_id),
        )
        if conversation_id in ENRICHED_FILES:
            self.system.enriched_files.objects[path_of(conversation_id)] = ENRICHED_FILES[conversation_id]

    @initialize(ids=SOME_GOOD)
    def create_a_first_file(self, ids: Sequence[UUID]) -> None:
        self.create("one", ids, {}, Course())

    # What users ask for.

    @rule(name=NAMES, ids=IDS, options=OPTIONS, in_background=st.booleans(), course=COURSES)
    def create(
        self, name: str, ids: Sequence[UUID], options: dict[str, Any], course: Course, *, in_background: bool = False
    ) -> None:
        wanted = CreateTrainingFileInput(name=name, conversation_ids=spelled(ids), created_by=OWNER, **options)

        def act(process: Process) -> object:
            service = self.system.service(process, OWNER)
            return service.request_training_file(wanted) if in_background else service.create_training_file(wanted)

        self.system.begin("create", act, course, self.judge_request if in_background else self.judge_answer_to(ids))

    @there_are_files
    @rule(
        file=FILES,
        ids=st.just([]) | SOME_GOOD,
        select=SELECTIONS,
        options=OPTIONS,
        in_background=st.booleans(),
        course=COURSES,
    )
    def add_by_what_they_are(
        self,
        file: UUID,
        ids: Sequence[UUID],
        select: Selection,
        options: dict[str, Any],
        course: Course,
        *,
        in_background: bool,
    ) -> None:
        """Watcher sees that whoever builds, however often, builds what was selected when it was asked for."""
        wanted = AddConversationsInput(
            training_file_id=file, conversation_ids=spelled(ids), select=select, **OPTIONS_OF_SELECTIONS | options
        )

        def act(process: Process) -> object:
            service = self.system.service(process, OWNER)
            add = service.request_conversations if in_background else service.add_conversations_to_training_file
            return add(wanted)

        self.system.begin("select", act, course, self.judge_request if in_background else self.judge_change)

    @there_are_files
    @rule(file=FILES, ids=IDS, options=OPTIONS, in_background=st.booleans(), course=COURSES)
    def add(
        self, file: UUID, ids: Sequence[UUID], options: dict[str, Any], course: Course, *, in_background: bool
    ) -> None:
        self.begin_addition(file, ids, options, course, in_background=in_background)

    @there_are_files
    @rule(file=FILES, mine=SOME_GOOD, theirs=IDS_OF_OTHERS, stops_before=WRITING, course=COURSES)
    def add_and_be_second(
        self, file: UUID, mine: Sequence[UUID], theirs: Sequence[UUID], stops_before: str, course: Course
    ) -> None:
        """Another writer commits in between, perhaps some of the same conversations."""
        first = self.begin_addition(file, mine, {}, Course(stops_after=stops_before))
        self.begin_addition(file, theirs or mine[:1], {}, Course())
        self.system.go_on(first, course)

    @there_are_files
    @rule(file=FILES, ids=SOME_GOOD, on_missing=ON_MISSING, in_background=st.booleans(), course=COURSES)
    def remove(
        self, file: UUID, ids: Sequence[UUID], on_missing: OnFault, course: Course, *, in_background: bool
    ) -> None:
        self.begin_removal(file, ids, on_missing, course, in_background=in_background)

    @there_are_files
    @rule(file=FILES, data=st.data(), theirs=IDS_OF_OTHERS, adds=st.booleans(), stops_before=CHANGING, course=COURSES)
    def remove_and_be_second(
        self, file: UUID, data: st.DataObject, theirs: Sequence[UUID], stops_before: str, course: Course, *, adds: bool
    ) -> None:
        """Another writer commits in between, perhaps a removal of some of the same conversations."""
        members = [member.conversation_id for member in self.system.repository.members[file]] or GOOD[:1]
        mine = data.draw(st.lists(st.sampled_from(members), min_size=1, max_size=2))
        on_missing = data.draw(ON_MISSING)
        first = self.begin_removal(file, mine, on_missing, Course(stops_after=stops_before))
        if adds:
            self.begin_addition(file, theirs or mine[:1], {"on_duplicate": "skip"}, Course())
        else:
            self.begin_removal(file, theirs or mine[:1], "skip", Course())
        self.system.go_on(first, course)

    @rule(conversation_id=st.sampled_from(GOOD), pairs=st.sampled_from(PAIRS))
    def enrich_anew(self, conversation_id: UUID, pairs: list[Json]) -> None:
        self.system.enriched_files.put(path_of(conversation_id), orjson.dumps(an_enriched_file(*pairs)))

    @there_are_files
    @rule(
        file=FILES,
        ids=st.none() | SOME_GOOD,
        options=OPTIONS,
        stops_before=st.none() | CHANGING,
        removed=SOME_GOOD,
        in_background=st.booleans(),
        course=COURSES,
    )
    def refresh(
        self,
        file: UUID,
        ids: Sequence[UUID] | None,
        options: dict[str, Any],
        stops_before: str | None,
        removed: Sequence[UUID],
        course: Course,
        *,
        in_background: bool,
    ) -> None:
        """Perhaps another writer removes some of them in between."""
        wanted = RefreshConversationsInput(
            training_file_id=file, conversation_ids=None if ids is None else spelled(ids), **options
        )

        def act(process: Process) -> object:
            service = self.system.service(process, OWNER)
            return (service.request_refresh if in_background else service.refresh_training_file)(wanted)

        judge = self.judge_request if in_background else self.judge_change
        if stops_before is None:
            self.system.begin("refresh", act, course, judge)
            return
        first = self.system.begin("refresh", act, Course(stops_after=stops_before), judge)
        self.begin_removal(file, removed, "skip", Course())
        self.system.go_on(first, course)

    @there_are_files
    @rule(file=FILES, back=st.integers(1, 4), in_background=st.booleans(), course=COURSES)
    def revert(self, file: UUID, back: int, course: Course, *, in_background: bool) -> None:
        """Also to one that never was, or is not kept any more."""
        newest = self.system.repository.training_files[file].revision
        wanted = RevertInput(training_file_id=file, revision=max(1, newest - back))

        def act(process: Process) -> object:
            service = self.system.service(process, OWNER)
            return (service.request_reversion if in_background else service.revert_training_file)(wanted)

        self.system.begin("revert", act, course, self.judge_request if in_background else self.judge_change)

    @there_are_files
    @rule(file=FILES, tag=TAGS, named=st.integers(0, 4) | TAGS, course=COURSES)
    def tag(self, file: UUID, tag: str, named: int | str, course: Course) -> None:
        """So many back from the newest one, or what has a tag; also what never was, or is not kept any more."""
        newest = self.system.repository.training_files[file].revision
        revision = max(1, newest - named) if isinstance(named, int) else named

        def judge(process: Process) -> None:
            """What is acknowledged is there; others may have moved it only before, or removed the file."""
            self.judge_nothing(process)
            if process.error is None and file in self.system.repository.training_files:
                assert self.system.repository.tags[file][tag] == process.result

        self.system.begin(
            "tag", lambda process: self.system.service(process, OWNER).tag_revision(file, tag, revision), course, judge
        )

    @there_are_files
    @rule(file=FILES, tag=TAGS, course=COURSES)
    def untag(self, file: UUID, tag: str, course: Course) -> None:
        self.system.begin(
            "untag",
            lambda process: self.system.service(process, OWNER).untag_revision(file, tag),
            course,
            self.judge_nothing,
        )

    @there_are_files
    @rule(file=FILES, tag=TAGS, stops_before=st.sampled_from(["remove", "mark_objects_removed"]), course=COURSES)
    def tag_while_housekeeping_prunes(self, file: UUID, tag: str, stops_before: str, course: Course) -> None:
        """The oldest revision: it is tagged before housekeeping gives it up, or never again."""
        self.pass_time(int(A_DAY.total_seconds()))
        keeper = self.system.begin(
            "keep house", self.system.run_housekeeping, Course(stops_after=stops_before), self.judge_nothing
        )
        # One whose creation was lost is gone by then.
        if file in self.system.repository.training_files:
            self.tag(file, tag, 4, Course())
            self.revert(file, 4, Course(), in_background=False)
        self.system.go_on(keeper, course)

    @there_are_files
    @rule(file=FILES)
    def forget_sizes(self, file: UUID) -> None:
        """As if all of its conversations had been added before their sizes were kept."""
        unknown = {"json_size": None, "jsonl_size": None}
        members = self.system.repository.members[file]
        members[:] = [replace(member, figures=member.figures | unknown) for member in members]
        self.system.watcher.forget_members(file)

    def begin_removal(
        self, file: UUID, ids: Sequence[UUID], on_missing: OnFault, course: Course, *, in_background: bool = False
    ) -> Process:
        wanted = RemoveConversationsInput(training_file_id=file, conversation_ids=spelled(ids), on_missing=on_missing)

        def act(process: Process) -> object:
            service = self.system.service(process, OWNER)
            remove = service.request_removal if in_background else service.remove_conversations_from_training_file
            return remove(wanted)

        judge = self.judge_request if in_background else self.judge_answer_to_removal(wanted)
        return self.system.begin("remove", act, course, judge)

    def begin_addition(
        self, file: UUID, ids: Sequence[UUID], options: dict[str, Any], course: Course, *, in_background: bool = False
    ) -> Process:
        wanted = AddConversationsInput(training_file_id=file, conversation_ids=spelled(ids), **options)

        def act(process: Process) -> object:
            service = self.system.service(process, OWNER)
            add = service.request_conversations if in_background else service.add_conversations_to_training_file
            return add(wanted)

        judge = self.judge_request if in_background else self.judge_answer_to(ids)
        return self.system.begin("add", act, course, judge)

    @there_are_files
    @rule(file=FILES, ids=IDS, options=OPTIONS, act=USES, course=COURSES)
    def use(self, file: UUID, ids: Sequence[UUID], options: dict[str, Any], act: Use, course: Course) -> None:
        self.system.begin(
            act.__name__,
            lambda process: act(self.system.service(process, OWNER), file, spelled(ids), options),
            course,
            self.judge_request if act is retry else self.judge_nothing,
        )

    @a_build_has_failed
    @rule(file=FAILED, course=COURSES)
    def retry_what_has_failed(self, file: UUID, course: Course) -> None:
        self.use(file, (), {}, retry, course)

    @property
    def files_whose_build_failed(self) -> list[UUID]:
        repository = self.system.repository
        latest = [repository.open_build(file) for file in sorted(repository.training_files)]
        return [build.training_file_id for build in latest if build and build.status == "failed"]

    @there_are_several_files
    @rule(file=FILES, course=COURSES)
    def delete(self, file: UUID, course: Course) -> None:
        def judge(process: Process) -> None:
            assert process.error or file not in self.system.repository.training_files

        self.system.begin(
            "delete",
            lambda process: self.system.service(process, OWNER).delete_training_file(file),
            course,
            judge,
        )

    # What happens behind their backs.

    @there_are_messages
    @rule(message=MESSAGES, course=COURSES)
    def deliver(self, message: Message, course: Course) -> None:
        """Also while someone is at it, as a queue may do that delivers at least once."""
        self.begin_build(message, course)

    @there_are_messages
    @rule(message=MESSAGES, seconds=SECONDS, stops_before=WRITING, second=COURSES, course=COURSES)
    def deliver_to_two(self, message: Message, seconds: int, stops_before: str, second: Course, course: Course) -> None:
        """The first one stalls, perhaps for longer than its lease, and goes on when all think that it is gone."""
        first = self.begin_build(message, Course(stops_after=stops_before))
        self.pass_time(seconds)
        self.begin_build(message, second)
        self.keep_house(Course())
        self.system.go_on(first, course)

    @there_are_messages
    @rule(message=MESSAGES, theirs=IDS_OF_OTHERS, stops_before=WRITING, course=COURSES)
    def build_and_be_second(self, message: Message, theirs: Sequence[UUID], stops_before: str, course: Course) -> None:
        """Another writer commits in between, perhaps some of the same conversations."""
        build = self.system.repository.revisions.get(message.revision_id)
        first = self.begin_build(message, Course(stops_after=stops_before))
        if build:
            same = self.system.repository.requested_ids.get(build.id, [])[:1] or GOOD[:1]
            self.begin_addition(build.training_file_id, theirs or same, {}, Course())
        self.system.go_on(first, course)

    def begin_build(self, message: Message, course: Course) -> Process:
        self.system.queue.receive(message)
        is_given_up = message.received > RECEIVED_AT_MOST

        def act(process: Process) -> None:
            service = self.system.service(process)
            (service.give_up_revision if is_given_up else service.build_revision)(message.revision_id)

        return self.system.begin(
            "give up" if is_given_up else "build", act, course, lambda process: self.judge_worker(process, message)
        )

    @rule(ids=IDS, course=COURSES)
    def hear_of_enriched_conversations(self, ids: Sequence[UUID], course: Course) -> None:
        self.begin_collection(ids, course)

    @there_are_files
    @rule(file=FILES, others=IDS_OF_OTHERS, course=COURSES)
    def collect_what_is_taken_back(self, file: UUID, others: Sequence[UUID], course: Course) -> None:
        """An enrichment is undone between the look at what the rules take and the request for it."""
        self.use(file, (), {}, let_collect, Course())
        self.put_conversation(NOT_ENRICHED)
        collection = self.begin_collection([NOT_ENRICHED, *others], Course(stops_after="resolve"))
        self.put_conversation(NOT_ENRICHED, is_enriched=False)
        self.system.go_on(collection, course)

    def begin_collection(self, ids: Sequence[UUID], course: Course) -> Process:
        def judge(process: Process) -> None:
            """Whatever has become of a conversation, its message does not come back for that."""
            assert process.error is None or isinstance(process.error, UpstreamUnavailableError)
            self.judge_nothing(process)

        return self.system.begin(
            "collect", lambda process: self.system.service(process).collect_conversations(ids), course, judge
        )

    @rule(course=COURSES)
    def keep_house(self, course: Course) -> None:
        self.system.begin("keep house", self.system.run_housekeeping, course, self.judge_nothing)

    @someone_has_stopped
    @rule(process=STOPPED, course=COURSES)
    def go_on(self, process: Process, course: Course) -> None:
        self.system.go_on(process, course)

    @rule(seconds=SECONDS)
    def pass_time(self, seconds: int) -> None:
        self.system.pass_time(timedelta(seconds=seconds))

    @rule(happening=HAPPENINGS)
    def let_something_else_happen(self, happening: Happening) -> None:
        happening(self.system)

    # What they are told, and what is left in the end.

    def judge_answer_to(self, ids: Sequence[UUID]) -> Judge:
        """What is said to be there is there, and what is refused is not; only lost answers leave it open."""

        def judge(process: Process) -> None:
            if process.error:
                assert isinstance(process.error, UpstreamUnavailableError) or not self.system.commits[process]
                return
            skipped = {fault.conversation_id for fault in process.result.skipped}
            added = [one for one in dict.fromkeys(ids) if one not in skipped]
            assert self.system.commits[process] == bool(added)
            if added:
                self.system.watcher.assert_has(process.result.id, added)

        return judge

    def judge_answer_to_removal(self, wanted: RemoveConversationsInput) -> Judge:
        """Watcher sees that a revision has not what it removes."""

        def judge(process: Process) -> None:
            if process.error:
                assert isinstance(process.error, UpstreamUnavailableError) or not self.system.commits[process]
                return
            assert self.system.commits[process] == (len(process.result.skipped) < len(set(wanted.conversation_ids)))

        return judge

    def judge_change(self, process: Process) -> None:
        """What is refused changes nothing; only a lost answer leaves it open. Watcher sees what is changed."""
        assert isinstance(process.error, UpstreamUnavailableError | None) or not self.system.commits[process]

    def judge_request(self, process: Process) -> None:
        assert not self.system.commits[process]
        if process.error is None and process in self.system.queued_by:
            self.acknowledged_builds.append(self.system.queued_by[process])

    def judge_worker(self, process: Process, message: Message) -> None:
        """The message goes when the build has ended."""
        if process.error:
            assert isinstance(process.error, UpstreamUnavailableError | TrainingFileBusyError | BuiltElsewhereError)
            return
        attempt = self.system.repository.latest_attempt(message.revision_id)
        assert attempt is None or attempt.status != "building"
        self.system.queue.done_with(message)

    def judge_nothing(self, process: Process) -> None:
        assert not self.system.commits[process]
        if process.name == see_what_an_addition_would_do.__name__:
            assert not {"begin_revision", "write training.json"} & set(process.calls)

    def teardown(self) -> None:
        try:
            # A step that failed has shown what is wrong.
            if sys.exception() is None:
                self.bring_to_rest()
                self.system.watcher.assert_at_rest()
                self.assert_every_acknowledged_build_has_ended()
        finally:
            self.system.kill_all()

    def bring_to_rest(self) -> None:
        """Nobody asks for anything any more; time passes, messages come again, and housekeeping runs."""
        self.system.end_all_trouble()
        did_something: list[bool] = []
        waits = iter([A_DAY])

        def judge(process: Process) -> None:
            did_something.append(any(process.result.counts.values()))

        for _ in range(ROUNDS_UNTIL_REST):
            self.system.pass_time(LONGEST_WAIT)
            waiting = [*self.system.queue.messages]
            for message in waiting:
                self.deliver(message, Course())
            self.system.begin("keep house", self.system.run_housekeeping, Course(), judge)
            if waiting or did_something[-1]:
                continue
            # What was superseded goes when links to it have expired.
            wait = next(waits, None)
            if wait is None:
                return
            self.system.pass_time(wait)
        pytest.fail("there is always something left to do")

    def assert_every_acknowledged_build_has_ended(self) -> None:
        for revision_id in self.acknowledged_builds:
            attempt = self.system.repository.latest_attempt(revision_id)
            if attempt and attempt.status == "failed":
                assert attempt.error is not None
                assert attempt.error["code"] in REASONS


def spelled(ids: Sequence[UUID]) -> tuple[UUID, ...]:
    """Some by their business key, some by their row id."""
    return tuple(one if one.int % 2 else row_id_of(one) for one in ids)


def row_id_of(conversation_id: UUID) -> UUID:
    return UUID(int=conversation_id.int + 1000)


def path_of(conversation_id: UUID) -> str:
    return f"{conversation_id}/enriched.json"


@pytest.fixture(autouse=True)
def small_bites(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)  # Thousands of warnings of trouble that is meant would hide what a failure shows.
    run_in_one_thread(monkeypatch)
    monkeypatch.setattr(worker, "CONVERSATIONS_AT_ONCE", 2)
    monkeypatch.setattr(attempts, "ROWS_AT_ONCE", 2)


@pytest.mark.parametrize("examples", [30, pytest.param(1000, marks=pytest.mark.slow)])
def test_the_promises_hold_whatever_happens(examples: int) -> None:
    """Chosen anew each time, in CI as well; a failure prints what repeats it."""
    chosen = settings(max_examples=examples, stateful_step_count=30, deadline=None, derandomize=False, print_blob=True)
    run_state_machine_as_test(Lifecycle, settings=chosen)
