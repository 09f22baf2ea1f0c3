"""A training file that version 0.1.0 built, with its bytes, can be changed, gone back to and reported after `sql/`."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from infra.clients import supabase_client
from infra.local_supabase import LocalSupabase, run_local_supabase, temporary_data_folder
from tests.support.agreement import agreed_ids
from tests.support.builders import a_pair, a_scored_pair, an_enriched_file
from tests.support.schema import SQL_FOLDER
from tests.support.workshop import Workshop
from training_files.adapters.supabase.connection import SupabaseConnection
from training_files.bootstrap import create_training_file_service
from training_files.domain.training_file.build_request import (
    AddConversationsInput,
    RefreshConversationsInput,
    RemoveConversationsInput,
    RevertInput,
)
from training_files.domain.training_file.revision import Change
from training_files.service import TrainingFileService

VERSION_0_1_0 = Path(__file__).parent / "version_0_1_0.sql"
BUCKET = """
    insert into storage.buckets (id, name, public) values ('training-files', 'training-files', false)
    on conflict do nothing"""
BETTER = an_enriched_file(a_scored_pair(1, 5), a_pair(2))


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A project whose training file was made by version 0.1.0: three conversations, another one, a failed addition."""

    service: TrainingFileService
    supabase: LocalSupabase
    file_id: UUID
    ids: list[UUID]
    paths: dict[UUID, str]

    def rows(self, query: str, **values: object) -> list[dict[str, Any]]:
        with psycopg.connect(self.supabase.database_url, row_factory=dict_row) as database:
            return database.execute(query.encode(), {"file": self.file_id, **values}).fetchall()

    def put(self, conversation_id: UUID, enriched: dict[str, Any]) -> None:
        with supabase_client(self.supabase.url, self.supabase.secret_key) as client:
            _upload(client, "conversation-files", {self.paths[conversation_id]: json.dumps(enriched).encode()})

    def objects_of(self, number: int) -> tuple[bytes, bytes]:
        found = self.service.context.revisions.get_revision(self.file_id, number=number)
        assert found is not None
        read = self.service.context.stores.training_files.read
        return read(found.json_file_path), read(found.jsonl_file_path)

    def agreed(self) -> list[UUID]:
        """The conversations on which the rows, both objects and the report of the current revision agree."""
        [file] = self.rows("select * from public.training_files where id = %(file)s")
        members = self.rows(
            "select * from public.training_file_conversations where training_file_id = %(file)s "
            "and removed_in_revision is null order by position"
        )
        assert self.problems_of(file["revision"]) == []
        return [UUID(one) for one in agreed_ids(file, members, *self.objects_of(file["revision"]))]

    def problems_of(self, number: int) -> list[str]:
        objects = self.service.report(self.file_id, revision=number)["objects"]
        assert objects["checked"] == "all"
        return [*objects["json"]["problems"], *objects["jsonl"]["problems"]]


@pytest.fixture(scope="module")
def made() -> tuple[Workshop, UUID, list[UUID]]:
    """The bytes, which are written today as they were then."""
    workshop = Workshop.new()
    ids = [workshop.a_conversation(persona_key=key) for key in ("one", "two", "one", "three")]
    file_id = workshop.a_training_file(*ids[:3])
    workshop.add(workshop.service, file_id, ids[3])
    return workshop, file_id, ids


@pytest.fixture
def upgraded(made: tuple[Workshop, UUID, list[UUID]], tmp_path: Path) -> Iterator[Upgraded]:
    workshop, file_id, ids = made
    for file in (SQL_FOLDER / "00_conversations.sql", VERSION_0_1_0):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with ExitStack() as stack:
        data = stack.enter_context(temporary_data_folder())
        with run_local_supabase(data, sql=tmp_path) as old:
            _fill(old, workshop, file_id)
        # Each file of sql/ is applied when it starts.
        new = stack.enter_context(run_local_supabase(data))
        http = stack.enter_context(httpx.Client(timeout=10))
        service = create_training_file_service(SupabaseConnection(new.url, new.secret_key, http), http=http)
        known = workshop.repository.resolve(ids=ids, owner=workshop.owner, all_conversations=False).conversations
        paths = {one.conversation_id: one.enriched_file_path or "" for one in known}
        yield Upgraded(service.acting_for(workshop.owner), new, file_id, ids, paths)


def _fill(supabase: LocalSupabase, workshop: Workshop, file_id: UUID) -> None:
    repository, owner = workshop.repository, str(workshop.owner)
    of_file = {"training_file_id": str(file_id), "added_by": owner}
    known = repository.resolve(ids=list(_ids(workshop, file_id)), owner=workshop.owner, all_conversations=False)
    with psycopg.connect(supabase.database_url) as database:
        database.execute("insert into auth.users (id, email) values (%s, 'kim@example.com')", [owner])
        database.execute(BUCKET.encode())
        for conversation in known.conversations:
            row = conversation.model_dump(mode="json") | {"topic_key": conversation.training_topic_key}
            _insert(database, "conversations", row | {"created_by": owner})
        _insert(database, "training_files", repository.training_files[file_id].model_dump(mode="json"))
        for revision in repository.revisions.values():
            asked_for = {"requested": {"conversation_ids": list(map(str, _ids(workshop, file_id)))}}
            _insert(database, "training_file_revisions", revision.model_dump(mode="json") | asked_for)
        _insert(database, "training_file_revisions", _a_failed_attempt(file_id, owner))
        for member in repository.members[file_id]:
            place = {"position": member.position, "added_in_revision": member.added_in_revision}
            added_at = {"added_at": member.added_at.isoformat()}
            _insert(database, "training_file_conversations", member.figures | of_file | place | added_at)
    with supabase_client(supabase.url, supabase.secret_key) as client:
        _upload(client, "conversation-files", workshop.enriched_files.objects)
        _upload(client, "training-files", workshop.training_files.objects)


def _a_failed_attempt(file_id: UUID, owner: str) -> dict[str, Any]:
    revision_id = str(uuid4())
    return {
        "id": revision_id,
        "training_file_id": str(file_id),
        "number": 3,
        "status": "failed",
        "requested": {"conversation_ids": [str(uuid4())]},
        "error": {"message": "the build broke off"},
        "progress_done": 0,
        "progress_total": 0,
        "json_file_path": f"{revision_id}/training.json",
        "jsonl_file_path": f"{revision_id}/training.jsonl",
        "created_by": owner,
        "created_at": "2026-02-02T00:00:00Z",
        "finished_at": "2026-02-02T00:01:00Z",
    }


def _ids(workshop: Workshop, file_id: UUID) -> list[UUID]:
    return [member.conversation_id for member in workshop.repository.members[file_id]]


def _insert(database: psycopg.Connection[Any], table: str, row: dict[str, Any]) -> None:
    """As far as the table of that version has the columns."""
    query = "select column_name from information_schema.columns where table_schema = 'public' and table_name = %s"
    columns = ", ".join(name for (name,) in database.execute(query, [table]) if name in row)
    statement = (
        f"insert into public.{table} ({columns}) select {columns} from jsonb_populate_record(null::public.{table}, %s)"  # noqa: S608 - own names
    )
    database.execute(statement.encode(), [Jsonb(row)])


def _upload(client: Any, bucket: str, objects: dict[str, bytes]) -> None:
    for path, content in objects.items():
        kind = "application/x-ndjson" if path.endswith(".jsonl") else "application/json"
        client.storage.from_(bucket).upload(path, content, {"content-type": kind, "upsert": "true"})


def test_it_is_whole_and_says_what_made_it(upgraded: Upgraded) -> None:
    assert upgraded.agreed() == upgraded.ids
    assert upgraded.problems_of(1) == []
    revisions = {one.number: one for one in upgraded.service.list_revisions(upgraded.file_id, limit=10)}
    assert [revisions[number].change for number in (1, 2)] == [
        Change(kind="create", count=3),
        Change(kind="add", count=1),
    ]
    assert (revisions[3].status, revisions[3].error) == ("failed", {"message": "the build broke off"})


def test_it_can_be_changed_and_gone_back_to(upgraded: Upgraded) -> None:
    service, file_id, ids = upgraded.service, upgraded.file_id, upgraded.ids
    of_first, of_second = upgraded.objects_of(1), upgraded.objects_of(2)

    service.remove_conversations_from_training_file(
        RemoveConversationsInput(training_file_id=file_id, conversation_ids=(ids[0],))
    )
    assert upgraded.agreed() == ids[1:]

    upgraded.put(ids[2], BETTER)
    refreshed = service.refresh_training_file(RefreshConversationsInput(training_file_id=file_id))
    assert (refreshed.revision, refreshed.max_quality_score) == (4, 5)
    assert upgraded.agreed() == ids[1:]

    service.add_conversations_to_training_file(
        AddConversationsInput(training_file_id=file_id, conversation_ids=(ids[0],))
    )
    assert upgraded.agreed() == [*ids[1:], ids[0]]

    for revision, before, there in ((2, of_second, ids), (1, of_first, ids[:3])):
        service.revert_training_file(RevertInput(training_file_id=file_id, revision=revision))
        assert upgraded.agreed() == there
        raw_json, raw_jsonl = upgraded.objects_of(8 - revision)
        assert raw_jsonl == before[1]
        assert json.loads(raw_json)["conversations"] == json.loads(before[0])["conversations"]

    assert (upgraded.objects_of(1), upgraded.objects_of(2)) == (of_first, of_second)
    assert [upgraded.problems_of(number) for number in range(1, 8)] == [[]] * 7
