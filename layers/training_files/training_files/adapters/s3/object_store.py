"""The object store that writes over Supabase Storage's S3 protocol, and does all else over REST.

What is imported here is light: a process that writes no object never loads boto3.
"""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import IO, TYPE_CHECKING

from training_files.adapters.s3.access import S3Access
from training_files.ports.objects import ObjectStore, Part, StoredPart

if TYPE_CHECKING:
    from training_files.adapters.s3.writer import S3Writer


class S3ObjectStore:
    """Implements `training_files.ports.objects.ObjectStore` for one bucket, over the REST store of the same bucket.

    Stored parts are copied inside the storage. Memory holds a few parts, however large the object is.
    """

    def __init__(self, rest: ObjectStore, access: S3Access, bucket: str) -> None:
        self._rest = rest
        self._access = access
        self._bucket = bucket
        self._lock = Lock()
        self._made_writer: S3Writer | None = None

    def read(self, path: str) -> bytes:
        return self._rest.read(path)

    def download(self, part: StoredPart, target: IO[bytes]) -> None:
        self._rest.download(part, target)

    def write(self, path: str, parts: Sequence[Part], content_type: str) -> int:
        return self._writer().write(path, parts, content_type)

    def remove(self, paths: Sequence[str]) -> None:
        self._rest.remove(paths)

    def signed_url(self, path: str, *, expires_in_seconds: int, download_name: str | None = None) -> str:
        return self._rest.signed_url(path, expires_in_seconds=expires_in_seconds, download_name=download_name)

    def signed_urls(self, download_names: Mapping[str, str], *, expires_in_seconds: int) -> dict[str, str]:
        return self._rest.signed_urls(download_names, expires_in_seconds=expires_in_seconds)

    def close(self) -> None:
        """Closes the connections, where any were made."""
        if self._made_writer:
            self._made_writer.close()

    def _writer(self) -> "S3Writer":
        # Both files of a revision are written at the same time, and making a client is not safe among threads.
        with self._lock:
            if self._made_writer is None:
                from training_files.adapters.s3.connection import S3Connection
                from training_files.adapters.s3.writer import S3Writer

                self._made_writer = S3Writer(S3Connection(self._access, self._bucket))
            return self._made_writer
