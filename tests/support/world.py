"""A running system as a test sees it: users, conversations, the API, and what is left in database and bucket."""

import json
import random
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import jwt
import psycopg
from psycopg.rows import dict_row
from supabase import Client

from infra.local_supabase import LocalSupabase
from tests.support.builders import Json, a_conversation_row, a_pair, an_enriched_file
from tests.support.described import check_answer
from tests.support.fault_proxy import FaultProxy

HOUR = 3600
# Loading the certificates takes longer than most calls here, none of which uses TLS.
SHARED_TLS = ssl.create_default_context()


def client_of_api(api_url: str, token: str | None = None) -> httpx.Client:
    """A client that fails when the API answers something that its description does not tell."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    hooks = {"response": [check_answer]}
    return httpx.Client(base_url=api_url, headers=headers, timeout=40, verify=SHARED_TLS, event_hooks=hooks)


@dataclass(frozen=True)
class User:
    """A user with a token, and a client that sends it."""

    id: str
    token: str
    http: httpx.Client

    def create(self, conversation_ids: Sequence[str], name: str | None = None, **options: Any) -> httpx.Response:
        body = {"name": name or f"file {uuid4()}", "conversation_ids": list(conversation_ids), **options}
        return self.http.post("/api/training-files", json=body)

    def created(self, conversation_ids: Sequence[str], name: str | None = None, **options: Any) -> Json:
        """The training file that a create has made."""
        response = self.create(conversation_ids, name, **options)
        assert response.status_code == 201, response.text
        training_file: Json = response.json()["trainingFile"]
        return training_file

    def add(self, training_file_id: str, conversation_ids: Sequence[str], **options: Any) -> httpx.Response:
        body = {"conversation_ids": list(conversation_ids), **options}
        return self.http.post(f"/api/training-files/{training_file_id}/add-conversations", json=body)

    def get(self, training_file_id: str) -> Json:
        response = self.http.get(f"/api/training-files/{training_file_id}")
        assert response.status_code == 200, response.text
        training_file: Json = response.json()["trainingFile"]
        return training_file

    def conversation_ids(self, training_file_id: str) -> list[str]:
        response = self.http.get(f"/api/training-files/{training_file_id}/conversations")
        ids: list[str] = response.json()["conversation_ids"]
        return ids

    def download(self, training_file_id: str, file_format: str = "json", **parameters: Any) -> bytes:
        """The bytes behind the download link."""
        parameters = {"format": file_format, **parameters}
        link = self.http.get(f"/api/training-files/{training_file_id}/download", params=parameters)
        assert link.status_code == 200, link.text
        return httpx.get(link.json()["download_url"], verify=SHARED_TLS).raise_for_status().content


class World:
    """Everything that runs. `database` is a superuser's connection for set-up and for looking, never for the system."""

    def __init__(
        self,
        supabase: LocalSupabase,
        proxy: FaultProxy,
        api_url: str,
        client: Client,
        database: psycopg.Connection[Any],
    ) -> None:
        self.supabase = supabase
        self.proxy = proxy
        self.api_url = api_url
        self.client = client
        self.database = database
        self._opened: list[httpx.Client] = []

    def a_user(self) -> User:
        user_id = str(uuid4())
        self.database.execute(
            "insert into auth.users (id, email, aud, role) values (%s, %s, 'authenticated', 'authenticated')",
            [user_id, f"{user_id}@example.com"],
        )
        token = self.a_token(user_id)
        http = client_of_api(self.api_url, token)
        self._opened.append(http)
        return User(user_id, token, http)

    def a_token(self, user_id: str, *, secret: str | None = None, **claims: Any) -> str:
        """A token as the project signs it, valid for an hour; `claims` replace or, when None, remove claims."""
        now = int(time.time())
        usual = {
            "sub": user_id,
            "aud": "authenticated",
            "role": "authenticated",
            "iss": f"{self.proxy.url}/auth/v1",
            "iat": now,
            "exp": now + HOUR,
        }
        wanted = {key: value for key, value in (usual | claims).items() if value is not None}
        return jwt.encode(wanted, secret or self.supabase.jwt_secret, algorithm="HS256")

    def a_conversation(
        self, owner: User | None, enriched: Json | bytes | None = None, *, stored: bool = True, **row: Any
    ) -> str:
        """Stores an enriched conversation and returns its conversation_id. With `stored` False the file is missing."""
        whole = a_conversation_row(**row)
        path = whole.setdefault("enriched_file_path", f"{whole['conversation_id']}/enriched.json")
        whole.setdefault("created_by", owner.id if owner else None)
        content = enriched if isinstance(enriched, bytes) else json.dumps(enriched or an_enriched_file()).encode()
        if stored and path:
            bucket = self.client.storage.from_("conversation-files")
            bucket.upload(path, content, {"content-type": "application/json", "upsert": "true"})
        self.client.table("conversations").insert(whole).execute()
        return str(whole["conversation_id"])

    def some_conversations(self, owner: User | None, count: int) -> list[str]:
        return [self.a_conversation(owner) for _ in range(count)]

    def many_conversations(self, owner: User | None, count: int, enriched: Json | None = None) -> list[str]:
        """Conversations that share one enriched file, in an order that no column of theirs has."""
        path = f"{owner.id if owner else 'nobody'}/{uuid4()}/enriched.json"
        content = json.dumps(enriched or an_enriched_file(a_pair(1))).encode()
        self.client.storage.from_("conversation-files").upload(path, content, {"content-type": "application/json"})
        ids = [str(uuid4()) for _ in range(count)]
        self.database.execute(
            "insert into public.conversations (conversation_id, enrichment_status, enriched_file_path, created_by) "
            "select unnest(%s::uuid[]), 'completed', %s, %s",
            [ids, path, owner.id if owner else None],
        )
        return random.Random(7).sample(ids, count)  # noqa: S311 - A fixed shuffle.

    def a_row_that_nobody_can_read(self, owner: User) -> None:
        """A training file that the system would never write; the owner's list answers an internal error."""
        self.database.execute(
            "insert into public.training_files (name, scaffolding_distribution, created_by) values (%s, %s, %s)",
            ["unreadable", '["no distribution"]', owner.id],
        )

    def rows(self, query: str, *parameters: Any) -> list[Json]:
        with self.database.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, parameters).fetchall()

    def training_file_rows(self, owner: User) -> list[Json]:
        return self.rows("select * from public.training_files where created_by = %s", owner.id)

    def revision_rows(self, owner: User) -> list[Json]:
        return self.rows("select * from public.training_file_revisions where created_by = %s", owner.id)

    def object_paths(self) -> set[str]:
        """All objects of the training files' bucket."""
        return {row["name"] for row in self.rows("select name from storage.objects where bucket_id = 'training-files'")}

    @contextmanager
    def closing_what_is_opened(self) -> Iterator[None]:
        """The connections of users who come meanwhile end with it, those of others stay."""
        there = len(self._opened)
        yield
        for http in self._opened[there:]:
            http.close()
        del self._opened[there:]

    def close(self) -> None:
        for http in self._opened:
            http.close()
