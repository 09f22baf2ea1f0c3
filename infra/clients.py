"""Supabase clients that leave no connection open behind them."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from supabase import Client, ClientOptions, create_client

TIMEOUT_SECONDS = 30


@contextmanager
def supabase_client(url: str, key: str) -> Iterator[Client]:
    """A client whose HTTP connections are closed when the block ends."""
    with httpx.Client(timeout=TIMEOUT_SECONDS) as http:
        yield create_client(url, key, ClientOptions(httpx_client=http))
