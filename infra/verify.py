"""`make verify`: is everything there that Training Files needs? Line by line, non-zero when something is missing."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg

from infra.terminal import fail
from training_files.adapters.aws_secrets import secret_at
from training_files.adapters.supabase_connection import SupabaseConnection
from training_files.bootstrap import create_training_file_service
from training_files.errors import ConversationValidationError, SettingsError, TrainingFilesError
from training_files.ports import BytesPart
from training_files.records import CreateTrainingFileInput
from training_files.service import TrainingFileService
from training_files.settings import Settings, settings_from

COLUMNS = {
    "conversations": "id conversation_id enrichment_status enriched_file_path persona_key emotional_arc_key topic_key "
    "scaffolding_snapshot quality_score created_by created_at",
    "training_files": "id name description json_file_path jsonl_file_path storage_bucket target_model vertical "
    "conversation_count total_training_pairs trainable_pairs json_file_size jsonl_file_size avg_quality_score "
    "min_quality_score max_quality_score human_reviewed_count scaffolding_distribution status revision "
    "last_updated_at created_by created_at updated_at",
    "training_file_revisions": "id training_file_id number status requested progress_done progress_total error "
    "json_file_path jsonl_file_path json_file_size jsonl_file_size json_body_offset totals created_by created_at "
    "finished_at published_at",
    "training_file_conversations": "training_file_id conversation_id position added_at added_by added_in_revision "
    "training_pairs trainable_pairs score_sum score_count min_quality_score max_quality_score reviewed_pairs "
    "persona_key emotional_arc_key training_topic_key enriched_sha256",
}
OUR_TABLES = ("training_files", "training_file_revisions", "training_file_conversations")
FUNCTIONS = (
    "resolve_training_file_request",
    "begin_training_file_revision",
    "commit_training_file_revision",
    "abandon_training_file_revision",
    "delete_training_file",
)
MIME_TYPES = {"application/json", "application/x-ndjson"}
MIGRATE = "run `make migrate`, or paste sql/ into the SQL editor"

Database = psycopg.Connection[tuple[Any, ...]]


class RoundTripError(Exception):
    """Something came back otherwise than it was sent."""


@dataclass(frozen=True)
class Finding:
    """One line of the report; `missing` says what is wrong and what mends it, None when all is well."""

    subject: str
    missing: str | None = None


def main() -> int:
    address = os.environ.get("SUPABASE_DB_URL")
    if not address:
        return fail("SUPABASE_DB_URL is not set: the project's connection string, postgresql://…")
    try:
        settings = settings_from(os.environ, secret_at)
        with psycopg.connect(address, autocommit=True) as database:
            faults = _report(_findings(database, settings))
    except SettingsError as error:
        return fail(str(error))
    except psycopg.OperationalError as error:
        return fail(f"The database of SUPABASE_DB_URL cannot be used: {str(error).splitlines()[0]}")
    print("\nEverything is in place." if not faults else f"\n{faults} of the checks failed.")
    return 1 if faults else 0


def _report(findings: Iterator[Finding]) -> int:
    faults = 0
    for finding in findings:
        faults += finding.missing is not None
        print(f"  {'FAIL' if finding.missing else 'ok':<5} {finding.subject}", end="")
        print(f": {finding.missing}" if finding.missing else "", flush=True)
    return faults


def _findings(database: Database, settings: Settings) -> Iterator[Finding]:
    for table in COLUMNS:
        yield Finding(f"table {table} and its columns", _missing_columns(database, table))
    for table in OUR_TABLES:
        yield Finding(f"row level security of {table}", _open_rows(database, table))
    for function in FUNCTIONS:
        yield Finding(f"function {function}, for the service role only", _open_function(database, function))
    yield Finding("bucket training-files: private, size limit, types", _bucket_fault(database))
    yield Finding("bucket conversation-files", _conversation_bucket_fault(database))
    yield Finding("storage policies: owners read, only the service writes", _storage_policy_fault(database))
    with _service(settings) as service:
        yield from _round_trip(database, service)


def _missing_columns(database: Database, table: str) -> str | None:
    query = "select column_name from information_schema.columns where table_schema = 'public' and table_name = %s"
    there = {row[0] for row in database.execute(query, [table])}
    if not there:
        return f"the table is missing; {MIGRATE}"
    absent = [column for column in COLUMNS[table].split() if column not in there]
    return f"without {', '.join(absent)}; {MIGRATE}" if absent else None


def _open_rows(database: Database, table: str) -> str | None:
    query = """
        select c.relrowsecurity,
          exists (select from pg_policies p where p.schemaname = 'public' and p.tablename = c.relname),
          has_table_privilege('anon', c.oid, 'select'),
          has_table_privilege('authenticated', c.oid, 'insert, delete')
        from pg_class c where c.oid = to_regclass('public.' || %s)"""
    row = database.execute(query, [table]).fetchone()
    if row is None:
        return f"the table is missing; {MIGRATE}"
    enabled, has_policy, anon_reads, users_write = row
    if not enabled or not has_policy:
        return f"it is switched off or has no policy; {MIGRATE}"
    return f"anon may read it or users may write it; {MIGRATE}" if anon_reads or users_write else None


def _open_function(database: Database, function: str) -> str | None:
    query = """
        select has_function_privilege('anon', oid, 'execute')
            or has_function_privilege('authenticated', oid, 'execute'),
          has_function_privilege('service_role', oid, 'execute'),
          coalesce(array_to_string(proconfig, ',') like '%%search_path=%%', false)
        from pg_proc where pronamespace = 'public'::regnamespace and proname = %s"""
    row = database.execute(query, [function]).fetchone()
    if row is None:
        return f"the function is missing; {MIGRATE}"
    open_to_users, open_to_service, has_search_path = row
    if open_to_users or not open_to_service or not has_search_path:
        return f"its grants or its search_path are wrong; {MIGRATE}"
    return None


def _bucket_fault(database: Database) -> str | None:
    query = "select public, file_size_limit, allowed_mime_types from storage.buckets where id = 'training-files'"
    row = database.execute(query).fetchone()
    if row is None:
        return f"the bucket is missing; {MIGRATE}"
    is_public, size_limit, mime_types = row
    if is_public:
        return f"it is public; {MIGRATE}"
    if not size_limit or set(mime_types or ()) != MIME_TYPES:
        return f"its size limit or its types are not set; {MIGRATE}"
    return None


def _conversation_bucket_fault(database: Database) -> str | None:
    row = database.execute("select public from storage.buckets where id = 'conversation-files'").fetchone()
    if row is None:
        return f"the bucket is missing; {MIGRATE}"
    return "it is public: anyone can read your conversations; make it private" if row[0] else None


def _storage_policy_fault(database: Database) -> str | None:
    query = """
        select cmd, coalesce(qual, '') || coalesce(with_check, '') from pg_policies
        where schemaname = 'storage' and tablename = 'objects'"""
    policies = database.execute(query).fetchall()
    about_us = [command for command, condition in policies if "training-files" in condition]
    if "SELECT" not in about_us:
        return f"the policy for owners is missing; {MIGRATE}"
    writing = [command for command in about_us if command != "SELECT"]
    return f"a policy lets users write to the bucket ({', '.join(writing)}); drop it" if writing else None


@contextmanager
def _service(settings: Settings) -> Iterator[TrainingFileService]:
    with httpx.Client(timeout=settings.timeout_seconds) as http:
        connection = SupabaseConnection(settings.supabase_url, settings.service_role_key, http)
        yield create_training_file_service(connection, http=http, all_conversations=True)


def _round_trip(database: Database, service: TrainingFileService) -> Iterator[Finding]:
    query = """
        select conversation_id, created_by from public.conversations
        where enrichment_status in ('enriched', 'completed') and enriched_file_path is not null
          and created_by is not null limit 1"""
    try:
        found = database.execute(query).fetchone()
    except psycopg.Error:
        found = None
    if found:
        yield _outcome("round trip: create, read, download and delete", lambda: _whole_trip(service, *found))
    else:
        yield _outcome("round trip without conversations: look up, write, sign, delete", lambda: _short_trip(service))


def _outcome(subject: str, trip: Callable[[], None]) -> Finding:
    try:
        trip()
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
    finally:
        service.delete_training_file(built.id)


def _short_trip(service: TrainingFileService) -> None:
    nobody = uuid4()
    wanted = CreateTrainingFileInput(name="verify", conversation_ids=(nobody,), created_by=nobody, dry_run=True)
    try:
        service.create_training_file(wanted)
    except ConversationValidationError:
        store, path = service.stores.training_files, f"{nobody}/training.json"
        store.write(path, [BytesPart(b"{}")], "application/json")
        try:
            httpx.get(store.signed_url(path, expires_in_seconds=60)).raise_for_status()
        finally:
            store.remove([path])


if __name__ == "__main__":
    sys.exit(main())
