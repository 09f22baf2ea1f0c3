"""The objects of the two buckets, and what they are put together from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

# S3 would copy 5 GiB of an object at once, but the answer comes only when all is copied.
LARGEST_COPY_BYTES = 1024**3


@dataclass(frozen=True, slots=True)
class LocalPart:
    """A stretch of a file on this machine."""

    file: Path
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A stretch of an object in the same store."""

    path: str
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class BytesPart:
    """A few bytes made just now."""

    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)


Part = LocalPart | StoredPart | BytesPart


class ObjectStore(Protocol):
    """The objects of one bucket."""

    def read(self, path: str) -> bytes:
        """A whole object, for small ones. Raises ObjectMissingError or ObjectTooLargeError."""

    def download(self, part: StoredPart, target: IO[bytes]) -> None:
        """Appends a stretch of an object to a file, in chunks; once, it goes on where the connection broke.

        Raises ObjectMissingError.
        """

    def write(self, path: str, parts: Sequence[Part], content_type: str) -> int:
        """Writes an object put together from parts, holding no part in memory, and returns its size in bytes."""

    def remove(self, paths: Sequence[str]) -> None:
        """Removes objects; those that are not there are no fault."""

    def signed_url(self, path: str, *, expires_in_seconds: int, download_name: str | None = None) -> str:
        """A link that anyone may read the object with until it expires. Raises ObjectMissingError."""

    def signed_urls(self, download_names: Mapping[str, str], *, expires_in_seconds: int) -> dict[str, str]:
        """Links to several objects at once, by path, with the names to save them under. What is missing has none."""


class ObjectStores(Protocol):
    """The two buckets: conversations as the enrichment pipeline leaves them, and what is made of them."""

    @property
    def enriched_files(self) -> ObjectStore: ...

    @property
    def training_files(self) -> ObjectStore: ...

    @property
    def copies_inside(self) -> bool:
        """Whether `write` has stored parts of training files copied inside the storage, not moved through here."""


class ObjectMissingError(Exception):
    """There is no object at this path. The service says what that means; a caller never sees this class."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class ObjectTooLargeError(Exception):
    """The object is larger than anything that is read whole. As with a missing one, the service says what it means."""
