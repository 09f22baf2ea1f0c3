"""A user sees nothing of another's: not through the API, not through PostgREST, not through Storage."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from postgrest.exceptions import APIError
from storage3.exceptions import StorageApiError
from supabase import Client, ClientOptions, create_client

from infra.local_supabase import LocalSupabase
from infra.seeding import sign_in
from tests.support.builders import Json
from tests.support.world import SHARED_TLS, User, World, client_of_api

PASSWORD = "a long password"
DENIED = "42501"
# Of the owner's only revision.
TAG = "the-owners"
TABLES = [
    "training_files",
    "training_file_revisions",
    "training_file_conversations",
    "training_file_exports",
    "training_file_tags",
]
BUCKET = "training-files"
OPTIONS: Any = {"content-type": "application/json"}


@dataclass(frozen=True)
class Person:
    """Someone who signed in, with the client that their app would use, and their access to the API."""

    user: User
    supabase: Client


@dataclass(frozen=True)
class Estate:
    """What the owner has."""

    conversation_id: str
    enriched_path: str
    training_file: Json
    json: bytes
    export: Json
    rows: bytes

    @property
    def id(self) -> str:
        return str(self.training_file["id"])

    @property
    def path(self) -> str:
        return str(self.training_file["json_file_path"])

    @property
    def export_id(self) -> str:
        return str(self.export["id"])

    @property
    def export_path(self) -> str:
        return f"{self.export_id}/train.jsonl"


@contextmanager
def client_of(supabase: LocalSupabase, token: str | None) -> Iterator[Client]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(timeout=30, verify=SHARED_TLS) as http:
        yield create_client(supabase.url, supabase.publishable_key, ClientOptions(headers=headers, httpx_client=http))


@contextmanager
def signed_in(world: World) -> Iterator[Person]:
    user_id, token = sign_in(world.supabase, f"{uuid4()}@example.com", PASSWORD)
    api_token = world.a_token(user_id)  # the API sees the project at its proxy's address, so the issuer differs
    with (
        client_of(world.supabase, token) as supabase,
        client_of_api(world.api_url, api_token) as http,
    ):
        yield Person(User(user_id, token, http), supabase)


@pytest.fixture(scope="module")
def owner(session_world: World) -> Iterator[Person]:
    with signed_in(session_world) as person:
        yield person


@pytest.fixture(scope="module")
def stranger(session_world: World) -> Iterator[Person]:
    with signed_in(session_world) as person:
        yield person


@pytest.fixture(scope="module")
def nobody(session_world: World) -> Iterator[Client]:
    """The publishable key alone, as everyone has it who can load the app."""
    with client_of(session_world.supabase, None) as client:
        yield client


def client_named(request: pytest.FixtureRequest) -> Client:
    found = request.getfixturevalue(request.param)
    client: Client = found.supabase if isinstance(found, Person) else found
    return client


visitor = pytest.fixture(client_named, name="visitor", params=["stranger", "nobody"])
anyone = pytest.fixture(client_named, name="anyone", params=["owner", "stranger", "nobody"])


@pytest.fixture(scope="module")
def estate(session_world: World, owner: Person) -> Iterator[Estate]:
    conversation_id = session_world.a_conversation(owner.user)
    training_file = owner.user.created([conversation_id], name="The owner's")
    content = owner.user.download(training_file["id"])
    address = f"/api/training-files/{training_file['id']}/exports"
    export = owner.user.http.post(address, json={"format": "messages"}).raise_for_status().json()["export"]
    tags = f"/api/training-files/{training_file['id']}/tags/{TAG}"
    owner.user.http.put(tags, json={"revision": 1}).raise_for_status()
    rows = httpx.get(export["files"][0]["download_url"], verify=SHARED_TLS).content
    yield Estate(conversation_id, f"{conversation_id}/enriched.json", training_file, content, export, rows)
    assert owner.user.download(training_file["id"]) == content


@pytest.fixture(autouse=True)
def unharmed(world: World, estate: Estate) -> Iterator[None]:
    """Whatever a test tries, what the owner has stays as it was."""
    before = everything_of(world, estate)
    yield
    assert everything_of(world, estate) == before


def everything_of(world: World, estate: Estate) -> list[Json]:
    """Rows, and the rows of objects, which change when an object is overwritten."""
    return [
        *world.rows("select * from public.training_files where id = %s", estate.id),
        *world.rows("select * from public.training_file_revisions where training_file_id = %s", estate.id),
        *world.rows("select * from public.training_file_conversations where training_file_id = %s", estate.id),
        *world.rows("select * from public.training_file_exports where training_file_id = %s", estate.id),
        *world.rows("select * from public.training_file_tags where training_file_id = %s", estate.id),
        *world.rows("select * from public.conversations where conversation_id = %s", estate.conversation_id),
        *world.rows(
            "select bucket_id, name, version, metadata from storage.objects "
            "where name in (%s, %s, %s) or name like %s order by name",
            estate.path,
            estate.training_file["jsonl_file_path"],
            estate.enriched_path,
            f"{estate.export_id}/%",
        ),
    ]


CALLS: dict[str, Callable[[httpx.Client, str], httpx.Response]] = {
    "get": lambda http, file_id: http.get(f"/api/training-files/{file_id}"),
    "rename": lambda http, file_id: http.patch(f"/api/training-files/{file_id}", json={"name": "Mine now"}),
    "archive": lambda http, file_id: http.patch(f"/api/training-files/{file_id}", json={"status": "archived"}),
    "delete": lambda http, file_id: http.delete(f"/api/training-files/{file_id}"),
    "conversations": lambda http, file_id: http.get(f"/api/training-files/{file_id}/conversations"),
    "add": lambda http, file_id: http.post(
        f"/api/training-files/{file_id}/add-conversations", json={"conversation_ids": [str(uuid4())]}
    ),
    "add later": lambda http, file_id: http.post(
        f"/api/training-files/{file_id}/add-conversations",
        json={"conversation_ids": [str(uuid4())]},
        headers={"Prefer": "respond-async"},
    ),
    "remove": lambda http, file_id: http.post(
        f"/api/training-files/{file_id}/remove-conversations", json={"conversation_ids": [str(uuid4())]}
    ),
    "remove later": lambda http, file_id: http.post(
        f"/api/training-files/{file_id}/remove-conversations",
        json={"conversation_ids": [str(uuid4())], "on_missing": "skip"},
        headers={"Prefer": "respond-async"},
    ),
    "see what a removal would do": lambda http, file_id: http.post(
        f"/api/training-files/{file_id}/remove-conversations",
        json={"conversation_ids": [str(uuid4())], "dry_run": True},
    ),
    "refresh": lambda http, file_id: http.post(f"/api/training-files/{file_id}/refresh", json={}),
    "refresh later": lambda http, file_id: http.post(
        f"/api/training-files/{file_id}/refresh", json={}, headers={"Prefer": "respond-async"}
    ),
    "revert": lambda http, file_id: http.post(f"/api/training-files/{file_id}/revert", json={"revision": 1}),
    "revert later": lambda http, file_id: http.post(
        f"/api/training-files/{file_id}/revert", json={"revision": 1}, headers={"Prefer": "respond-async"}
    ),
    "tag": lambda http, file_id: http.put(f"/api/training-files/{file_id}/tags/mine", json={"revision": 1}),
    "move a tag": lambda http, file_id: http.put(f"/api/training-files/{file_id}/tags/{TAG}", json={"revision": TAG}),
    "untag": lambda http, file_id: http.delete(f"/api/training-files/{file_id}/tags/{TAG}"),
    "revert to a tag": lambda http, file_id: http.post(f"/api/training-files/{file_id}/revert", json={"revision": TAG}),
    "download a tag": lambda http, file_id: http.get(f"/api/training-files/{file_id}/download?revision={TAG}"),
    "findings of a tag": lambda http, file_id: http.get(f"/api/training-files/{file_id}/findings?revision={TAG}"),
    "report of a tag": lambda http, file_id: http.get(f"/api/training-files/{file_id}/report?revision={TAG}"),
    "export a tag": lambda http, file_id: http.post(
        f"/api/training-files/{file_id}/exports", json={"format": "messages", "revision": TAG}
    ),
    "retry": lambda http, file_id: http.post(f"/api/training-files/{file_id}/retry"),
    "dry run": lambda http, file_id: http.post(
        f"/api/training-files/{file_id}/add-conversations", json={"conversation_ids": [str(uuid4())], "dry_run": True}
    ),
    "download": lambda http, file_id: http.get(f"/api/training-files/{file_id}/download"),
    "earlier revision": lambda http, file_id: http.get(f"/api/training-files/{file_id}/download?revision=1"),
    "revisions": lambda http, file_id: http.get(f"/api/training-files/{file_id}/revisions"),
    "diff": lambda http, file_id: http.get(f"/api/training-files/{file_id}/diff?from=1&to=1"),
    "findings": lambda http, file_id: http.get(f"/api/training-files/{file_id}/findings"),
    "report": lambda http, file_id: http.get(f"/api/training-files/{file_id}/report"),
    "page of the report": lambda http, file_id: http.get(
        f"/api/training-files/{file_id}/report", headers={"Accept": "text/html"}
    ),
    "export": lambda http, file_id: http.post(f"/api/training-files/{file_id}/exports", json={"format": "messages"}),
    "exports": lambda http, file_id: http.get(f"/api/training-files/{file_id}/exports"),
    "download an export": lambda http, file_id: http.get(f"/api/training-files/{file_id}/download?format=messages"),
}


class TestThroughTheApi:
    def test_another_users_export_is_answered_as_an_unknown_one(self, stranger: Person, estate: Estate) -> None:
        foreign = stranger.user.http.get(f"/api/training-files/{estate.id}/exports/{estate.export_id}")
        unknown = stranger.user.http.get(f"/api/training-files/{estate.id}/exports/{uuid4()}")

        assert foreign.status_code == 404
        assert self.shape(foreign, estate.id) == self.shape(unknown, estate.id)

    @pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
    def test_another_users_file_is_answered_as_an_unknown_one(
        self, stranger: Person, estate: Estate, call: Callable[[httpx.Client, str], httpx.Response]
    ) -> None:
        never = str(uuid4())

        foreign, unknown = call(stranger.user.http, estate.id), call(stranger.user.http, never)

        assert foreign.status_code == 404
        assert self.shape(foreign, estate.id) == self.shape(unknown, never)

    def test_a_list_has_only_own_files(self, owner: Person, stranger: Person, estate: Estate) -> None:
        listed = {
            person.user.id: [file["id"] for file in person.user.http.get("/api/training-files").json()["files"]]
            for person in (owner, stranger)
        }

        assert listed == {owner.user.id: [estate.id], stranger.user.id: []}

    def test_another_users_conversation_is_answered_as_an_unknown_one(
        self, world: World, stranger: Person, estate: Estate
    ) -> None:
        never = str(uuid4())
        [row] = world.rows("select id from public.conversations where conversation_id = %s", estate.conversation_id)

        answers = [
            (wanted, stranger.user.create([wanted])) for wanted in (estate.conversation_id, str(row["id"]), never)
        ]

        assert {answer.status_code for _, answer in answers} == {400}
        first, *others = [self.shape(answer, wanted) for wanted, answer in answers]
        assert others == [first, first]

    def test_another_users_name_is_free(self, world: World, stranger: Person, estate: Estate) -> None:
        created = stranger.user.created([world.a_conversation(stranger.user)], name=estate.training_file["name"])

        assert created["name"] == estate.training_file["name"]
        assert stranger.user.http.delete(f"/api/training-files/{created['id']}").status_code == 204

    @staticmethod
    def shape(answer: httpx.Response, wanted: str) -> tuple[int, str, list[str]]:
        request_id = answer.json()["request_id"]
        text = answer.text.replace(wanted, "<id>").replace(request_id, "<request>")
        return answer.status_code, text, sorted(answer.headers)


READING: dict[str, Callable[[httpx.Client, Estate], httpx.Response]] = {
    "get": lambda http, estate: http.get(f"/api/training-files/{estate.id}"),
    "conversations": lambda http, estate: http.get(f"/api/training-files/{estate.id}/conversations"),
    "revisions": lambda http, estate: http.get(f"/api/training-files/{estate.id}/revisions"),
    "findings": lambda http, estate: http.get(f"/api/training-files/{estate.id}/findings"),
    "findings of a tag": lambda http, estate: http.get(f"/api/training-files/{estate.id}/findings?revision={TAG}"),
    "exports": lambda http, estate: http.get(f"/api/training-files/{estate.id}/exports"),
    "export": lambda http, estate: http.get(f"/api/training-files/{estate.id}/exports/{estate.export_id}"),
}


@contextmanager
def hidden(world: World, policy: str, table: str) -> Iterator[None]:
    """In the block, the policy lets nobody read."""
    query = "select pg_get_expr(polqual, polrelid) from pg_policy where polname = %s"
    [(condition,)] = world.database.execute(query, [policy]).fetchall()
    world.database.execute(f'alter policy "{policy}" on {table} using (false)')
    try:
        yield
    finally:
        world.database.execute(f'alter policy "{policy}" on {table} using ({condition})')


class TestFunctionsThatOnlyRead:
    """They act as their caller: what row level security hides from a user, they do not find."""

    @pytest.mark.parametrize("call", READING.values(), ids=READING.keys())
    def test_a_training_file_that_its_owner_may_not_read_is_not_found(
        self, world: World, owner: Person, estate: Estate, call: Callable[[httpx.Client, Estate], httpx.Response]
    ) -> None:
        with hidden(world, "Owners read their training files", "public.training_files"):
            assert call(owner.user.http, estate).status_code == 404
            assert owner.user.http.get("/api/training-files").json()["files"] == []

        assert call(owner.user.http, estate).status_code == 200

    def test_an_object_that_its_owner_may_not_read_gets_no_link(
        self, world: World, owner: Person, estate: Estate
    ) -> None:
        with hidden(world, "Owners read the exports of their training files", "storage.objects"):
            [listed] = READING["exports"](owner.user.http, estate).json()["exports"]
            assert (listed["id"], listed["files"]) == (estate.export_id, [])
            assert READING["export"](owner.user.http, estate).json()["code"] == "export_not_found"

    def test_a_token_that_the_project_takes_no_more_is_refused_as_such(
        self, world: World, owner: Person, estate: Estate
    ) -> None:
        refusal = {"code": "PGRST303", "message": "JWT expired"}
        world.proxy.fail(path_contains="/rest/v1", status=401, body=refusal)

        answer = READING["get"](owner.user.http, estate)

        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")

    def test_a_publishable_key_that_the_project_refuses_is_the_operators_affair(
        self, world: World, owner: Person, estate: Estate
    ) -> None:
        world.proxy.fail(path_contains="/rest/v1", status=401, body={"message": "Invalid API key"})

        answer = READING["get"](owner.user.http, estate)

        assert (answer.status_code, answer.json()["code"]) == (503, "not_set_up")
        assert "SUPABASE_PUBLISHABLE_KEY" in answer.json()["error"]


def leased(estate: Estate) -> Json:
    return {"p_export_id": estate.export_id, "p_worker": str(uuid4()), "p_lease_seconds": 60}


FUNCTIONS: dict[str, Callable[[Estate], Json]] = {
    "resolve_training_file_request": lambda estate: {
        "p_owner": estate.training_file["created_by"],
        "p_ids": [estate.conversation_id],
        "p_all_conversations": True,
        "p_training_file_id": estate.id,
        "p_name": None,
    },
    "list_conversations_for_training_files": lambda estate: {
        "p_owner": estate.training_file["created_by"],
        "p_all_conversations": True,
        "p_filter": {},
        "p_sort": "newest",
        "p_limit": 10,
    },
    "summarize_conversations_for_training_files": lambda estate: {
        "p_owner": estate.training_file["created_by"],
        "p_all_conversations": True,
        "p_filter": {},
        "p_usable_statuses": ["completed"],
        "p_any_path": True,
        "p_keys": 10,
    },
    "unknown_training_file_of_filter": lambda estate: {"p_owner": estate.training_file["created_by"], "p_filter": {}},
    "training_file_choices_query": lambda _: {"p_whose": "true", "p_filter": {}},
    "begin_training_file_revision": lambda estate: {
        "p_revision_id": str(uuid4()),
        "p_training_file_id": estate.id,
        "p_owner": None,
        "p_requested": {},
        "p_new_file": None,
    },
    "commit_training_file_revision": lambda estate: {
        "p_revision_id": estate.path.partition("/")[0],
        "p_expected_revision": 1,
        "p_result": {},
        "p_conversations": [],
    },
    "abandon_training_file_revision": lambda estate: {
        "p_revision_id": estate.path.partition("/")[0],
        "p_error": {},
    },
    "delete_training_file": lambda estate: {"p_training_file_id": estate.id, "p_owner": None},
    "begin_training_file_export": lambda estate: {
        "p_export_id": str(uuid4()),
        "p_training_file_id": estate.id,
        "p_owner": None,
        "p_revision": None,
        "p_request": {},
        "p_worker": str(uuid4()),
        "p_lease_seconds": 60,
    },
    "kept_training_file_revision": lambda estate: {"p_training_file_id": estate.id, "p_revision": 1},
    "tag_training_file_revision": lambda estate: {
        "p_training_file_id": estate.id,
        "p_owner": None,
        "p_name": "mine",
        "p_revision": 1,
        "p_tag": None,
    },
    "untag_training_file_revision": lambda estate: {"p_training_file_id": estate.id, "p_owner": None, "p_name": TAG},
    "give_up_training_file_revisions": lambda _: {"p_keep_revisions": 1, "p_limit": 10},
    "claim_training_file_export": leased,
    "renew_training_file_export": leased,
    "release_training_file_export": lambda estate: {"p_export_id": estate.export_id, "p_worker": str(uuid4())},
    "commit_training_file_export": lambda estate: {"p_export_id": estate.export_id, "p_result": {}},
    "fail_training_file_export": lambda estate: {
        "p_export_id": estate.export_id,
        "p_worker": str(uuid4()),
        "p_error": {},
    },
    "list_training_file_export_objects": lambda estate: {"p_export_ids": [str(estate.export_id)]},
    "list_training_file_exports_left": lambda _: {"p_limit": 10},
    "training_file_revision_surroundings": lambda estate: {
        "p_training_file_id": estate.id,
        "p_revision": 1,
        "p_limit": 10,
    },
}


# A value of the right type for every column that only the service may write.
SERVICE_COLUMNS: Json = {
    "id": str(uuid4()),
    "json_file_path": "x/training.json",
    "jsonl_file_path": "x/training.jsonl",
    "storage_bucket": "conversation-files",
    "target_model": "model",
    "vertical": "vertical",
    "collect": {"personas": []},
    "conversation_count": 7,
    "total_training_pairs": 7,
    "trainable_pairs": 0,
    "json_file_size": 7,
    "jsonl_file_size": 7,
    "avg_quality_score": 1,
    "min_quality_score": 1,
    "max_quality_score": 1,
    "human_reviewed_count": 0,
    "scaffolding_distribution": {},
    "revision": 7,
    "last_updated_at": "2026-01-01T00:00:00Z",
    "created_by": str(uuid4()),
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-01T00:00:00Z",
}


class TestThroughPostgrest:
    @pytest.mark.parametrize("table", TABLES)
    def test_a_user_sees_only_own_rows(self, owner: Person, stranger: Person, estate: Estate, table: str) -> None:
        key = "id" if table == "training_files" else "training_file_id"

        seen = [row[key] for row in owner.supabase.table(table).select("*").execute().data]

        assert seen == [estate.id]
        assert stranger.supabase.table(table).select("*").eq(key, estate.id).execute().data == []

    def test_nobody_says_anything_but_now_of_the_use_of_an_export(
        self, owner: Person, stranger: Person, estate: Estate
    ) -> None:
        def say(person: Person, **columns: str) -> Any:
            table = person.supabase.table("training_file_exports")
            return table.update(columns).eq("id", estate.export_id).execute().data

        assert say(stranger, used_at="now") == []
        for columns in ({"used_at": "2099-01-01T00:00:00Z"}, {"used_at": "now", "status": "failed"}):
            with pytest.raises(APIError) as caught:
                say(owner, **columns)
            assert caught.value.code == DENIED

    def test_a_user_sees_only_own_conversations(self, owner: Person, stranger: Person, estate: Estate) -> None:
        seen = owner.supabase.table("conversations").select("conversation_id").execute().data

        assert seen == [{"conversation_id": estate.conversation_id}]
        query = stranger.supabase.table("conversations").select("*").eq("conversation_id", estate.conversation_id)
        assert query.execute().data == []

    @pytest.mark.parametrize("table", [*TABLES, "conversations"])
    def test_the_publishable_key_alone_reads_nothing(self, nobody: Client, table: str) -> None:
        assert refusal(lambda: nobody.table(table).select("*").execute()) == DENIED

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_functions_are_closed(self, anyone: Client, estate: Estate, function: str) -> None:
        assert refusal(anyone.rpc(function, FUNCTIONS[function](estate)).execute) == DENIED

    @pytest.mark.parametrize("table", [*TABLES, "conversations"])
    def test_nobody_inserts_or_deletes(self, anyone: Client, table: str) -> None:
        column = {"training_files": "id", "conversations": "conversation_id"}.get(table, "training_file_id")

        assert refusal(anyone.table(table).insert({column: str(uuid4())}).execute) == DENIED
        assert refusal(anyone.table(table).delete().neq(column, str(uuid4())).execute) == DENIED

    @pytest.mark.parametrize("column", SERVICE_COLUMNS)
    def test_what_the_service_keeps_cannot_be_changed(self, anyone: Client, estate: Estate, column: str) -> None:
        query = anyone.table("training_files").update({column: SERVICE_COLUMNS[column]}).eq("id", estate.id)

        assert refusal(query.execute) == DENIED

    def test_every_column_is_either_kept_or_editable(self, estate: Estate, owner: Person) -> None:
        [row] = owner.supabase.table("training_files").select("*").eq("id", estate.id).execute().data

        assert set(row) == set(SERVICE_COLUMNS) | {"name", "description", "status"}

    @pytest.mark.parametrize("table", TABLES[1:])
    def test_what_hangs_on_a_file_cannot_be_changed(self, anyone: Client, estate: Estate, table: str) -> None:
        query = anyone.table(table).update({"training_file_id": estate.id}).eq("training_file_id", estate.id)

        assert refusal(query.execute) == DENIED

    @pytest.mark.parametrize("change", [{"name": "x"}, {"description": "x"}, {"status": "archived"}], ids=str)
    def test_only_the_owner_edits(self, stranger: Person, nobody: Client, estate: Estate, change: Json) -> None:
        def edit(client: Client) -> Any:
            return client.table("training_files").update(change).eq("id", estate.id).execute()

        assert edit(stranger.supabase).data == []
        assert refusal(lambda: edit(nobody)) == DENIED

    @pytest.mark.parametrize(
        "change",
        [
            {"name": ""},
            {"name": " \u2003 "},
            {"name": "x" * 256},
            {"name": "two\nlines"},
            {"name": "sheet\u202egpj"},
            {"name": "next\u0085"},
            {"description": "x" * 10_001},
        ],
        ids=["empty", "blank", "long name", "line break", "turned direction", "control", "long description"],
    )
    def test_the_owner_writes_no_text_that_the_api_would_refuse(
        self, owner: Person, estate: Estate, change: Json
    ) -> None:
        query = owner.supabase.table("training_files").update(change).eq("id", estate.id)

        assert refusal(query.execute) == "23514"

    def test_a_name_that_the_owner_writes_is_kept_as_the_api_keeps_it(self, world: World, owner: Person) -> None:
        training_file_id = owner.user.created([world.a_conversation(owner.user)])["id"]
        written = {"name": " cafe\u0301 au lait\u2003"}

        [row] = owner.supabase.table("training_files").update(written).eq("id", training_file_id).execute().data

        assert row["name"] == "caf\u00e9 au lait"
        assert owner.user.http.delete(f"/api/training-files/{training_file_id}").status_code == 204

    def test_the_owner_edits_name_description_and_status(self, world: World, owner: Person) -> None:
        training_file_id = owner.user.created([world.a_conversation(owner.user)])["id"]
        wanted = {"name": f"edited {uuid4()}", "description": "text", "status": "archived"}

        query = owner.supabase.table("training_files").update(wanted).eq("id", training_file_id)

        [row] = query.execute().data
        assert {key: row[key] for key in wanted} == wanted
        assert owner.user.http.delete(f"/api/training-files/{training_file_id}").status_code == 204

    @pytest.mark.parametrize("status", ["processing", "failed", "finished"])
    def test_a_status_of_the_service_cannot_be_set(self, owner: Person, estate: Estate, status: str) -> None:
        query = owner.supabase.table("training_files").update({"status": status}).eq("id", estate.id)

        assert refusal(query.execute) in {DENIED, "23514"}


class TestThroughStorage:
    def test_the_owner_reads_own_objects(self, owner: Person, estate: Estate) -> None:
        bucket = owner.supabase.storage.from_(BUCKET)

        assert bucket.download(estate.path) == estate.json
        link = bucket.create_signed_url(estate.path, 60)["signedURL"]
        assert httpx.get(str(link), verify=SHARED_TLS).content == estate.json
        assert [entry["name"] for entry in bucket.list(estate.path.partition("/")[0])] == [
            "training.json",
            "training.jsonl",
        ]

    def test_the_owner_reads_own_exports(self, owner: Person, estate: Estate) -> None:
        assert owner.supabase.storage.from_(BUCKET).download(estate.export_path) == estate.rows

    def test_nobody_else_reads_exports(self, visitor: Client, estate: Estate) -> None:
        bucket = visitor.storage.from_(BUCKET)

        assert bucket.list(estate.export_id) == []
        refused(lambda: bucket.download(estate.export_path))
        refused(lambda: bucket.create_signed_url(estate.export_path, 60))
        assert bucket.remove([estate.export_path]) == []

    def test_nobody_else_lists_them(self, visitor: Client, estate: Estate) -> None:
        bucket = visitor.storage.from_(BUCKET)

        assert bucket.list() == []
        assert bucket.list(estate.path.partition("/")[0]) == []

    def test_nobody_else_reads_them(self, visitor: Client, estate: Estate) -> None:
        bucket = visitor.storage.from_(BUCKET)

        refused(lambda: bucket.download(estate.path))
        refused(lambda: bucket.create_signed_url(estate.path, 60))
        refused(lambda: bucket.info(estate.path))
        refused(lambda: bucket.copy(estate.path, f"{uuid4()}/training.json"))
        assert httpx.get(bucket.get_public_url(estate.path), verify=SHARED_TLS).status_code in {400, 404}
        assert [entry["signedURL"] for entry in bucket.create_signed_urls([estate.path], 60)] == [None]

    def test_only_the_service_writes(self, anyone: Client, estate: Estate) -> None:
        bucket = anyone.storage.from_(BUCKET)
        folder = estate.path.partition("/")[0]

        refused(lambda: bucket.upload(f"{folder}/more.json", b"{}", OPTIONS))
        refused(lambda: bucket.upload(f"{uuid4()}/training.json", b"{}", OPTIONS))
        refused(lambda: bucket.upload(f"{estate.export_id}/test.jsonl", b"{}", OPTIONS))
        refused(lambda: bucket.upload(estate.path, b"{}", {**OPTIONS, "upsert": "true"}))
        refused(lambda: bucket.update(estate.path, b"{}", OPTIONS))
        refused(lambda: bucket.move(estate.path, f"{folder}/moved.json"))
        refused(lambda: bucket.copy(estate.path, f"{folder}/copied.json"))
        refused(lambda: bucket.create_signed_upload_url(f"{folder}/signed.json"))

    def test_only_the_service_removes(self, anyone: Client, estate: Estate) -> None:
        assert anyone.storage.from_(BUCKET).remove([estate.path]) == []

    def test_the_name_of_a_training_file_opens_no_object(self, world: World, stranger: Person, estate: Estate) -> None:
        """The policy reads the object's name, not the training file's, which its owner chooses."""
        mine = stranger.user.created([world.a_conversation(stranger.user)])
        for name in (mine["json_file_path"], estate.path):
            stranger.user.http.patch(f"/api/training-files/{mine['id']}", json={"name": name}).raise_for_status()

            refused(lambda: stranger.supabase.storage.from_(BUCKET).download(estate.path))
        assert stranger.user.http.delete(f"/api/training-files/{mine['id']}").status_code == 204

    def test_an_uncommitted_revisions_objects_cannot_be_read(self, world: World, owner: Person, estate: Estate) -> None:
        revision_id = str(uuid4())
        world.client.rpc(
            "begin_training_file_revision",
            {
                "p_revision_id": revision_id,
                "p_training_file_id": estate.id,
                "p_owner": owner.user.id,
                "p_requested": {},
                "p_new_file": None,
            },
        ).execute()
        path = f"{revision_id}/training.json"
        world.client.storage.from_(BUCKET).upload(path, b"{}", OPTIONS)

        refused(lambda: owner.supabase.storage.from_(BUCKET).download(path))

        world.client.storage.from_(BUCKET).remove([path])
        world.client.table("training_file_revisions").delete().eq("id", revision_id).execute()

    def test_enriched_files_are_closed(self, anyone: Client, estate: Estate) -> None:
        bucket = anyone.storage.from_("conversation-files")

        assert bucket.list() == []
        refused(lambda: bucket.download(estate.enriched_path))
        refused(lambda: bucket.create_signed_url(estate.enriched_path, 60))
        refused(lambda: bucket.upload(f"{uuid4()}/enriched.json", b"{}", OPTIONS))
        refused(lambda: bucket.update(estate.enriched_path, b"{}", OPTIONS))
        assert bucket.remove([estate.enriched_path]) == []


def refusal(call: Callable[[], object]) -> str | None:
    """The code with which PostgREST refuses."""
    with pytest.raises(APIError) as caught:
        call()
    return caught.value.code


def refused(call: Callable[[], object]) -> None:
    with pytest.raises(StorageApiError):
        call()
