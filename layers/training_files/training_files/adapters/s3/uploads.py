"""Multipart uploads that nobody completes any more, over Storage's S3 protocol."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any
from uuid import UUID

from botocore.exceptions import ClientError

from training_files.adapters.s3.access import S3Access
from training_files.adapters.s3.connection import S3Connection, code_of
from training_files.errors import NotSetUpError, UpstreamUnavailableError
from training_files.ports.uploads import AbortedUploads


class S3Uploads:
    """Implements `training_files.ports.uploads.Uploads` for one bucket.

    A process that is killed cannot abort what it began. Hosted Storage does so by itself, but only when it is a day
    old: https://supabase.com/docs/guides/storage/uploads/s3-uploads
    """

    def __init__(self, access: S3Access, bucket: str) -> None:
        self._access = access
        self._bucket = bucket

    def abort(self, revision_ids: Sequence[UUID]) -> AbortedUploads:
        folders = {str(revision_id): revision_id for revision_id in revision_ids}
        aborted = AbortedUploads()
        with closing(S3Connection(self._access, self._bucket)) as connection:
            # Few are under way at any time, so one list of all takes less than one for each folder.
            for upload in list(_begun(connection)):
                revision_id = folders.get(upload["Key"].partition("/")[0])
                if revision_id is None:
                    continue
                try:
                    _abort(connection, upload)
                    aborted.count += 1
                except (UpstreamUnavailableError, NotSetUpError) as error:
                    aborted.failures[revision_id] = error
        return aborted


def _begun(connection: S3Connection) -> Iterator[Mapping[str, Any]]:
    behind: dict[str, str] = {}
    while True:
        page = _page(connection, behind)
        yield from page.get("Uploads", [])
        if not page.get("IsTruncated"):
            return
        behind = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}


def _page(connection: S3Connection, behind: Mapping[str, str]) -> Mapping[str, Any]:
    page: Mapping[str, Any] = connection.ask(
        lambda s3: s3.list_multipart_uploads(Bucket=connection.bucket, **behind),
    )
    return page


def _abort(connection: S3Connection, upload: Mapping[str, Any]) -> None:
    target = {"Bucket": connection.bucket, "Key": upload["Key"], "UploadId": upload["UploadId"]}

    def abort(s3: Any) -> None:
        try:
            s3.abort_multipart_upload(**target)
        except ClientError as error:
            # It was completed or aborted since, perhaps by a first try whose answer was lost.
            if code_of(error) != "NoSuchUpload":
                raise

    connection.ask(abort)
