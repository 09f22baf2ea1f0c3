"""Every test of this folder runs with the fake and with each adapter, on the local Supabase and, for S3, on moto."""

from collections.abc import Iterator
from contextlib import closing

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
from tests.support.clock import Clock
from tests.support.fake_exports import InMemoryExports
from tests.support.fake_objects import InMemoryObjectStore
from tests.support.fake_repository import InMemoryRepository
from tests.support.repositories import SupabaseRepository
from tests.support.row_scores import any_score_allowed
from tests.support.s3 import BUCKET, access_to, access_to_moto, run_moto
from training_files.adapters.s3.object_store import S3ObjectStore
from training_files.adapters.supabase.connection import SupabaseConnection
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
    supabase: LocalSupabase, http: httpx.Client, real_service: TrainingFileService
) -> Iterator[SupabaseRepositorySubject]:
    with (
        supabase_client(supabase.url, supabase.secret_key) as client,
        psycopg.connect(supabase.database_url, autocommit=True) as database,
    ):
        connection = SupabaseConnection(supabase.url, supabase.secret_key, http)
        repository = SupabaseRepository(connection)
        yield SupabaseRepositorySubject(repository, client, database, real_service.context.exports)


@pytest.fixture(params=["fake", "supabase"])
def rows(request: pytest.FixtureRequest) -> RepositorySubject:
    if request.param == "fake":
        clock = Clock()
        repository = InMemoryRepository(clock)
        return FakeRepositorySubject(repository, clock, InMemoryExports(repository))
    subject: SupabaseRepositorySubject = request.getfixturevalue("supabase_repository")
    return subject


@pytest.fixture
def any_row_score(rows: RepositorySubject) -> Iterator[None]:
    """Lets rows have any quality score; the fake does so by itself."""
    if isinstance(rows, SupabaseRepositorySubject):
        with any_score_allowed(rows.database):
            yield
    else:
        yield


@pytest.fixture(scope="session")
def rest_objects(real_service: TrainingFileService, http: httpx.Client) -> SupabaseObjectStoreSubject:
    return SupabaseObjectStoreSubject(real_service.context.stores.training_files, http.get)


@pytest.fixture(scope="session")
def s3_objects(
    supabase: LocalSupabase, rest_objects: SupabaseObjectStoreSubject, http: httpx.Client
) -> Iterator[SupabaseObjectStoreSubject]:
    with closing(S3ObjectStore(rest_objects.store, access_to(supabase), BUCKET)) as store:
        yield SupabaseObjectStoreSubject(store, http.get, keeps_escapes=True)


@pytest.fixture(scope="session")
def moto_objects(http: httpx.Client) -> Iterator[SupabaseObjectStoreSubject]:
    with run_moto() as moto, closing(S3ObjectStore(moto, access_to_moto(moto.url), BUCKET)) as store:
        yield SupabaseObjectStoreSubject(store, http.get)


@pytest.fixture(params=["fake", "rest", "s3", "moto"])
def objects(request: pytest.FixtureRequest) -> ObjectStoreSubject:
    if request.param == "fake":
        clock = Clock()
        return FakeObjectStoreSubject(InMemoryObjectStore(clock), clock)
    subject: SupabaseObjectStoreSubject = request.getfixturevalue(f"{request.param}_objects")
    return subject
