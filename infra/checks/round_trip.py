"""A training file that is made, read, downloaded and deleted again: what the service needs works together.

All is done as a user who is there for this time only, so that nobody sees it, is told of it, or keeps any of it.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import httpx
import psycopg

from infra.checks.finding import Finding
from infra.checks.guest import Guest, GuestError, Traces, guest, remove_traces, token_of, traces_of
from infra.project_database import Database
from training_files.adapters.supabase.access_tokens import AccessTokens, SigningKeys
from training_files.domain.exports.export import CreateExportInput
from training_files.domain.training_file.build_request import CreateTrainingFileInput
from training_files.domain.training_file.training_file import ListTrainingFilesFilters
from training_files.errors import ConversationValidationError, TrainingFilesError, UnauthorizedError
from training_files.ports.objects import BytesPart
from training_files.service import TrainingFileService
from training_files.settings import ReadingSettings, Settings
from training_files.wiring.reading import reading_application_from

# A project may have a few conversations whose enriched files are broken; that says nothing about the set-up.
CONVERSATIONS_TRIED = 4
WHOLE_TRIP = "round trip: create, read, download, export and delete"
SHORT_TRIP = "round trip without conversations: look up, write, sign, delete"
TOKENS = "access tokens of the project"
SETTINGS_OF_TOKENS = (
    "Set SUPABASE_JWT_SECRET to the project's, if it signs with a shared secret, and SUPABASE_JWT_ISSUER, if it has a "
    "domain of its own"
)
READING = "calls that only read, with a user's token"


class RoundTripError(Exception):
    """Something came back otherwise than it was sent."""


@dataclass(frozen=True)
class Project:
    """Where the trip goes: the database, the settings, and the service over them."""

    database: Database
    settings: Settings
    reading: ReadingSettings
    http: httpx.Client
    service: TrainingFileService


def check_round_trip(project: Project) -> Iterator[Finding]:
    try:
        with guest(project.settings, project.http) as one:
            if not _is_known(project.database, one):
                yield Finding("one project", "SUPABASE_DB_URL and SUPABASE_URL are of different projects")
                return
            yield from _token_findings(project, one)
            yield from _trip_findings(project, one)
    except (GuestError, httpx.HTTPError) as error:
        yield Finding("a user for the time of the check", f"{error}; the round trip was not tried")


def _is_known(database: Database, one: Guest) -> bool:
    return bool(database.execute("select 1 from auth.users where id = %s", [one.id]).fetchone())


def _token_findings(project: Project, one: Guest) -> Iterator[Finding]:
    try:
        token = token_of(one, project.reading, project.http)
    except GuestError as error:
        yield Finding(TOKENS, warning=f"they cannot be tried: {error}")
        return
    settings = project.settings
    tokens = AccessTokens(settings.issuer, SigningKeys(project.http, settings.auth_url), settings.jwt_secret)
    try:
        tokens.user_of(f"Bearer {token}")
    except UnauthorizedError as error:
        reason = error.message.removesuffix(" Sign in again for a new one.")
        yield Finding(TOKENS, f"one that was just given is not taken. {reason} {SETTINGS_OF_TOKENS}")
        return
    except TrainingFilesError as error:
        yield Finding(TOKENS, error.message)
        return
    yield Finding(TOKENS)
    yield _outcome(READING, _read, project, one, token)


def _read(project: Project, one: Guest, token: str) -> None:
    application = reading_application_from(project.reading)
    try:
        service = application.service_for(one.id, f"Bearer {token}")
        if service.list_training_files(ListTrainingFilesFilters()).files:
            raise RoundTripError("a user who was just made sees training files")
    finally:
        application.close()


def _trip_findings(project: Project, one: Guest) -> Iterator[Finding]:
    unusable: list[str] = []
    for conversation_id in _candidates(project.database, project.settings.usable_statuses):
        try:
            finding = _outcome(WHOLE_TRIP, _whole_trip, project, one, conversation_id)
        except ConversationValidationError as error:
            unusable.append(error.message)
        else:
            yield finding
            return
    if unusable:
        reason = f"the newest {len(unusable)} cannot be used; the first of them: {unusable[0]}"
        yield Finding("conversations for a round trip", warning=reason)
    yield _outcome(SHORT_TRIP, _short_trip, project.service)


def _candidates(database: Database, usable_statuses: Sequence[str]) -> Sequence[UUID]:
    query = """
        select conversation_id from public.conversations
        where enrichment_status = any (%s) and enriched_file_path is not null
          -- The table is not ours: a year that no date can be written of would be the newest.
          and created_at between '0001-01-02' and '9999-12-30'
        order by created_at desc limit %s"""
    try:
        return [row[0] for row in database.execute(query, [list(usable_statuses), CONVERSATIONS_TRIED])]
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        return []  # which the check of the tables has told


def _outcome(subject: str, trip: Callable[..., None], *arguments: object) -> Finding:
    """Raises ConversationValidationError, which is about a conversation and not about the set-up."""
    try:
        trip(*arguments)
    except ConversationValidationError:
        raise
    except (TrainingFilesError, httpx.HTTPError, RoundTripError) as error:
        return Finding(subject, str(error))
    return Finding(subject)


def _whole_trip(project: Project, one: Guest, conversation_id: UUID) -> None:
    made: list[UUID] = []
    service, database = _noting_ids(project.service, made).acting_for(one.id), project.database
    wanted = CreateTrainingFileInput(name=f"verify {uuid4()}", conversation_ids=(conversation_id,), created_by=one.id)
    traces = traces_of(one, database)
    try:
        built = service.create_training_file(wanted)
        if built.id is None or built.json_file_path is None:
            raise RoundTripError("the created training file has no id or no path")
        if service.get_training_file_conversations(built.id) != [conversation_id]:
            raise RoundTripError("the training file does not list its conversation")
        content = httpx.get(service.get_download_url(built.json_file_path)).raise_for_status().content
        if len(content) != built.json_file_size:
            raise RoundTripError("the download has another size than stated")
        _export(service, built.id)
        traces = traces_of(one, database)
        service.delete_training_file(built.id)
    finally:
        left = traces_of(one, database)
        everything = traces.with_those_of(left).with_those_of(Traces(made, made))
        remove_traces(everything, database, project.service.context.stores.training_files)
    if left.training_files:
        raise RoundTripError("a training file that was deleted is still there")


def _noting_ids(service: TrainingFileService, made: list[UUID]) -> TrainingFileService:
    """The service with every id noted that it gives: an attempt that is undone leaves no row that would name it."""

    def new_id() -> UUID:
        made.append(uuid4())
        return made[-1]

    return TrainingFileService(replace(service.context, new_id=new_id))


def _export(service: TrainingFileService, training_file_id: UUID) -> None:
    wanted = CreateExportInput(training_file_id=training_file_id, format="messages", bundle=True)
    offered = service.create_export(wanted)
    for file in offered.export.files:
        content = httpx.get(offered.links[file.name]).raise_for_status().content
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise RoundTripError(f"{file.name} of an export came back otherwise than it was written")


def _short_trip(service: TrainingFileService) -> None:
    nobody = uuid4()
    wanted = CreateTrainingFileInput(name="verify", conversation_ids=(nobody,), created_by=nobody, dry_run=True)
    try:
        service.create_training_file(wanted)
    except ConversationValidationError:
        store, path = service.context.stores.training_files, f"{nobody}/training.json"
        store.write(path, [BytesPart(b"{}")], "application/json")
        try:
            httpx.get(store.signed_url(path, expires_in_seconds=60)).raise_for_status()
        finally:
            store.remove([path])
