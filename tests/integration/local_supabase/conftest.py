"""One local Supabase for all tests of this folder, and the real clients that talk to it."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from supabase import Client, ClientOptions, create_client

from infra.local_supabase import LocalSupabase, run_local_supabase, temporary_data_folder

SQL = Path(__file__).parent / "sql"

# The stack speaks plain HTTP, and loading the system's certificates would take most of a client's start.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture(scope="session")
def supabase_stack() -> Iterator[LocalSupabase]:
    with temporary_data_folder() as data, run_local_supabase(data, sql=SQL) as stack:
        yield stack


@pytest.fixture(scope="session")
def http(supabase_stack: LocalSupabase) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=supabase_stack.url, verify=NO_CERTIFICATES) as client:
        yield client


@pytest.fixture(scope="session")
def client_with(supabase_stack: LocalSupabase) -> Iterator[Callable[[str], Client]]:
    """Makes clients; each gets an HTTP client of its own, because signing in changes its headers."""
    opened: list[httpx.Client] = []

    def make(key: str) -> Client:
        opened.append(httpx.Client(verify=NO_CERTIFICATES))
        return create_client(supabase_stack.url, key, ClientOptions(httpx_client=opened[-1]))

    yield make
    for client in opened:
        client.close()


@pytest.fixture(scope="session")
def service(client_with: Callable[[str], Client], supabase_stack: LocalSupabase) -> Client:
    return client_with(supabase_stack.secret_key)


@pytest.fixture
def anon(client_with: Callable[[str], Client], supabase_stack: LocalSupabase) -> Client:
    return client_with(supabase_stack.publishable_key)


@pytest.fixture
def bucket(service: Client) -> str:
    """The name of a new, private bucket."""
    name = f"bucket-{uuid4()}"
    service.storage.create_bucket(name)
    return name
