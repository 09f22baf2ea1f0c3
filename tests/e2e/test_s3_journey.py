"""The journey with SUPABASE_S3_* set: other requests to the storage, the same files for the user."""

import json
import re
from collections.abc import Iterator

import pytest

from infra.local_api import run_local_api
from infra.stack import SECRETS, TEMPLATE, api_environment
from tests.conftest import TIMEOUT_SECONDS
from tests.support.builders import Json, a_pair, an_enriched_file
from tests.support.world import User, World, client_of_api

pytestmark = pytest.mark.slow


# The first conversation alone makes both files too large for one request.
LARGE_TEXT = "large — " * 700_000
TIMES = re.compile(rb'"(created_date|last_updated)": "[^"]+Z"')


@pytest.fixture(scope="module")
def s3_api_url(session_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environment = {
        **api_environment(session_world.supabase, s3=True),
        "SUPABASE_URL": session_world.proxy.url,
        "SUPABASE_TIMEOUT_SECONDS": TIMEOUT_SECONDS,
    }
    log = tmp_path_factory.mktemp("s3-api") / "functions.log"
    with run_local_api(
        TEMPLATE, environment=environment, secrets=SECRETS, runtime_packages="environment", log=log
    ) as api:
        yield api.url


@pytest.fixture
def s3_user(world: World, s3_api_url: str) -> Iterator[User]:
    user = world.a_user()
    with client_of_api(s3_api_url, user.token) as http:
        yield User(user.id, user.token, http)


def test_files_written_over_s3_are_those_that_rest_writes(world: World, user: User, s3_user: User) -> None:
    large = world.a_conversation(None, an_enriched_file(a_pair(current_user_input=LARGE_TEXT)))
    others = world.some_conversations(None, 3)
    in_s3 = s3_user.created([large, others[0]], name="Journey")["id"]
    extended = s3_user.add(in_s3, others[1:]).json()["trainingFile"]
    in_rest = user.created([large, others[0]], name="Journey")["id"]
    same = user.add(in_rest, others[1:]).json()["trainingFile"]

    raw, lines = s3_user.download(in_s3), s3_user.download(in_s3, "jsonl")

    assert (len(raw), len(lines)) == (extended["json_file_size"], extended["jsonl_file_size"])
    assert lines == user.download(in_rest, "jsonl")
    assert TIMES.sub(b"", raw) == TIMES.sub(b"", user.download(in_rest))
    assert len(json.loads(raw)["conversations"]) == 4
    assert described(world, extended) == described(world, same)
    assert any("/storage/v1/s3/training-files/" in request for request in world.proxy.requests)
    assert s3_user.http.delete(f"/api/training-files/{in_s3}").status_code == 204
    assert extended["json_file_path"] not in world.object_paths()


def test_objects_written_over_s3_are_described_as_rest_describes_them(world: World, user: User, s3_user: User) -> None:
    conversations = world.some_conversations(None, 2)

    in_rest, in_s3 = (described(world, who.created(conversations)) for who in (user, s3_user))

    assert [row["mimetype"] for row in in_rest] == ["application/json", "application/x-ndjson"]
    assert in_s3 == in_rest


def described(world: World, training_file: Json) -> list[Json]:
    """What the storage says of the two objects when it serves them."""
    return world.rows(
        "select metadata->>'mimetype' mimetype, metadata->>'cacheControl' cache_control from storage.objects "
        "where name in (%s, %s) order by 1",
        training_file["json_file_path"],
        training_file["jsonl_file_path"],
    )
