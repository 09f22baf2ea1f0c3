"""A local Supabase with room for large files, and what a build over S3 costs over the wire."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import httpx
import psycopg

from infra.clients import supabase_client
from infra.local_supabase import LocalSupabase
from tests.support.builders import a_conversation_row, a_pair, an_enriched_file
from tests.support.fault_proxy import FaultProxy, run_fault_proxy
from tests.support.s3 import access_to
from training_files.adapters.s3.parts import MEBIBYTE
from training_files.adapters.supabase.connection import SupabaseConnection
from training_files.bootstrap import create_training_file_service
from training_files.service import TrainingFileService

if TYPE_CHECKING:
    from storage3.types import FileOptions

# Of a large conversation. Only the trainable part is in the JSONL.
TRAINABLE_BYTES, OTHER_BYTES = 2 * MEBIBYTE, 5 * MEBIBYTE
BUCKET_SIZE_LIMIT = 200 * MEBIBYTE
# The requests to the database, and what S3 wraps around its answers.
BYTES_BESIDE = 50_000


@dataclass(frozen=True)
class Cost:
    """What went over the wire."""

    requests: Counter[str]
    bytes_up: int
    bytes_down: int


@dataclass
class Surroundings:
    """Conversations are made when they are asked for."""

    supabase: LocalSupabase
    http: httpx.Client
    proxy: FaultProxy
    owner: UUID

    @property
    def service(self) -> TrainingFileService:
        return self._service_at(self.supabase.url)

    def cost_of(self, act: Callable[[TrainingFileService], object]) -> Cost:
        self.proxy.reset()
        act(self._service_at(self.proxy.url))
        exchanges = self.proxy.exchanges
        return Cost(
            Counter(exchange.method for exchange in exchanges),
            sum(exchange.bytes_up for exchange in exchanges),
            sum(exchange.bytes_down for exchange in exchanges),
        )

    def large_conversations(self, count: int) -> tuple[UUID, ...]:
        return self._conversations(count, "large", "x" * TRAINABLE_BYTES, "x" * OTHER_BYTES)

    def small_conversations(self, count: int) -> tuple[UUID, ...]:
        return self._conversations(count, "small", "x" * 10_000)

    def enrich_small_conversations_again(self) -> None:
        """All that were ever made: they share a file, which gets other words of the same size."""
        self._enrich("small", "y" * 10_000)

    def _service_at(self, url: str) -> TrainingFileService:
        connection = SupabaseConnection(url, self.supabase.secret_key, self.http)
        return create_training_file_service(connection, http=self.http, s3=access_to(self.supabase, url=url))

    def _conversations(self, count: int, size: str, trainable: str, other: str = "") -> tuple[UUID, ...]:
        path = self._enrich(size, trainable, other)
        rows = [a_conversation_row(enriched_file_path=path, created_by=str(self.owner)) for _ in range(count)]
        with supabase_client(self.supabase.url, self.supabase.secret_key) as client:
            client.table("conversations").insert(rows).execute()
        return tuple(UUID(row["conversation_id"]) for row in rows)

    def _enrich(self, size: str, trainable: str, other: str = "") -> str:
        path = f"{self.owner}/{size}/enriched.json"
        pairs = [a_pair(1, current_user_input=trainable), a_pair(2, current_user_input=other, target_response=None)]
        content = json.dumps(an_enriched_file(*pairs)).encode()
        options: FileOptions = {"content-type": "application/json", "upsert": "true"}
        with supabase_client(self.supabase.url, self.supabase.secret_key) as client:
            client.storage.from_("conversation-files").upload(path, content, options)
        return path


@contextmanager
def run_cost_surroundings(supabase: LocalSupabase) -> Iterator[Surroundings]:
    """Files of the bucket may be large while the context lasts."""
    owner = uuid4()
    limit = "update storage.buckets set file_size_limit = %s where id = 'training-files' returning file_size_limit"
    with (
        psycopg.connect(supabase.database_url, autocommit=True) as database,
        httpx.Client(timeout=30) as http,
        run_fault_proxy(supabase.url) as proxy,
    ):
        usual = database.execute("select file_size_limit from storage.buckets where id = 'training-files'").fetchone()
        database.execute("insert into auth.users (id, email) values (%s, %s)", [owner, f"{owner}@example.com"])
        database.execute(limit, [BUCKET_SIZE_LIMIT])
        try:
            yield Surroundings(supabase, http, proxy, owner)
        finally:
            database.execute(limit, usual)
