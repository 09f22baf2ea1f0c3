"""moto's AWS services in a process of their own: moto keeps one state a process, which tests of other code reset."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.local_api.cloudformation import ACCOUNT_ID
from infra.local_queue.errors import LocalQueueError
from infra.local_queue.events import REGION

# moto asks for a key, and takes any.
KEY = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}

_PROGRAM = Path(__file__).with_name("server_process.py")


@contextmanager
def run_server(recording: Path | None = None, *, lambda_port: int | None = None) -> Iterator[str]:
    """The URL of the server, on a free loopback port while the context lasts.

    Args:
        recording: the file that every request is added to, one JSON object a line.
        lambda_port: where on this machine the tasks of state machines find Lambda; without it, none is executed.
    """
    environment = {**os.environ, "MOTO_ACCOUNT_ID": ACCOUNT_ID}
    if lambda_port is not None:
        environment |= {"MOTO_PORT": str(lambda_port)}
    if recording is not None:
        environment |= {"MOTO_ENABLE_RECORDING": "true", "MOTO_RECORDER_FILEPATH": str(recording)}
    # A session of its own: an interrupt from the terminal is for the parent, which ends it.
    with subprocess.Popen(
        [sys.executable, "-P", str(_PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield _url_of(process)
        finally:
            # It holds nothing that would have to be saved.
            process.kill()


@contextmanager
def aws_client(service: str, endpoint_url: str, *, access_key_id: str = KEY["AWS_ACCESS_KEY_ID"]) -> Iterator[Any]:
    """A boto3 client for a service of the server."""
    client = boto3.client(
        service,
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=KEY["AWS_SECRET_ACCESS_KEY"],
        config=Config(max_pool_connections=50),
    )
    try:
        yield client
    finally:
        client.close()


def _url_of(process: "subprocess.Popen[str]") -> str:
    url = process.stdout.readline().strip() if process.stdout else ""
    if not url:
        raise LocalQueueError("The local queues did not start; standard error says why.")
    return url
