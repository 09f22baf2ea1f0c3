"""Verifying Supabase access tokens: https://supabase.com/docs/guides/auth/jwts."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import jwt
from pydantic import BaseModel

from training_files.errors import UnauthorizedError, UpstreamUnavailableError

if TYPE_CHECKING:
    from training_files.adapters.supabase.auth_server import AuthServer

AUDIENCE = "authenticated"
ROLE = "authenticated"
API_KEY_PREFIXES = ("sb_publishable_", "sb_secret_")
API_KEY_ROLES = ("anon", "service_role")
REQUIRED_CLAIMS = ["exp", "aud", "iss", "sub", "role"]
# A key that the project has revoked is believed no longer than this.
KEPT_FOR_SECONDS = 600
# Made-up key ids must not make a call of each request, nor an auth server that is down.
SECONDS_BETWEEN_FETCHES = 60
SECONDS_BETWEEN_FIRST_FETCHES = 5
SHOWN_CHARACTERS = 200
# What a key of each kind may be used with. A token cannot choose.
SHARED_ALGORITHM = "HS256"
ALGORITHMS = {("EC", "P-256"): "ES256", ("RSA", None): "RS256"}

REASONS: tuple[tuple[type[jwt.InvalidTokenError], str], ...] = (
    (jwt.ExpiredSignatureError, "it has expired"),
    (jwt.ImmatureSignatureError, "it is not valid yet"),
    (jwt.InvalidIssuerError, "its issuer is not the one that this deployment expects (see SUPABASE_JWT_ISSUER)"),
    (jwt.InvalidAudienceError, "it is meant for another audience"),
    (jwt.MissingRequiredClaimError, "it lacks a required claim"),
    (jwt.InvalidSignatureError, "its signature is wrong"),
    (jwt.DecodeError, "it is malformed"),
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A key together with the one algorithm it is used with."""

    key: Any
    algorithm: str


class KeySet(BaseModel):
    """What a project publishes; one that signs with its secret only publishes no key at all."""

    keys: list[dict[str, Any]]


class SigningKeys:
    """The published keys: fetched when first needed, every ten minutes, and for an unknown key id once a minute.

    While they cannot be fetched, and when a project suddenly publishes none, the last ones stay good.
    """

    def __init__(self, http: httpx.Client, auth_url: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._http = http
        self._url = f"{auth_url}/.well-known/jwks.json"
        self._monotonic = monotonic
        self._keys: dict[str, VerificationKey] = {}
        self._fetched_at: float | None = None
        self._asked_at: float | None = None
        self._failed = False

    def get(self, key_id: str) -> VerificationKey | None:
        """The key of this id, None when the project has none.

        Raises UpstreamUnavailableError when the key is unknown and the project's keys cannot be fetched.
        """
        if self._is_due(key_id):
            self._renew()
        found = self._keys.get(key_id)
        if found is None and self._failed:
            raise UpstreamUnavailableError(
                "The project's signing keys cannot be fetched, so the access token cannot be verified. Try again."
            )
        return found

    def _is_due(self, key_id: str) -> bool:
        now = self._monotonic()
        if self._asked_at is None:
            return True
        if self._fetched_at is None:
            return now - self._asked_at >= SECONDS_BETWEEN_FIRST_FETCHES
        is_old = now - self._fetched_at >= KEPT_FOR_SECONDS
        return (is_old or key_id not in self._keys) and now - self._asked_at >= SECONDS_BETWEEN_FETCHES

    def _renew(self) -> None:
        self._asked_at = self._monotonic()
        try:
            fetched = self._fetch()
        except (httpx.HTTPError, ValueError, jwt.PyJWTError) as error:
            self._failed = True
            logger.warning("the project's signing keys cannot be fetched: %s", type(error).__name__)
            return
        self._failed = False
        self._fetched_at = self._monotonic()
        if self._keys and not fetched:
            logger.warning("the project publishes no signing key any more; the last ones stay good")
            return
        self._keys = fetched

    def _fetch(self) -> dict[str, VerificationKey]:
        answer = self._http.get(self._url)
        answer.raise_for_status()
        published = KeySet.model_validate_json(answer.content).keys
        return {key["kid"]: usable for key in published if key.get("kid") and (usable := _usable(key))}


def _usable(published: dict[str, Any]) -> VerificationKey | None:
    algorithm = ALGORITHMS.get((str(published.get("kty")), published.get("crv")))
    return VerificationKey(jwt.PyJWK(published, algorithm).key, algorithm) if algorithm else None


class AccessTokens:
    """Verifies access tokens of one Supabase project; those of anonymous sign-ins only where they are allowed."""

    def __init__(
        self, issuer: str, keys: SigningKeys, shared: "str | AuthServer | None", *, allow_anonymous: bool = False
    ) -> None:
        """`shared` is for tokens that are signed with the project's legacy secret: it, or whom to ask about them."""
        self._issuer = issuer
        self._keys = keys
        self._allow_anonymous = allow_anonymous
        self._secret_key = VerificationKey(shared, SHARED_ALGORITHM) if isinstance(shared, str) else None
        self._auth_server = None if isinstance(shared, str) else shared

    def user_of(self, authorization: str | None) -> UUID:
        """The user whose token the header `Authorization: Bearer <token>` carries.

        Raises UnauthorizedError, which says why but never repeats the token, and UpstreamUnavailableError when the
        project's keys cannot be fetched.
        """
        token = bearer_token(authorization)
        if _is_api_key(token):
            raise UnauthorizedError(
                "The access token was refused: it is an API key of a project, not the token of a user. Send the "
                "access_token of a session."
            )
        claims = self._verified(token)
        if claims["role"] != ROLE:
            raise _refused("its role is not authenticated")
        if claims.get("is_anonymous") and not self._allow_anonymous:
            raise _refused("it is of an anonymous sign-in, and this deployment takes accounts only")
        try:
            return UUID(claims["sub"])
        except ValueError as error:
            raise _refused("its subject is not a user id") from error

    def _verified(self, token: str) -> dict[str, Any]:
        try:
            if self._auth_server and self._asks_about(token):
                # What has expired or is of another project is refused here, without asking.
                claims = self._claims(token, None)
                if not self._auth_server.believes(token):
                    raise _refused("its signature is wrong, or its session has ended")
                return claims
            return self._claims(token, self._key_for(jwt.get_unverified_header(token)))
        except jwt.InvalidTokenError as error:
            if isinstance(error, jwt.InvalidIssuerError) and not self._asks_about(token):
                self._log_issuer(token)
            reason = next((words for kind, words in REASONS if isinstance(error, kind)), "it is not acceptable")
            raise _refused(reason) from error

    def _asks_about(self, token: str) -> bool:
        """Whether only the auth server can say if its signature is right."""
        return bool(self._auth_server) and jwt.get_unverified_header(token).get("alg") == SHARED_ALGORITHM

    def _claims(self, token: str, verification_key: VerificationKey | None) -> dict[str, Any]:
        """The claims, which are checked; with no key, the signature is not."""
        return jwt.decode(
            token,
            verification_key.key if verification_key else "",
            algorithms=[verification_key.algorithm] if verification_key else None,
            audience=AUDIENCE,
            issuer=self._issuer,
            options={
                "require": REQUIRED_CLAIMS,
                "verify_signature": verification_key is not None,
                "verify_exp": True,
                "verify_nbf": True,
                "verify_aud": True,
                "verify_iss": True,
                # A fresh token's `iat` may lie a moment ahead of this machine's clock; nothing depends on it.
                "verify_iat": False,
            },
        )

    def _log_issuer(self, token: str) -> None:
        """For the operator: a project with a domain of its own signs with that. The signature was verified before."""
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        logger.warning(
            "a token of this project names the issuer %r; expected is %s. If the first one is the project's, set "
            "SUPABASE_JWT_ISSUER to it",
            str(issuer)[:SHOWN_CHARACTERS],
            self._issuer,
        )

    def _key_for(self, header: dict[str, Any]) -> VerificationKey:
        if self._secret_key and header.get("alg") == self._secret_key.algorithm:
            return self._secret_key
        key_id = header.get("kid")
        found = self._keys.get(key_id) if isinstance(key_id, str) else None
        if found is None:
            raise _refused("it is not signed with a key of this project")
        return found


def bearer_token(authorization: str | None) -> str:
    """The token of a header `Authorization: Bearer <token>`. Raises UnauthorizedError."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthorizedError("Send a Supabase access token: Authorization: Bearer <token>.")
    if not token.isascii():
        raise _refused("it is malformed")
    return token.strip()


def _is_api_key(token: str) -> bool:
    """One of Supabase's, of the new or of the legacy kind. It is refused anyway; this is for the reason."""
    if token.startswith(API_KEY_PREFIXES):
        return True
    try:
        return jwt.decode(token, options={"verify_signature": False}).get("role") in API_KEY_ROLES
    except jwt.InvalidTokenError:
        return False


def _refused(reason: str) -> UnauthorizedError:
    return UnauthorizedError(f"The access token was refused: {reason}. Sign in again for a new one.")
