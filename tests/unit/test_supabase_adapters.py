"""What Supabase's answers become: the real clients, over a wire that a test controls."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from postgrest.exceptions import APIError
from supabase import ClientOptions, create_client

from tests.support.repositories import SupabaseRepository
from training_files.adapters.supabase.connection import SupabaseConnection
from training_files.adapters.supabase.errors import ATTEMPTS, refuse_a_refused_caller, refuse_a_refused_key
from training_files.adapters.supabase.object_store import SupabaseObjectStore
from training_files.bootstrap import create_training_file_service
from training_files.domain.training_file.training_file import ListTrainingFilesFilters, TrainingFileChanges
from training_files.errors import (
    NameTakenError,
    NotSetUpError,
    RequestInvalidError,
    TrainingFilesError,
    UnauthorizedError,
    UpstreamUnavailableError,
)
from training_files.ports.objects import BytesPart, LocalPart, ObjectMissingError, StoredPart

URL = "https://abcdefghijklmnop.supabase.co"
KEY = "sb_secret_key"
FILE = UUID("00000000-0000-4000-8000-000000000002")

Answer = Callable[[httpx.Request], httpx.Response]


class Wire:
    """Answers each request with the next answer of a list, the last one for ever, and keeps the requests."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[httpx.Request] = []

    def will_answer(self, *answers: Answer) -> None:
        self.answers = list(answers)

    def handle(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        return self.answers.pop(0)(request) if len(self.answers) > 1 else self.answers[0](request)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def http(wire: Wire) -> Iterator[httpx.Client]:
    with httpx.Client(transport=httpx.MockTransport(wire.handle)) as client:
        yield client


@pytest.fixture
def repository(http: httpx.Client) -> SupabaseRepository:
    return SupabaseRepository(SupabaseConnection(URL, KEY, http))


@pytest.fixture
def store(http: httpx.Client) -> SupabaseObjectStore:
    return SupabaseObjectStore(SupabaseConnection(URL, KEY, http).storage, "training-files", http)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training_files.adapters.supabase.errors.PAUSE_SECONDS", 0)


def answering(status: int, body: Any = None, **headers: str) -> Answer:
    """An answer with a body: text and bytes as they are, anything else as JSON."""
    if isinstance(body, str | bytes):
        return lambda _: httpx.Response(status, content=body, headers=headers)
    return lambda _: httpx.Response(status, json=body, headers=headers)


def failing(error: type[httpx.TransportError]) -> Answer:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error(f"no answer from {request.url.host}")

    return fail


def database_error(status: int, code: str) -> Answer:
    return answering(status, {"code": code, "message": "internal words", "details": None, "hint": None})


def storage_error(status: int, error: str, **more: str) -> Answer:
    """As hosted Storage answers: nearly always with HTTP 400, and the status in the body."""
    return answering(400, {"statusCode": str(status), "error": error, "message": "internal words", **more})


PASSING: dict[str, Answer] = {
    "time-out": failing(httpx.ReadTimeout),
    "no time left in the pool": failing(httpx.PoolTimeout),
    "refused": failing(httpx.ConnectError),
    "cut off": failing(httpx.RemoteProtocolError),
    "HTML": answering(502, "<html>Bad gateway</html>"),
    "nothing": answering(503, ""),
    "JSON of a gateway": answering(503, {"message": "name resolution failed"}),
    "JSON of another kind": answering(500, ["sorry"]),
    "too many requests": answering(429, "slow down"),
    "HTML for a wrong path": answering(404, "<html>Not found</html>"),
}
PASSING_IN_DATABASE = {
    "PostgREST without database": database_error(503, "PGRST001"),
    "pool exhausted": database_error(504, "PGRST003"),
    "connection lost": database_error(503, "08006"),
    "too many connections": database_error(503, "53300"),
    "shutting down": database_error(503, "57P01"),
    "statement time-out": database_error(500, "57014"),
    "deadlock": database_error(500, "40P01"),
    "lock not available": database_error(500, "55P03"),
}
NOT_SET_UP = {
    "function": database_error(404, "PGRST202"),
    "table": database_error(404, "PGRST205"),
    "column": database_error(400, "PGRST204"),
    "table, in a function": database_error(404, "42P01"),
    "column, in a function": database_error(400, "42703"),
    "grant": database_error(403, "42501"),
}


@pytest.mark.parametrize(
    "answer", [*PASSING.values(), *PASSING_IN_DATABASE.values()], ids=[*PASSING, *PASSING_IN_DATABASE]
)
def test_a_database_that_does_not_answer_is_asked_once_more_and_then_unavailable(
    wire: Wire, repository: SupabaseRepository, answer: Answer
) -> None:
    wire.will_answer(answer)
    with pytest.raises(UpstreamUnavailableError) as caught:
        repository.get_training_file(FILE, None)

    assert len(wire.requests) == 2
    assert "internal" not in caught.value.message
    assert URL not in caught.value.message


@pytest.mark.parametrize("answer", NOT_SET_UP.values(), ids=NOT_SET_UP)
def test_what_is_missing_in_the_database_is_reported_at_once_with_the_cure(
    wire: Wire, repository: SupabaseRepository, answer: Answer
) -> None:
    wire.will_answer(answer)
    with pytest.raises(NotSetUpError, match="make migrate"):
        repository.abandon_revision(revision_id=FILE, error={})

    assert len(wire.requests) == 1


@pytest.mark.parametrize("code", ["PGRST301", "PGRST302", "PGRST303"])
def test_a_refused_server_key_is_reported_without_the_key(
    wire: Wire, repository: SupabaseRepository, code: str
) -> None:
    wire.will_answer(database_error(401, code))
    with pytest.raises(NotSetUpError, match="SUPABASE_SERVICE_ROLE_KEY") as caught:
        repository.get_training_file(FILE, None)

    assert KEY not in caught.value.message


REFUSED_CALLERS = {
    "database": ("/rest/v1/training_files", database_error(401, "PGRST303"), UnauthorizedError),
    "storage": ("/storage/v1/object/sign/training-files", storage_error(400, "InvalidJWT"), UnauthorizedError),
    "gateway": ("/rest/v1/training_files", answering(401, {"message": "Invalid API key"}), NotSetUpError),
}


@pytest.mark.parametrize(("path", "answer", "error"), REFUSED_CALLERS.values(), ids=REFUSED_CALLERS)
def test_a_refused_caller_is_no_refused_key(
    wire: Wire, path: str, answer: Answer, error: type[TrainingFilesError]
) -> None:
    wire.will_answer(answer)
    hooks: Any = {"response": [refuse_a_refused_caller]}
    with (
        httpx.Client(transport=httpx.MockTransport(wire.handle), event_hooks=hooks) as client,
        pytest.raises(error) as caught,
    ):
        client.get(URL + path)

    assert "SUPABASE_SERVICE_ROLE_KEY" not in str(caught.value)


def test_a_missing_grant_is_told_with_the_table_and_the_statement_that_mends_it(
    wire: Wire, repository: SupabaseRepository
) -> None:
    wire.will_answer(answering(403, {"code": "42501", "message": "permission denied for table conversations"}))
    with pytest.raises(NotSetUpError) as caught:
        repository.get_training_file(FILE, None)

    assert "permission denied for table conversations" in caught.value.message
    assert "grant select on public.conversations to service_role;" in caught.value.message
    assert "missing in the Supabase project" not in caught.value.message


GATEWAY_REFUSALS = {
    "gateway in JSON": answering(401, {"message": "Invalid API key", "hint": "Double check your API key."}),
    "gateway in HTML": answering(401, "<html>Unauthorized</html>"),
}


@pytest.mark.parametrize("answer", GATEWAY_REFUSALS.values(), ids=GATEWAY_REFUSALS)
def test_a_client_of_somebody_else_tells_of_a_refused_server_key_too(
    wire: Wire, http: httpx.Client, answer: Answer
) -> None:
    """As the README makes one. It stays as it is for its owner, who gets the error of the library."""
    wire.will_answer(answer)
    client = create_client(URL, KEY, ClientOptions(httpx_client=http))
    service = create_training_file_service(client)

    with pytest.raises(NotSetUpError, match="SUPABASE_SERVICE_ROLE_KEY"):
        service.get_training_file(FILE)

    with pytest.raises(APIError):
        client.table("of_somebody_else").select("*").execute()


def test_the_retries_of_somebody_elses_client_do_not_come_on_top_of_ours(wire: Wire, http: httpx.Client) -> None:
    service = create_training_file_service(create_client(URL, KEY, ClientOptions(httpx_client=http)))
    wire.will_answer(answering(503, ""))

    with pytest.raises(UpstreamUnavailableError):
        service.get_training_file(FILE)

    assert len(wire.requests) == ATTEMPTS


@pytest.mark.parametrize("path", ["/rest/v1/training_files", "/storage/v1/object/training-files/a"])
def test_a_gateway_that_refuses_the_server_key_is_no_outage(wire: Wire, path: str) -> None:
    wire.will_answer(answering(401, {"message": "Invalid API key", "hint": "Double check your API key."}))
    with (
        httpx.Client(
            transport=httpx.MockTransport(wire.handle), event_hooks={"response": [refuse_a_refused_key]}
        ) as client,
        pytest.raises(NotSetUpError, match="SUPABASE_SERVICE_ROLE_KEY"),
    ):
        client.get(URL + path)


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
def test_a_call_that_fails_once_succeeds(wire: Wire, repository: SupabaseRepository, answer: Answer) -> None:
    wire.will_answer(answer, answering(200, [{"position": 1, "conversation_id": str(FILE)}]))

    assert repository.list_conversation_ids(FILE, limit=1) == [(1, FILE)]


def test_a_call_whose_error_is_permanent_is_not_repeated(wire: Wire, repository: SupabaseRepository) -> None:
    wire.will_answer(database_error(409, "23505"))
    with pytest.raises(NameTakenError):
        repository.update_training_file(FILE, None, TrainingFileChanges(name="taken"))

    assert len(wire.requests) == 1


def test_ten_thousand_ids_make_one_request_with_a_short_url(wire: Wire, repository: SupabaseRepository) -> None:
    wire.will_answer(answering(200, {"conversations": []}))
    ids = [uuid4() for _ in range(10_000)]
    repository.resolve(ids=ids, owner=FILE, all_conversations=False)

    (request,) = wire.requests
    assert len(str(request.url)) < 200
    assert json.loads(request.content)["p_ids"] == [str(conversation_id) for conversation_id in ids]


def test_both_services_are_asked_with_the_server_key(
    wire: Wire, repository: SupabaseRepository, store: SupabaseObjectStore
) -> None:
    wire.will_answer(answering(200, []))
    repository.get_training_file(FILE, None)
    store.remove(["a"])

    assert [request.headers["apikey"] for request in wire.requests] == [KEY, KEY]
    assert [request.headers["authorization"] for request in wire.requests] == [f"Bearer {KEY}"] * 2


@pytest.mark.parametrize("cursor", ["", "x", "é", "bm90IGEgcG9zaXRpb24=", "Mg==", "\udcff"])
def test_a_cursor_that_is_not_ours_reaches_no_database(repository: SupabaseRepository, cursor: str) -> None:
    filters = ListTrainingFilesFilters.model_construct(cursor=cursor or "!", limit=1, status=None)

    with pytest.raises(RequestInvalidError, match="cursor"):
        repository.list_training_files(filters, None)


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
def test_a_storage_that_does_not_answer_is_asked_once_more_and_then_unavailable(
    wire: Wire, store: SupabaseObjectStore, answer: Answer
) -> None:
    wire.will_answer(answer)
    with pytest.raises(UpstreamUnavailableError):
        store.read("a/enriched.json")

    assert len(wire.requests) == 2


@pytest.mark.parametrize(
    "answer",
    [
        storage_error(404, "not_found"),
        storage_error(404, "NoSuchKey", code="NoSuchKey"),
        answering(404, {"statusCode": "404", "error": "NoSuchKey", "message": "Object not found"}),
    ],
)
@pytest.mark.parametrize(
    "call", [lambda store: store.read("a"), lambda store: store.signed_url("a", expires_in_seconds=1)]
)
def test_an_object_that_is_not_there_is_missing(
    wire: Wire, store: SupabaseObjectStore, answer: Answer, call: Callable[[SupabaseObjectStore], object]
) -> None:
    wire.will_answer(answer)
    with pytest.raises(ObjectMissingError):
        call(store)

    assert len(wire.requests) == 1


@pytest.mark.parametrize("path", ["../secret", "a/./b", "a/../b"])
def test_a_path_with_dot_segments_leads_nowhere(wire: Wire, store: SupabaseObjectStore, path: str) -> None:
    with pytest.raises(ObjectMissingError):
        store.read(path)

    assert wire.requests == []


@pytest.mark.parametrize("code", ["Bucket not found", "NoSuchBucket"])
def test_a_bucket_that_is_not_there_is_named_with_the_cure(wire: Wire, store: SupabaseObjectStore, code: str) -> None:
    wire.will_answer(storage_error(404, code))

    with pytest.raises(NotSetUpError, match=r"The bucket training-files is missing.*make migrate"):
        store.read("a")


def test_an_object_over_the_buckets_limit_is_answered_with_the_setting(wire: Wire, store: SupabaseObjectStore) -> None:
    wire.will_answer(storage_error(413, "Payload too large"))
    with pytest.raises(NotSetUpError, match="TRAINING_FILES_BUCKET_SIZE_LIMIT"):
        store.write("a", [BytesPart(b"1")], "application/json")

    assert len(wire.requests) == 1


def test_a_bucket_that_takes_other_types_is_told_with_those_it_has_to_take(
    wire: Wire, store: SupabaseObjectStore
) -> None:
    wire.will_answer(storage_error(415, "invalid_mime_type"))
    with pytest.raises(NotSetUpError, match="application/x-ndjson"):
        store.write("a", [BytesPart(b"1")], "application/json")


@pytest.mark.parametrize(
    ("status", "code"), [(403, "Unauthorized"), (423, "ResourceLocked"), (429, "SlowDown"), (544, "DatabaseTimeout")]
)
def test_any_other_refusal_of_the_storage_is_unavailable(
    wire: Wire, store: SupabaseObjectStore, status: int, code: str
) -> None:
    wire.will_answer(storage_error(status, code))

    with pytest.raises(UpstreamUnavailableError, match=str(status)):
        store.read("a")


STORED = b"0123456789"
SIGNED = answering(200, {"signedURL": "/object/sign/training-files/old?token=t"})


def part_of_stored(request: httpx.Request) -> httpx.Response:
    first, last = request.headers["range"].removeprefix("bytes=").split("-")
    return httpx.Response(206, content=STORED[int(first) : int(last) + 1])


def uploaded(wire: Wire) -> bytes:
    """The file of the multipart form that was sent last."""
    request = wire.requests[-1]
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    file = next(part for part in request.content.split(b"--" + boundary) if b'name="file"' in part)
    return file.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")


def parts(folder: Path) -> Sequence[BytesPart | LocalPart | StoredPart]:
    local = folder / "local"
    local.write_bytes(b"abcdefghij")
    return [BytesPart(b"<"), StoredPart("old", 2, 5), BytesPart(b"|"), LocalPart(local, 3, 6), BytesPart(b">")]


def test_neighbours_of_an_object_are_read_at_once(wire: Wire, store: SupabaseObjectStore) -> None:
    """As where every second conversation was removed: requests do not grow with the places of a change."""
    wire.will_answer(SIGNED, part_of_stored, answering(200, {"Key": "training-files/new"}))
    kept = [StoredPart("old", start, start + 1) for start in range(0, len(STORED), 2)]

    store.write("new", [piece for part in kept for piece in (part, BytesPart(b","))], "application/json")

    assert uploaded(wire) == b"0,2,4,6,8,"
    assert [request.method for request in wire.requests] == ["POST", "GET", "POST"]


def test_an_object_is_put_together_from_its_parts(wire: Wire, store: SupabaseObjectStore, tmp_path: Path) -> None:
    wire.will_answer(SIGNED, part_of_stored, answering(200, {"Key": "training-files/new"}))
    size = store.write("new", parts(tmp_path), "application/x-ndjson")

    assert uploaded(wire) == b"<234|def>"
    assert size == len(b"<234|def>")
    assert b"application/x-ndjson" in wire.requests[-1].content
    assert wire.requests[1].headers["range"] == "bytes=2-4"
    assert wire.requests[1].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "first_answer",
    [
        answering(200, STORED),
        answering(206, STORED[2:4]),
        answering(206, STORED),
        answering(416, ""),
        *PASSING.values(),
    ],
)
def test_a_wrong_part_is_asked_for_once_more_and_leaves_nothing_behind(
    wire: Wire, store: SupabaseObjectStore, tmp_path: Path, first_answer: Answer
) -> None:
    wire.will_answer(SIGNED, first_answer, part_of_stored, answering(200, {"Key": "training-files/new"}))
    store.write("new", parts(tmp_path), "application/json")

    assert uploaded(wire) == b"<234|def>"


@pytest.mark.parametrize("answer", [answering(200, STORED), answering(200, b"no!"), answering(206, STORED[2:4])])
def test_a_part_that_stays_wrong_is_never_written(
    wire: Wire, store: SupabaseObjectStore, tmp_path: Path, answer: Answer
) -> None:
    wire.will_answer(SIGNED, answer)
    with pytest.raises(UpstreamUnavailableError):
        store.write("new", parts(tmp_path), "application/json")

    assert [request.method for request in wire.requests] == ["POST", "GET", "GET"]


def test_an_upload_whose_answer_is_lost_is_repeated_whole(wire: Wire, store: SupabaseObjectStore) -> None:
    wire.will_answer(failing(httpx.ReadTimeout), answering(200, {"Key": "training-files/new"}))
    store.write("new", [BytesPart(b"all of it")], "application/json")

    assert uploaded(wire) == b"all of it"
    assert [request.headers["x-upsert"] for request in wire.requests] == ["true", "true"]


def test_a_link_names_the_file_that_it_is_saved_as(wire: Wire, store: SupabaseObjectStore) -> None:
    wire.will_answer(SIGNED)
    link = store.signed_url("old", expires_in_seconds=60, download_name="Grüße & mehr.json")

    assert httpx.URL(link).params["download"] == "Grüße & mehr.json"
    assert link.startswith(f"{URL}/storage/v1/object/sign/training-files/old?")
    assert json.loads(wire.requests[0].content)["expiresIn"] == "60"


class BrokenStream(httpx.SyncByteStream):
    """A body that breaks off behind its bytes."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content
        raise httpx.ReadError("the connection broke")


@pytest.mark.parametrize(("arrived", "asked_for"), [(0, ["2-8", "2-8"]), (4, ["2-8", "6-8"]), (7, ["2-8"])])
def test_a_download_that_breaks_off_goes_on_from_there(
    wire: Wire,
    store: SupabaseObjectStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arrived: int,
    asked_for: list[str],
) -> None:
    monkeypatch.setattr("training_files.adapters.supabase.object_store.CHUNK_BYTES", 1)
    broken = httpx.Response(206, stream=BrokenStream(STORED[2 : 2 + arrived]))
    wire.will_answer(SIGNED, lambda _: broken, part_of_stored)
    with (tmp_path / "target").open("w+b") as target:
        target.write(b"before ")
        store.download(StoredPart("old", 2, 9), target)

    assert (tmp_path / "target").read_bytes() == b"before 2345678"
    assert [request.headers["range"] for request in wire.requests[1:]] == [f"bytes={stretch}" for stretch in asked_for]


def test_a_download_that_breaks_off_twice_is_unavailable(
    wire: Wire, store: SupabaseObjectStore, tmp_path: Path
) -> None:
    wire.will_answer(SIGNED, lambda _: httpx.Response(206, stream=BrokenStream(b"")))
    with (tmp_path / "target").open("w+b") as target, pytest.raises(UpstreamUnavailableError):
        store.download(StoredPart("old", 2, 9), target)

    assert len(wire.requests) == 3


def test_several_links_are_signed_in_one_call_and_name_each_file(wire: Wire, store: SupabaseObjectStore) -> None:
    answer = [
        {"error": None, "path": path, "signedURL": f"/object/sign/training-files/{path}?token={path}"}
        for path in ("one", "two")
    ]
    wire.will_answer(answering(200, answer))

    links = store.signed_urls({"one": "Grüße & mehr.jsonl", "two": "b.zip"}, expires_in_seconds=60)

    assert {path: httpx.URL(link).params["download"] for path, link in links.items()} == {
        "one": "Grüße & mehr.jsonl",
        "two": "b.zip",
    }
    assert links["two"].startswith(f"{URL}/storage/v1/object/sign/training-files/two?token=two")
    assert len(wire.requests) == 1
