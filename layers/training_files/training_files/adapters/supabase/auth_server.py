"""What the project's auth server says of a token that is signed with a secret which is not known here.

https://supabase.com/docs/guides/auth/jwts has tokens of the legacy secret verified in this way.
"""

import hashlib
import time
from collections.abc import Callable

import httpx

from training_files.adapters.supabase.errors import call_with_retry, code_of, publishable_key_refused, unavailable

# Whoever waits for a build asks every few seconds. With each query, the database verifies the token itself.
REMEMBERED_FOR_SECONDS = 60
REMEMBERED_TOKENS = 1000


class AuthServer:
    """Asks about a token once a minute. It also knows of sessions that were ended."""

    def __init__(
        self, http: httpx.Client, auth_url: str, publishable_key: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._http = http
        self._url = f"{auth_url}/user"
        self._publishable_key = publishable_key
        self._monotonic = monotonic
        self._verdicts: dict[bytes, tuple[bool, float]] = {}

    def believes(self, token: str) -> bool:
        """Whether the token is good. Raises UpstreamUnavailableError, or NotSetUpError where the key is refused."""
        digest, now = hashlib.sha256(token.encode()).digest(), self._monotonic()
        is_good, since = self._verdicts.get(digest, (False, -REMEMBERED_FOR_SECONDS))
        if now - since < REMEMBERED_FOR_SECONDS:
            return is_good
        is_good = call_with_retry(lambda: self._verdict(token))
        if len(self._verdicts) >= REMEMBERED_TOKENS:
            self._verdicts.clear()
        self._verdicts[digest] = is_good, now
        return is_good

    def _verdict(self, token: str) -> bool:
        headers = {"apikey": self._publishable_key, "Authorization": f"Bearer {token}"}
        answer = self._http.get(self._url, headers=headers)
        if answer.is_success:
            return True
        # The auth server's own answers have a code; a gateway's before it, about the key, have none.
        is_refused = answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
        if is_refused and code_of(answer):
            return False
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise publishable_key_refused()
        raise unavailable("The project's auth server, which verifies the access token, did not answer")
