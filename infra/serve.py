"""`make serve`: only the API, against whatever SUPABASE_* the environment names, until Ctrl-C."""

import os
import sys

from infra.local_api import LocalApiError, run_local_api
from infra.stack import SECRETS, TEMPLATE, WITHOUT_AWS, stopping_on_request
from infra.terminal import CommandError, fail, port_from_environment
from training_files.adapters.aws.secrets import secret_at
from training_files.errors import SettingsError
from training_files.settings import hook_settings_from, reading_settings_from, settings_from

PASSED_ON = (
    "SUPABASE_URL",
    "NEXT_PUBLIC_SUPABASE_URL",
    "SUPABASE_PUBLISHABLE_KEY",
    "SUPABASE_SERVICE_ROLE_KEY",
    "SUPABASE_SECRET_ARN",
    "SUPABASE_S3_SECRET_ARN",
    "HOOK_SECRET_ARN",
    "SUPABASE_JWT_SECRET",
    "SUPABASE_JWT_ISSUER",
    "ALLOW_ANONYMOUS_USERS",
    "SUPABASE_S3_ACCESS_KEY_ID",
    "SUPABASE_S3_SECRET_ACCESS_KEY",
    "SUPABASE_S3_REGION",
    "SUPABASE_TIMEOUT_SECONDS",
    "CONVERSATION_SCOPE",
    "ENRICHED_PATHS",
    "USABLE_STATUSES",
    "TARGET_MODEL",
    "BUILD_QUEUE_URL",
    "ENRICHED_QUEUE_URL",
    "SHARDS_STATE_MACHINE_ARN",
    "EVENT_BUS_NAME",
    "HOOK_SECRET",
    "IDEMPOTENCY_TABLE",
    "KEEP_REVISIONS",
    "KEEP_EXPORTS_DAYS",
    # So that the functions may read the secret and write to the queue.
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
)


def main() -> int:
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    try:
        port = port_from_environment("API_PORT", 3000)
        settings = settings_from(environment, secret_at)
        reading_settings_from(environment)
        hook_settings_from(environment, secret_at)
        # The template's own placeholders must not win over what the environment leaves out.
        nothing = {**WITHOUT_AWS, "SUPABASE_URL": ""}
        with (
            stopping_on_request() as wait,
            run_local_api(TEMPLATE, environment=nothing | environment, secrets=SECRETS, port=port) as api,
        ):
            print(f"The API is on {api.url}, for {settings.supabase_url}. Ctrl-C stops it.", flush=True)
            wait()
    except (SettingsError, LocalApiError, CommandError) as error:
        return fail(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
