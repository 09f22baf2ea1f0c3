"""The fakes and the real adapters, each with what a contract test arranges and looks at behind the port's back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import unquote
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from psycopg.types.json import Jsonb
from supabase import Client

from tests.support.ageing import age_in_database
from tests.support.builders import a_conversation_row
from tests.support.clock import Clock
from tests.support.fake_exports import InMemoryExports
from tests.support.fake_objects import InMemoryObjectStore, StoredObject
from tests.support.fake_repository import InMemoryRepository
from tests.support.fake_surroundings import InMemoryHousekeeping, InMemoryOutbox
from tests.support.repositories import Repository
from training_files.adapters.supabase.housekeeping import SupabaseHousekeeping
from training_files.adapters.supabase.outbox import SupabaseOutbox
from training_files.domain.conversation.conversation import Conversation
from training_files.ports.events import Outbox
from training_files.ports.exports import ExportRepository
from training_files.ports.housekeeping import HousekeepingRepository
from training_files.ports.objects import ObjectStore


class RepositorySubject(Protocol):
    """A repository and its surroundings."""

    repository: Repository

    @property
    def exports(self) -> ExportRepository: ...

    def an_owner(self) -> UUID: ...

    def a_conversation(self, owner: UUID | None, **row: Any) -> Conversation:
        """A new row of `conversations`."""

    def age(self, training_file_id: UUID, *, minutes: int) -> None:
        """Lets time pass for everyone, or as if for one training file."""

    def analyses(self, training_file_id: UUID) -> list[dict[str, Any] | None]:
        """What is kept of the conversations of a training file, in file order."""

    def put_object(self, bucket: str, path: str, *, size: int, minutes_ago: int = 60) -> None:
        """The row of an object that was written then."""

    def forget(self, conversation_id: UUID) -> None:
        """Removes a row of `conversations`."""

    def start_revisions_at(self, training_file_id: UUID, moment: datetime) -> None:
        """Gives all revisions of a training file one `created_at`."""

    def start_exports_at(self, training_file_id: UUID, moment: datetime) -> None:
        """Gives all exports of a training file one `created_at`."""

    def staged(self, revision_id: UUID) -> int:
        """How many rows of figures are laid aside for a revision."""

    @property
    def outbox(self) -> Outbox: ...

    @property
    def housekeeping(self) -> HousekeepingRepository: ...

    def let_pass(self, revision_id: UUID, *, minutes: int) -> None:
        """Lets time pass for housekeeping, or as if for one revision."""


@dataclass(slots=True)
class FakeRepositorySubject:
    repository: InMemoryRepository
    clock: Clock
    exports: InMemoryExports
    objects: dict[str, dict[str, StoredObject]] = field(default_factory=dict)
    _outbox: InMemoryOutbox = field(init=False)
    _housekeeping: InMemoryHousekeeping = field(init=False)

    def __post_init__(self) -> None:
        self._outbox = InMemoryOutbox(self.repository)
        self._housekeeping = InMemoryHousekeeping(self.repository, self.exports)
        self.exports.paths = lambda: self.objects.get("training-files", {})

    def an_owner(self) -> UUID:
        return uuid4()

    def a_conversation(self, owner: UUID | None, **row: Any) -> Conversation:
        return self.repository.put_conversation(owner, **row)

    def age(self, training_file_id: UUID, *, minutes: int) -> None:  # noqa: ARG002 - the clock is everyone's
        self.clock.advance(minutes=minutes)

    def analyses(self, training_file_id: UUID) -> list[dict[str, Any] | None]:
        return [member.analysis for member in self.repository.members[training_file_id]]

    def put_object(self, bucket: str, path: str, *, size: int, minutes_ago: int = 60) -> None:
        objects = self.objects.setdefault(bucket, {})
        objects[path] = StoredObject(size, self.clock.now() - timedelta(minutes=minutes_ago))
        self.repository.enriched_file = self.objects.get("conversation-files", {}).get
        self.repository.object = self.objects.get("training-files", {}).get
        self.repository.object_paths = lambda: [*self.objects.get("training-files", {})]

    def forget(self, conversation_id: UUID) -> None:
        self.repository.forget_conversation(conversation_id)

    def start_revisions_at(self, training_file_id: UUID, moment: datetime) -> None:
        for revision in self.repository.list_revisions(training_file_id, limit=1000):
            self.repository.revisions[revision.id] = revision.model_copy(update={"created_at": moment})

    def start_exports_at(self, training_file_id: UUID, moment: datetime) -> None:
        self.exports.start_at(training_file_id, moment)

    def staged(self, revision_id: UUID) -> int:
        return len(self.repository.staged.get(revision_id, {}))

    @property
    def outbox(self) -> Outbox:
        return self._outbox

    @property
    def housekeeping(self) -> HousekeepingRepository:
        return self._housekeeping

    def let_pass(self, revision_id: UUID, *, minutes: int) -> None:  # noqa: ARG002 - the clock is everyone's
        self.clock.advance(minutes=minutes)


@dataclass(slots=True)
class SupabaseRepositorySubject:
    repository: Repository
    client: Client
    database: psycopg.Connection[Any]
    exports: ExportRepository

    def an_owner(self) -> UUID:
        owner = uuid4()
        self.database.execute("insert into auth.users (id, email) values (%s, %s)", [owner, f"{owner}@example.com"])
        return owner

    def a_conversation(self, owner: UUID | None, **row: Any) -> Conversation:
        whole = a_conversation_row(**row)
        self.client.table("conversations").insert({**whole, "created_by": str(owner) if owner else None}).execute()
        return Conversation.model_validate(whole)

    def age(self, training_file_id: UUID, *, minutes: int) -> None:
        age_in_database(self.database, training_file_id, minutes=minutes)

    def analyses(self, training_file_id: UUID) -> list[dict[str, Any] | None]:
        query = "select analysis from public.training_file_conversations where training_file_id = %s order by position"
        return [row[0] for row in self.database.execute(query, [training_file_id])]

    def put_object(self, bucket: str, path: str, *, size: int, minutes_ago: int = 60) -> None:
        self.database.execute(
            "insert into storage.objects (bucket_id, name, metadata, created_at, updated_at) "
            "select %s, %s, %s, moment, moment from (select now() - make_interval(mins => %s) as moment) as written "
            "on conflict (bucket_id, name) do update "
            "set metadata = excluded.metadata, updated_at = excluded.updated_at",
            [bucket, path, Jsonb({"size": size}), minutes_ago],
        )

    def forget(self, conversation_id: UUID) -> None:
        self.database.execute("delete from public.conversations where conversation_id = %s", [conversation_id])

    def start_revisions_at(self, training_file_id: UUID, moment: datetime) -> None:
        self.database.execute(
            "update public.training_file_revisions set created_at = %s where training_file_id = %s",
            [moment, training_file_id],
        )

    def start_exports_at(self, training_file_id: UUID, moment: datetime) -> None:
        self.database.execute(
            "update public.training_file_exports set created_at = %s where training_file_id = %s",
            [moment, training_file_id],
        )

    def staged(self, revision_id: UUID) -> int:
        query = "select from public.training_file_staged_conversations where revision_id = %s"
        return len(self.database.execute(query, [revision_id]).fetchall())

    @property
    def outbox(self) -> Outbox:
        return SupabaseOutbox(self.client)

    @property
    def housekeeping(self) -> HousekeepingRepository:
        return SupabaseHousekeeping(self.client)

    def let_pass(self, revision_id: UUID, *, minutes: int) -> None:
        parameters = {"id": revision_id, "minutes": minutes}
        self.database.execute(
            "update public.training_file_revisions set created_at = created_at - make_interval(mins => %(minutes)s), "
            "finished_at = finished_at - make_interval(mins => %(minutes)s), "
            "lease_expires_at = lease_expires_at - make_interval(mins => %(minutes)s) where id = %(id)s",
            parameters,
        )
        self.database.execute(
            "update public.training_file_shard_tries set begun_at = begun_at - make_interval(mins => %(minutes)s) "
            "where revision_id = %(id)s",
            parameters,
        )
        self.database.execute(
            "update public.training_file_removals set created_at = created_at - make_interval(mins => %(minutes)s) "
            "where revision_id = %(id)s",
            parameters,
        )


class ObjectStoreSubject(Protocol):
    """An object store, and a visitor who opens its links."""

    store: ObjectStore

    def opened(self, url: str) -> tuple[bytes, str] | None:
        """What a visitor gets for a signed URL: the bytes, and the name to save them under; None when refused."""

    def pass_time(self, *, seconds: float) -> None:
        """On the fake the clock moves; in reality time passes by itself."""

    def skip_if_misread(self, name: str) -> None:
        """Skips the test where the surroundings cannot show an object of this name."""


@dataclass(slots=True)
class FakeObjectStoreSubject:
    store: InMemoryObjectStore
    clock: Clock

    def opened(self, url: str) -> tuple[bytes, str] | None:
        return self.store.open(url)

    def pass_time(self, *, seconds: float) -> None:
        self.clock.advance(seconds=seconds)

    def skip_if_misread(self, name: str) -> None:
        pass


@dataclass(slots=True)
class SupabaseObjectStoreSubject:
    store: ObjectStore
    get: Callable[[str], httpx.Response]
    keeps_escapes: bool = False

    def opened(self, url: str) -> tuple[bytes, str] | None:
        answer = self.get(url)
        if answer.status_code == httpx.codes.BAD_REQUEST:
            return None
        _, _, exact_name = answer.headers.get("content-disposition", "").partition("filename*=UTF-8''")
        return answer.raise_for_status().content, unquote(exact_name)

    def pass_time(self, *, seconds: float) -> None:
        pass

    def skip_if_misread(self, name: str) -> None:
        if self.keeps_escapes and set(name) & set("%?#"):
            pytest.skip("the local Storage's REST keeps these characters escaped in its names, S3 does not")
