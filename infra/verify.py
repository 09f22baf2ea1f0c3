"""`make verify`: is everything there that Training Files needs? Line by line, non-zero when something is missing."""

import os
import sys
from collections.abc import Iterator

import httpx

from infra.checks.finding import Finding
from infra.checks.keys import check_keys
from infra.checks.round_trip import Project, check_round_trip
from infra.checks.storage import check_storage
from infra.checks.tables import MISSING, check_tables
from infra.project_database import Database, project_database
from infra.terminal import CommandError, fail
from training_files.adapters.aws.secrets import secret_at
from training_files.adapters.supabase.connection import SupabaseConnection
from training_files.bootstrap import create_training_file_service, s3_access
from training_files.errors import SettingsError
from training_files.service import TrainingFileService
from training_files.settings import ReadingSettings, Settings, reading_settings_from, settings_from


def main() -> int:
    try:
        settings = settings_from(os.environ, secret_at)
        reading = reading_settings_from(os.environ)
        with project_database(autocommit=True) as database:
            faults = _report(_findings(database, settings, reading))
    except (SettingsError, CommandError) as error:
        return fail(str(error))
    print("\nEverything is in place." if not faults else f"\n{faults} of the checks failed.")
    return 1 if faults else 0


def _report(findings: Iterator[Finding]) -> int:
    faults = 0
    for finding in findings:
        faults += finding.fault is not None
        print(f"  {finding}", flush=True)
    return faults


def _findings(database: Database, settings: Settings, reading: ReadingSettings) -> Iterator[Finding]:
    tables = [*check_tables(database)]
    yield from tables
    yield from check_storage(database)
    with httpx.Client(timeout=settings.timeout_seconds) as http:
        keys = list(check_keys(settings, reading, http))
        yield from keys
        if any(finding.fault for finding in keys):
            yield Finding("access tokens, reading, and the round trip", warning="not tried, because a key is refused")
        elif any(MISSING in (finding.fault or "") for finding in tables):
            yield Finding("access tokens, reading, and the round trip", warning="not tried, because tables are missing")
        else:
            yield from check_round_trip(Project(database, settings, reading, http, _service(settings, http)))


def _service(settings: Settings, http: httpx.Client) -> TrainingFileService:
    connection = SupabaseConnection(settings.supabase_url, settings.service_role_key, http)
    return create_training_file_service(
        connection,
        http=http,
        all_conversations=True,
        enriched_paths=settings.enriched_paths,
        usable_statuses=settings.usable_statuses,
        s3=s3_access(settings),
    )


if __name__ == "__main__":
    sys.exit(main())
