"""What the commands that run the API on this machine share."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from infra.local_queue import LocalQueues
from infra.local_supabase import LocalSupabase

TEMPLATE = Path(__file__).parent.parent / "template.yaml"


def api_environment(supabase: LocalSupabase) -> dict[str, str]:
    """The settings of functions that work on a local Supabase."""
    return {
        "SUPABASE_URL": supabase.url,
        "SUPABASE_SERVICE_ROLE_KEY": supabase.secret_key,
        "SUPABASE_JWT_SECRET": supabase.jwt_secret,
        "SUPABASE_SECRET_ARN": "",
    }


def queue_environment(queues: LocalQueues) -> dict[str, str]:
    """The settings of functions that work with local queues."""
    return {
        **queues.environment,
        "BUILD_QUEUE_URL": queues.url("BuildQueue"),
        "ENRICHED_QUEUE_URL": queues.url("EnrichedQueue"),
    }


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
