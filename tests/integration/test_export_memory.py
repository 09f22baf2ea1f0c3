"""An export takes no more memory for more conversations."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from infra.clients import supabase_client
from tests.support.builders import a_pair, an_enriched_file
from tests.support.world import SHARED_TLS, User, World
from training_files.bootstrap import create_training_file_service
from training_files.domain.training_file.build_request import CreateTrainingFileInput

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peaks are read from Linux's /proc"),
]

ROOT = Path(__file__).parents[2]
FEW, MANY = 200, 2000
MEGABYTE = 1024 * 1024
# Of text in a conversation, which is in its JSON once for each pair.
CHARACTERS = 1500
PAIRS = 4
# What a conversation itself takes, and how much an interpreter's heap may differ by chance.
SMALL_BYTES = 6 * MEGABYTE


@pytest.fixture(scope="module")
def owner(session_world: World) -> User:
    return session_world.a_user()


@pytest.fixture(scope="module")
def ids(session_world: World, owner: User) -> list[UUID]:
    """Conversations that share one enriched file."""
    said = ["So far, so good. " * (CHARACTERS // 17)] * PAIRS
    history = [{"turn": 1, "role": "user", "content": said[0]}]
    context = {"conversation_history": history, "current_user_input": said[0]}
    pairs = [a_pair(turn, **context, target_response=text) for turn, text in enumerate(said, 1)]
    path = f"{owner.id}/{uuid4()}/enriched.json"
    content = json.dumps(an_enriched_file(*pairs)).encode()
    bucket = session_world.client.storage.from_("conversation-files")
    bucket.upload(path, content, {"content-type": "application/json"})
    made = [uuid4() for _ in range(MANY)]
    session_world.database.execute(
        "insert into public.conversations (conversation_id, enrichment_status, enriched_file_path, created_by) "
        "select unnest(%s::uuid[]), 'completed', %s, %s",
        [made, path, owner.id],
    )
    return made


def a_training_file(world: World, owner: User, ids: list[UUID]) -> str:
    """The service takes in one call what the API leaves to workers."""
    supabase = world.supabase
    with supabase_client(supabase.url, supabase.secret_key) as client, httpx.Client(verify=SHARED_TLS) as http:
        wanted = CreateTrainingFileInput(name=f"{len(ids)}", conversation_ids=tuple(ids), created_by=UUID(owner.id))
        return str(create_training_file_service(client, http=http).create_training_file(wanted).id)


def exported(world: World, training_file_id: str) -> dict[str, Any]:
    wanted = {
        "training_file_id": training_file_id,
        "format": "messages_weight",
        "granularity": "turn",
        "split": {"validation": "0.1"},
        "bundle": True,
    }
    environment = {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "layers/training_files"), str(ROOT)]),
        "SUPABASE_URL": world.supabase.url,
        "SUPABASE_SERVICE_ROLE_KEY": world.supabase.secret_key,
    }
    command = [sys.executable, "-m", "tests.support.export_process", json.dumps(wanted)]
    done = subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True)  # noqa: S603
    taken: dict[str, Any] = json.loads(done.stdout)
    return taken


def test_ten_times_as_many_conversations_take_the_same_memory(world: World, owner: User, ids: list[UUID]) -> None:
    few = exported(world, a_training_file(world, owner, ids[:FEW]))
    many = exported(world, a_training_file(world, owner, ids))

    assert (few["rows"], many["rows"]) == (PAIRS * FEW, PAIRS * MANY)
    assert many["peak_bytes"] <= few["peak_bytes"] * 1.1 + SMALL_BYTES
