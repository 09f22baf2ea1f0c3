"""Of an enriched file no more is taken than it may have, whatever the storage says about it."""

import gzip
from collections.abc import Iterator

import httpx
import pytest

from training_files.adapters.supabase.buckets import ask_for_no_compression, refuse_what_is_too_large
from training_files.adapters.supabase.connection import SupabaseConnection
from training_files.adapters.supabase.object_store import SupabaseObjectStore
from training_files.domain.limits import MAX_ENRICHED_FILE_BYTES
from training_files.errors import NotSetUpError
from training_files.ports.objects import ObjectTooLargeError

URL = "https://abcdefghijklmnop.supabase.co"
CHUNK = b" " * (1024 * 1024)


class Endless(httpx.SyncByteStream):
    """Bytes without end, and how many of them were taken."""

    def __init__(self) -> None:
        self.taken = 0
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.taken += len(CHUNK)
            yield CHUNK

    def close(self) -> None:
        self.is_closed = True


def read(answer: httpx.Response, *, bucket: str = "conversation-files") -> tuple[bytes, httpx.Request]:
    """What is read of an object that the storage answers so, and the request for it."""
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return answer

    hooks = {"request": [ask_for_no_compression], "response": [refuse_what_is_too_large]}
    with httpx.Client(transport=httpx.MockTransport(handle), event_hooks=hooks) as http:
        store = SupabaseObjectStore(SupabaseConnection(URL, "sb_secret_key", http).storage, bucket, http)
        return store.read("a/enriched.json"), requests[0]


def test_it_is_asked_for_as_it_is() -> None:
    content, request = read(httpx.Response(200, content=b"{}"))

    assert content == b"{}"
    assert request.headers["Accept-Encoding"] == "identity"


def test_one_as_large_as_may_be_is_read() -> None:
    content, _ = read(httpx.Response(200, content=b" " * MAX_ENRICHED_FILE_BYTES))

    assert len(content) == MAX_ENRICHED_FILE_BYTES


def test_one_whose_length_is_too_large_is_refused_before_its_bytes() -> None:
    endless = Endless()

    with pytest.raises(ObjectTooLargeError):
        read(httpx.Response(200, headers={"Content-Length": str(MAX_ENRICHED_FILE_BYTES + 1)}, stream=endless))

    assert endless.taken == 0
    assert endless.is_closed


def test_one_without_a_length_is_given_up_behind_the_limit() -> None:
    endless = Endless()

    with pytest.raises(ObjectTooLargeError):
        read(httpx.Response(200, stream=endless))

    assert endless.taken == MAX_ENRICHED_FILE_BYTES + len(CHUNK)
    assert endless.is_closed


def test_one_that_comes_compressed_all_the_same_is_a_fault_of_the_set_up() -> None:
    bomb = gzip.compress(b" " * (50 * len(CHUNK)))

    with pytest.raises(NotSetUpError, match="Switch the compression"):
        read(httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(bomb)))


def test_objects_of_the_other_bucket_may_be_larger() -> None:
    content, _ = read(httpx.Response(200, content=b" " * (MAX_ENRICHED_FILE_BYTES + 1)), bucket="training-files")

    assert len(content) > MAX_ENRICHED_FILE_BYTES
