"""S3 for tests: the local Storage's, and moto's, which is stricter about uploads and can list them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import IO, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from infra.local_supabase import LocalSupabase
from infra.stack import S3_REGION
from training_files.adapters.s3.access import S3Access
from training_files.ports.objects import ObjectMissingError, Part, StoredPart

BUCKET = "training-files"
TIMEOUT_SECONDS = 10


def access_to(supabase: LocalSupabase, *, url: str | None = None) -> S3Access:
    """The keys of a local Supabase, there or behind another address."""
    endpoint = f"{url or supabase.url}/storage/v1/s3"
    return S3Access(endpoint, supabase.s3_access_key, supabase.s3_secret_key, S3_REGION, TIMEOUT_SECONDS)


def access_to_moto(url: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> S3Access:
    return S3Access(url, "testing", "testing", "us-east-1", timeout_seconds)


@contextmanager
def s3_client_of(supabase: LocalSupabase) -> Iterator[Any]:
    """A client for the S3 protocol of a local Supabase."""
    access = access_to(supabase)
    client = boto3.client(
        "s3",
        endpoint_url=access.endpoint_url,
        region_name=access.region,
        aws_access_key_id=access.access_key_id,
        aws_secret_access_key=access.secret_access_key,
        config=Config(s3={"addressing_style": "path"}),
    )
    with closing(client):
        yield client


@contextmanager
def run_moto() -> Iterator["MotoStorage"]:
    """A server with the bucket, on a free loopback port."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield from _storage(f"http://{host}:{port}")
    finally:
        server.stop()


def _storage(url: str) -> Iterator["MotoStorage"]:
    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(s3={"addressing_style": "path"}),
    )
    try:
        client.create_bucket(Bucket=BUCKET)
        yield MotoStorage(url, client)
    finally:
        client.close()


class MotoStorage:
    """Looks at what was written, and stands in for the REST side of the store: moto has none."""

    def __init__(self, url: str, client: Any) -> None:
        self.url = url
        self._client = client

    def read(self, path: str) -> bytes:
        try:
            content: bytes = self._client.get_object(Bucket=BUCKET, Key=path)["Body"].read()
        except ClientError as error:
            raise ObjectMissingError(path) from error
        return content

    def write(self, path: str, parts: Sequence[Part], content_type: str) -> int:
        raise NotImplementedError

    def remove(self, paths: Sequence[str]) -> None:
        for path in paths:
            self._client.delete_object(Bucket=BUCKET, Key=path)

    def signed_url(self, path: str, *, expires_in_seconds: int, download_name: str | None = None) -> str:  # noqa: ARG002
        pytest.skip("links are made by REST, which moto has not")

    def download(self, part: StoredPart, target: IO[bytes]) -> None:  # noqa: ARG002
        pytest.skip("downloads are REST's, which moto has not")

    def signed_urls(self, download_names: Mapping[str, str], *, expires_in_seconds: int) -> dict[str, str]:  # noqa: ARG002
        pytest.skip("links are made by REST, which moto has not")

    def uploads(self) -> list[str]:
        """The paths with an upload that is neither completed nor aborted."""
        return [upload["Key"] for upload in self._client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])]
