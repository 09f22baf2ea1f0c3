"""From nothing to a downloaded training file, on a local Supabase that is gone afterwards."""

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
from storage3.exceptions import StorageApiError
from supabase import AuthError, PostgrestAPIError

from infra.clients import supabase_client
from infra.local_api import LocalApiError, run_local_api
from infra.local_supabase import LocalSupabase, LocalSupabaseError, install, run_local_supabase, temporary_data_folder
from infra.sample_data import sample_conversations
from infra.seeding import sign_in, store_conversations
from infra.stack import SECRETS, TEMPLATE, api_environment
from infra.terminal import fail, step

Answer = dict[str, Any]

RESULTS = Path(".demo")
CONVERSATIONS = 12
IN_THE_FIRST_REVISION = 8
LINE_SHOWN = 300
VALIDATION_SHARE = 0.25
TAG = "first-delivery"


def run_demo() -> int:
    print("Training Files: demo\n")
    try:
        with step("Installing the local Supabase (first time only)"):
            install()
        with _started_supabase() as supabase:
            _run(supabase)
    except (LocalSupabaseError, LocalApiError, httpx.HTTPError) as error:
        return fail(str(error))
    except (AuthError, StorageApiError, PostgrestAPIError) as error:
        return fail(f"The local Supabase refused what the demo asked for: {error.message}")
    print("\nThe local stack is stopped; nothing is left running.")
    return 0


@contextmanager
def _started_supabase() -> Iterator[LocalSupabase]:
    with ExitStack() as running:
        data = running.enter_context(temporary_data_folder())
        with step("Starting Supabase: PostgreSQL, REST, Auth and Storage"):
            supabase = running.enter_context(run_local_supabase(data))
        running.callback(_ignore_requests_to_stop)
        yield supabase


def _ignore_requests_to_stop() -> None:
    """When the stack is being stopped, as it always is at the end, nothing must break that off."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)


def _run(supabase: LocalSupabase) -> None:
    with step("Signing in demo@example.com"):
        owner, token = sign_in(supabase)
    with (
        step(f"Storing {CONVERSATIONS} enriched conversations"),
        supabase_client(supabase.url, supabase.secret_key) as client,
    ):
        store_conversations(client, sample_conversations(CONVERSATIONS, with_findings=True), owner)
    RESULTS.mkdir(exist_ok=True)
    with (
        run_local_api(
            TEMPLATE, environment=api_environment(supabase), secrets=SECRETS, log=RESULTS / "functions.log"
        ) as api,
        httpx.Client(base_url=api.url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as http,
    ):
        _call_the_api(http)


def _call_the_api(http: httpx.Client) -> None:
    with step("GET /api/conversations/summary"):
        choice = _answer(http.get("/api/conversations/summary"))
    with step(f"POST /api/training-files with the {IN_THE_FIRST_REVISION} conversations that are the most balanced"):
        body = {"name": "Demo training file", "select": {"limit": IN_THE_FIRST_REVISION, "balance": "all"}}
        created = _answer(http.post("/api/training-files", json=body))["trainingFile"]
    address = f"/api/training-files/{created['id']}"
    with step("POST …/add-conversations with all others"):
        _answer(http.post(f"{address}/add-conversations", json={"select": {}}))
    with step("GET …/findings with severity=error"):
        findings = _answer(http.get(f"{address}/findings", params={"severity": "error"}))["findings"]
    faulty = sorted({finding["conversation_id"] for finding in findings})
    with step(f"POST …/remove-conversations with the {len(faulty)} in which text health found errors"):
        body = {"conversation_ids": faulty}
        mended = _answer(http.post(f"{address}/remove-conversations", json=body))["trainingFile"]
    with step(f"PUT …/tags/{TAG}"):
        _answer(http.put(f"{address}/tags/{TAG}", json={"revision": mended["revision"]}))
    files = []
    for file_format in ("json", "jsonl"):
        with step(f"GET …/download?format={file_format}&revision={TAG}, and downloading it"):
            link = {"format": file_format, "revision": TAG}
            files.append(_download(_answer(http.get(f"{address}/download", params=link))))
    with step("POST …/exports in format messages, in two splits and as a bundle"):
        wanted = {"revision": TAG, "format": "messages", "split": {"validation": VALIDATION_SHARE}, "bundle": True}
        export = _answer(http.post(f"{address}/exports", json=wanted))["export"]
        exported = [_download(file) for file in export["files"]]
    _print_choice(choice)
    _print_findings(findings)
    _print_summary(mended, files)
    _print_export(export, exported)


def _answer(response: httpx.Response) -> Answer:
    if response.is_error:
        raise httpx.HTTPStatusError(response.text, request=response.request, response=response)
    answer: Answer = response.json()
    return answer


def _download(link: Answer) -> Path:
    path = RESULTS / str(link["filename"])
    with path.open("wb") as file, httpx.stream("GET", link["download_url"]) as download:
        download.raise_for_status()
        for chunk in download.iter_bytes():
            file.write(chunk)
    return path


def _print_choice(choice: Answer) -> None:
    print(f"\nTo choose from: {choice['usable_count']} conversations that can be used")
    for kind in ("personas", "emotional_arcs", "training_topics"):
        _print_counts(kind, choice[kind]["counts"])


def _print_findings(findings: list[Answer]) -> None:
    print("\nFound by text health, and removed")
    for finding in findings:
        place = f"conversation {finding['conversation_id']}, turn {finding['turn']}"
        print(f"  {finding['rule']:<18}{place}: {finding['message']}")


def _print_summary(training_file: Answer, files: list[Path]) -> None:
    quality = training_file["quality_summary"]
    print(f"\n{training_file['name']}, revision {training_file['revision']}, tagged {TAG}")
    print(f"  conversations    {training_file['conversation_count']}")
    print(f"  training pairs   {training_file['total_training_pairs']}, {training_file['trainable_pairs']} trainable")
    print(
        f"  quality          {quality['avg_quality_score']} on average,"
        f" {quality['min_quality_score']} to {quality['max_quality_score']},"
        f" {quality['human_reviewed_percentage']} % reviewed by a person"
    )
    for kind, counts in training_file["scaffolding_distribution"].items():
        _print_counts(kind, counts)
    _print_files("Downloaded", files)
    _print_first_line(files[-1])


def _print_counts(kind: str, counts: dict[str, int]) -> None:
    print(f"  {kind.replace('_', ' '):<17}" + ", ".join(f"{key} {count}" for key, count in counts.items()))


def _print_export(export: Answer, files: list[Path]) -> None:
    totals, splits = export["totals"], export["splits"]
    ready = [target["title"] for target in export["readiness"] if target["ready"] and "closing" not in target]
    print(f"\nExported in format {export['format']}")
    print(f"  rows             {totals['rows']}, about {totals['estimated_tokens']:,} tokens")
    print("  conversations    " + ", ".join(f"{split} {count}" for split, count in splits["conversations"].items()))
    print(f"  in two splits    {splits['shared_conversations']} conversations")
    print(f"  ready for        {', '.join(ready)}")
    _print_files("Downloaded", files)
    _print_first_line(files[0])


def _print_files(title: str, files: list[Path]) -> None:
    print(f"\n{title}")
    for path in files:
        print(f"  {path.resolve()}  ({path.stat().st_size:,} bytes)")


def _print_first_line(path: Path) -> None:
    with path.open() as lines:
        first = lines.readline()
    keys = ", ".join(json.loads(first))
    print(f"\nFirst line of {path.name}, with the keys {keys}\n  {first[:LINE_SHOWN]}…")
