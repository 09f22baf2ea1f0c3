"""Storage's S3 protocol, used through boto3, works on the same objects as the REST API."""

import hashlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from supabase import Client

from infra.local_supabase import LocalSupabase

MIB = 2**20
PART = bytes(range(256)) * (5 * MIB // 256)


def s3_client(stack: LocalSupabase, access_key: str, checksums: str = "when_supported") -> Any:
    config = Config(
        s3={"addressing_style": "path"},
        request_checksum_calculation=checksums,
        response_checksum_validation=checksums,
        retries={"total_max_attempts": 1},
    )
    return boto3.client(
        "s3",
        endpoint_url=f"{stack.url}/storage/v1/s3",
        region_name="local",
        aws_access_key_id=access_key,
        aws_secret_access_key=stack.s3_secret_key,
        config=config,
    )


@pytest.fixture(scope="session", params=["when_supported", "when_required"])
def s3(request: pytest.FixtureRequest, supabase_stack: LocalSupabase) -> Iterator[Any]:
    client = s3_client(supabase_stack, supabase_stack.s3_access_key, request.param)
    yield client
    client.close()


def start_upload(s3: Any, bucket: str, key: str) -> dict[str, str]:
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key, ContentType="application/x-test")
    return {"Bucket": bucket, "Key": key, "UploadId": upload["UploadId"]}


def complete(s3: Any, upload: dict[str, str], etags: list[str]) -> Any:
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, start=1)]
    return s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})


def error_code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response["Error"]["Code"])


def test_an_object_put_by_s3_is_seen_by_rest(s3: Any, service: Client, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a/b.txt", Body=b"by S3", ContentType="text/plain")

    files = service.storage.from_(bucket)
    assert files.download("a/b.txt") == b"by S3"
    assert files.info("a/b.txt")["metadata"]["mimetype"] == "text/plain"
    assert [entry["name"] for entry in files.list("a")] == ["b.txt"]


def test_an_object_put_by_rest_is_seen_by_s3(s3: Any, service: Client, bucket: str) -> None:
    service.storage.from_(bucket).upload("a/b.txt", b"by REST", {"content-type": "text/plain"})

    whole = s3.get_object(Bucket=bucket, Key="a/b.txt")
    part = s3.get_object(Bucket=bucket, Key="a/b.txt", Range="bytes=3-")

    assert (whole["Body"].read(), whole["ContentType"]) == (b"by REST", "text/plain")
    assert (part["Body"].read(), part["ContentRange"]) == (b"REST", "bytes 3-6/7")
    assert s3.head_object(Bucket=bucket, Key="a/b.txt")["ContentLength"] == 7


def test_a_copied_part_stays_as_it_was_copied(s3: Any, bucket: str) -> None:
    """Though its source is written anew, and then removed, before the upload is completed."""
    s3.put_object(Bucket=bucket, Key="old", Body=b"head" + PART)
    upload = start_upload(s3, bucket, "new")
    source = {"Bucket": bucket, "Key": "old"}
    wanted = {"CopySource": source, "CopySourceRange": f"bytes=4-{len(PART) + 3}"}
    copied = s3.upload_part_copy(**upload, PartNumber=1, **wanted)["CopyPartResult"]["ETag"]

    s3.put_object(Bucket=bucket, Key="old", Body=PART[::-1])
    s3.delete_object(**source)
    complete(s3, upload, [copied])

    assert s3.get_object(Bucket=bucket, Key="new")["Body"].read() == PART


def test_a_multipart_upload_joins_copied_ranges_and_new_parts(s3: Any, service: Client, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="old", Body=b"head" + PART + b"tail")
    upload = start_upload(s3, bucket, "new")
    source = {"Bucket": bucket, "Key": "old"}

    copied = s3.upload_part_copy(**upload, PartNumber=1, CopySource=source, CopySourceRange=f"bytes=4-{len(PART) + 3}")[
        "CopyPartResult"
    ]["ETag"]
    sent = s3.upload_part(**upload, PartNumber=2, Body=PART[::-1])["ETag"]
    whole = s3.upload_part_copy(**upload, PartNumber=3, CopySource=source)["CopyPartResult"]["ETag"]
    done = complete(s3, upload, [copied, sent, whole])

    expected = PART + PART[::-1] + b"head" + PART + b"tail"
    tags = [tag.strip('"') for tag in (copied, sent, whole)]
    assert tags[1] == hashlib.md5(PART[::-1]).hexdigest()  # noqa: S324
    sum_of_tags = hashlib.md5(b"".join(map(bytes.fromhex, tags)))  # noqa: S324
    assert done["ETag"] == f'"{sum_of_tags.hexdigest()}-3"'
    assert service.storage.from_(bucket).download("new") == expected
    assert s3.head_object(Bucket=bucket, Key="new")["ContentType"] == "application/x-test"


def test_an_unfinished_upload_lists_its_parts_and_is_no_object(s3: Any, bucket: str) -> None:
    upload = start_upload(s3, bucket, "new")
    s3.upload_part(**upload, PartNumber=2, Body=b"second")
    s3.upload_part(**upload, PartNumber=1, Body=b"replaced")
    s3.upload_part(**upload, PartNumber=1, Body=b"first")

    parts = s3.list_parts(**upload)["Parts"]

    assert [(part["PartNumber"], part["Size"]) for part in parts] == [(1, 5), (2, 6)]
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_an_aborted_upload_is_gone(s3: Any, bucket: str) -> None:
    upload = start_upload(s3, bucket, "new")
    s3.upload_part(**upload, PartNumber=1, Body=b"part")

    s3.abort_multipart_upload(**upload)

    with pytest.raises(ClientError) as caught:
        s3.list_parts(**upload)
    assert error_code(caught) == "NoSuchUpload"


def test_uploads_are_listed_until_they_are_completed_or_aborted(s3: Any, bucket: str) -> None:
    aborted, completed, left = (start_upload(s3, bucket, f"folder/{name}") for name in ("a", "b & c", "d"))
    etag = s3.upload_part(**completed, PartNumber=1, Body=b"whole")["ETag"]
    listed = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert {(one["Key"], one["UploadId"]) for one in listed} == {
        (upload["Key"], upload["UploadId"]) for upload in (aborted, completed, left)
    }

    s3.abort_multipart_upload(**aborted)
    complete(s3, completed, [etag])

    assert [one["Key"] for one in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["folder/d"]


def test_a_small_part_before_the_last_is_refused(s3: Any, bucket: str) -> None:
    upload = start_upload(s3, bucket, "new")
    etags = [s3.upload_part(**upload, PartNumber=n, Body=b"small")["ETag"] for n in (1, 2)]

    with pytest.raises(ClientError) as caught:
        complete(s3, upload, etags)

    assert error_code(caught) == "EntityTooSmall"


def test_a_part_that_was_not_sent_is_refused(s3: Any, bucket: str) -> None:
    upload = start_upload(s3, bucket, "new")
    s3.upload_part(**upload, PartNumber=1, Body=b"part")

    with pytest.raises(ClientError) as caught:
        complete(s3, upload, ['"00000000000000000000000000000000"'])

    assert error_code(caught) == "InvalidPart"


def test_a_range_past_the_sources_end_is_refused(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="old", Body=b"0123")
    upload = start_upload(s3, bucket, "new")

    with pytest.raises(ClientError) as caught:
        s3.upload_part_copy(
            **upload,
            PartNumber=1,
            CopySource={"Bucket": bucket, "Key": "old"},
            CopySourceRange="bytes=2-4",
        )

    assert error_code(caught) == "InvalidArgument"


def test_the_transfer_manager_uploads_in_parts(s3: Any, bucket: str) -> None:
    content = PART * 2 + b"end"

    s3.upload_fileobj(BytesIO(content), bucket, "big")

    received = BytesIO()
    s3.download_fileobj(bucket, "big", received)
    assert received.getvalue() == content


def test_an_object_can_be_copied_with_its_type(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="one ü", Body=b"x", ContentType="text/plain")

    s3.copy_object(Bucket=bucket, Key="two", CopySource={"Bucket": bucket, "Key": "one ü"})

    copy = s3.get_object(Bucket=bucket, Key="two")
    assert (copy["Body"].read(), copy["ContentType"]) == (b"x", "text/plain")


def test_deleted_objects_are_gone_for_rest_too(s3: Any, service: Client, bucket: str) -> None:
    for key in ["one", "two & three", "four"]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")

    s3.delete_object(Bucket=bucket, Key="one")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "two & three"}, {"Key": "never was"}]})

    assert [entry["name"] for entry in service.storage.from_(bucket).list()] == ["four"]


def test_a_list_can_be_folded_and_paged(s3: Any, bucket: str) -> None:
    for key in ["a/1", "a/2", "b", "c d/+3", "e"]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")

    pages = list(
        s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 2})
    )

    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    folders = [item["Prefix"] for page in pages for item in page.get("CommonPrefixes", [])]
    assert (keys, folders) == (["b", "e"], ["a/", "c d/"])


def test_a_presigned_url_needs_no_key(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="file", Body=b"content")

    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "file"}, ExpiresIn=60)

    assert httpx.get(url).content == b"content"


def test_an_unknown_key_bucket_or_object_is_refused(s3: Any, bucket: str, supabase_stack: LocalSupabase) -> None:
    stranger = s3_client(supabase_stack, "unknown")
    with pytest.raises(ClientError) as unknown_key:
        stranger.get_object(Bucket=bucket, Key="file")
    stranger.close()
    with pytest.raises(ClientError) as unknown_object:
        s3.get_object(Bucket=bucket, Key="file")
    with pytest.raises(ClientError) as unknown_bucket:
        s3.put_object(Bucket="unknown", Key="file", Body=b"x")

    codes = [error_code(caught) for caught in (unknown_key, unknown_object, unknown_bucket)]
    assert codes == ["InvalidAccessKeyId", "NoSuchKey", "NoSuchBucket"]


def test_a_buckets_size_limit_holds(s3: Any, service: Client, bucket: str) -> None:
    service.storage.update_bucket(bucket, {"public": False, "file_size_limit": 10})

    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=bucket, Key="file", Body=b"eleven byte")

    assert error_code(caught) == "EntityTooLarge"
