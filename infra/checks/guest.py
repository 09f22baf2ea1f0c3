"""A user of the project's auth server who is there for as long as a check takes, and what this user leaves."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx

from infra.checks.expected import BUCKET
from infra.project_database import Database
from training_files.ports.objects import ObjectStore
from training_files.settings import ReadingSettings, Settings

# Of a domain that cannot exist: nobody is written to, and whoever finds one knows what it was.
DOMAIN = "training-files.invalid"


class GuestError(Exception):
    """The auth server made no user, or gave no token."""


@dataclass(frozen=True)
class Guest:
    """A user who has just been made."""

    id: UUID
    email: str
    password: str = field(repr=False)


@contextmanager
def guest(settings: Settings, http: httpx.Client) -> Iterator[Guest]:
    """A user for the block, who is removed at its end. Raises GuestError."""
    key, admin = settings.service_role_key, f"{settings.auth_url}/admin/users"
    headers = {"apikey": key, "Authorization": f"Bearer {key}"}
    email, password = f"verify-{uuid4()}@{DOMAIN}", secrets.token_urlsafe(24)
    made = http.post(admin, headers=headers, json={"email": email, "password": password, "email_confirm": True})
    if not made.is_success:
        raise GuestError(f"the auth server made no user for the time of the check ({made.status_code})")
    one = Guest(UUID(made.json()["id"]), email, password)
    try:
        yield one
    finally:
        http.request("DELETE", f"{admin}/{one.id}", headers=headers).raise_for_status()


def token_of(one: Guest, reading: ReadingSettings, http: httpx.Client) -> str:
    """Signs the user in, as a web app does. Raises GuestError."""
    signed_in = http.post(
        f"{reading.auth_url}/token",
        params={"grant_type": "password"},
        headers={"apikey": reading.publishable_key},
        json={"email": one.email, "password": one.password},
    )
    if not signed_in.is_success:
        raise GuestError(f"nobody can sign in with e-mail and password here ({signed_in.status_code})")
    return str(signed_in.json()["access_token"])


@dataclass(frozen=True)
class Traces:
    """What there is of a user's training files: their ids, and the folders of their objects."""

    training_files: list[UUID]
    folders: list[UUID]

    def with_those_of(self, other: "Traces") -> "Traces":
        return Traces(self.training_files + other.training_files, self.folders + other.folders)


def traces_of(one: Guest, database: Database) -> Traces:
    files = "select id from public.training_files where created_by = %s"
    folders = """
        select id from public.training_file_revisions where training_file_id = any (%(files)s)
        union select id from public.training_file_exports where training_file_id = any (%(files)s)"""
    ids = [row[0] for row in database.execute(files, [one.id])]
    return Traces(ids, [row[0] for row in database.execute(folders, {"files": ids})])


def remove_traces(traces: Traces, database: Database, store: ObjectStore) -> None:
    """Removes rows, objects and events, before anybody is told of them; what is gone already does no harm."""
    names = """
        select name from storage.objects
        where bucket_id = %s and split_part(name, '/', 1) = any (%s)"""
    objects = [row[0] for row in database.execute(names, [BUCKET, list(map(str, traces.folders))])]
    if objects:
        store.remove(objects)
    database.execute("delete from public.training_files where id = any (%s)", [traces.training_files])
    database.execute(
        "delete from public.training_file_events where training_file_id = any (%s)", [traces.training_files]
    )
    database.execute("delete from public.training_file_removals where revision_id = any (%s)", [traces.folders])
