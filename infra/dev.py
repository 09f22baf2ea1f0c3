"""`make dev`: a local Supabase and the API, with sample conversations and a demo user, until Ctrl-C."""

import os
import sys
from pathlib import Path

from infra.clients import supabase_client
from infra.local_api import LocalApi, LocalApiError, run_local_api
from infra.local_queue import LocalQueueError, run_local_queues
from infra.local_supabase import LocalSupabase, LocalSupabaseError, install, run_local_supabase
from infra.sample_data import sample_conversations
from infra.seeding import DEMO_EMAIL, DEMO_PASSWORD, sign_in, store_conversations
from infra.stack import TEMPLATE, api_environment, queue_environment, stopping_on_request
from infra.terminal import fail, step

DATA = Path(".local")
SUPABASE_PORT = int(os.environ.get("SUPABASE_PORT", "55321"))
POSTGRES_PORT = int(os.environ.get("POSTGRES_PORT", str(SUPABASE_PORT + 1)))
API_PORT = int(os.environ.get("API_PORT", "3000"))
CONVERSATIONS = 30


def main() -> int:
    try:
        with stopping_on_request() as wait:
            with step("Installing the local Supabase (first time only)"):
                install()
            with (
                run_local_supabase(DATA / "supabase", port=SUPABASE_PORT, postgres_port=POSTGRES_PORT) as supabase,
                run_local_queues(TEMPLATE) as queues,
                run_local_api(
                    TEMPLATE,
                    environment=api_environment(supabase) | queue_environment(queues),
                    port=API_PORT,
                    log=DATA / "functions.log",
                ) as api,
                queues.feeding(api),
            ):
                _prepare(supabase, api)
                wait()
    except (LocalSupabaseError, LocalApiError, LocalQueueError) as error:
        return fail(str(error))
    print("\nStopped. The data stay in .local; `rm -rf .local` starts afresh.")
    return 0


def _prepare(supabase: LocalSupabase, api: LocalApi) -> None:
    with step(f"Storing {CONVERSATIONS} sample conversations of {DEMO_EMAIL}"):
        owner, token = sign_in(supabase)
        with supabase_client(supabase.url, supabase.secret_key) as client:
            ids = store_conversations(client, sample_conversations(CONVERSATIONS), owner)
    variables = {
        "API_URL": api.url,
        "SUPABASE_URL": supabase.url,
        "SUPABASE_PUBLISHABLE_KEY": supabase.publishable_key,
        "SUPABASE_SERVICE_ROLE_KEY": supabase.secret_key,
        "SUPABASE_JWT_SECRET": supabase.jwt_secret,
        "SUPABASE_DB_URL": supabase.database_url,
        "USER_TOKEN": token,
        "CONVERSATION_IDS": ",".join(ids),
    }
    _write_environment(variables)
    print(
        f"\n  API       {api.url}\n  Supabase  {supabase.url}\n  user      {DEMO_EMAIL}, password {DEMO_PASSWORD}\n"
        "\nIn another terminal:\n"
        "  source .local/dev.env\n"
        '  curl -H "Authorization: Bearer $USER_TOKEN" $API_URL/api/training-files\n'
        "\nThe token is good for an hour; `make dev` again gives a new one. Output of the functions: "
        ".local/functions.log\nCtrl-C stops everything.",
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
