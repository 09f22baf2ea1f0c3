"""A worker that is killed anywhere in a build of 1,000 conversations leaves a training file that is whole.

Fifty points: drawn over all requests of a build, over those that follow the last download, and over its time, so that
it is killed between requests too. A request that is the last one takes effect or not. Then its message comes again,
or housekeeping finds what was lost, or it is given up.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

import boto3
import pytest

from infra.local_queue import LocalQueues
from infra.stack import S3_REGION
from tests.support.ageing import age_in_database
from tests.support.agreement import agreed_conversation_ids
from tests.support.builders import Json, a_pair, an_enriched_file
from tests.support.builds import BuildProcess, Builds, run_build_process
from tests.support.consumer import Consumer
from tests.support.fake_queue import InMemoryQueue
from tests.support.s3 import BUCKET, s3_client_of
from tests.support.world import User, World
from training_files.bootstrap import Application, application_from
from training_files.domain.training_file.build_request import AddConversationsInput, CreateTrainingFileInput
from training_files.settings import settings_from

pytestmark = pytest.mark.slow

CONVERSATIONS = 1_000
# Of a conversation's only pair: together they make objects that S3 takes in parts.
BYTES_OF_A_PAIR = 6_000
SEED = 20_260
BUS = "killed"
DOWNLOAD = "/object/conversation-files/"

Kind = Literal["creation", "addition"]
Store = Literal["rest", "s3"]


@dataclass(frozen=True)
class Point:
    """Where a build is killed, as a share of the way through `among`, and what becomes of it then."""

    number: int
    kind: Kind
    store: Store
    among: Literal["all requests", "requests after the downloads", "time"]
    share: float
    takes_effect: bool
    then: Literal["redelivered", "found by housekeeping", "given up"]

    def __str__(self) -> str:
        effect = "" if self.among == "time" else ", with effect" if self.takes_effect else ", without effect"
        return f"{self.number}: {self.kind} over {self.store}, {self.share:.3f} of {self.among}{effect}, {self.then}"


def points() -> Iterator[Point]:
    """The same ones each time; half are drawn where downloads, of which there are most, would hide the rest."""
    draw = random.Random(SEED)  # noqa: S311 - a fixed choice of tests
    for number in range(50):
        yield Point(
            number,
            kind=("creation", "addition")[number % 2],
            store=("rest", "s3")[number // 2 % 2],
            among=(
                "all requests",
                "requests after the downloads",
                "time",
                "requests after the downloads",
                "all requests",
            )[number % 5],
            share=draw.random(),
            takes_effect=draw.random() < 0.5,
            then=draw.choices(("redelivered", "found by housekeeping", "given up"))[0],
        )


@dataclass(frozen=True)
class Wish:
    """A build in the background that waits for a worker, of which a file with `before` comes to `after`."""

    training_file_id: str
    revision_id: str
    before: list[str]
    after: list[str]


@dataclass(frozen=True)
class Undisturbed:
    """What a build does that nobody kills."""

    requests: Sequence[str]
    seconds: float

    def request_at(self, point: Point) -> int:
        downloads = [number for number, request in enumerate(self.requests, start=1) if DOWNLOAD in request]
        first = 1 if point.among == "all requests" else downloads[-1] + 1
        return first + int(point.share * (len(self.requests) - first + 1))


@pytest.fixture(scope="module")
def aws(queues: LocalQueues) -> Iterator[dict[str, str]]:
    """What a process needs to reach the bus; this one has it as well."""
    environment = {**queues.environment, "AWS_DEFAULT_REGION": "us-east-1"}
    with pytest.MonkeyPatch.context() as patched:
        for name, value in environment.items():
            patched.setenv(name, value)
        yield environment


@pytest.fixture(scope="module")
def consumer(aws: dict[str, str]) -> Consumer:  # noqa: ARG001 - it has to be there first
    return Consumer(boto3.client("events"), boto3.client("sqs"), BUS)


@pytest.fixture(scope="module")
def s3_environment(session_world: World) -> dict[str, str]:
    return {
        "SUPABASE_S3_ACCESS_KEY_ID": session_world.supabase.s3_access_key,
        "SUPABASE_S3_SECRET_ACCESS_KEY": session_world.supabase.s3_secret_key,
        "SUPABASE_S3_REGION": S3_REGION,
    }


@pytest.fixture(scope="module")
def build_process(
    session_world: World,
    aws: dict[str, str],
    s3_environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[BuildProcess]:
    folder = tmp_path_factory.mktemp("killed")
    with run_build_process(
        session_world, folder, **aws, **s3_environment, EVENT_BUS_NAME=BUS, ENRICHED_PATHS="any"
    ) as process:
        yield process


@pytest.fixture
def builds(world: World, build_process: BuildProcess) -> Builds:
    return Builds(world, build_process)


@pytest.fixture(scope="module")
def running(session_world: World, aws: dict[str, str], s3_environment: dict[str, str]) -> Iterator[Application]:  # noqa: ARG001 - it has to be there first
    """The application as a function has it, but for the queue."""
    environment = {
        "SUPABASE_URL": session_world.proxy.url,
        "SUPABASE_SERVICE_ROLE_KEY": session_world.supabase.secret_key,
        "EVENT_BUS_NAME": BUS,
        # All users' conversations share one file.
        "ENRICHED_PATHS": "any",
        **s3_environment,
    }
    application = application_from(settings_from(environment, lambda *_: "{}"))
    application.service.context = replace(application.service.context, queue=InMemoryQueue())
    yield application
    application.close()


@pytest.fixture(scope="module")
def ids(session_world: World) -> Iterator[list[str]]:
    """Conversations that are nobody's own, so that every user may use them; the proxy knows their file by heart."""
    pair = a_pair(1, system_prompt="You are a planner. " * (BYTES_OF_A_PAIR // 19))
    session_world.proxy.remembered = DOWNLOAD
    yield session_world.many_conversations(None, CONVERSATIONS, an_enriched_file(pair))
    session_world.proxy.remembered = ""


@pytest.fixture(scope="module")
def undisturbed(
    session_world: World, build_process: BuildProcess, running: Application, ids: list[str]
) -> dict[tuple[Kind, Store], Undisturbed]:
    """How each kind of build goes, which is also what it costs when nobody is killed."""
    found: dict[tuple[Kind, Store], Undisturbed] = {}
    builds = Builds(session_world, build_process)
    for kind in ("creation", "addition"):
        for store in ("rest", "s3"):
            wish = requested(session_world, session_world.a_user(), running, kind, ids)
            session_world.proxy.reset()
            seconds = builds.timed(revision_id=wish.revision_id, s3=store == "s3")
            found[kind, store] = Undisturbed(session_world.proxy.requests, seconds)
            assert agreed_conversation_ids(session_world, wish.training_file_id) == wish.after
    print(f"Seed {SEED}:", {key: (len(one.requests), round(one.seconds, 2)) for key, one in found.items()})  # noqa: T201 - to repeat it
    return found


def requested(world: World, user: User, running: Application, kind: Kind, ids: list[str]) -> Wish:
    service, owner = running.service.acting_for(UUID(user.id)), UUID(user.id)
    if kind == "creation":
        wanted = CreateTrainingFileInput(name="a file", conversation_ids=tuple(map(UUID, ids)), created_by=owner)
        training_file_id, before = str(service.request_training_file(wanted).id), []
    else:
        before = world.some_conversations(user, 1)
        wanted = CreateTrainingFileInput(name="a file", conversation_ids=tuple(map(UUID, before)), created_by=owner)
        training_file_id = str(service.create_training_file(wanted).id)
        service.request_conversations(
            AddConversationsInput(training_file_id=UUID(training_file_id), conversation_ids=tuple(map(UUID, ids)))
        )
    queue: Any = service.context.queue
    return Wish(training_file_id, str(queue.waiting.pop()), before, [*before, *ids])


@pytest.mark.parametrize("point", list(points()), ids=str)
def test_a_build_that_is_killed_is_whole_in_the_end(
    world: World,
    user: User,
    builds: Builds,
    running: Application,
    consumer: Consumer,
    ids: list[str],
    undisturbed: dict[tuple[Kind, Store], Undisturbed],
    point: Point,
) -> None:
    usual = undisturbed[point.kind, point.store]
    wish = requested(world, user, running, point.kind, ids)
    world.proxy.reset()

    kill(builds, point, usual, wish)
    committed = assert_as_it_was_or_whole(world, wish)
    recover(world, running, point, wish)
    tidy_up(world, running, wish)

    given_up = point.then == "given up" and not committed
    assert_whole(world, user, wish, wish.before if given_up else wish.after)
    assert_nothing_left_over(world, user)
    assert_told_once(world, consumer, user)


def kill(builds: Builds, point: Point, usual: Undisturbed, wish: Wish) -> None:
    wanted = {"revision_id": wish.revision_id, "s3": point.store == "s3"}
    if point.among == "time":
        builds.killed_in_time(point.share * usual.seconds, **wanted)
    elif point.takes_effect:
        builds.killed_after(usual.request_at(point), **wanted)
    else:
        builds.killed_at(usual.request_at(point), **wanted)


def assert_as_it_was_or_whole(world: World, wish: Wish) -> bool:
    """Whether the build was committed before it was killed."""
    [file] = world.rows("select * from training_files where id = %s", UUID(wish.training_file_id))
    committed = bool(file["revision"] > bool(wish.before))
    if file["revision"]:
        expected = wish.after if committed else wish.before
        assert agreed_conversation_ids(world, wish.training_file_id) == expected
    else:
        assert (file["status"], file["json_file_path"]) == ("processing", None)
    return committed


def recover(world: World, running: Application, point: Point, wish: Wish) -> None:
    """What happens when the lease of a lost worker has run out."""
    age_in_database(world.database, wish.training_file_id, minutes=6)
    if point.then == "given up":
        running.service.give_up_revision(UUID(wish.revision_id))
    elif point.then == "redelivered":
        running.service.build_revision(UUID(wish.revision_id))
    else:
        keep_house(running)


def keep_house(running: Application) -> None:
    """Housekeeping, and a worker for what it queues."""
    queue: Any = running.service.context.queue
    running.housekeeping.run().raise_failures()
    while queue.waiting:
        running.service.build_revision(queue.waiting.pop())


def tidy_up(world: World, running: Application, wish: Wish) -> None:
    """Housekeeping when no writer can be alive any more."""
    world.database.execute(
        "update training_file_revisions set finished_at = finished_at - interval '21 minutes' "
        "where training_file_id = %s",
        [wish.training_file_id],
    )
    keep_house(running)


def assert_whole(world: World, user: User, wish: Wish, expected: list[str]) -> None:
    seen = user.get(wish.training_file_id)
    assert "progress" not in seen
    assert (seen["status"], seen["revision"]) == (
        "active" if expected else "failed",
        bool(wish.before) + (expected == wish.after),
    )
    assert ("build_error" in seen) == (expected != wish.after)
    assert seen["conversation_count"] == len(expected)
    assert user.conversation_ids(wish.training_file_id) == expected[:1000]
    if expected:
        assert agreed_conversation_ids(world, wish.training_file_id) == expected


def assert_nothing_left_over(world: World, user: User) -> None:
    revisions = world.revision_rows(user)
    folders = {str(row["id"]) for row in revisions}
    committed = {str(row["id"]) for row in revisions if row["status"] == "committed"}
    stored = {path for path in world.object_paths() if path.partition("/")[0] in folders}
    assert stored == {f"{folder}/training.{kind}" for folder in committed for kind in ("json", "jsonl")}
    with s3_client_of(world.supabase) as s3:
        uploads = s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    assert {upload["Key"].partition("/")[0] for upload in uploads} & folders == set()
    staged = world.rows("select revision_id from training_file_staged_conversations")
    assert {str(row["revision_id"]) for row in staged} & folders == set()
    assert {row["status"] for row in revisions} <= {"committed", "failed"}


def assert_told_once(world: World, consumer: Consumer, user: User) -> None:
    """Of each commit, to a consumer that forgets what it has heard before."""
    files = {str(row["id"]) for row in world.training_file_rows(user)}
    heard = {event["detail"]["event_id"]: event for event in consumer.heard()}
    told = sorted(revision_told_of(event) for event in heard.values() if is_commit_of(event, files))
    assert told == sorted(row["number"] for row in world.revision_rows(user) if row["status"] == "committed")


def is_commit_of(event: Json, files: set[str]) -> bool:
    types = {"Training File Created", "Training File Updated"}
    return event["detail-type"] in types and event["detail"]["training_file_id"] in files


def revision_told_of(event: Json) -> int:
    revision: int = event["detail"]["revision"]
    return revision
