"""What goes wrong over S3 becomes an error of ours, and is tried again where that may help."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, NoReturn

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from botocore.parsers import ResponseParserError

from training_files.adapters.s3.access import S3Access
from training_files.adapters.s3.connection import S3Connection
from training_files.errors import NotSetUpError, UpstreamUnavailableError
from training_files.ports.objects import ObjectMissingError

URL = "https://abcdefghijklmnop.supabase.co/storage/v1/s3"
ACCESS = S3Access(URL, "the-access-key", "the-secret-key", "eu-central-1", timeout_seconds=5)
LATE = ReadTimeoutError(endpoint_url=URL)
PASSING = [
    LATE,
    ConnectTimeoutError(endpoint_url=URL),
    EndpointConnectionError(endpoint_url=URL),
    ConnectionClosedError(endpoint_url=URL),
    ResponseStreamingError(error="cut off"),
    IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ResponseParserError("internal words"),
    *(ClientError({"Error": {"Code": code}}, "PutObject") for code in ("500", "SlowDown", "InvalidRange", "404")),
    ClientError({}, "PutObject"),
]


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training_files.adapters.supabase.errors.PAUSE_SECONDS", 0)


@pytest.fixture(scope="module")
def connection() -> Iterator[S3Connection]:
    with closing(S3Connection(ACCESS, "training-files")) as connection:
        yield connection


class Call:
    """Fails with each of the errors in turn, and then succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.clients: list[Any] = []

    def __call__(self, s3: Any) -> str:
        self.clients.append(s3)
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def refused(code: str) -> Callable[[Any], NoReturn]:
    def refuse(_: Any) -> NoReturn:
        raise ClientError({"Error": {"Code": code, "Message": "internal words"}}, "UploadPartCopy")

    return refuse


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_what_fails_once_is_not_noticed(connection: S3Connection, error: Exception) -> None:
    assert connection.ask(Call(error)) == "done"


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_what_fails_twice_is_unavailable(connection: S3Connection, error: Exception) -> None:
    with pytest.raises(UpstreamUnavailableError) as caught:
        connection.ask(call := Call(error, error, error))

    assert len(call.clients) == 2
    assert "internal" not in caught.value.message
    assert URL not in caught.value.message


def test_work_inside_the_storage_is_waited_for_longer_but_only_once(connection: S3Connection) -> None:
    with pytest.raises(UpstreamUnavailableError, match="in time"):
        connection.ask_patiently(late := Call(LATE))
    connection.ask(other := Call())

    assert [client.meta.config.read_timeout for client in (*late.clients, *other.clients)] == [15, 5]


@pytest.mark.parametrize("error", PASSING[1:], ids=lambda error: type(error).__name__)
def test_work_inside_the_storage_that_fails_at_once_is_tried_again(connection: S3Connection, error: Exception) -> None:
    assert connection.ask_patiently(Call(error)) == "done"


def test_a_client_waits_no_longer_than_its_settings_say_and_leaves_trying_again_to_us(connection: S3Connection) -> None:
    connection.ask(call := Call())
    (client,) = call.clients

    assert client.meta.endpoint_url == URL
    assert client.meta.config.connect_timeout == 5
    assert client.meta.config.retries["total_max_attempts"] == 1


def test_a_missing_source_is_reported_with_its_path(connection: S3Connection) -> None:
    with pytest.raises(ObjectMissingError, match=r"^old/training\.json$"):
        connection.ask(refused("NoSuchKey"), source="old/training.json")


def test_a_missing_bucket_is_named_with_the_cure(connection: S3Connection) -> None:
    with pytest.raises(NotSetUpError, match=r"The bucket training-files is missing.*make migrate"):
        connection.ask(refused("NoSuchBucket"))


def test_an_object_over_the_buckets_limit_is_answered_with_the_setting(connection: S3Connection) -> None:
    with pytest.raises(NotSetUpError, match="TRAINING_FILES_BUCKET_SIZE_LIMIT"):
        connection.ask(refused("EntityTooLarge"))
    with pytest.raises(NotSetUpError, match="application/x-ndjson"):
        connection.ask(refused("InvalidMimeType"))


@pytest.mark.parametrize("code", ["InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "403"])
def test_refused_keys_are_named_and_not_shown(connection: S3Connection, code: str) -> None:
    with pytest.raises(NotSetUpError, match=r"SUPABASE_S3_ACCESS_KEY_ID.*SUPABASE_S3_REGION") as caught:
        connection.ask(refused(code))

    assert "the-" not in caught.value.message


def test_a_mistake_of_ours_is_not_taken_for_the_storages(connection: S3Connection) -> None:
    with pytest.raises(ValueError, match="ours"):
        connection.ask(Call(ValueError("ours")))


def test_the_keys_are_never_shown() -> None:
    assert "key" not in repr(ACCESS)
