"""Multipart uploads that nobody completes any more, over Storage's S3 protocol."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any
from uuid import UUID

from training_files.adapters.s3_connection import S3Connection
from training_files.adapters.s3_object_store import S3Access
from training_files.errors import TrainingFilesError

logger = logging.getLogger(__name__)


class S3Uploads:
    """Implements `training_files.housekeeping.Uploads` for one bucket.

    A process that is killed cannot abort what it began. Hosted Storage does so by itself when it is a day old, which is
    why a failure is logged and no more: https://supabase.com/docs/guides/storage/uploads/s3-uploads
    """

    def __init__(self, access: S3Access, bucket: str) -> None:
        self._access = access
        self._bucket = bucket

    def abort(self, revision_ids: Sequence[UUID]) -> int:
        folders = set(map(str, revision_ids))
        try:
            with closing(S3Connection(self._access, self._bucket)) as connection:
                # Few are under way at any time, so one list of all takes less than one for each folder.
                begun = [upload for upload in _begun(connection) if upload["Key"].partition("/")[0] in folders]
                for upload in begun:
                    _abort(connection, upload)
                return len(begun)
        except TrainingFilesError as error:
            logger.warning("Uploads were not aborted: %s", error.message)
            return 0


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
    connection.ask(lambda s3: s3.abort_multipart_upload(**target))
