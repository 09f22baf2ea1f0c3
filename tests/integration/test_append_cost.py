"""With S3, an addition costs what it adds: the same requests and bytes, however large the training file is."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from infra.clients import supabase_client
from infra.local_supabase import LocalSupabase
from tests.support.builders import a_conversation_row, a_pair, an_enriched_file
from tests.support.fault_proxy import FaultProxy, run_fault_proxy
from tests.support.s3 import access_to
from training_files.adapters.s3.parts import MEBIBYTE
from training_files.adapters.supabase.connection import SupabaseConnection
from training_files.bootstrap import create_training_file_service
from training_files.domain.training_file.build_request import (
    AddConversationsInput,
    CreateTrainingFileInput,
    RemoveConversationsInput,
)
from training_files.domain.training_file.training_file import TrainingFile
from training_files.service import TrainingFileService

pytestmark = pytest.mark.slow


# Only the trainable part of a conversation is in the JSONL.
TRAINABLE_BYTES, OTHER_BYTES = 2 * MEBIBYTE, 5 * MEBIBYTE
BUCKET_SIZE_LIMIT = 200 * MEBIBYTE
# The requests to the database, and what S3 wraps around its answers.
BYTES_BESIDE = 50_000


@dataclass
class Surroundings:
    """A local Supabase with room for large files, and conversations in it."""

    supabase: LocalSupabase
    http: httpx.Client
    proxy: FaultProxy
    owner: UUID

    def service(self, url: str) -> TrainingFileService:
        return create_training_file_service(
            SupabaseConnection(url, self.supabase.secret_key, self.http),
            http=self.http,
            s3=access_to(self.supabase, url=url),
        )

    def conversations(self, count: int, *, trainable_bytes: int, other_bytes: int = 0) -> tuple[UUID, ...]:
        trainable = a_pair(1, current_user_input="x" * trainable_bytes)
        other = a_pair(2, current_user_input="x" * other_bytes, target_response=None)
        path = f"{self.owner}/{uuid4()}/enriched.json"
        rows = [a_conversation_row(enriched_file_path=path, created_by=str(self.owner)) for _ in range(count)]
        with supabase_client(self.supabase.url, self.supabase.secret_key) as client:
            content = json.dumps(an_enriched_file(trainable, other)).encode()
            client.storage.from_("conversation-files").upload(path, content, {"content-type": "application/json"})
            client.table("conversations").insert(rows).execute()
        return tuple(UUID(row["conversation_id"]) for row in rows)


@pytest.fixture(scope="module")
def surroundings(supabase: LocalSupabase) -> Iterator[Surroundings]:
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
        yield Surroundings(supabase, http, proxy, owner)
        database.execute(limit, usual)


@dataclass(frozen=True)
class Cost:
    """What went over the wire, and the sizes in bytes of the JSON before and of what came to it."""

    requests: Counter[str]
    bytes_up: int
    bytes_down: int
    size_before: int
    size_added: int


@pytest.fixture(scope="module")
def costs(surroundings: Surroundings) -> tuple[Cost, Cost]:
    """Of an addition to a file of more than 20 MiB, and of the same one when it has more than 60 MiB."""
    direct = surroundings.service(surroundings.supabase.url)
    large = surroundings.conversations(9, trainable_bytes=TRAINABLE_BYTES, other_bytes=OTHER_BYTES)
    wanted = CreateTrainingFileInput(name="growing", conversation_ids=large[:3], created_by=surroundings.owner)
    created = direct.create_training_file(wanted)
    small_cost = cost_of_an_addition(surroundings, created)
    grown = direct.add_conversations_to_training_file(addition(created, large[3:]))
    return small_cost, cost_of_an_addition(surroundings, grown)


def cost_of_an_addition(surroundings: Surroundings, training_file: TrainingFile) -> Cost:
    new = surroundings.conversations(20, trainable_bytes=10_000)
    before = training_file.json_file_size
    surroundings.proxy.reset()

    proxied = surroundings.service(surroundings.proxy.url)
    extended = proxied.add_conversations_to_training_file(addition(training_file, new))

    exchanges = surroundings.proxy.exchanges
    return Cost(
        Counter(exchange.method for exchange in exchanges),
        sum(exchange.bytes_up for exchange in exchanges),
        sum(exchange.bytes_down for exchange in exchanges),
        size_before=before,
        size_added=extended.json_file_size - before,
    )


def addition(training_file: TrainingFile, conversation_ids: Sequence[UUID]) -> AddConversationsInput:
    assert training_file.id
    return AddConversationsInput(training_file_id=training_file.id, conversation_ids=tuple(conversation_ids))


def test_an_addition_costs_the_same_whatever_the_file_holds(costs: tuple[Cost, Cost]) -> None:
    small, large = costs

    assert small.size_before > 20 * MEBIBYTE
    assert large.size_before > 60 * MEBIBYTE
    assert large.requests == small.requests
    assert large.bytes_up == pytest.approx(small.bytes_up, rel=0.05)
    assert large.bytes_down == pytest.approx(small.bytes_down, rel=0.05)


def test_an_addition_moves_5_mib_of_what_is_there_and_what_is_new(costs: tuple[Cost, Cost]) -> None:
    """Old bytes come and go for the JSON only; new ones go into both files."""
    cost = costs[1]

    assert cost.bytes_down < 5 * MEBIBYTE + cost.size_added + BYTES_BESIDE
    assert cost.bytes_up < 5 * MEBIBYTE + 2 * cost.size_added + BYTES_BESIDE


@pytest.fixture(scope="module")
def costs_of_removals(surroundings: Surroundings) -> tuple[Cost, Cost]:
    """Of a removal from the middle of a file of more than 40 MiB, and of one from a file of more than 80 MiB."""
    return cost_of_a_removal(surroundings, 6), cost_of_a_removal(surroundings, 12)


def cost_of_a_removal(surroundings: Surroundings, count: int) -> Cost:
    direct, proxied = (surroundings.service(url) for url in (surroundings.supabase.url, surroundings.proxy.url))
    large = surroundings.conversations(count, trainable_bytes=TRAINABLE_BYTES, other_bytes=OTHER_BYTES)
    [small] = surroundings.conversations(1, trainable_bytes=10_000)
    ids = [*large[: count - 1], small, large[-1]]
    created = direct.create_training_file(
        CreateTrainingFileInput(name=f"shrinking {count}", conversation_ids=tuple(ids), created_by=surroundings.owner)
    )
    assert created.id
    surroundings.proxy.reset()

    proxied.remove_conversations_from_training_file(
        RemoveConversationsInput(training_file_id=created.id, conversation_ids=(small,))
    )

    exchanges = surroundings.proxy.exchanges
    return Cost(
        Counter(exchange.method for exchange in exchanges),
        sum(exchange.bytes_up for exchange in exchanges),
        sum(exchange.bytes_down for exchange in exchanges),
        size_before=created.json_file_size,
        size_added=0,
    )


def test_a_removal_costs_the_same_whatever_the_file_holds(costs_of_removals: tuple[Cost, Cost]) -> None:
    """The header is new, and takes up to 5 MiB of what is behind it along; all else is copied inside the storage,
    but for what is shorter than a part: here the lines of the last conversation.
    """
    small, large = costs_of_removals

    assert small.size_before > 40 * MEBIBYTE
    assert large.size_before > 80 * MEBIBYTE
    assert large.requests == small.requests
    assert sum(large.requests.values()) < 30
    for cost in costs_of_removals:
        assert cost.bytes_up < 5 * MEBIBYTE + TRAINABLE_BYTES + BYTES_BESIDE
        assert cost.bytes_down < 5 * MEBIBYTE + TRAINABLE_BYTES + BYTES_BESIDE
