"""Storage's REST API answers as hosted Storage does."""

from urllib.parse import quote

import httpx
import pytest
from storage3.exceptions import StorageApiError
from supabase import Client

from infra.local_supabase import LocalSupabase
from tests.integration.local_supabase.calls import signed_url

CONTENT = b"0123456789"


@pytest.fixture
def url(service: Client, bucket: str) -> str:
    """A signed URL of folder/file.txt."""
    service.storage.from_(bucket).upload("folder/file.txt", CONTENT, {"content-type": "text/plain"})
    return signed_url(service, bucket, "folder/file.txt")


def post_form(http: httpx.Client, service: Client, path: str, form: bytes) -> httpx.Response:
    headers = {**service.options.headers, "content-type": "multipart/form-data; boundary=b"}
    return http.post(f"/storage/v1/object/{path}", content=form, headers=headers)


def test_an_object_comes_back_as_it_was_sent(service: Client, bucket: str) -> None:
    files = service.storage.from_(bucket)
    content = bytes(range(256)) * 5000

    files.upload("a/b.bin", content, {"content-type": "application/x-test", "cache-control": "60"})

    info = files.info("a/b.bin")
    assert files.download("a/b.bin") == content
    assert info["metadata"]["size"] == len(content)
    assert info["metadata"]["mimetype"] == "application/x-test"
    assert info["metadata"]["cacheControl"] == "max-age=60"


def test_a_file_may_hold_what_looks_like_the_end_of_a_form(service: Client, bucket: str) -> None:
    files = service.storage.from_(bucket)
    content = b"\r\n--" + b"\r\n\r\n--boundary--\r\n-" * 50_000 + b"\r\n--"

    files.upload("f", content)

    assert files.download("f") == content


def test_a_form_may_put_fields_behind_the_file(http: httpx.Client, service: Client, bucket: str) -> None:
    form = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\nContent-Type: text/x-test\r\n\r\n'
        + CONTENT
        + b'\r\n--b\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{}\r\n--b--\r\n'
    )

    response = post_form(http, service, f"{bucket}/f", form)

    assert response.status_code == 200
    assert service.storage.from_(bucket).download("f") == CONTENT
    assert service.storage.from_(bucket).info("f")["metadata"]["mimetype"] == "text/x-test"


@pytest.mark.parametrize(
    "form",
    [
        b"",
        b"no form at all",
        b'--b\r\nContent-Disposition: form-data; name="cacheControl"\r\n\r\n60\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; name="cacheControl"\r\n\r\n' + b"6" * 100_000,
    ],
)
def test_a_form_without_a_file_is_refused(http: httpx.Client, service: Client, bucket: str, form: bytes) -> None:
    response = post_form(http, service, f"{bucket}/f", form)

    assert (response.status_code, response.json()["error"]) == (400, "InvalidRequest")


def test_a_form_that_ends_within_its_file_stores_nothing(http: httpx.Client, service: Client, bucket: str) -> None:
    form = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nhalf of'

    assert post_form(http, service, f"{bucket}/f", form).status_code >= 400
    assert not service.storage.from_(bucket).exists("f")


def test_a_file_over_the_limit_of_its_bucket_is_refused(service: Client) -> None:
    service.storage.create_bucket("small", options={"file_size_limit": 100_000})
    files = service.storage.from_("small")

    files.upload("f", bytes(100_000))
    with pytest.raises(StorageApiError) as refused:
        files.upload("g", bytes(100_001))

    assert str(refused.value.status) == "413"
    assert not files.exists("g")


def test_an_update_replaces_the_whole_content(service: Client, bucket: str) -> None:
    files = service.storage.from_(bucket)
    files.upload("file", b"the first, longer content")

    files.update("file", CONTENT)

    assert files.download("file") == CONTENT


def test_an_upload_does_not_replace_by_accident(service: Client, bucket: str) -> None:
    files = service.storage.from_(bucket)
    files.upload("file", CONTENT)

    with pytest.raises(StorageApiError):
        files.upload("file", b"other")

    assert files.download("file") == CONTENT


def test_a_signed_upload_stores_the_exact_content(service: Client, bucket: str) -> None:
    files = service.storage.from_(bucket)
    signed = files.create_signed_upload_url("signed/upload")

    files.upload_to_signed_url("signed/upload", signed["token"], CONTENT)

    assert files.download("signed/upload") == CONTENT


def test_a_signed_url_needs_no_key(http: httpx.Client, url: str) -> None:
    response = http.get(url)

    assert (response.status_code, response.content) == (200, CONTENT)
    assert response.headers["content-type"] == "text/plain"


def test_a_signed_url_can_name_the_download(service: Client, bucket: str, http: httpx.Client) -> None:
    files = service.storage.from_(bucket)
    files.upload("f", CONTENT)

    url = files.create_signed_url("f", 60, {"download": "Größe.json"})["signedURL"]

    assert http.get(str(url)).headers["content-disposition"] == (
        f"attachment; filename=\"Gr__e.json\"; filename*=UTF-8''{quote('Größe.json')}"
    )


def test_a_range_brings_only_its_bytes(http: httpx.Client, url: str) -> None:
    response = http.get(url, headers={"range": "bytes=2-4"})

    assert (response.status_code, response.content) == (206, b"234")
    assert response.headers["content-range"] == "bytes 2-4/10"


def test_a_range_may_count_from_the_end(http: httpx.Client, url: str) -> None:
    assert http.get(url, headers={"range": "bytes=-3"}).content == b"789"


def test_a_range_past_the_end_is_refused(http: httpx.Client, url: str) -> None:
    assert http.get(url, headers={"range": "bytes=10-"}).status_code == 416


def test_an_expired_signed_url_is_refused(service: Client, bucket: str, http: httpx.Client) -> None:
    service.storage.from_(bucket).upload("file", CONTENT)

    response = http.get(signed_url(service, bucket, "file", expires_in_seconds=-1))

    assert (response.status_code, response.json()["error"]) == (400, "InvalidJWT")


def test_a_changed_signed_url_is_refused(http: httpx.Client, url: str) -> None:
    address, token = url.split("token=")

    response = http.get(f"{address}token=x{token}")

    assert (response.status_code, response.json()["error"]) == (400, "InvalidJWT")


def test_a_signed_url_is_good_for_its_object_only(service: Client, bucket: str, http: httpx.Client, url: str) -> None:
    service.storage.from_(bucket).upload("folder/other.txt", b"other")

    assert http.get(url.replace("file.txt", "other.txt")).status_code == 400


def test_many_urls_are_signed_at_once_and_missing_objects_named(
    service: Client, bucket: str, http: httpx.Client
) -> None:
    files = service.storage.from_(bucket)
    files.upload("a b/u.txt", CONTENT)

    found, missing = files.create_signed_urls(["a b/u.txt", "none"], 60)

    assert http.get(str(found["signedURL"])).content == CONTENT
    assert (missing["path"], missing["signedURL"]) == ("none", None)
    assert missing["error"]


def test_a_list_shows_one_folder_with_folders_first(service: Client, bucket: str) -> None:
    files = service.storage.from_(bucket)
    for path in ["top.txt", "a_1/x.txt", "a_1/y.txt", "a_1/deeper/z.txt", "aX1/other.txt"]:
        files.upload(path, CONTENT)

    assert [entry["name"] for entry in files.list()] == ["aX1", "a_1", "top.txt"]
    assert [(entry["name"], entry["id"] is None) for entry in files.list("a_1")] == [
        ("deeper", True),
        ("x.txt", False),
        ("y.txt", False),
    ]


def test_a_list_can_be_paged_and_searched(service: Client, bucket: str) -> None:
    files = service.storage.from_(bucket)
    for path in ["f/a1", "f/a2", "f/b1"]:
        files.upload(path, CONTENT)

    assert [entry["name"] for entry in files.list("f", {"limit": 1, "offset": 1})] == ["a2"]
    assert [entry["name"] for entry in files.list("f", {"search": "b"})] == ["b1"]


def test_a_removed_object_is_gone(service: Client, bucket: str) -> None:
    files = service.storage.from_(bucket)
    files.upload("f/a", CONTENT)

    files.remove(["f/a"])

    assert not files.exists("f/a")
    assert files.list("f") == []


def test_objects_can_be_moved_and_copied(service: Client, bucket: str) -> None:
    files = service.storage.from_(bucket)
    files.upload("one", CONTENT)

    files.copy("one", "folder/two")
    files.move("one", "three")

    assert files.download("folder/two") == files.download("three") == CONTENT
    assert not files.exists("one")


def test_a_key_cannot_leave_its_bucket(http: httpx.Client, bucket: str, supabase_stack: LocalSupabase) -> None:
    url = f"/storage/v1/object/{bucket}/..%2F..%2Fescaped"
    headers = {"apikey": supabase_stack.secret_key, "authorization": f"Bearer {supabase_stack.secret_key}"}

    assert http.post(url, content=CONTENT, headers=headers).status_code == 400


def test_a_closed_bucket_is_closed_to_anon(anon: Client, service: Client, bucket: str) -> None:
    service.storage.from_(bucket).upload("file", CONTENT)

    with pytest.raises(StorageApiError):
        anon.storage.from_(bucket).download("file")


def test_buckets_can_be_looked_up(service: Client, bucket: str) -> None:
    assert service.storage.get_bucket(bucket).public is False
    assert bucket in [each.id for each in service.storage.list_buckets()]
