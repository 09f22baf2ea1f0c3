"""One bucket over Supabase Storage's S3 protocol: boto3's clients, with errors of ours.

https://supabase.com/docs/guides/storage/s3/compatibility
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, TypeVar

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError, ReadTimeoutError
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.parsers import ResponseParserError

from training_files.adapters.s3.access import S3Access
from training_files.adapters.supabase.errors import (
    bucket_too_small,
    call_with_retry,
    not_set_up,
    types_refused,
    unavailable,
)
from training_files.deadline import seconds_left
from training_files.errors import NotSetUpError
from training_files.ports.objects import ObjectMissingError

Result = TypeVar("Result")

# JSON and JSONL are written side by side, each with up to eight parts under way.
CONNECTIONS = 20
# Work inside the storage takes time but moves no bytes. It is given this many times as long as other answers; a
# gateway that waits 30 s is still told when it does not end.
PATIENCE = 3

# The codes of hosted Storage: https://supabase.com/docs/guides/storage/debugging/error-codes
# The answer to a HEAD has no body that could hold one; its code is the HTTP status.
OBJECT_MISSING = {"NoSuchKey", "404"}
TOO_LARGE = {"EntityTooLarge", "413"}
TYPES_REFUSED = {"InvalidMimeType", "415"}
KEYS_REFUSED = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSignature", "AccessDenied", "403"}


class S3Connection:
    """Safe to be used by many threads at once."""

    def __init__(self, access: S3Access, bucket: str) -> None:
        self.bucket = bucket
        self._access = access
        self._session = Session()
        self._clients: dict[float, Any] = {}
        self._lock = Lock()

    def ask(self, call: Callable[[Any], Result], *, source: str | None = None) -> Result:
        """Calls with a client, and once more when the storage did not answer.

        Raises UpstreamUnavailableError or NotSetUpError, and ObjectMissingError when there is no object at `source`.
        """

        def answer() -> Result:
            with _lateness_translated():
                return self._answer(self._client(patience=1), call, source)

        return call_with_retry(answer)

    def ask_patiently(self, call: Callable[[Any], Result], *, source: str | None = None) -> Result:
        """As `ask`, for work inside the storage; but what takes too long is not asked for a second time.

        The storage would do the same work twice at once, and count a copy twice towards the bucket's limit.
        """
        with _lateness_translated():
            return call_with_retry(lambda: self._answer(self._client(PATIENCE), call, source))

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def _client(self, patience: int) -> Any:
        """One that waits this many times as long as usual for an answer, or as long as there is time.

        A client's time-outs are set when it is made, so there is one for each of a few.
        """
        usual = self._access.timeout_seconds
        left = seconds_left()
        steps = [usual * times for times in range(patience, 0, -1)] + [usual / PATIENCE]
        seconds = next((step for step in steps if left is None or step <= left), steps[-1])
        # Making a client is not safe among threads.
        with self._lock:
            if seconds not in self._clients:
                self._clients[seconds] = _client(self._session, self._access, seconds)
            return self._clients[seconds]

    def _answer(self, s3: Any, call: Callable[[Any], Result], source: str | None) -> Result:
        try:
            return call(s3)
        except ReadTimeoutError:
            raise
        except ClientError as error:
            raise self._translated(code_of(error), source) from error
        except (NoConnectionError, HTTPClientError, IncompleteReadError) as error:
            raise unavailable("Supabase cannot be reached") from error
        except ResponseParserError as error:
            raise unavailable("The storage answered with something unreadable") from error

    def _translated(self, code: str, source: str | None) -> Exception:
        if code == "NoSuchBucket":
            return not_set_up(f"The bucket {self.bucket}")
        if code in OBJECT_MISSING and source is not None:
            return ObjectMissingError(source)
        if code in TOO_LARGE:
            return bucket_too_small(self.bucket)
        if code in TYPES_REFUSED:
            return types_refused(self.bucket)
        if code in KEYS_REFUSED:
            return _keys_refused()
        return unavailable(f"The storage answered {code}")


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _client(session: Session, access: S3Access, read_timeout: float) -> Any:
    config = Config(
        connect_timeout=min(access.timeout_seconds, read_timeout),
        read_timeout=read_timeout,
        # The adapters have one place that tries again.
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=CONNECTIONS,
        s3={"addressing_style": "path"},
        # The signature covers the bytes already; not every version of Storage understands the SDK's newer checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return session.client(
        "s3",
        endpoint_url=access.endpoint_url,
        region_name=access.region,
        aws_access_key_id=access.access_key_id,
        aws_secret_access_key=access.secret_access_key,
        config=config,
    )


def _keys_refused() -> NotSetUpError:
    return NotSetUpError(
        "The Supabase project refuses the S3 keys. Check SUPABASE_S3_ACCESS_KEY_ID, SUPABASE_S3_SECRET_ACCESS_KEY and "
        "SUPABASE_S3_REGION, and that the project's Storage settings allow the S3 protocol, then `make verify`."
    )


@contextmanager
def _lateness_translated() -> Iterator[None]:
    try:
        yield
    except ReadTimeoutError as error:
        raise unavailable("Supabase did not answer in time") from error
