"""`make dev`: a local Supabase and the API, with sample conversations and a demo user, until Ctrl-C."""

import secrets
import sys
from contextlib import ExitStack
from pathlib import Path

from infra.clients import supabase_client
from infra.local_api import LocalApi, LocalApiError, run_local_api
from infra.local_executions import run_lambda_endpoint
from infra.local_queue import LocalQueueError, run_local_queues
from infra.local_supabase import LocalSupabase, LocalSupabaseError, install, run_local_supabase
from infra.sample_data import sample_conversations
from infra.seeding import DEMO_EMAIL, DEMO_PASSWORD, sign_in, store_conversations
from infra.stack import (
    SECRETS,
    TEMPLATE,
    api_environment,
    executions_environment,
    idempotency_environment,
    queue_environment,
    stopping_on_request,
)
from infra.terminal import CommandError, fail, port_from_environment, step

DATA = Path(".local")
CONVERSATIONS = 30
HOOK_SECRET = secrets.token_hex(16)


def main() -> int:
    try:
        with stopping_on_request() as wait, ExitStack() as running:
            supabase, api = _started(running)
            _prepare(supabase, api)
            wait()
    except (CommandError, LocalSupabaseError, LocalApiError, LocalQueueError) as error:
        return fail(str(error))
    print("\nStopped. The data stay in .local; `rm -rf .local` starts afresh.")
    return 0


def _started(running: ExitStack) -> tuple[LocalSupabase, LocalApi]:
    port = port_from_environment("SUPABASE_PORT", 55321)
    postgres_port = port_from_environment("POSTGRES_PORT", port + 1)
    api_port = port_from_environment("API_PORT", 3000)
    with step("Installing the local Supabase (first time only)"):
        install()
    with step(f"Starting Supabase on port {port}"):
        stack = run_local_supabase(DATA / "supabase", port=port, postgres_port=postgres_port)
        supabase = running.enter_context(stack)
    with step(f"Starting the API on port {api_port}"):
        endpoint = running.enter_context(run_lambda_endpoint())
        queues = running.enter_context(run_local_queues(TEMPLATE, lambda_port=endpoint.port))
        environment = {
            # Builds beyond one worker put objects together inside the storage.
            **api_environment(supabase, s3=True),
            **queue_environment(queues),
            **executions_environment(queues),
            **idempotency_environment(queues),
            "HOOK_SECRET": HOOK_SECRET,
        }
        functions = run_local_api(
            TEMPLATE, environment=environment, secrets=SECRETS, port=api_port, log=DATA / "functions.log"
        )
        api = running.enter_context(functions)
        running.enter_context(endpoint.invoking(api))
        running.enter_context(queues.feeding(api))
    return supabase, api


def _prepare(supabase: LocalSupabase, api: LocalApi) -> None:
    with step(f"Storing {CONVERSATIONS} sample conversations of {DEMO_EMAIL}"):
        owner, token = sign_in(supabase)
        with supabase_client(supabase.url, supabase.secret_key) as client:
            ids = store_conversations(client, sample_conversations(CONVERSATIONS, with_findings=True), owner)
    variables = {
        "API_URL": api.url,
        "SUPABASE_URL": supabase.url,
        "SUPABASE_PUBLISHABLE_KEY": supabase.publishable_key,
        "SUPABASE_SERVICE_ROLE_KEY": supabase.secret_key,
        "SUPABASE_JWT_SECRET": supabase.jwt_secret,
        "SUPABASE_DB_URL": supabase.database_url,
        "HOOK_SECRET": HOOK_SECRET,
        "USER_TOKEN": token,
        "CONVERSATION_IDS": ",".join(ids),
    }
    _write_environment(variables)
    print(
        f"\n  API       {api.url}\n  try it    {api.url}/api/docs\n  Supabase  {supabase.url}\n"
        f"  user      {DEMO_EMAIL}, password {DEMO_PASSWORD}\n"
        "\nIn another terminal:\n"
        "  set -a; source .local/dev.env; set +a\n"
        '  curl -H "Authorization: Bearer $USER_TOKEN" $API_URL/api/training-files\n'
        "\nThe token is good for an hour; `make dev` again gives a new one, and takes code that was changed. Output of "
        "the functions: .local/functions.log\nCtrl-C stops everything.",
        flush=True,
    )


def _write_environment(variables: dict[str, str]) -> None:
    """Keys and a token are in it, so only its owner may read it."""
    path = DATA / "dev.env"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))


if __name__ == "__main__":
    sys.exit(main())
