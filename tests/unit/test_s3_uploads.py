"""What a lost worker was uploading in parts is aborted, page by page, and what others upload is left alone."""

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.s3 import BUCKET, access_to_moto
from training_files.adapters.s3_connection import S3Connection
from training_files.adapters.s3_uploads import S3Uploads
from training_files.errors import UpstreamUnavailableError

OVER, LASTING = uuid4(), uuid4()


class Storage:
    """Lists its uploads one a page."""

    def __init__(self, *revision_ids: UUID) -> None:
        self.uploads = {str(number): f"{one}/training.json" for number, one in enumerate(revision_ids)}

    def list_multipart_uploads(self, *, Bucket: str, KeyMarker: str = "", UploadIdMarker: str = "-1") -> Any:  # noqa: N803 - as boto3 names them
        assert Bucket == BUCKET
        assert self.uploads.get(UploadIdMarker, "") == KeyMarker
        behind = [upload_id for upload_id in self.uploads if int(upload_id) > int(UploadIdMarker)]
        first = behind[0]
        return {
            "Uploads": [{"Key": self.uploads[first], "UploadId": first}],
            "IsTruncated": len(behind) > 1,
            "NextKeyMarker": self.uploads[first],
            "NextUploadIdMarker": first,
        }

    def abort_multipart_upload(self, *, Bucket: str, Key: str, UploadId: str) -> None:  # noqa: N803 - as boto3 names them
        assert (Bucket, self.uploads.pop(UploadId)) == (BUCKET, Key)


@pytest.fixture
def uploads() -> S3Uploads:
    return S3Uploads(access_to_moto("http://127.0.0.1:9"), BUCKET)


def test_uploads_on_every_page_are_aborted(uploads: S3Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = Storage(LASTING, OVER, LASTING, OVER)
    monkeypatch.setattr(S3Connection, "ask", lambda _connection, call: call(storage))

    assert uploads.abort([OVER]) == 2

    assert set(storage.uploads.values()) == {f"{LASTING}/training.json"}


def test_what_is_not_aborted_now_is_left_to_the_storage(
    uploads: S3Uploads, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_connection: S3Connection, _call: Callable[[Any], Any]) -> None:
        raise UpstreamUnavailableError("The storage answered NotImplemented.")

    monkeypatch.setattr(S3Connection, "ask", fail)

    with caplog.at_level(logging.WARNING):
        assert uploads.abort([OVER]) == 0

    assert "NotImplemented" in caplog.text
