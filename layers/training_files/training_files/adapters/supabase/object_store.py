"""The object store over Supabase Storage's REST interface."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from tempfile import NamedTemporaryFile
from typing import IO, Protocol, TypeVar
from urllib.parse import quote

import httpx
from storage3._sync.file_api import SyncBucketProxy
from storage3.exceptions import StorageApiError

from training_files.adapters.supabase.errors import (
    bucket_too_small,
    call_with_retry,
    http_errors_translated,
    key_refused,
    not_set_up,
    types_refused,
    unavailable,
)
from training_files.adapters.supabase.reads import covers, stretches_to_read
from training_files.ports.objects import BytesPart, LocalPart, ObjectMissingError, Part, StoredPart

Result = TypeVar("Result")

CHUNK_BYTES = 1024 * 1024
OWN_READING_SECONDS = 300
# Hosted Storage signs 500 in one call.
SIGNED_AT_ONCE = 500
# The error names of hosted Storage, of older and newer versions:
# https://supabase.com/docs/guides/storage/debugging/error-codes
BUCKET_MISSING = {"Bucket not found", "NoSuchBucket"}
DOT_SEGMENTS = {".", ".."}
# What the client says when the answer was not Storage's own, but a gateway's before it.
UNREADABLE = "InternalError"


class Storage(Protocol):
    """The part of `supabase.Client.storage` that is used here."""

    def from_(self, bucket: str, /) -> SyncBucketProxy: ...


class SupabaseObjectStore:
    """Implements `training_files.ports.objects.ObjectStore` for one bucket.

    REST has no way to put an object together on the server, so `write` streams stored parts through a temporary
    file once.
    """

    def __init__(self, storage: Storage, bucket: str, http: httpx.Client) -> None:
        self._storage = storage
        self._bucket = bucket
        self._http = http

    def read(self, path: str) -> bytes:
        if not DOT_SEGMENTS.isdisjoint(path.split("/")):
            # No object can have such a path, and the client refuses it.
            raise ObjectMissingError(path)
        return self._call(path, lambda bucket: bucket.download(_for_client(path)))

    def download(self, part: StoredPart, target: IO[bytes]) -> None:
        url = self.signed_url(part.path, expires_in_seconds=OWN_READING_SECONDS)
        begin = target.tell()

        def go_on() -> None:
            # What arrived is kept: another try asks for the rest only.
            rest = replace(part, start=part.start + target.tell() - begin)
            if rest.size:
                self._fetch(url, rest, target)

        call_with_retry(go_on)

    def write(self, path: str, parts: Sequence[Part], content_type: str) -> int:
        with NamedTemporaryFile() as whole:
            for part in self._pieces(parts):
                self._append(part, whole)
            whole.flush()
            size = whole.tell()
            if size != sum(part.size for part in parts):
                raise unavailable(f"What was put together for {path} has not the size that it should have")
            # A second try writes the same bytes under a name that only this attempt knows.
            options = {"content-type": content_type, "upsert": "true", "cache-control": "31536000"}
            self._call(path, lambda bucket: bucket.upload(_for_client(path), whole.name, options))  # type: ignore[arg-type]
        return size

    def remove(self, paths: Sequence[str]) -> None:
        self._call("", lambda bucket: bucket.remove(list(paths)))

    def signed_url(self, path: str, *, expires_in_seconds: int, download_name: str | None = None) -> str:
        options = {"download": download_name} if download_name else {}
        signed = self._call(
            path,
            lambda bucket: bucket.create_signed_url(_for_client(path), expires_in_seconds, options),  # type: ignore[arg-type]
        )
        return str(signed["signedURL"])

    def signed_urls(self, download_names: Mapping[str, str], *, expires_in_seconds: int) -> dict[str, str]:
        if not download_names:
            return {}
        paths = list(download_names)
        urls: dict[str, str] = {}
        for start in range(0, len(paths), SIGNED_AT_ONCE):
            for path, url in self._signed(paths[start : start + SIGNED_AT_ONCE], expires_in_seconds):
                # The name is no part of what is signed; the client would give all of them the same one.
                urls[path] = str(httpx.URL(url).copy_add_param("download", download_names[path]))
        return urls

    def _signed(self, paths: list[str], expires_in_seconds: int) -> list[tuple[str, str]]:
        signed = self._call("", lambda bucket: bucket.create_signed_urls(paths, expires_in_seconds))
        return [(path, answer["signedURL"]) for path, answer in zip(paths, signed, strict=True) if answer["signedURL"]]

    def _pieces(self, parts: Sequence[Part]) -> Iterator[Part]:
        """The parts, of which those of stored objects that lie close together are read at once."""
        stretches = iter(stretches_to_read(parts))
        stretch, read = StoredPart("", 0, 0), b""
        for part in parts:
            if not isinstance(part, StoredPart) or not part.size:
                yield part
                continue
            if not covers(stretch, part):
                stretch = next(stretch for stretch in stretches if covers(stretch, part))
                read = b"" if stretch == part else self._read(stretch)
            yield BytesPart(read[part.start - stretch.start : part.end - stretch.start]) if read else part

    def _read(self, stretch: StoredPart) -> bytes:
        content = BytesIO()
        self.download(stretch, content)
        return content.getvalue()

    def _append(self, part: Part, whole: IO[bytes]) -> None:
        match part:
            case BytesPart(content):
                whole.write(content)
            case LocalPart(file, start, _):
                with file.open("rb") as source:
                    source.seek(start)
                    _copy(source, whole, part.size)
            case StoredPart():
                self.download(part, whole)

    def _fetch(self, url: str, part: StoredPart, target: IO[bytes]) -> None:
        # A part of a compressed object would be of no use.
        wanted = {"Range": f"bytes={part.start}-{part.end - 1}", "Accept-Encoding": "identity"}
        begin = target.tell()
        with http_errors_translated(), self._http.stream("GET", url, headers=wanted) as answer:
            if answer.status_code != httpx.codes.PARTIAL_CONTENT:
                raise unavailable(f"The storage answered {answer.status_code} to a part of {part.path}")
            for chunk in answer.iter_bytes(CHUNK_BYTES):
                target.write(chunk)
        arrived = target.tell() - begin
        if arrived > part.size:
            target.seek(begin)
            target.truncate()
        if arrived != part.size:
            raise unavailable(f"The storage gave {arrived} bytes instead of {part.size} of {part.path}")

    def _call(self, path: str, call: Callable[[SyncBucketProxy], Result]) -> Result:
        def translated() -> Result:
            with self._storage_errors_translated(path):
                return call(self._storage.from_(self._bucket))

        return call_with_retry(translated)

    @contextmanager
    def _storage_errors_translated(self, path: str) -> Iterator[None]:
        try:
            yield
        except StorageApiError as error:
            raise self._translated(error, path) from error
        except ValueError as error:
            raise unavailable("The storage answered with something unreadable") from error

    def _translated(self, error: StorageApiError, path: str) -> Exception:
        match str(error.status), error.code:
            case "404", code if code in BUCKET_MISSING:
                return not_set_up(f"The bucket {self._bucket}")
            case "404", code if code != UNREADABLE:
                return ObjectMissingError(path)
            case "413", _:
                return bucket_too_small(self._bucket)
            case "415", _:
                return types_refused(self._bucket)
            case "401", _:
                return key_refused()
            case status, _:
                return unavailable(f"The storage answered {status}")


def _for_client(path: str) -> str:
    """The client takes paths as they stand in URLs, but for those to remove: a `%` of the name has to be escaped."""
    return quote(path)


def _copy(source: IO[bytes], target: IO[bytes], size: int) -> None:
    while size > 0 and (chunk := source.read(min(size, CHUNK_BYTES))):
        target.write(chunk)
        size -= len(chunk)
