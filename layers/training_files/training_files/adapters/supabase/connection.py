"""A connection to Supabase with no more of its client than a Lambda function needs.

`supabase.Client` imports auth, realtime and functions as well, three times as long as the database part alone takes.
This class offers the three members that the adapters use, made of the same parts, so that either fits.
"""

from typing import TYPE_CHECKING, Any

import httpx
from postgrest import SyncPostgrestClient, SyncRequestBuilder, SyncRPCFilterRequestBuilder

from training_files.adapters.supabase.errors import note_status

if TYPE_CHECKING:
    from storage3 import SyncStorageClient


def note_refusals_by(client: object) -> None:
    """Has the answers that a `supabase.Client` gets from the database noted; one of ours sees them anyway."""
    session = getattr(getattr(client, "postgrest", None), "session", None)
    if isinstance(session, httpx.Client) and note_status not in session.event_hooks["response"]:
        session.event_hooks["response"].append(note_status)


class SupabaseConnection:
    """`table`, `rpc` and `storage` of `supabase.Client`, over an HTTP client of the caller's.

    It acts as who the key is of; with a user's access token, beside the publishable key, as that user.
    """

    def __init__(self, url: str, key: str, http: httpx.Client, *, token: str | None = None) -> None:
        self._url = url
        self._headers = {"apikey": key, "Authorization": f"Bearer {token or key}"}
        self._http = http
        # The retries of the client sleep for seconds and skip timeouts; the adapters have their own.
        self._postgrest = SyncPostgrestClient(
            f"{url}/rest/v1", headers=dict(self._headers), http_client=http, retry_enabled=False
        )
        self._storage: SyncStorageClient | None = None

    def table(self, table_name: str) -> SyncRequestBuilder:
        return self._postgrest.from_(table_name)

    def rpc(self, fn: str, params: dict[str, Any]) -> SyncRPCFilterRequestBuilder:
        return self._postgrest.rpc(fn, params)

    @property
    def storage(self) -> "SyncStorageClient":
        if self._storage is None:
            from storage3 import SyncStorageClient

            self._storage = SyncStorageClient(f"{self._url}/storage/v1/", dict(self._headers), http_client=self._http)
        return self._storage
