"""The two buckets in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO, Any
from urllib.parse import quote, unquote

from tests.support.clock import Clock
from training_files.ports.objects import BytesPart, LocalPart, ObjectMissingError, Part, StoredPart


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A row of `storage.objects`."""

    bytes: int
    written_at: datetime


class InMemoryObjectStore:
    """Implements `training_files.ports.objects.ObjectStore`. What exists may only be written again as it is."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.objects: dict[str, bytes] = {}
        self._written_at: dict[str, datetime] = {}

    def put(self, path: str, content: bytes) -> None:
        """What others write, over what was there."""
        self.objects[path] = content
        self._written_at[path] = self.clock.now()

    def row(self, path: str) -> StoredObject | None:
        if path not in self.objects:
            return None
        # What a test has laid there was always there.
        return StoredObject(len(self.objects[path]), self._written_at.get(path, datetime.min.replace(tzinfo=UTC)))

    def read(self, path: str) -> bytes:
        if path not in self.objects:
            raise ObjectMissingError(path)
        return self.objects[path]

    def download(self, part: StoredPart, target: IO[bytes]) -> None:
        target.write(self._bytes_of(part))

    def write(self, path: str, parts: Sequence[Part], content_type: str) -> int:  # noqa: ARG002
        content = self.put_together(parts)
        assert self.objects.get(path, content) == content, f"{path} would be overwritten"
        self.objects[path] = content
        return len(content)

    def remove(self, paths: Sequence[str]) -> None:
        for path in paths:
            self.objects.pop(path, None)

    def signed_url(self, path: str, *, expires_in_seconds: int, download_name: str | None = None) -> str:
        self.read(path)
        expires_at = self.clock.now() + timedelta(seconds=expires_in_seconds)
        return "|".join(["memory", quote(path), expires_at.isoformat(), quote(download_name or "")])

    def signed_urls(self, download_names: Mapping[str, str], *, expires_in_seconds: int) -> dict[str, str]:
        return {
            path: self.signed_url(path, expires_in_seconds=expires_in_seconds, download_name=name)
            for path, name in download_names.items()
            if path in self.objects
        }

    def open(self, url: str) -> tuple[bytes, str] | None:
        """What a browser gets for a signed URL: the bytes and the name to save them under; None once it expired."""
        _, path, expires_at, download_name = url.split("|")
        if self.clock.now() >= datetime.fromisoformat(expires_at):
            return None
        return self.read(unquote(path)), unquote(download_name)

    def put_together(self, parts: Sequence[Part]) -> bytes:
        return b"".join(map(self._bytes_of, parts))

    def _bytes_of(self, part: Part) -> bytes:
        match part:
            case BytesPart(content):
                return content
            case LocalPart(file, start, end):
                return file.read_bytes()[start:end]
            case StoredPart(path, start, end):
                return self.read(path)[start:end]


@dataclass(slots=True)
class InMemoryStores:
    """Implements `training_files.ports.objects.ObjectStores`."""

    enriched_files: Any
    training_files: Any
    copies_inside: bool = False
