"""A local Supabase with thousands of enriched conversations, laid straight into its folder and its tables."""

import hashlib
import json
import random
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.types.json import Jsonb

from infra.local_supabase import LocalSupabase, run_local_supabase, temporary_data_folder
from infra.sample_data import SampleConversation, sample_conversations
from infra.seeding import CONVERSATION_BUCKET, enriched_path

# As real ones: eight turns; the smallest is half as large as the average one, the largest half as large again.
AVERAGE_ENRICHED_BYTES = 56_000
TURNS = 8
PADDING = " Stay with the person."
# As long, so that what is refreshed has as many bytes as it had.
OTHER_PADDING = " Stay near the person."
BUCKET_SIZE_LIMIT = 4 * 1024**3


@dataclass(frozen=True)
class Surroundings:
    """`conversation_ids` are the owner's, each with an enriched file."""

    supabase: LocalSupabase
    owner: str
    conversation_ids: Sequence[str]
    _storage: Path
    _database: psycopg.Connection[Any]

    def assert_built(self, training_file_id: str, count: int) -> None:
        """Raises RuntimeError unless the training file has so many conversations: there is nothing to measure then."""
        query = "select conversation_count from public.training_files where id = %s"
        found = self._database.execute(query, [training_file_id]).fetchone()
        if found != (count,):
            raise RuntimeError(f"The training file has {found} conversations instead of {count:,}.")

    def change_enriched_files(self, conversation_ids: Sequence[str]) -> None:
        """Each gets other words of the same size, as if it had been enriched again."""
        for conversation_id in conversation_ids:
            path = enriched_path(conversation_id)
            file = self._storage / "objects" / CONVERSATION_BUCKET / path
            before = file.read_bytes()
            words, others = PADDING.encode(), OTHER_PADDING.encode()
            content = before.replace(words, others) if words in before else before.replace(others, words)
            file.write_bytes(content)
            query = "update storage.objects set metadata = %s, updated_at = now() where bucket_id = %s and name = %s"
            self._database.execute(query, [Jsonb(_metadata(content)), CONVERSATION_BUCKET, path])

    def clear(self) -> None:
        """Removes all training files, so that no run finds more than another one did, and the disk stays free."""
        self._database.execute("truncate public.training_files cascade")
        self._database.execute("delete from storage.objects where bucket_id = 'training-files'")
        shutil.rmtree(self._storage / "objects" / "training-files", ignore_errors=True)


@contextmanager
def run_surroundings(
    count: int, *, turns: int = TURNS, average_bytes: int = AVERAGE_ENRICHED_BYTES
) -> Iterator[Surroundings]:
    """Surroundings with `count` conversations, while the context lasts."""
    with (
        temporary_data_folder() as data,
        run_local_supabase(data) as supabase,
        psycopg.connect(supabase.database_url, autocommit=True) as database,
    ):
        owner = str(uuid4())
        database.execute("insert into auth.users (id, email) values (%s, %s)", [owner, "bench@example.com"])
        database.execute(
            "update storage.buckets set file_size_limit = %s where id = 'training-files'", [BUCKET_SIZE_LIMIT]
        )
        ids = _store(data / "storage", database, owner, sample_conversations(count, turns=turns), average_bytes)
        yield Surroundings(supabase, owner, ids, data / "storage", database)


def _store(
    storage: Path,
    database: psycopg.Connection[Any],
    owner: str,
    samples: Iterable[SampleConversation],
    average_bytes: int,
) -> list[str]:
    folder = storage / "objects" / CONVERSATION_BUCKET
    sizes = random.Random(2)  # noqa: S311 - repeatable, not secret
    ids, objects, rows = [], [], []
    for sample in samples:
        content = _enriched_file(sample, int(average_bytes * sizes.uniform(0.5, 1.5)))
        path = enriched_path(sample.conversation_id)
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_bytes(content)
        ids.append(sample.conversation_id)
        objects.append((CONVERSATION_BUCKET, path, Jsonb(_metadata(content)), str(uuid4())))
        snapshot = Jsonb(sample.row["scaffolding_snapshot"])
        rows.append((sample.conversation_id, sample.row["enrichment_status"], snapshot, path, owner))
    with database.cursor() as cursor:
        _copy(cursor, "storage.objects (bucket_id, name, metadata, version)", objects)
        columns = "conversation_id, enrichment_status, scaffolding_snapshot, enriched_file_path, created_by"
        _copy(cursor, f"public.conversations ({columns})", rows)
    database.execute("analyze")
    return ids


def _copy(cursor: psycopg.Cursor[Any], target: str, rows: Sequence[Sequence[Any]]) -> None:
    with cursor.copy(f"copy {target} from stdin".encode()) as copy:
        for row in rows:
            copy.write_row(row)


def _enriched_file(sample: SampleConversation, size: int) -> bytes:
    """The same conversation, as large as is wanted: its system prompts grow, as those of real ones do."""
    pairs = sample.enriched["training_pairs"]
    missing = size - len(json.dumps(sample.enriched, ensure_ascii=False).encode())
    for pair in pairs:
        pair["system_prompt"] += PADDING * (missing // len(pairs) // len(PADDING))
    return json.dumps(sample.enriched, ensure_ascii=False).encode()


def _metadata(content: bytes) -> dict[str, Any]:
    """As the local Storage writes it for an upload."""
    return {
        "httpStatusCode": 200,
        "cacheControl": "max-age=3600",
        "mimetype": "application/json",
        "eTag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"',
        "size": len(content),
        "contentLength": len(content),
        "lastModified": datetime.now(UTC).isoformat(),
    }
