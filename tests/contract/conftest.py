"""Every test of this folder runs twice: with the fake, and with the adapter on the local Supabase."""

from collections.abc import Iterator

import httpx
import psycopg
import pytest

from infra.clients import supabase_client
from infra.local_supabase import LocalSupabase
from tests.contract.subjects import (
    FakeObjectStoreSubject,
    FakeRepositorySubject,
    ObjectStoreSubject,
    RepositorySubject,
    SupabaseObjectStoreSubject,
    SupabaseRepositorySubject,
)
from tests.support.fakes import Clock, InMemoryObjectStore, InMemoryRepository
from training_files.adapters.supabase_connection import SupabaseConnection
from training_files.bootstrap import create_training_file_service
from training_files.service import TrainingFileService


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10) as client:
        yield client


@pytest.fixture(scope="session")
def real_service(supabase: LocalSupabase, http: httpx.Client) -> TrainingFileService:
    return create_training_file_service(SupabaseConnection(supabase.url, supabase.secret_key, http), http=http)


@pytest.fixture(scope="session")
def supabase_repository(
    supabase: LocalSupabase, real_service: TrainingFileService
) -> Iterator[SupabaseRepositorySubject]:
    with (
        supabase_client(supabase.url, supabase.secret_key) as client,
        psycopg.connect(supabase.database_url, autocommit=True) as database,
    ):
        yield SupabaseRepositorySubject(real_service.repository, client, database)


@pytest.fixture(params=["fake", "supabase"])
def rows(request: pytest.FixtureRequest) -> RepositorySubject:
    if request.param == "fake":
        clock = Clock()
        return FakeRepositorySubject(InMemoryRepository(clock), clock)
    subject: SupabaseRepositorySubject = request.getfixturevalue("supabase_repository")
    return subject


@pytest.fixture(params=["fake", "supabase"])
def objects(request: pytest.FixtureRequest) -> ObjectStoreSubject:
    if request.param == "fake":
        clock = Clock()
        return FakeObjectStoreSubject(InMemoryObjectStore(clock), clock)
    service: TrainingFileService = request.getfixturevalue("real_service")
    client: httpx.Client = request.getfixturevalue("http")
    return SupabaseObjectStoreSubject(service.stores.training_files, client.get)
