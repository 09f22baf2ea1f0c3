"""Training files beyond every limit of one answer: PostgREST cuts at 1,000 rows, gateways refuse URLs over 16 KB."""

import json
from uuid import UUID

import httpx
import pytest

from infra.clients import supabase_client
from tests.support.builders import Json
from tests.support.errors import the_error
from tests.support.world import SHARED_TLS, User, World
from training_files.bootstrap import create_training_file_service
from training_files.domain.training_file.build_request import CreateTrainingFileInput

pytestmark = pytest.mark.slow


FILES = "/api/training-files"
COUNT = 1200
MOST_PAGES = 10


@pytest.fixture(scope="module")
def owner(session_world: World) -> User:
    return session_world.a_user()


@pytest.fixture(scope="module")
def members(session_world: World, owner: User) -> list[str]:
    return session_world.many_conversations(owner, COUNT)


@pytest.fixture(scope="module")
def training_file_id(session_world: World, owner: User, members: list[str]) -> str:
    """A file of 1,200 conversations, of which the API added the last hundred.

    The service takes in one call what the API takes in eleven.
    """
    created, added = members[:-100], members[-100:]
    supabase = session_world.supabase
    with supabase_client(supabase.url, supabase.secret_key) as client, httpx.Client(verify=SHARED_TLS) as http:
        wanted = CreateTrainingFileInput(
            name="large", conversation_ids=tuple(UUID(member) for member in created), created_by=UUID(owner.id)
        )
        training_file = create_training_file_service(client, http=http).create_training_file(wanted)
    assert owner.add(str(training_file.id), added).status_code == 200
    return str(training_file.id)


def _pages(owner: User, path: str, key: str, limit: int) -> list[Json]:
    """What all pages of a list hold, the last of which may be empty."""
    found: list[Json] = []
    parameters: Json = {"limit": limit}
    for _ in range(MOST_PAGES):
        page = owner.http.get(path, params=parameters).json()
        assert len(page[key]) <= limit
        found += page[key]
        if page["next_cursor"] is None:
            return found
        parameters["cursor"] = page["next_cursor"]
    pytest.fail(f"there is no end of pages of {path}")


@pytest.mark.parametrize("limit", [1000, 400, 700])
def test_all_conversations_are_listed_in_file_order(
    owner: User, training_file_id: str, members: list[str], limit: int
) -> None:
    assert _pages(owner, f"{FILES}/{training_file_id}/conversations", "conversation_ids", limit) == members


def test_the_files_hold_them_in_the_order_of_the_request(
    owner: User, training_file_id: str, members: list[str]
) -> None:
    document = json.loads(owner.download(training_file_id))
    lines = [json.loads(line) for line in owner.download(training_file_id, "jsonl").splitlines()]

    assert [c["conversation_metadata"]["conversation_id"] for c in document["conversations"]] == members
    assert [line["conversation_id"] for line in lines] == members
    assert document["training_file_metadata"]["total_conversations"] == COUNT
    assert owner.get(training_file_id)["conversation_count"] == COUNT


@pytest.mark.parametrize("place", [0, 999, 1000, 1149, COUNT - 1])
def test_a_conversation_is_refused_as_a_duplicate_wherever_it_stands(
    owner: User, training_file_id: str, members: list[str], place: int
) -> None:
    body = the_error(owner.add(training_file_id, [members[place]]), 409, "conversations_already_in_file")

    assert [detail["conversation_id"] for detail in body["details"]] == [members[place]]


def test_a_hundred_duplicates_are_all_found(owner: User, training_file_id: str, members: list[str]) -> None:
    wanted = members[-150:-50]

    body = the_error(owner.add(training_file_id, wanted), 409, "conversations_already_in_file")
    skipped = owner.add(training_file_id, wanted, on_duplicate="skip").json()["skipped"]

    assert [detail["conversation_id"] for detail in body["details"]] == wanted
    assert skipped == body["details"]


def test_no_request_grows_with_the_number_of_conversations(world: World, owner: User) -> None:
    ids = world.many_conversations(owner, 100)

    owner.created(ids)

    asked = [request for request in world.proxy.requests if "/object/conversation-files/" not in request]
    assert len(asked) <= 8
    assert len(world.proxy.requests) - len(asked) == len(ids)


def test_training_files_of_one_moment_are_paged_without_loss(world: World) -> None:
    user, count = world.a_user(), 450
    world.database.execute(
        "insert into public.training_files (name, created_by, created_at) "
        "select 'file ' || n, %s, '2026-01-31T12:00:00.123456Z'::timestamptz + (n / 150) * interval '1 ms' "
        "from generate_series(1, %s) n",
        [user.id, count],
    )

    files = _pages(user, FILES, "files", 200)

    assert len({file["id"] for file in files}) == len(files) == count
    assert [file["created_at"] for file in files] == sorted((file["created_at"] for file in files), reverse=True)


def test_a_file_of_more_than_a_thousand_revisions_is_removed_whole(world: World, user: User) -> None:
    created = user.created([world.a_conversation(user)])
    world.database.execute(
        "insert into public.training_file_revisions "
        "  (id, training_file_id, number, status, json_file_path, jsonl_file_path, created_by) "
        "select id, %s, 2, 'failed', id || '/training.json', id || '/training.jsonl', %s "
        "from (select gen_random_uuid() as id from generate_series(1, 1050)) attempts",
        [created["id"], user.id],
    )

    revisions = _pages(user, f"{FILES}/{created['id']}/revisions", "revisions", 200)
    assert len({revision["id"] for revision in revisions}) == 1051
    assert user.http.delete(f"{FILES}/{created['id']}").status_code == 204

    assert world.revision_rows(user) == []
    assert created["json_file_path"] not in world.object_paths()
