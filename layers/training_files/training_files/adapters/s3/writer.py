"""Writing an object over S3: small ones at once, others in parts, of which the storage copies what it has already."""

import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from training_files.adapters.s3.connection import OBJECT_MISSING, S3Connection, code_of
from training_files.adapters.s3.parts import CopiedPart, PartLimits, SentPart, UploadPart, upload_parts
from training_files.adapters.supabase.errors import unavailable
from training_files.adapters.supabase.reads import covers, stretches_to_read
from training_files.deadline import grace, with_same_deadline
from training_files.errors import TrainingFilesError
from training_files.ports.objects import BytesPart, LocalPart, Part, StoredPart

# While one part is on its way, the storage is putting another away. Each is in memory.
SENT_AT_ONCE = 2
# What the storage copies by itself is not: here, only the answers are waited for.
PARTS_AT_ONCE = 8
# The same as the REST store sets: objects of a revision never change.
CACHE_CONTROL = "max-age=31536000"

logger = logging.getLogger(__name__)


class S3Writer:
    """Writes the objects of one bucket."""

    def __init__(self, connection: S3Connection) -> None:
        self._connection = connection

    def write(self, path: str, parts: Sequence[Part], content_type: str) -> int:
        """As `ObjectStore.write`. What fails leaves no upload behind."""
        size = sum(part.size for part in parts)
        limits = PartLimits.for_object_of(size)
        upload = _Upload(self._connection, path, content_type)
        if size <= limits.smallest:
            upload.put(parts)
        else:
            with upload.aborted_unless_completed():
                upload.send(upload_parts(parts, limits))
                upload.complete(size)
        return size

    def close(self) -> None:
        self._connection.close()


class _Upload:
    """One object on its way."""

    def __init__(self, connection: S3Connection, path: str, content_type: str) -> None:
        self._connection = connection
        self._path = path
        self._target = {"Bucket": connection.bucket, "Key": path}
        self._kind = {"ContentType": content_type, "CacheControl": CACHE_CONTROL}
        self._etags: list[str] = []

    def put(self, pieces: Sequence[Part]) -> None:
        body = self._joined(pieces)
        self._connection.ask(lambda s3: s3.put_object(**self._target, **self._kind, Body=body))

    @contextmanager
    def aborted_unless_completed(self) -> Iterator[None]:
        """Begins a multipart upload. Parts that never become an object would take room until the storage sees it."""
        begun = self._connection.ask(lambda s3: s3.create_multipart_upload(**self._target, **self._kind))
        self._target["UploadId"] = begun["UploadId"]
        completed = False
        try:
            yield
            completed = True
        finally:
            if not completed:
                self._abort()

    def send(self, parts: Iterable[UploadPart]) -> None:
        """Stores the parts in their order, a few at once."""
        store = with_same_deadline(self._store)
        under_way: deque[tuple[UploadPart, Future[str]]] = deque()
        with ThreadPoolExecutor(PARTS_AT_ONCE) as executor:
            try:
                for number, part in enumerate(parts, start=1):
                    while not _has_room_for(part, [other for other, _ in under_way]):
                        self._etags.append(under_way.popleft()[1].result())
                    under_way.append((part, executor.submit(store, number, part)))
                while under_way:
                    self._etags.append(under_way.popleft()[1].result())
            finally:
                for _, future in under_way:
                    future.cancel()

    def complete(self, size: int) -> None:
        self._connection.ask_patiently(partial(self._complete, size))

    def _store(self, number: int, part: UploadPart) -> str:
        target = {**self._target, "PartNumber": number}
        if isinstance(part, CopiedPart):
            return self._copied(part.source, target)
        body = self._joined(part.pieces)
        sent = self._connection.ask(lambda s3: s3.upload_part(**target, Body=body))
        return str(sent["ETag"])

    def _copied(self, part: StoredPart, target: dict[str, Any]) -> str:
        source = {
            "CopySource": {"Bucket": self._connection.bucket, "Key": part.path},
            "CopySourceRange": _range(part),
        }
        copied = self._connection.ask_patiently(lambda s3: s3.upload_part_copy(**target, **source), source=part.path)
        return str(copied["CopyPartResult"]["ETag"])

    def _complete(self, size: int, s3: Any) -> None:
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(self._etags, start=1)]
        try:
            s3.complete_multipart_upload(**self._target, MultipartUpload={"Parts": parts})
        except ClientError as error:
            # Perhaps the upload is gone because it was completed, and only the answer was lost.
            if code_of(error) != "NoSuchUpload" or not self._is_stored(size, s3):
                raise

    def _is_stored(self, size: int, s3: Any) -> bool:
        try:
            head = s3.head_object(Bucket=self._connection.bucket, Key=self._path)
        except ClientError as error:
            if code_of(error) in OBJECT_MISSING:
                return False
            raise
        return bool(head["ContentLength"] == size)

    def _abort(self) -> None:
        """Logs a failure, because the fault that led here is the one to tell.

        Hosted Storage aborts by itself what is a day old: https://supabase.com/docs/guides/storage/uploads/s3-uploads
        """
        try:
            with grace():
                self._connection.ask(lambda s3: s3.abort_multipart_upload(**self._target))
        except TrainingFilesError as error:
            logger.warning("The upload of %s was not aborted: %s", self._path, error)

    def _joined(self, pieces: Sequence[Part]) -> bytes:
        read = {stretch: self._fetched(stretch) for stretch in stretches_to_read(pieces, holds_all=True)}
        return b"".join([_content(piece, read) for piece in pieces])

    def _fetched(self, part: StoredPart) -> bytes:
        wanted = {"Bucket": self._connection.bucket, "Key": part.path, "Range": _range(part)}

        def fetch(s3: Any) -> bytes:
            answer = s3.get_object(**wanted)
            with answer["Body"] as body:
                # More than was asked for may be more than memory holds.
                return _of_size(part.size, body.read() if answer["ContentLength"] == part.size else b"")

        return self._connection.ask(fetch, source=part.path)


def _has_room_for(part: UploadPart, under_way: Sequence[UploadPart]) -> bool:
    sent = sum(isinstance(other, SentPart) for other in under_way)
    return len(under_way) < PARTS_AT_ONCE and (isinstance(part, CopiedPart) or sent < SENT_AT_ONCE)


def _content(piece: Part, read: Mapping[StoredPart, bytes]) -> bytes | memoryview:
    match piece:
        case BytesPart(content):
            return content
        case LocalPart():
            return _of_size(piece.size, _read(piece))
        case StoredPart():
            return _cut_out(piece, read) if piece.size else b""


def _cut_out(piece: StoredPart, read: Mapping[StoredPart, bytes]) -> bytes | memoryview:
    """Without a copy, as most of what is read goes on whole."""
    if piece in read:
        return read[piece]
    stretch = next(stretch for stretch in read if covers(stretch, piece))
    return memoryview(read[stretch])[piece.start - stretch.start : piece.end - stretch.start]


def _range(part: StoredPart) -> str:
    return f"bytes={part.start}-{part.end - 1}"


def _read(part: LocalPart) -> bytes:
    with part.file.open("rb") as file:
        file.seek(part.start)
        return file.read(part.size)


def _of_size(size: int, content: bytes) -> bytes:
    if len(content) != size:
        raise unavailable("A piece of the new object has not the size that it should have")
    return content
