"""What the commands that run the API on this machine share."""

import signal
from pathlib import Path
from threading import Event
from types import FrameType

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


def wait_for_ctrl_c() -> None:
    """Returns when this process is asked to stop, by Ctrl-C or by `kill`."""
    asked = Event()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        asked.set()

    for stop_signal in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop_signal, ask)
    asked.wait()
