"""What the commands that run the API on this machine share."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from infra.local_api.cloudformation import load_cloudformation
from infra.local_executions import create_state_machine, read_state_machine
from infra.local_queue import LocalQueues
from infra.local_queue.server import aws_client
from infra.local_supabase import LocalSupabase

TEMPLATE = Path(__file__).parent.parent / "template.yaml"
IDEMPOTENCY_TABLE = "IdempotencyTable"
# As many as keep the cores of a small machine busy.
SHARDS_AT_ONCE = 2
# The local Storage takes any; a project has its own.
S3_REGION = "local"
# The template's own values must not win where nothing of AWS is there.
WITHOUT_AWS = dict.fromkeys(
    (
        "SUPABASE_SECRET_ARN",
        "SUPABASE_S3_SECRET_ARN",
        "HOOK_SECRET_ARN",
        "BUILD_QUEUE_URL",
        "ENRICHED_QUEUE_URL",
        "SHARDS_STATE_MACHINE_ARN",
        "EVENT_BUS_NAME",
        "IDEMPOTENCY_TABLE",
    ),
    "",
)
# As deployed, a function gets a key only if the template names the secret that holds it.
SECRETS = {
    "SUPABASE_SECRET_ARN": "SUPABASE_SECRET_ARN",
    "SUPABASE_SERVICE_ROLE_KEY": "SUPABASE_SECRET_ARN",
    "SUPABASE_JWT_SECRET": "SUPABASE_SECRET_ARN",
    "SUPABASE_S3_SECRET_ARN": "SUPABASE_S3_SECRET_ARN",
    "SUPABASE_S3_ACCESS_KEY_ID": "SUPABASE_S3_SECRET_ARN",
    "SUPABASE_S3_SECRET_ACCESS_KEY": "SUPABASE_S3_SECRET_ARN",
    "SUPABASE_S3_REGION": "SUPABASE_S3_SECRET_ARN",
    "HOOK_SECRET_ARN": "HOOK_SECRET_ARN",
    "HOOK_SECRET": "HOOK_SECRET_ARN",
}


def api_environment(supabase: LocalSupabase, *, s3: bool = False) -> dict[str, str]:
    """The settings of functions that work on a local Supabase and write over REST, or over S3."""
    return {
        **WITHOUT_AWS,
        "SUPABASE_URL": supabase.url,
        "SUPABASE_PUBLISHABLE_KEY": supabase.publishable_key,
        "SUPABASE_SERVICE_ROLE_KEY": supabase.secret_key,
        "SUPABASE_JWT_SECRET": supabase.jwt_secret,
        **(_s3_environment(supabase) if s3 else {}),
    }


def _s3_environment(supabase: LocalSupabase) -> dict[str, str]:
    return {
        "SUPABASE_S3_ACCESS_KEY_ID": supabase.s3_access_key,
        "SUPABASE_S3_SECRET_ACCESS_KEY": supabase.s3_secret_key,
        "SUPABASE_S3_REGION": S3_REGION,
    }


def queue_environment(queues: LocalQueues) -> dict[str, str]:
    """The settings of functions that work with local queues."""
    return {
        **queues.environment,
        "BUILD_QUEUE_URL": queues.url("BuildQueue"),
        "ENRICHED_QUEUE_URL": queues.url("EnrichedQueue"),
    }


def idempotency_environment(queues: LocalQueues) -> dict[str, str]:
    """The settings of functions that remember Idempotency-Keys in a table beside the local queues."""
    properties = load_cloudformation(TEMPLATE.read_text(encoding="utf-8"))["Resources"][IDEMPOTENCY_TABLE]["Properties"]
    wanted = {name: properties[name] for name in ("AttributeDefinitions", "KeySchema", "BillingMode")}
    with aws_client("dynamodb", queues.endpoint_url) as dynamodb:
        dynamodb.create_table(TableName=IDEMPOTENCY_TABLE, **wanted)
    return {"IDEMPOTENCY_TABLE": IDEMPOTENCY_TABLE}


def executions_environment(queues: LocalQueues, *, shards_at_once: int = SHARDS_AT_ONCE) -> dict[str, str]:
    """The settings of functions that work with the state machine, made beside queues that were told of Lambda."""
    spec = read_state_machine(TEMPLATE, {"MaxShardsAtOnce": str(shards_at_once)})
    return {"SHARDS_STATE_MACHINE_ARN": create_state_machine(spec, queues.endpoint_url)}


@contextmanager
def stopping_on_request() -> Iterator[Callable[[], None]]:
    """Ends the block in good order on Ctrl-C and on `kill`, wherever it is. Gives a function that waits for that."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # Only once: what stops the stack must not be broken off by impatience.
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, stop)
    with suppress(KeyboardInterrupt):
        yield signal.pause
