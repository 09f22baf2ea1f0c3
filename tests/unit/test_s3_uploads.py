"""What a lost worker was uploading in parts is aborted, page by page, and what others upload is left alone."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from botocore.exceptions import ClientError

from tests.support.s3 import BUCKET, access_to_moto
from training_files.adapters.s3.connection import S3Connection
from training_files.adapters.s3.uploads import S3Uploads
from training_files.adapters.supabase import errors as supabase_errors
from training_files.errors import UpstreamUnavailableError

OVER, LASTING = uuid4(), uuid4()


class Storage:
    """Lists its uploads one a page."""

    def __init__(self, *revision_ids: UUID) -> None:
        self.uploads = {str(number): f"{one}/training.json" for number, one in enumerate(revision_ids)}
        self.refuses: dict[str, str] = {}

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
        if UploadId in self.refuses:
            raise ClientError({"Error": {"Code": self.refuses[UploadId]}}, "AbortMultipartUpload")
        assert (Bucket, self.uploads.pop(UploadId)) == (BUCKET, Key)


@pytest.fixture
def uploads() -> S3Uploads:
    return S3Uploads(access_to_moto("http://127.0.0.1:9"), BUCKET)


def reach(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a pause before a second try."""
    monkeypatch.setattr(S3Connection, "_client", lambda _connection, patience: storage)  # noqa: ARG005 - as it is called
    monkeypatch.setattr(supabase_errors, "PAUSE_SECONDS", 0)


def test_uploads_on_every_page_are_aborted(uploads: S3Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = Storage(LASTING, OVER, LASTING, OVER)
    reach(storage, monkeypatch)

    assert uploads.abort([OVER]).count == 2

    assert set(storage.uploads.values()) == {f"{LASTING}/training.json"}


def test_an_upload_that_is_gone_already_is_done(uploads: S3Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = Storage(OVER, OVER)
    storage.refuses = {"0": "NoSuchUpload"}
    reach(storage, monkeypatch)

    aborted = uploads.abort([OVER])

    assert (aborted.count, aborted.failures) == (2, {})
    assert storage.uploads.keys() == {"0"}


def test_an_upload_that_cannot_be_aborted_does_not_stop_the_others(
    uploads: S3Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = uuid4()
    storage = Storage(OVER, other, OVER)
    storage.refuses = {"0": "InternalError"}
    reach(storage, monkeypatch)

    aborted = uploads.abort([OVER, other])

    assert (aborted.count, aborted.failures.keys()) == (2, {OVER})
    assert storage.uploads.keys() == {"0"}


def test_uploads_that_cannot_be_listed_are_not_taken_for_none(
    uploads: S3Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_connection: S3Connection, _call: Callable[[Any], Any]) -> None:
        raise UpstreamUnavailableError("The storage answered NotImplemented.")

    monkeypatch.setattr(S3Connection, "ask", fail)

    with pytest.raises(UpstreamUnavailableError, match="NotImplemented"):
        uploads.abort([OVER])
