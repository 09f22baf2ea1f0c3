"""However slow Supabase is at every step, a caller is answered before the gateway gives up, and nothing is left."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from infra.stack import S3_REGION
from tests.support.agreement import agreed_conversation_ids
from tests.support.builders import Json
from tests.support.handlers import a_context, a_get, a_post, handler_of, started_anew
from tests.support.world import User, World
from training_files.api.app import KEPT_FOR_THE_END_SECONDS

FILES = "/api/training-files"
# Time enough for some of the steps of a build and for none of a whole one, at this pace.
BUDGET_SECONDS = 1.5
DELAY_SECONDS = 0.4
# Until a build has surely come to its commit, which begins in time and ends too late.
LARGER_BUDGET_SECONDS = 4
SLOW_BEGIN_SECONDS = 2
SLOW_COMMIT_SECONDS = 3


@dataclass(frozen=True)
class Answer:
    status: int
    body: Json
    headers: Json
    seconds: float


Post = Callable[..., Answer]


@pytest.fixture(params=["rest", pytest.param("s3", marks=pytest.mark.slow)])
def post(request: pytest.FixtureRequest, world: World, user: User, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """A call of a function that has little time, and whose Supabase is behind the proxy."""
    environment = {
        "SUPABASE_URL": world.proxy.url,
        "SUPABASE_SERVICE_ROLE_KEY": world.supabase.secret_key,
        "SUPABASE_PUBLISHABLE_KEY": world.supabase.publishable_key,
        "SUPABASE_JWT_SECRET": world.supabase.jwt_secret,
        "SUPABASE_TIMEOUT_SECONDS": "6",
    }
    if request.param == "s3":
        environment |= {
            "SUPABASE_S3_ACCESS_KEY_ID": world.supabase.s3_access_key,
            "SUPABASE_S3_SECRET_ACCESS_KEY": world.supabase.s3_secret_key,
            "SUPABASE_S3_REGION": S3_REGION,
        }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def call(function: str, path: str, body: Json | None = None, *, seconds: float = BUDGET_SECONDS) -> Answer:
        context = a_context(seconds_left=seconds + KEPT_FOR_THE_END_SECONDS)
        event = a_get(path, user) if body is None else a_post(path, body, user)
        begun = time.monotonic()
        answer = handler_of(function)(event, context)
        took = time.monotonic() - begun
        return Answer(answer["statusCode"], json.loads(answer["body"]), answer["headers"], took)

    with started_anew():
        yield call


def assert_given_up_in_time(answer: Answer) -> None:
    assert (answer.status, answer.body["code"]) == (503, "upstream_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.seconds < BUDGET_SECONDS + KEPT_FOR_THE_END_SECONDS


def test_a_creation_is_given_up_in_time_and_its_name_is_free(world: World, user: User, post: Post) -> None:
    ids, objects = world.some_conversations(user, 2), world.object_paths()
    world.proxy.delay_seconds = DELAY_SECONDS

    answer = post("create_training_file", FILES, {"name": "wanted", "conversation_ids": ids})

    assert_given_up_in_time(answer)
    world.proxy.reset()
    assert world.training_file_rows(user) == world.revision_rows(user) == []
    assert world.object_paths() == objects
    assert user.create(ids, name="wanted").status_code == 201


def test_an_addition_is_given_up_in_time_and_the_file_is_as_it_was(world: World, user: User, post: Post) -> None:
    ids = world.some_conversations(user, 3)
    created, objects = user.created(ids[:1]), world.object_paths()
    world.proxy.reset()
    world.proxy.delay_seconds = DELAY_SECONDS

    answer = post("add_conversations", f"{FILES}/{created['id']}/add-conversations", {"conversation_ids": ids[1:]})

    assert_given_up_in_time(answer)
    world.proxy.reset()
    assert user.get(created["id"]) == created
    assert world.object_paths() == objects
    assert "building" not in {row["status"] for row in world.revision_rows(user)}
    assert user.add(created["id"], ids[1:]).status_code == 200
    assert agreed_conversation_ids(world, created["id"]) == ids


@pytest.mark.slow
@pytest.mark.parametrize("step", ["/object/conversation-files/", "/training.json", "/rpc/begin_training_file_revision"])
def test_a_step_that_never_answers_takes_no_longer_than_there_is_time(
    world: World, user: User, post: Post, step: str
) -> None:
    ids = world.some_conversations(user, 1)
    world.proxy.hang(path_contains=step, times=None)

    assert_given_up_in_time(post("create_training_file", FILES, {"name": "wanted", "conversation_ids": ids}))

    world.proxy.reset()
    assert user.create(ids, name="wanted").status_code == 201


@pytest.mark.slow
@pytest.mark.parametrize("step", ["/training.json", "/train.jsonl", "/rpc/commit_training_file_export"])
def test_an_export_that_hangs_is_given_up_in_time_and_can_be_asked_for_again(
    world: World, user: User, post: Post, step: str
) -> None:
    path = f"{FILES}/{user.created(world.some_conversations(user, 1))['id']}/exports"
    world.proxy.reset()
    world.proxy.hang(path_contains=step, times=None)

    assert_given_up_in_time(post("create_export", path, {"format": "messages"}))

    world.proxy.reset()
    assert user.http.post(path, json={"format": "messages"}).json()["export"]["status"] == "ready"


@pytest.mark.slow
@pytest.mark.parametrize("step", ["/training.jsonl", "/object/conversation-files/"])
def test_a_report_that_hangs_is_given_up_in_time(world: World, user: User, post: Post, step: str) -> None:
    path = f"{FILES}/{user.created(world.some_conversations(user, 1))['id']}/report"
    world.proxy.reset()
    world.proxy.hang(path_contains=step, times=None)

    assert_given_up_in_time(post("get_report", path))

    world.proxy.reset()


@pytest.mark.slow
def test_a_commit_that_was_begun_in_time_is_waited_for(world: World, user: User, post: Post) -> None:
    """Its answer comes late, but better so than that nobody knows whether it took place."""
    ids = world.some_conversations(user, 1)
    world.proxy.before("/rpc/begin_training_file_revision", lambda: time.sleep(SLOW_BEGIN_SECONDS))
    world.proxy.before("/rpc/commit_training_file_revision", lambda: time.sleep(SLOW_COMMIT_SECONDS))

    body = {"name": "wanted", "conversation_ids": ids}
    answer = post("create_training_file", FILES, body, seconds=LARGER_BUDGET_SECONDS)

    assert (answer.status, answer.seconds > LARGER_BUDGET_SECONDS) == (201, True)
    assert agreed_conversation_ids(world, answer.body["trainingFile"]["id"]) == ids
