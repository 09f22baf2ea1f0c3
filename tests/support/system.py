"""A whole system in memory: its ports, its queue, and processes over them whose calls go as a test says."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from tests.support.clock import Clock
from tests.support.contexts import context_over
from tests.support.fake_exports import InMemoryExports
from tests.support.fake_objects import InMemoryObjectStore, InMemoryStores
from tests.support.fake_repository import InMemoryRepository
from tests.support.fake_surroundings import InMemoryBus, InMemoryHousekeeping, InMemoryOutbox
from tests.support.processes import Effect, Fate, KilledError, Process
from tests.support.watcher import Watcher
from training_files.background.leases import BuiltElsewhereError
from training_files.context import Context
from training_files.errors import TrainingFilesError, UpstreamUnavailableError
from training_files.ports.objects import ObjectMissingError
from training_files.service import TrainingFileService
from training_files.upkeep.housekeeping import Housekeeping, HousekeepingReport

# As template.yaml says of the longest-lived function and of the queue.
LIVES_AT_MOST = timedelta(minutes=15)
COMES_AGAIN_AFTER = timedelta(minutes=16)
RECEIVED_AT_MOST = 3
# When a call that its caller gave up has had its effect, if it ever has one.
ARRIVES_WITHIN = timedelta(minutes=1)
OF_AWS = {"send", "publish"}

# So many calls that go through; or those up to the next one of this label.
Stretch = int | str
Judge = Callable[[Process], None]


@dataclass(frozen=True)
class Course:
    """How a process goes: up to a call that has its fate, and so on; then up to where it stops, or to its end."""

    legs: Sequence[tuple[Stretch, Fate]] = ()
    stops_after: Stretch | None = None


@dataclass(slots=True)
class Message:
    revision_id: UUID
    visible_at: datetime
    received: int = 0


@dataclass(slots=True)
class MessageQueue:
    """Implements `training_files.ports.queue.BuildQueue`. Messages come again as long as nobody is done with them."""

    clock: Clock
    messages: list[Message] = field(default_factory=list)

    def send(self, revision_id: UUID) -> None:
        self.messages.append(Message(revision_id, self.clock.now()))

    def send_export(self, export_id: UUID) -> None:
        raise AssertionError(f"nobody here asks for exports, and yet {export_id} was queued")

    def receive(self, message: Message) -> None:
        message.received += 1
        message.visible_at = self.clock.now() + COMES_AGAIN_AFTER

    def done_with(self, message: Message) -> None:
        self.messages = [other for other in self.messages if other is not message]


class System:
    """Processes stop and go on, one at a time; behind each call of theirs the watcher looks at everything."""

    def __init__(self, *, keep_revisions: int) -> None:
        self.keep_revisions = keep_revisions
        self.clock = Clock()
        self.repository = InMemoryRepository(self.clock)
        self.exports = InMemoryExports(self.repository)
        self.enriched_files = InMemoryObjectStore(self.clock)
        self.training_files = InMemoryObjectStore(self.clock)
        self.queue = MessageQueue(self.clock)
        self.outbox = InMemoryOutbox(self.repository)
        self.bus = InMemoryBus()
        self.housekeeping = InMemoryHousekeeping(self.repository)
        self.watcher = Watcher(self.repository, self.training_files, self.outbox, self.bus, keep_revisions)
        self.stopped: list[Process] = []
        self.commits: Counter[Process] = Counter()
        self.queued_by: dict[Process, UUID] = {}
        self.supabase_is_down = False
        self.aws_is_down = False
        self._judges: dict[Process, Judge] = {}
        self._late: list[tuple[str, Callable[[], object]]] = []
        self._ids = count(10_000)

    def service(self, process: Process, owner: UUID | None = None) -> TrainingFileService:
        """The service as a process has it; trusted without an owner."""
        return TrainingFileService(self.context(process, owner))

    def context(self, process: Process, owner: UUID | None = None) -> Context:
        return context_over(
            process.port(self.repository),
            exports=process.port(self.exports),
            stores=InMemoryStores(process.port(self.enriched_files), process.port(self.training_files)),
            queue=process.port(self.queue),
            outbox=process.port(self.outbox),
            event_bus=process.port(self.bus),
            now=self.clock.now,
            new_id=lambda: UUID(int=next(self._ids)),
            owner=owner,
        )

    def run_housekeeping(self, process: Process) -> HousekeepingReport:
        port = process.port(self.housekeeping)
        report = Housekeeping(
            port, self.context(process), keep_revisions=self.keep_revisions, keep_exports_days=30
        ).run()
        report.raise_failures()
        return report

    def begin(self, name: str, act: Callable[[Process], Any], course: Course, judge: Judge) -> Process:
        """Starts a process; `judge` looks at how it ended, unless it was killed."""
        process = Process(name, self.clock.now(), act)
        self._judges[process] = judge
        self.stopped.append(process)
        self.go_on(process, course)
        return process

    def go_on(self, process: Process, course: Course) -> None:
        """Does nothing for a process that has come to its end."""
        if process not in self.stopped:
            return
        for stretch, fate in course.legs:
            self._go(process, stretch)
            self._step(process, fate)
        self._go(process, course.stops_after)
        if process.is_over:
            self._ended(process)

    def let_late_calls_arrive(self) -> None:
        late, self._late = self._late, []
        for label, act in late:
            # Nobody listens to the answer any more.
            with suppress(TrainingFilesError, ObjectMissingError):
                act()
            self.watcher.look(label)

    def pass_time(self, duration: timedelta) -> None:
        """Nobody lives longer than allowed, and no call is on its way for ever."""
        for process in [*self.stopped]:
            if self.clock.now() + duration > process.began_at + LIVES_AT_MOST:
                self.kill(process)
        if duration >= ARRIVES_WITHIN:
            self.let_late_calls_arrive()
        self.clock.moment += duration
        self.watcher.look("time")

    def kill(self, process: Process) -> None:
        self.stopped.remove(process)
        process.kill()

    def kill_all(self) -> None:
        for process in [*self.stopped]:
            self.kill(process)

    def end_all_trouble(self) -> None:
        """Everyone is gone, and everything is up again."""
        self.kill_all()
        self.let_late_calls_arrive()
        self.supabase_is_down = self.aws_is_down = False
        self.bus.refuses = ()

    def _go(self, process: Process, stretch: Stretch | None) -> None:
        done = 0
        while not process.is_over and stretch not in (done, process.calls[-1]):
            self._step(process, Fate.GOES_THROUGH)
            done += 1

    def _step(self, process: Process, fate: Fate) -> None:
        if process.is_over:
            return
        is_down = self.aws_is_down if process.calls[-1] in OF_AWS else self.supabase_is_down
        if is_down and fate.error is not KilledError:
            fate = Fate.FAILS
        revisions = len(self.watcher.committed)
        label = process.step(fate)
        self._late += process.late
        process.late.clear()
        self.watcher.look(label)
        self.commits[process] += len(self.watcher.committed) - revisions
        if label == "send" and fate.effect in (Effect.NOW, Effect.TWICE):
            self.queued_by[process] = self.queue.messages[-1].revision_id

    def _ended(self, process: Process) -> None:
        self.stopped.remove(process)
        judge = self._judges.pop(process)
        error = process.error
        if isinstance(error, KilledError):
            return
        if error and not isinstance(error, TrainingFilesError | BuiltElsewhereError):
            raise error
        if isinstance(error, UpstreamUnavailableError) and not process.was_troubled:
            # The only way in which others can make it look like that: they have moved on and removed what was its base.
            assert "is missing in the bucket" in error.message
        judge(process)
