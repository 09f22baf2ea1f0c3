"""The commands do what they say, tell plainly what is wrong, and leave nothing behind."""

import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import httpx
import psycopg
import pytest

from infra import migrate, verify
from infra.checks.expected import FUNCTIONS, TABLES
from infra.checks.finding import Finding
from infra.checks.round_trip import Project, check_round_trip
from infra.checks.storage import check_storage
from infra.checks.tables import check_tables
from infra.clients import supabase_client
from infra.local_supabase import LocalSupabase, temporary_data_folder
from infra.project_database import Database
from infra.sample_data import sample_conversations
from infra.seeding import sign_in, store_conversations
from tests.support.commands import are_gone, descendants, free_ports, run_command, started_command, wait_until
from training_files.adapters.supabase.connection import SupabaseConnection
from training_files.bootstrap import create_training_file_service
from training_files.settings import reading_settings_from, settings_from

QUICK_SECONDS = 10
OWNER_EMAIL = "commands@example.com"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a command works. PostgreSQL's own user may enter it, unlike pytest's folders."""
    with temporary_data_folder() as place:
        yield place


@pytest.fixture
def project(supabase: LocalSupabase) -> dict[str, str]:
    """The settings that name the running Supabase."""
    return {
        "SUPABASE_DB_URL": supabase.database_url,
        "SUPABASE_URL": supabase.url,
        "SUPABASE_SERVICE_ROLE_KEY": supabase.secret_key,
        "SUPABASE_PUBLISHABLE_KEY": supabase.publishable_key,
        "SUPABASE_JWT_SECRET": supabase.jwt_secret,
    }


@pytest.fixture
def database(supabase: LocalSupabase) -> Iterator[Database]:
    """A connection whose work is undone after the test."""
    with psycopg.connect(supabase.database_url) as connection:
        yield connection
        connection.rollback()


def files_of(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


@pytest.mark.slow
def test_the_demo_shows_both_files_and_an_export_and_leaves_nothing_running(folder: Path) -> None:
    with started_command("infra.demo", {}, folder) as demo:
        demo.wait_for("POST …/add-conversations")
        started = descendants(demo.process.pid)
        ended = demo.finished()

    assert ended.exit_code == 0, ended.output
    assert "To choose from: 12 conversations that can be used\n" in ended.output
    assert "Found by text health, and removed\n  truncated_target  conversation" in ended.output
    assert "Demo training file, revision 3, tagged first-delivery\n  conversations    11\n" in ended.output
    assert "First line of Demo training file.jsonl, with the keys id, conversation_id, " in ended.output
    assert "in two splits    0 conversations\n" in ended.output
    assert (
        'First line of Demo-training-file.messages.train.jsonl, with the keys messages\n  {"messages":' in ended.output
    )
    downloaded = {
        "Demo training file.json",
        "Demo training file.jsonl",
        "Demo-training-file.messages.train.jsonl",
        "Demo-training-file.messages.validation.metadata.jsonl",
        "Demo-training-file.messages.zip",
    }
    assert downloaded <= files_of(folder / ".demo")
    assert started
    assert are_gone(started)
    assert files_of(folder) == {".demo", "infra.demo.log"}


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["Starting Supabase", "POST /api/training-files"])
def test_an_interrupted_demo_ends_at_once_and_leaves_nothing(folder: Path, moment: str) -> None:
    with started_command("infra.demo", {}, folder) as demo:
        demo.wait_for(moment)
        assert wait_until(lambda: bool(descendants(demo.process.pid)))
        started = descendants(demo.process.pid)
        begun = time.monotonic()
        ended = demo.interrupted()

    assert time.monotonic() - begun < QUICK_SECONDS
    assert ended.exit_code == 130
    assert ended.output.endswith("Stopped; nothing is left running.\n")
    assert "Traceback" not in ended.output
    assert wait_until(lambda: are_gone(started))
    assert files_of(folder) <= {".demo", "infra.demo.log"}


def tried_in_dev(variables: dict[str, str]) -> list[int]:
    """The statuses of a create that is sent twice with its Idempotency-Key, and of the hook."""
    user = {"Authorization": f"Bearer {variables['USER_TOKEN']}", "Idempotency-Key": "once"}
    body = {"name": "once", "conversation_ids": variables["CONVERSATION_IDS"].split(",")[:1]}
    hook = {"X-Webhook-Secret": variables["HOOK_SECRET"]}
    with httpx.Client(base_url=variables["API_URL"], timeout=60) as http:
        answers = [
            *(http.post("/api/training-files", json=body, headers=user) for _ in range(2)),
            http.post("/api/hooks/conversation-enriched", json={"conversation_ids": [str(uuid4())]}, headers=hook),
        ]
    return [answer.status_code for answer in answers]


@pytest.mark.slow
def test_dev_runs_until_it_is_interrupted_and_keeps_its_keys_to_its_owner(folder: Path) -> None:
    ports = dict(zip(("SUPABASE_PORT", "POSTGRES_PORT", "API_PORT"), map(str, free_ports(3)), strict=True))
    with started_command("infra.dev", ports, folder) as dev:
        dev.wait_for("Ctrl-C stops everything.")
        started = descendants(dev.process.pid)
        settings = folder / ".local/dev.env"
        assert stat.S_IMODE(settings.stat().st_mode) == 0o600
        variables = dict(line.split("=", 1) for line in settings.read_text().splitlines())
        assert variables["API_URL"] == f"http://127.0.0.1:{ports['API_PORT']}"
        assert f"{variables['API_URL']}/api/docs" in dev.output
        tried = tried_in_dev(variables)
        ended = dev.interrupted()

    assert ended.exit_code == 0
    assert tried == [201, 201, 202]
    assert "Traceback" not in ended.output
    assert "Stopped. The data stay in .local" in ended.output
    assert started
    assert wait_until(lambda: are_gone(started))


def test_migrating_twice_is_as_good_as_once(folder: Path, project: dict[str, str]) -> None:
    for _ in range(2):
        ended = run_command("infra.migrate", project, folder)

        assert ended.exit_code == 0, ended.output
        assert ended.output.endswith("The database is up to date. Next: make verify\n")


@pytest.fixture
def stored(supabase: LocalSupabase) -> Iterator[list[str]]:
    """Two conversations that can be used, and four behind them whose enriched file is missing."""
    owner, _ = sign_in(supabase, OWNER_EMAIL)
    samples = list(sample_conversations(2, seed=77))
    with supabase_client(supabase.url, supabase.secret_key) as client:
        usable = store_conversations(client, samples, owner)
    broken = [str(uuid4()) for _ in range(4)]
    with psycopg.connect(supabase.database_url, autocommit=True) as connection:
        for conversation_id in broken:
            connection.execute(
                "insert into conversations (conversation_id, enrichment_status, enriched_file_path, created_by)"
                " values (%s, 'completed', 'nowhere.json', %s)",
                [conversation_id, owner],
            )
        yield [*usable, *broken]
        connection.execute("delete from conversations where conversation_id = any (%s)", [[*usable, *broken]])


def make_newest(supabase: LocalSupabase, conversation_ids: list[str]) -> None:
    with psycopg.connect(supabase.database_url, autocommit=True) as connection:
        for position, conversation_id in enumerate(conversation_ids, start=1):
            connection.execute(
                "update conversations set created_at = now() + %s * interval '1 hour' where conversation_id = %s",
                [position, conversation_id],
            )


def test_verify_finds_all_in_place_and_passes_over_a_broken_conversation(
    folder: Path, project: dict[str, str], supabase: LocalSupabase, stored: list[str]
) -> None:
    make_newest(supabase, [stored[0], stored[2], stored[3]])

    ended = run_command("infra.verify", project, folder)

    assert ended.exit_code == 0, ended.output
    assert "  ok    round trip: create, read, download, export and delete\n" in ended.output
    assert "FAIL" not in ended.output
    assert "warn" not in ended.output
    assert ended.output.endswith("Everything is in place.\n")


def test_verify_makes_do_without_conversations_when_all_that_it_tries_are_broken(
    folder: Path, project: dict[str, str], supabase: LocalSupabase, stored: list[str]
) -> None:
    make_newest(supabase, stored)

    ended = run_command("infra.verify", project, folder)

    assert ended.exit_code == 0, ended.output
    assert "  warn  conversations for a round trip: the newest 4 cannot be used; the first of them: " in ended.output
    assert "  ok    round trip without conversations: look up, write, sign, delete\n" in ended.output


def test_verify_ends_non_zero_when_a_check_fails(
    folder: Path, project: dict[str, str], supabase: LocalSupabase, stored: list[str]
) -> None:
    make_newest(supabase, stored[:1])
    with psycopg.connect(supabase.database_url, autocommit=True) as connection:
        connection.execute("update storage.buckets set public = true where id = 'training-files'")
        try:
            ended = run_command("infra.verify", project, folder)
        finally:
            connection.execute("update storage.buckets set public = false where id = 'training-files'")

    assert ended.exit_code == 1
    assert "  FAIL  bucket training-files: private, size limit, types: it is public; run `make migrate`" in ended.output
    assert ended.output.endswith("1 of the checks failed.\n")


ANOTHER_SECRET = "a secret of another project that is at least 32 bytes long"
WRONG_SETTINGS = {
    "server key": (
        {"SUPABASE_SERVICE_ROLE_KEY": "sb_secret_of_another"},
        "server key: the project refuses it; set SUPABASE_SERVICE_ROLE_KEY",
    ),
    "publishable key": (
        {"SUPABASE_PUBLISHABLE_KEY": "sb_publishable_of_another"},
        "publishable key: the project refuses it; set SUPABASE_PUBLISHABLE_KEY to",
    ),
    "JWT secret": (
        {"SUPABASE_JWT_SECRET": ANOTHER_SECRET},
        "one that was just given is not taken. The access token was refused: its signature is wrong. Set SUPABASE_",
    ),
    "no JWT secret": ({"SUPABASE_JWT_SECRET": ""}, "is not taken. The access token was refused: it is not signed with"),
    "URL of nobody": (
        {"SUPABASE_URL": "http://127.0.0.1:9"},
        "server key: it cannot be tried: SUPABASE_URL does not answer",
    ),
}


@pytest.mark.parametrize(("changes", "line"), WRONG_SETTINGS.values(), ids=WRONG_SETTINGS)
def test_verify_names_a_wrong_setting(
    folder: Path, project: dict[str, str], changes: dict[str, str], line: str
) -> None:
    ended = run_command("infra.verify", project | changes, folder)

    assert ended.exit_code == 1
    assert line in ended.output
    assert "Traceback" not in ended.output
    assert not [value for value in changes.values() if value.startswith("sb_") and value in ended.output]


UNUSABLE_SETTINGS = {
    "a part of the project": ("SUPABASE_URL", "/rest/v1", "SUPABASE_URL ends in /rest/v1; leave that out"),
    "a publishable key for the server key": ("SUPABASE_SERVICE_ROLE_KEY", "sb_publishable_x", "is a publishable key"),
    "the server key for a publishable one": ("SUPABASE_PUBLISHABLE_KEY", "sb_secret_x", "is a server key"),
}


@pytest.mark.parametrize(("name", "value", "sentence"), UNUSABLE_SETTINGS.values(), ids=UNUSABLE_SETTINGS)
def test_verify_refuses_a_setting_that_can_be_no_such(
    project: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    sentence: str,
) -> None:
    whole = project[name] + value if name == "SUPABASE_URL" else value

    exit_code, output = main_of(verify, project | {name: whole}, monkeypatch, capsys)

    assert exit_code == 1
    assert output.startswith(name)
    assert sentence in output


TRACES = """
    with guests as (select id from auth.users where email like '%%training-files.invalid')
    select 'file' from training_files where name like 'verify%%' or created_by in (select id from guests)
    union all select 'event' from training_file_events where detail ->> 'name' like 'verify%%'
    union all select 'user' from guests
    union all select 'object' from storage.objects where bucket_id = 'training-files' and created_at > %(begun)s
    union all select 'removal' from training_file_removals where created_at > %(begun)s
"""
HARMS = {
    "none": ("select 1", "select 1"),
    "an export cannot be finished": (
        "alter function commit_training_file_export rename to away",
        "alter function away rename to commit_training_file_export",
    ),
    "no object can be written": (
        "update storage.buckets set file_size_limit = 100 where id = 'training-files'",
        "update storage.buckets set file_size_limit = 52428800 where id = 'training-files'",
    ),
    "a revision cannot be committed": (
        "alter function commit_training_file_revision rename to away",
        "alter function away rename to commit_training_file_revision",
    ),
    "nothing can be deleted": (
        "alter function delete_training_file rename to away",
        "alter function away rename to delete_training_file",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("harm", "mend"), HARMS.values(), ids=HARMS)
def test_verify_leaves_nothing_whatever_fails(
    folder: Path, project: dict[str, str], supabase: LocalSupabase, stored: list[str], harm: str, mend: str
) -> None:
    make_newest(supabase, stored[:1])
    with psycopg.connect(supabase.database_url, autocommit=True) as connection:
        [(begun,)] = connection.execute("select clock_timestamp()").fetchall()
        connection.execute(harm.encode())
        try:
            ended = run_command("infra.verify", project, folder)
        finally:
            connection.execute(mend.encode())
        left = connection.execute(TRACES.encode(), {"begun": begun}).fetchall()

    assert ended.exit_code == (0 if harm == mend else 1), ended.output
    assert left == []


def test_verify_notices_a_database_of_another_project(project: dict[str, str], supabase: LocalSupabase) -> None:
    """It does not see the user who was made over the other address; here, because it looks at an earlier moment."""
    settings, reading = settings_from(project, lambda *_: "{}"), reading_settings_from(project)
    with psycopg.connect(supabase.database_url) as earlier, httpx.Client() as http:
        earlier.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        earlier.execute("select 1")
        connection = SupabaseConnection(settings.supabase_url, settings.service_role_key, http)
        service = create_training_file_service(connection, http=http)

        [finding] = check_round_trip(Project(earlier, settings, reading, http, service))

    assert (finding.subject, finding.fault) == (
        "one project",
        "SUPABASE_DB_URL and SUPABASE_URL are of different projects",
    )


def test_verify_says_what_it_does_not_try_without_tables(
    folder: Path, project: dict[str, str], supabase: LocalSupabase
) -> None:
    # The local REST learns of the tables at its first request, and once for all.
    with supabase_client(supabase.url, supabase.secret_key) as client:
        client.table("training_files").select("id").limit(1).execute()
    with psycopg.connect(supabase.database_url, autocommit=True) as connection:
        connection.execute("alter table training_files rename to away")
        try:
            ended = run_command("infra.verify", project, folder)
        finally:
            connection.execute("alter table away rename to training_files")

    assert ended.exit_code == 1
    assert "warn  access tokens, reading, and the round trip: not tried, because tables are missing" in ended.output
    assert ended.output.endswith("of the checks failed.\n")


def remarks(database: Database) -> list[Finding]:
    findings = [*check_tables(database), *check_storage(database)]
    return [finding for finding in findings if finding.verdict != "ok"]


def test_verify_finds_nothing_wrong_with_a_database_that_was_just_migrated(database: Database) -> None:
    assert remarks(database) == []


WRITERS, PATHS = "who writes into conversation-files", "who writes enriched_file_path of conversations"
FILES, OBJECTS = "row level security of training_files", "storage policies: owners read, only the service writes"


@pytest.mark.parametrize(
    ("harm", "subject", "fault"),
    [
        (
            "revoke select on conversations from service_role",
            "grants on conversations",
            "run `grant select on public.conversations to service_role;`",
        ),
        (
            "alter table training_files drop column target_model, drop column vertical",
            "table training_files and its columns",
            "run `alter table public.training_files add column target_model text, add column vertical text;`, then",
        ),
        (
            "alter table conversations drop column scaffolding_snapshot",
            "table conversations and its columns",
            "run `alter table public.conversations add column scaffolding_snapshot jsonb;`",
        ),
        (
            "alter table training_file_revisions drop column warnings",
            "table training_file_revisions and its columns",
            "without warnings; run `make migrate`",
        ),
        (
            "drop trigger training_files_tell_of_revision on training_files",
            "triggers of training_files",
            'without "training_files_tell_of_revision"',
        ),
        (
            "alter table training_file_exports disable trigger training_file_exports_removed",
            "triggers of training_file_exports",
            "or it is switched off",
        ),
        (
            "update storage.buckets set file_size_limit = 1000 where id = 'training-files'",
            "bucket training-files: private, size limit, types",
            "it takes only 1,000 bytes an object",
        ),
        (
            "alter function delete_training_file rename to another",
            "function delete_training_file, for the service role only",
            "the function is missing",
        ),
        (
            "grant execute on function delete_training_file to public",
            "function delete_training_file, for the service role only",
            "its grants or its search_path are wrong",
        ),
        ("alter table training_files disable row level security", FILES, "it is switched off"),
        (
            'drop policy "Owners read their revisions" on training_file_revisions',
            "row level security of training_file_revisions",
            'without the policy "Owners read their revisions"',
        ),
        (
            "create policy wide on training_files for select to authenticated using (true)",
            FILES,
            'the policy "wide" lets users at more than their own rows',
        ),
        (
            'alter policy "Owners read their training files" on training_files using (true)',
            FILES,
            'the policy "Owners read their training files" does not ask who calls',
        ),
        (
            "grant update on training_files to authenticated",
            "grants on training_files",
            "anon may use it, or users may write more",
        ),
        (
            "grant update (revision) on training_files to authenticated",
            "grants on training_files",
            "anon may use it, or users may write more",
        ),
        (
            "grant select on training_file_revisions to anon",
            "grants on training_file_revisions",
            "anon may use it, or users may write more",
        ),
        (
            "update storage.buckets set public = true where id = 'training-files'",
            "bucket training-files: private, size limit, types",
            "it is public",
        ),
        (
            "create policy wide on storage.objects for all to authenticated using (true)",
            OBJECTS,
            '"wide" (all) lets users at training-files',
        ),
        (
            "create policy wide on storage.objects for insert with check (auth.uid() is not null)",
            OBJECTS,
            '"wide" (insert) lets users at training-files',
        ),
        (
            "create policy wide on storage.objects for select to anon using (bucket_id = 'avatars' or owner is null)",
            OBJECTS,
            '"wide" (select) lets users at training-files',
        ),
        (
            "create policy wide on storage.objects for update using (bucket_id = 'avatars') with check (true)",
            OBJECTS,
            '"wide" (update) lets users at training-files',
        ),
        (
            "create policy wide on storage.objects using (bucket_id = any (array['avatars', 'training-files']))",
            OBJECTS,
            '"wide" (all) lets users at training-files',
        ),
        (
            'alter policy "Owners read the objects of their training files" on storage.objects using (true)',
            OBJECTS,
            "a policy for owners is missing or changed",
        ),
        (
            "alter table conversations disable row level security",
            "row level security of conversations",
            "every user reads all of it; `alter table public.conversations enable row level security;` mends that",
        ),
    ],
)
def test_every_open_right_is_reported_in_one_line(database: Database, harm: str, subject: str, fault: str) -> None:
    database.execute(harm)

    # What lets users write anywhere in the storage is worth a warning about enriched files, too.
    (remark,) = [each for each in remarks(database) if each.subject != WRITERS]

    assert remark.subject == subject
    assert fault in str(remark)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("conversations", "quality_score"),
        ("training_files", "name"),
        ("training_files", "scaffolding_distribution"),
        ("training_file_revisions", "error"),
        ("training_file_exports", "key"),
        ("training_file_conversations", "min_quality_score"),
    ],
)
def test_the_statement_that_verify_names_brings_a_dropped_column_back(
    database: Database, table: str, column: str
) -> None:
    database.execute("delete from training_files; delete from conversations")
    database.execute(f"alter table {table} drop column {column} cascade".encode())
    [told] = [each for each in remarks(database) if each.subject == f"table {table} and its columns"]
    [statement] = re.findall(r"run `(alter table .*?;)`", str(told))

    database.execute(statement.encode())
    migrate.migrate(database)

    assert remarks(database) == []


@pytest.mark.parametrize(
    ("harm", "warning"),
    [
        (
            (
                "create policy wide on storage.objects for insert to authenticated "
                "with check (bucket_id = 'conversation-files')"
            ),
            (WRITERS, '"wide" (insert) lets users write there'),
        ),
        (
            "create policy wide on storage.objects for update to authenticated using (bucket_id <> 'training-files')",
            (WRITERS, '"wide" (update) lets users write there'),
        ),
        (
            (
                "grant update (enriched_file_path) on conversations to authenticated;"
                "create policy own on conversations for update to authenticated using (created_by = auth.uid())"
            ),
            (PATHS, "users may update it"),
        ),
        (
            (
                "grant insert on conversations to authenticated;"
                "grant update on conversations to anon;"
                "create policy own on conversations to public using (created_by = auth.uid())"
            ),
            (PATHS, "users may insert and update it"),
        ),
    ],
)
def test_a_right_to_choose_what_is_read_as_an_enriched_file_is_a_warning(
    database: Database, harm: str, warning: tuple[str, str]
) -> None:
    database.execute(harm.encode())

    (remark,) = remarks(database)

    assert (remark.subject, remark.verdict) == (warning[0], "warn")
    assert warning[1] in str(remark)


@pytest.mark.parametrize(
    "right",
    [
        "grant insert, update on conversations to authenticated",
        (
            "grant update (quality_score) on conversations to authenticated;"
            "create policy own on conversations for update to authenticated using (created_by = auth.uid())"
        ),
        "create policy own on conversations for update to authenticated using (created_by = auth.uid())",
    ],
)
def test_a_right_that_does_not_reach_the_path_is_none(database: Database, right: str) -> None:
    database.execute(right.encode())

    assert remarks(database) == []


@pytest.mark.parametrize(
    "policy",
    [
        "create policy other on storage.objects for all to authenticated using (bucket_id = 'avatars')",
        "create policy other on storage.objects for insert with check (bucket_id = 'a' and (true or name = ') OR '))",
        "create policy other on storage.objects using (bucket_id = any (array['avatars', 'films']))",
        "create policy other on storage.objects using (bucket_id = 'films' or bucket_id = 'avatars' and true)",
        "create policy other on storage.objects for select using (bucket_id <> 'training-files')",
        "create policy other on storage.objects for all to service_role using (true)",
        "create policy other on storage.objects as restrictive for all to authenticated using (true)",
        "create policy other on training_files to service_role using (true)",
    ],
)
def test_policies_that_open_nothing_of_ours_are_no_fault(database: Database, policy: str) -> None:
    database.execute(policy)

    assert remarks(database) == []


def test_what_verify_expects_is_what_the_migrations_make(database: Database) -> None:
    columns = database.execute(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'public' and table_name like 'training%'"
    ).fetchall()
    functions = database.execute(
        "select proname from pg_proc where pronamespace = 'public'::regnamespace"
        " and has_function_privilege('service_role', oid, 'execute') and prorettype <> 'trigger'::regtype"
    ).fetchall()

    assert {(name, column) for name, table in TABLES.items() for column in table.columns.split()} == set(columns)
    assert set(FUNCTIONS) == {name for (name,) in functions}


PASSWORD = "hunter2"
SETTINGS = (
    "SUPABASE_DB_URL",
    "SUPABASE_URL",
    "NEXT_PUBLIC_SUPABASE_URL",
    "SUPABASE_SERVICE_ROLE_KEY",
    "SUPABASE_SECRET_ARN",
    "SUPABASE_PUBLISHABLE_KEY",
    "TRAINING_FILES_BUCKET_SIZE_LIMIT",
)
NO_CONNECTION_STRING = "SUPABASE_DB_URL is not a connection string"
NO_CONNECTION = "The database of SUPABASE_DB_URL cannot be used"


@pytest.mark.parametrize(
    ("command", "address", "sentence"),
    [
        (migrate, PASSWORD, NO_CONNECTION_STRING),
        (verify, PASSWORD, NO_CONNECTION_STRING),
        (migrate, f"postgresql://postgres:%zz{PASSWORD}@127.0.0.1:1/postgres", NO_CONNECTION_STRING),
        (migrate, f"postgresql://postgres:p@{PASSWORD}@127.0.0.1:1/postgres", NO_CONNECTION_STRING),
        (migrate, f"postgresql://postgres:{PASSWORD}/p@127.0.0.1:1/postgres", NO_CONNECTION_STRING),
        (migrate, f"postgresql://postgres:{PASSWORD}@127.0.0.1:1/postgres", NO_CONNECTION),
        (verify, f"postgresql://postgres:{PASSWORD}@127.0.0.1:1/postgres", NO_CONNECTION),
        (migrate, "", "SUPABASE_DB_URL is not set"),
    ],
)
def test_a_wrong_database_address_is_reported_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: ModuleType,
    address: str,
    sentence: str,
) -> None:
    settings = {
        "SUPABASE_URL": "http://127.0.0.1:1",
        "SUPABASE_SERVICE_ROLE_KEY": "key",
        "SUPABASE_PUBLISHABLE_KEY": "key",
        "SUPABASE_DB_URL": address,
    }

    exit_code, output = main_of(command, settings, monkeypatch, capsys)

    assert exit_code == 1
    assert output.startswith(sentence)
    assert PASSWORD not in output


def main_of(
    command: ModuleType,
    settings: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> tuple[int, str]:
    """The exit code and the output of a command that starts in this process, which is quicker."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    exit_code = command.main()
    said = capsys.readouterr()
    return exit_code, said.out + said.err


@pytest.fixture
def empty_database(supabase: LocalSupabase) -> Iterator[str]:
    """The address of a database that knows nothing of Supabase but the roles, which all databases share."""
    with psycopg.connect(supabase.database_url, autocommit=True) as connection:
        connection.execute("create database elsewhere")
        try:
            yield supabase.database_url.rpartition("/")[0] + "/elsewhere"
        finally:
            connection.execute("drop database elsewhere with (force)")


@pytest.mark.parametrize("command", ["infra.migrate", "infra.verify"])
def test_a_database_that_is_not_supabases_is_reported_as_such(
    folder: Path, project: dict[str, str], empty_database: str, command: str
) -> None:
    ended = run_command(command, project | {"SUPABASE_DB_URL": empty_database}, folder)

    assert ended.exit_code == 1
    assert "has no auth.users, no storage.buckets, no storage.objects: is this a Supabase database?" in ended.output
    assert "Traceback" not in ended.output


@pytest.mark.parametrize(
    "missing", ["SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_PUBLISHABLE_KEY", "SUPABASE_DB_URL"]
)
def test_verify_names_a_missing_setting(
    project: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    settings = {name: value for name, value in project.items() if name != missing}

    exit_code, output = main_of(verify, settings, monkeypatch, capsys)

    assert exit_code == 1
    assert output.startswith(f"{missing} is not set")
