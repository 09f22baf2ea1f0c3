"""A refresh in shards over the database and over S3: which bytes of which objects stand in a file then."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from infra.clients import supabase_client
from infra.local_supabase import LocalSupabase
from tests.support.builders import a_conversation_row, a_pair, an_enriched_file
from tests.support.costs import Surroundings, run_cost_surroundings
from tests.support.fake_executions import InMemoryExecutions, run_to_its_end
from tests.support.fake_queue import InMemoryQueue
from training_files.builds import refreshable, requesting, worker
from training_files.domain.training_file.build_request import CreateTrainingFileInput, RefreshConversationsInput
from training_files.domain.training_file.training_file import TrainingFile
from training_files.service import TrainingFileService
from training_files.sharded import replacing
from training_files.sharded.build import ShardedBuild

if TYPE_CHECKING:
    from storage3.types import FileOptions

NAMED = 1
ANSWERS = ("x" * 20_000, "y" * 10, "z" * 200)


@pytest.fixture(scope="module")
def surroundings(supabase: LocalSupabase) -> Iterator[Surroundings]:
    with run_cost_surroundings(supabase) as running:
        yield running


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refreshable, "MAX_IDS", NAMED)
    monkeypatch.setattr(requesting, "MOST_OF_ONE_WORKER", NAMED)
    monkeypatch.setattr(worker, "MOST_OF_ONE_WORKER", NAMED)
    monkeypatch.setattr(replacing, "CONVERSATIONS_AT_ONCE", 3)


@pytest.fixture
def service(surroundings: Surroundings) -> TrainingFileService:
    context = replace(surroundings.service.context, queue=InMemoryQueue(), executions=InMemoryExecutions())
    return TrainingFileService(context)


def _enrich(surroundings: Surroundings, conversation_id: UUID, answer: str) -> str:
    path = f"{surroundings.owner}/{conversation_id}/enriched.json"
    pairs = a_pair(1, target_response=answer), a_pair(2, target_response=None)
    options: FileOptions = {"content-type": "application/json", "upsert": "true"}
    with supabase_client(surroundings.supabase.url, surroundings.supabase.secret_key) as client:
        content = json.dumps(an_enriched_file(*pairs)).encode()
        client.storage.from_("conversation-files").upload(path, content, options)
    return path


def _conversations(surroundings: Surroundings, count: int) -> list[UUID]:
    ids = [uuid4() for _ in range(count)]
    rows = [
        a_conversation_row(
            conversation_id=one,
            enriched_file_path=_enrich(surroundings, one, ANSWERS[place % 3]),
            created_by=str(surroundings.owner),
            persona_key=f"persona {place % 4}",
        )
        for place, one in enumerate(ids)
    ]
    with supabase_client(surroundings.supabase.url, surroundings.supabase.secret_key) as client:
        client.table("conversations").insert(rows).execute()
    return ids


def _created(surroundings: Surroundings, ids: Sequence[UUID], name: str) -> TrainingFile:
    wanted = CreateTrainingFileInput(name=name, conversation_ids=tuple(ids), created_by=surroundings.owner)
    return surroundings.service.create_training_file(wanted)


def _contents(service: TrainingFileService, file: TrainingFile) -> tuple[Any, bytes]:
    """The JSON but for what it says of the file as a whole, and the JSONL."""
    read = service.context.stores.training_files.read
    document = json.loads(read(file.json_file_path or ""))
    return document | {"training_file_metadata": None}, read(file.jsonl_file_path or "")


@pytest.mark.parametrize("changed", [[2, 3, 4], [0, 3, 6], range(8)], ids=["one stretch", "scattered", "all"])
def test_a_refreshed_file_is_as_one_that_is_made_now(
    surroundings: Surroundings, service: TrainingFileService, changed: Sequence[int]
) -> None:
    ids = _conversations(surroundings, 8)
    file_id = _created(surroundings, ids, f"refreshed {uuid4()}").id
    assert file_id
    for place in changed:
        _enrich(surroundings, ids[place], f"Another answer, the one of {place}. " * 1_000 * place)
    # Whatever was written just before it was added may have changed, so what stays is read, too, and left out.
    queue, executions = service.context.queue, service.context.executions
    assert isinstance(queue, InMemoryQueue)
    assert isinstance(executions, InMemoryExecutions)

    assert service.refresh_training_file(RefreshConversationsInput(training_file_id=file_id)).queued
    service.build_revision(queue.waiting.pop())
    [build_id] = executions.builds
    run_to_its_end(ShardedBuild(service.context, build_id))

    file = service.get_training_file(file_id)
    assert file
    assert file.revision == 2
    like = _created(surroundings, ids, f"made now {uuid4()}")
    own = {"id", "name", "revision", "json_file_path", "jsonl_file_path", "json_file_size"}
    moments = {"created_at", "updated_at", "last_updated_at"}
    told = set(TrainingFile.model_fields) - own - moments
    assert file.model_dump(include=told) == like.model_dump(include=told)
    assert _contents(service, file) == _contents(service, like)
    difference = service.context.members.compare_revisions(file_id, before=1, after=2, limit=100)
    assert [one.conversation_id for one in difference.changes] == [ids[place] for place in changed]
    assert difference.replaced == len(changed)
