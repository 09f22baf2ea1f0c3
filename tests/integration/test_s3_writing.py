"""Writing in parts over the wire, against moto, which minds S3's rules; and what is left when it breaks off."""

import logging
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local_supabase import LocalSupabase
from tests.support.fault_proxy import FaultProxy, run_fault_proxy
from tests.support.s3 import BUCKET, MotoStorage, access_to, access_to_moto, run_moto
from training_files.adapters.s3 import parts as s3_parts
from training_files.adapters.s3.object_store import S3ObjectStore
from training_files.adapters.s3.parts import MEBIBYTE
from training_files.adapters.s3.writer import SENT_AT_ONCE
from training_files.adapters.supabase.connection import SupabaseConnection
from training_files.adapters.supabase.object_store import SupabaseObjectStore
from training_files.adapters.supabase.reads import LARGEST_READ_BYTES
from training_files.errors import UpstreamUnavailableError
from training_files.ports.objects import BytesPart, LocalPart, ObjectMissingError, Part, StoredPart

JSON = "application/json"
CONTENT = bytes(range(241)) * 60_000  # 14.46 MB: two parts
LARGE_BYTES = 48 * MEBIBYTE
PARTS_IN_MEMORY = 3
TIMEOUT_SECONDS = 0.4


@pytest.fixture(scope="module")
def moto() -> Iterator[MotoStorage]:
    with run_moto() as running:
        yield running


@pytest.fixture(scope="module")
def module_proxy(moto: MotoStorage) -> Iterator[FaultProxy]:
    with run_fault_proxy(moto.url) as running:
        yield running


@pytest.fixture
def proxy(module_proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> FaultProxy:
    monkeypatch.setattr("training_files.adapters.supabase.errors.PAUSE_SECONDS", 0)
    module_proxy.reset()
    return module_proxy


@pytest.fixture(scope="module")
def module_store(moto: MotoStorage, module_proxy: FaultProxy) -> Iterator[S3ObjectStore]:
    with closing(S3ObjectStore(moto, access_to_moto(module_proxy.url), BUCKET)) as store:
        yield store


@pytest.fixture
def store(module_store: S3ObjectStore, proxy: FaultProxy) -> S3ObjectStore:  # noqa: ARG001 - without earlier faults
    return module_store


@pytest.fixture(scope="module")
def module_local_proxy(supabase: LocalSupabase) -> Iterator[FaultProxy]:
    with run_fault_proxy(supabase.url) as running:
        yield running


@pytest.fixture
def local_proxy(module_local_proxy: FaultProxy) -> FaultProxy:
    module_local_proxy.reset()
    return module_local_proxy


@pytest.fixture(scope="module")
def local_storage(
    supabase: LocalSupabase, module_local_proxy: FaultProxy, http: httpx.Client
) -> Iterator[S3ObjectStore]:
    """Writes to the local Supabase, which is another process and refuses more than moto does."""
    connection = SupabaseConnection(supabase.url, supabase.secret_key, http)
    rest = SupabaseObjectStore(connection.storage, BUCKET, http)
    with closing(S3ObjectStore(rest, access_to(supabase, url=module_local_proxy.url), BUCKET)) as store:
        yield store


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10) as client:
        yield client


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("local") / "local"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def path() -> str:
    return f"{uuid4()}/training.json"


@pytest.fixture
def base(store: S3ObjectStore) -> str:
    """An object with CONTENT."""
    store.write(path := f"{uuid4()}/base.json", [BytesPart(CONTENT)], JSON)
    return path


# --- parts ---

stretches = st.tuples(st.integers(0, 3_000), st.integers(0, 3_000)).map(sorted)


@given(data=st.data())
@settings(max_examples=6, deadline=None)
def test_any_parts_are_taken_and_become_one_object(
    module_store: S3ObjectStore, moto: MotoStorage, local: Path, data: st.DataObject
) -> None:
    """With S3's limits made small, so that many parts are few bytes."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 256)
        monkeypatch.setattr(s3_parts, "SMALLEST_PART_BYTES", 256)
        monkeypatch.setattr(s3_parts, "USUAL_PART_BYTES", 400)
        monkeypatch.setattr(s3_parts, "LARGEST_COPY_BYTES", 1_500)
        module_store.write("base", [LocalPart(local, 0, 3_000)], JSON)
        kinds: list[st.SearchStrategy[Part]] = [
            st.binary(max_size=500).map(BytesPart),
            stretches.map(lambda stretch: LocalPart(local, *stretch)),
            stretches.map(lambda stretch: StoredPart("base", *stretch)),
        ]
        parts = data.draw(st.lists(st.one_of(kinds), max_size=6))
        whole = b"".join(p.content if isinstance(p, BytesPart) else CONTENT[p.start : p.end] for p in parts)

        assert module_store.write("whole", parts, JSON) == len(whole)
        assert moto.read("whole") == whole
        assert "whole" not in moto.uploads()


def test_an_object_of_many_parts_is_written_again_with_the_same_effect(
    store: S3ObjectStore, moto: MotoStorage, base: str, local: Path, path: str
) -> None:
    for _ in range(2):
        store.write(path, [StoredPart(base, 0, len(CONTENT)), LocalPart(local, 0, len(CONTENT))], JSON)

    assert moto.read(path) == CONTENT * 2
    assert path not in moto.uploads()


def test_an_empty_part_adds_nothing(local_storage: S3ObjectStore, local: Path, path: str) -> None:
    local_storage.write(base := f"{uuid4()}/base.json", [BytesPart(b"0123")], JSON)

    local_storage.write(path, [BytesPart(b""), StoredPart(base, 2, 2), LocalPart(local, 5, 5), BytesPart(b"{}")], JSON)

    assert local_storage.read(path) == b"{}"


def test_a_small_object_takes_one_request(store: S3ObjectStore, proxy: FaultProxy, path: str) -> None:
    store.write(path, [BytesPart(b"{"), BytesPart(bytes(5 * MEBIBYTE - 1))], JSON)

    assert proxy.requests == [f"PUT /{BUCKET}/{path}"]


def test_pieces_that_lie_close_to_each_other_are_read_by_one_request(
    store: S3ObjectStore, proxy: FaultProxy, moto: MotoStorage, base: str, local: Path, path: str
) -> None:
    proxy.reset()
    parts = [StoredPart(base, 5, 900), LocalPart(local, 0, 3), StoredPart(base, 1_000, 1_700), StoredPart(base, 7, 9)]

    store.write(path, parts, JSON)

    assert moto.read(path) == CONTENT[5:900] + CONTENT[:3] + CONTENT[1_000:1_700] + CONTENT[7:9]
    assert proxy.requests == [*[f"GET /{BUCKET}/{base}"] * 2, f"PUT /{BUCKET}/{path}"]


def test_the_short_end_of_an_object_is_copied(
    store: S3ObjectStore, proxy: FaultProxy, moto: MotoStorage, base: str, path: str
) -> None:
    proxy.reset()
    end = len(CONTENT)

    store.write(path, [StoredPart(base, 0, end - 2_000), StoredPart(base, end - 1_000, end)], JSON)

    assert moto.read(path) == CONTENT[: end - 2_000] + CONTENT[end - 1_000 :]
    assert [request.split()[0] for request in proxy.requests] == ["POST", "PUT", "PUT", "POST"]


def test_memory_holds_a_few_parts(local_storage: S3ObjectStore, tmp_path: Path, path: str) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(LARGE_BYTES)
    local_storage.write(path, [BytesPart(b"{}")], JSON)

    tracemalloc.start()
    try:
        local_storage.write(path, [LocalPart(large, 0, LARGE_BYTES)], JSON)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < PARTS_IN_MEMORY * s3_parts.USUAL_PART_BYTES


def test_memory_holds_what_is_read_for_a_few_parts(local_storage: S3ObjectStore, tmp_path: Path, path: str) -> None:
    """Each part is in memory as it was read, with what lies between its pieces, and as it is sent."""
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(LARGE_BYTES)
    local_storage.write(base := f"{uuid4()}/base.json", [LocalPart(large, 0, LARGE_BYTES)], JSON)
    step, gap = 3 * MEBIBYTE, MEBIBYTE // 2
    parts: list[Part] = [StoredPart(base, start + gap, start + step) for start in range(0, LARGE_BYTES, step)]

    tracemalloc.start()
    try:
        local_storage.write(path, parts, JSON)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    # The client joins what it reads out of chunks.
    most_of_a_part = 2 * LARGEST_READ_BYTES
    assert peak_bytes < SENT_AT_ONCE * most_of_a_part + s3_parts.USUAL_PART_BYTES


# --- what breaks ---


def test_a_single_fault_of_every_request_is_not_noticed(
    store: S3ObjectStore, proxy: FaultProxy, moto: MotoStorage, base: str, local: Path, path: str
) -> None:
    parts = [BytesPart(b"<"), StoredPart(base, 0, len(CONTENT)), LocalPart(local, 0, len(CONTENT))]
    for fault in (proxy.fail, proxy.drop, proxy.drop_answer):
        for asked in ("?uploads", "/base.json", "partNumber=1", "partNumber=2", "partNumber=3"):
            fault(path_contains=asked)
        fault(path_contains="?uploadId=", method="POST")

        store.write(path, parts, JSON)

        assert moto.read(path) == b"<" + CONTENT * 2
        proxy.reset()


@pytest.mark.parametrize(
    "breaks",
    [
        lambda proxy: proxy.fail(path_contains="partNumber=2", times=None),
        lambda proxy: proxy.drop(path_contains="partNumber=1", times=None),
        lambda proxy: proxy.fail(path_contains="?uploadId=", method="POST", times=None),
    ],
    ids=["a copy", "a part", "the end"],
)
def test_an_upload_that_fails_is_aborted(
    store: S3ObjectStore, proxy: FaultProxy, moto: MotoStorage, base: str, path: str, breaks: Callable[..., None]
) -> None:
    breaks(proxy)

    with pytest.raises(UpstreamUnavailableError):
        store.write(path, [BytesPart(b"<"), StoredPart(base, 0, len(CONTENT))], JSON)

    assert path not in moto.uploads()
    with pytest.raises(ObjectMissingError):
        moto.read(path)


def test_a_source_that_is_missing_or_too_short_leaves_no_upload(
    store: S3ObjectStore, moto: MotoStorage, base: str, local: Path, path: str
) -> None:
    wrong: list[tuple[Part, type[Exception]]] = [
        (StoredPart("gone", 0, 6 * MEBIBYTE), ObjectMissingError),
        (StoredPart("gone", 0, 10), ObjectMissingError),
        (StoredPart(base, len(CONTENT) - 2, len(CONTENT) + 1), UpstreamUnavailableError),
        (LocalPart(local, 0, len(CONTENT) + 1), UpstreamUnavailableError),
        (LocalPart(local.parent / "gone", 0, 10), FileNotFoundError),
    ]
    for part, error in wrong:
        with pytest.raises(error):
            store.write(path, [BytesPart(CONTENT), part, BytesPart(b"}")], JSON)

        assert path not in moto.uploads()
        with pytest.raises(ObjectMissingError):
            moto.read(path)


def test_a_copy_of_more_than_there_is_is_refused(local_storage: S3ObjectStore, path: str) -> None:
    """By the local Storage as by the hosted one; moto would copy less."""
    local_storage.write(base := f"{uuid4()}/base.json", [BytesPart(CONTENT)], JSON)

    with pytest.raises(UpstreamUnavailableError):
        local_storage.write(path, [StoredPart(base, 0, len(CONTENT) + 1)], JSON)


def test_an_abort_that_fails_too_is_logged_and_hides_nothing(
    store: S3ObjectStore, proxy: FaultProxy, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    proxy.fail(method="DELETE", times=None)

    with caplog.at_level(logging.WARNING), pytest.raises(ObjectMissingError, match="gone"):
        store.write(path, [StoredPart("gone", 0, 6 * MEBIBYTE)], JSON)

    assert f"The upload of {path} was not aborted" in caplog.text


def test_an_end_whose_answer_is_lost_is_seen_to_have_come(
    local_storage: S3ObjectStore, local_proxy: FaultProxy, path: str
) -> None:
    local_proxy.drop_answer(path_contains="?uploadId=", method="POST")

    local_storage.write(path, [BytesPart(CONTENT)], JSON)

    assert local_storage.read(path) == CONTENT
    assert local_proxy.requests[-1].startswith("HEAD")


def test_an_upload_that_is_gone_without_an_object_has_failed(
    local_storage: S3ObjectStore, local_proxy: FaultProxy, path: str
) -> None:
    local_proxy.drop_answer(path_contains="?uploadId=", method="POST")
    local_proxy.before(path, lambda: local_storage.remove([path]), method="HEAD")

    with pytest.raises(UpstreamUnavailableError):
        local_storage.write(path, [BytesPart(CONTENT)], JSON)


def test_a_part_that_fails_is_the_last_but_for_those_under_way(
    store: S3ObjectStore, proxy: FaultProxy, local: Path, path: str
) -> None:
    proxy.fail(path_contains="partNumber=1", times=None)

    with pytest.raises(UpstreamUnavailableError):
        store.write(path, [LocalPart(local, 0, len(CONTENT))] * 3, JSON)

    tries_of_the_first = 2
    assert sum(request.startswith("PUT") for request in proxy.requests) <= tries_of_the_first + SENT_AT_ONCE


def test_a_copy_that_hangs_is_asked_for_once_and_given_up(
    moto: MotoStorage, proxy: FaultProxy, base: str, path: str
) -> None:
    proxy.hang(path_contains="partNumber=1", times=None)

    with (
        closing(S3ObjectStore(moto, access_to_moto(proxy.url, timeout_seconds=TIMEOUT_SECONDS), BUCKET)) as store,
        pytest.raises(UpstreamUnavailableError, match="in time"),
    ):
        store.write(path, [StoredPart(base, 0, len(CONTENT))], JSON)

    assert path not in moto.uploads()
    assert sum(request.startswith("PUT") and path in request for request in proxy.requests) == 1
