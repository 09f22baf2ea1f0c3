"""Builds beyond one worker: the real state machine over real Supabase, with steps that can be killed."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import boto3
import pytest

from infra.local_executions import read_state_machine, run_lambda_endpoint
from infra.local_queue.events import REGION
from infra.local_queue.server import KEY, aws_client, run_server
from infra.stack import TEMPLATE, api_environment
from tests.support.ageing import age_in_database
from tests.support.builders import Json
from tests.support.consumer import Consumer
from tests.support.fake_queue import InMemoryQueue
from tests.support.killable_functions import KillableFunctions, run_killable_functions
from tests.support.s3 import BUCKET, s3_client_of
from tests.support.state_machines import Machine, a_machine, tried_quickly
from tests.support.world import User, World
from training_files.adapters.aws.step_functions import StepFunctionsExecutions
from training_files.bootstrap import Application, application_from
from training_files.builds import requesting, worker
from training_files.domain.training_file.build_request import AddConversationsInput, CreateTrainingFileInput
from training_files.settings import settings_from

BUS = "many-workers"
SHARDS_AT_ONCE = 2
# For this process, which asks for builds and hands them on.
MOST_OF_ONE_WORKER = 10
# More than a lease lasts, and than any writer lives.
MINUTES_UNTIL_ALL_ARE_LOST = 22
LIMIT_SECONDS = 60
# As template.yaml has it.
USUAL_TRIES = 6


@dataclass(frozen=True)
class Wish:
    """A build that was asked for, of which a file with `before` comes to `after`."""

    training_file_id: str
    build_id: UUID
    before: list[str]
    after: list[str]


@dataclass
class ManyWorkers:
    """What runs. `application` is as a function has it, but for the queue; `machine` executes what it hands on."""

    world: World
    application: Application
    functions: KillableFunctions
    consumer: Consumer
    aws_url: str
    states: Any
    machine: Machine = field(init=False)
    _machines: dict[int, Machine] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.try_each_step(USUAL_TRIES)

    def try_each_step(self, times: int) -> None:
        """What is handed on from now on is executed by a machine that tries a step so many times."""
        if times not in self._machines:
            spec = read_state_machine(TEMPLATE, {"MaxShardsAtOnce": str(SHARDS_AT_ONCE)})
            self._machines[times] = a_machine(tried_quickly(spec, tries=times), self.aws_url, self.states)
        self.machine = self._machines[times]
        executions = StepFunctionsExecutions(self.machine.arn)
        self.application.service.context = replace(self.application.service.context, executions=executions)

    def asked_to_create(self, user: User, ids: Sequence[str]) -> Wish:
        wanted = CreateTrainingFileInput(
            name=f"file {uuid4()}", conversation_ids=tuple(map(UUID, ids)), created_by=UUID(user.id)
        )
        file = self.application.service.acting_for(UUID(user.id)).request_training_file(wanted)
        return Wish(str(file.id), self.next_message(), [], list(ids))

    def asked_to_add(self, user: User, ids: Sequence[str]) -> Wish:
        """To a file of one conversation."""
        [first] = self.world.some_conversations(user, 1)
        service = self.application.service.acting_for(UUID(user.id))
        wanted = CreateTrainingFileInput(
            name=f"file {uuid4()}", conversation_ids=(UUID(first),), created_by=UUID(user.id)
        )
        file_id = service.create_training_file(wanted).id
        assert file_id is not None
        service.request_conversations(
            AddConversationsInput(training_file_id=file_id, conversation_ids=tuple(map(UUID, ids)))
        )
        return Wish(str(file_id), self.next_message(), [first], [first, *ids])

    def next_message(self) -> UUID:
        return self._queue.waiting.pop(0)

    def work(self, build_id: UUID) -> None:
        """What the worker does with the message of a build."""
        self.application.service.build_revision(build_id)

    def ended(self, build_id: UUID) -> Json:
        """How the execution of a build has ended."""
        return self.machine.ended(self.machine.execution_arn(build_id), limit_seconds=LIMIT_SECONDS)

    def executed(self, build_id: UUID) -> str:
        """Hands a build on, and waits for the status that its execution ends with."""
        self.work(build_id)
        status: str = self.ended(build_id)["status"]
        return status

    def tidy_up(self, wish: Wish) -> None:
        """Housekeeping when no writer can be alive any more, and a worker for what it queues."""
        age_in_database(self.world.database, wish.training_file_id, minutes=MINUTES_UNTIL_ALL_ARE_LOST)
        age_shards(self.world, wish)
        self.keep_house()

    def keep_house(self) -> None:
        self.application.housekeeping.run().raise_failures()
        while self._queue.waiting:
            self.work(self.next_message())

    @property
    def _queue(self) -> InMemoryQueue:
        queue = self.application.service.context.queue
        assert isinstance(queue, InMemoryQueue)
        return queue


def age_shards(world: World, wish: Wish) -> None:
    """Moves the end of revisions, of tries of their shards, and of what was removed into the past."""
    past, file_id = timedelta(minutes=MINUTES_UNTIL_ALL_ARE_LOST), wish.training_file_id
    world.database.execute(
        "update training_file_shard_tries t set begun_at = t.begun_at - %s from training_file_revisions r "
        "where r.id = t.revision_id and r.training_file_id = %s",
        [past, file_id],
    )
    world.database.execute(
        "update training_file_revisions set finished_at = finished_at - %s where training_file_id = %s", [past, file_id]
    )
    world.database.execute("update training_file_removals set created_at = created_at - %s", [past])


def attempts_of(world: World, wish: Wish) -> list[Json]:
    return world.rows(
        "select * from training_file_revisions where training_file_id = %s order by created_at, number",
        wish.training_file_id,
    )


def events_of(world: World, wish: Wish) -> list[str]:
    """The types of all events of a file, in order."""
    query = "select type from training_file_events where training_file_id = %s order by sequence"
    return [row["type"] for row in world.rows(query, wish.training_file_id)]


def assert_nothing_left_of_shards(world: World, wish: Wish, *, folders: Sequence[str] = ()) -> None:
    """In these folders, and those of the file's revisions, are no objects but those of committed ones; and no rows."""
    attempts = attempts_of(world, wish)
    owned = {str(row["id"]) for row in attempts} | set(folders)
    committed = {str(row["id"]) for row in attempts if row["status"] == "committed"}
    stored = {path for path in world.object_paths() if path.partition("/")[0] in owned}
    assert stored == {f"{folder}/training.{kind}" for folder in committed for kind in ("json", "jsonl")}
    with s3_client_of(world.supabase) as s3:
        uploads = s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    assert {upload["Key"].partition("/")[0] for upload in uploads} & owned == set()
    tries = world.rows("select id, revision_id from training_file_shard_tries")
    assert {str(row["revision_id"]) for row in tries} & owned == set()
    # A row without its try there is none, by its foreign key.
    rows = world.rows(
        "select count(*) as count from training_file_sharded_conversations c join training_file_shard_tries t "
        "on t.id = c.try_id where t.revision_id::text = any (%s)",
        list(owned),
    )
    assert rows == [{"count": 0}]


@contextmanager
def run_many_workers(world: World, folder: Path) -> Iterator[ManyWorkers]:
    """The state machine and its functions, and builds of more than ten conversations go there from this process."""
    with ExitStack() as running:
        endpoint = running.enter_context(run_lambda_endpoint())
        url = running.enter_context(run_server(lambda_port=endpoint.port))
        aws = {"AWS_ENDPOINT_URL": url, **KEY, "AWS_DEFAULT_REGION": REGION}
        patched = running.enter_context(pytest.MonkeyPatch.context())
        for name, value in aws.items():
            patched.setenv(name, value)
        for module in (requesting, worker):
            patched.setattr(module, "MOST_OF_ONE_WORKER", MOST_OF_ONE_WORKER)
        environment = {
            **api_environment(world.supabase, s3=True),
            **aws,
            "EVENT_BUS_NAME": BUS,
            # All users' conversations share one file.
            "ENRICHED_PATHS": "any",
        }
        consumer = Consumer(boto3.client("events"), boto3.client("sqs"), BUS)
        functions = running.enter_context(run_killable_functions(world.supabase.url, environment, folder))
        running.enter_context(endpoint.invoking(functions))
        states = running.enter_context(aws_client("stepfunctions", url))
        application = application_from(settings_from(environment, lambda *_: "{}"))
        running.callback(application.close)
        application.service.context = replace(application.service.context, queue=InMemoryQueue())
        yield ManyWorkers(world, application, functions, consumer, url, states)
