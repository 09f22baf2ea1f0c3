"""A training file that is made, read, downloaded and deleted again: what the service needs works together."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID, uuid4

import httpx
import psycopg

from infra.checks.finding import Finding
from infra.project_database import Database
from training_files.domain.exports.export import CreateExportInput
from training_files.domain.training_file.build_request import CreateTrainingFileInput
from training_files.errors import ConversationValidationError, TrainingFilesError
from training_files.ports.objects import BytesPart
from training_files.service import TrainingFileService

# A project may have a few conversations whose enriched files are broken; that says nothing about the set-up.
CONVERSATIONS_TRIED = 4
WHOLE_TRIP = "round trip: create, read, download, export and delete"
SHORT_TRIP = "round trip without conversations: look up, write, sign, delete"

Candidates = Sequence[tuple[UUID, UUID]]


class RoundTripError(Exception):
    """Something came back otherwise than it was sent."""


def check_round_trip(database: Database, service: TrainingFileService) -> Iterator[Finding]:
    unusable: list[str] = []
    for conversation_id, owner in _candidates(database):
        try:
            finding = _outcome(WHOLE_TRIP, _whole_trip, service, conversation_id, owner)
        except ConversationValidationError as error:
            unusable.append(error.message)
        else:
            yield finding
            return
    if unusable:
        reason = f"the newest {len(unusable)} cannot be used; the first of them: {unusable[0]}"
        yield Finding("conversations for a round trip", warning=reason)
    yield _outcome(SHORT_TRIP, _short_trip, service)


def _candidates(database: Database) -> Candidates:
    query = """
        select conversation_id, created_by from public.conversations
        where enrichment_status in ('enriched', 'completed') and enriched_file_path is not null
          and created_by is not null
          -- The table is not ours: a year that no date can be written of would be the newest.
          and created_at between '0001-01-02' and '9999-12-30'
        order by created_at desc limit %s"""
    try:
        return database.execute(query, [CONVERSATIONS_TRIED]).fetchall()
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


def _whole_trip(service: TrainingFileService, conversation_id: UUID, owner: UUID) -> None:
    wanted = CreateTrainingFileInput(name=f"verify {uuid4()}", conversation_ids=(conversation_id,), created_by=owner)
    built = service.create_training_file(wanted)
    if built.id is None or built.json_file_path is None:
        raise RoundTripError("the created training file has no id or no path")
    try:
        if service.get_training_file_conversations(built.id) != [conversation_id]:
            raise RoundTripError("the training file does not list its conversation")
        content = httpx.get(service.get_download_url(built.json_file_path)).raise_for_status().content
        if len(content) != built.json_file_size:
            raise RoundTripError("the download has another size than stated")
        _export(service, built.id)
    finally:
        service.delete_training_file(built.id)


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
