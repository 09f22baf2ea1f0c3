"""The settings, read from the environment once at start; each kind of function reads only what it needs."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

from training_files.domain.conversation.conversation import USABLE_STATUSES, EnrichedPaths, EnrichmentStatus
from training_files.errors import SettingsError

ConversationScope = Literal["own", "all"]
# The text of the secret of an ARN; the name of the variable that holds the ARN is for messages.
SecretReader = Callable[[str, str], str]

SUPABASE_DOMAIN_HINT = "for example https://abcdefghijklmnop.supabase.co"
# As many as `openssl rand -hex 16` gives.
HOOK_SECRET_CHARACTERS = 32
S3_VARIABLES = ("SUPABASE_S3_ACCESS_KEY_ID", "SUPABASE_S3_SECRET_ACCESS_KEY", "SUPABASE_S3_REGION")
# The secrets lie apart, so that a function can be let at one and not at the others. Each gives these variables; where
# it is no JSON object, it is the first of them.
SERVER_SECRETS = {
    "SUPABASE_SECRET_ARN": ("SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_JWT_SECRET"),
    "SUPABASE_S3_SECRET_ARN": S3_VARIABLES,
}
HOOK_SECRETS = {"HOOK_SECRET_ARN": ("HOOK_SECRET",)}


@dataclass(frozen=True, slots=True, repr=False)
class S3Settings:
    """The keys of the project's S3 protocol. Without a repr, as the settings."""

    access_key_id: str
    secret_access_key: str
    region: str


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ProjectSettings:
    """The Supabase project, and whose access tokens count."""

    supabase_url: str
    jwt_issuer: str | None
    allow_anonymous: bool
    timeout_seconds: float

    @property
    def auth_url(self) -> str:
        """Where the project's auth server publishes its keys."""
        return f"{self.supabase_url}/auth/v1"

    @property
    def issuer(self) -> str:
        """Who issues the access tokens of the project: its auth server, unless it signs with a domain of its own."""
        return self.jwt_issuer or self.auth_url


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class ReadingSettings(ProjectSettings):
    """For functions that act with the caller's own token. There is no secret among them."""

    publishable_key: str


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Settings(ProjectSettings):
    """Without a repr: some of the values are secrets. Without `s3`, objects are written over REST."""

    service_role_key: str
    jwt_secret: str | None
    conversation_scope: ConversationScope
    enriched_paths: EnrichedPaths
    usable_statuses: tuple[EnrichmentStatus, ...]
    target_model: str | None
    idempotency_table: str | None
    build_queue_url: str | None
    enriched_queue_url: str | None
    shards_state_machine_arn: str | None
    event_bus_name: str | None
    keep_revisions: int
    keep_exports_days: int
    build_retry_seconds: int
    build_tries: int
    s3: S3Settings | None = None


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class HookSettings:
    """For functions that other systems call with a secret of their own."""

    hook_secret: str | None
    usable_statuses: tuple[EnrichmentStatus, ...]
    enriched_queue_url: str | None


def settings_from(environment: Mapping[str, str], secret_at: SecretReader) -> Settings:
    """The settings of functions that hold the server key; `secret_at` reads what an ARN of the environment names.

    Raises SettingsError, which names what is missing or malformed.
    """
    values = _values(environment, SERVER_SECRETS, secret_at)
    return Settings(
        supabase_url=_url(values),
        service_role_key=_service_role_key(values.get("SUPABASE_SERVICE_ROLE_KEY")),
        jwt_secret=values.get("SUPABASE_JWT_SECRET") or None,
        jwt_issuer=values.get("SUPABASE_JWT_ISSUER") or None,
        allow_anonymous=_yes_or_no("ALLOW_ANONYMOUS_USERS", values.get("ALLOW_ANONYMOUS_USERS") or "no"),
        conversation_scope=_scope(values.get("CONVERSATION_SCOPE") or "own"),
        enriched_paths=_enriched_paths(values.get("ENRICHED_PATHS") or "own"),
        usable_statuses=_usable_statuses(values.get("USABLE_STATUSES") or ",".join(USABLE_STATUSES)),
        target_model=values.get("TARGET_MODEL") or None,
        keep_revisions=_whole_number("KEEP_REVISIONS", values.get("KEEP_REVISIONS") or "10", at_least=1),
        keep_exports_days=_whole_number("KEEP_EXPORTS_DAYS", values.get("KEEP_EXPORTS_DAYS") or "30", at_least=1),
        build_retry_seconds=_whole_number("BUILD_RETRY_SECONDS", values.get("BUILD_RETRY_SECONDS") or "30", at_least=0),
        build_tries=_whole_number("BUILD_TRIES", values.get("BUILD_TRIES") or "6", at_least=1),
        event_bus_name=values.get("EVENT_BUS_NAME") or None,
        idempotency_table=values.get("IDEMPOTENCY_TABLE") or None,
        build_queue_url=values.get("BUILD_QUEUE_URL") or None,
        enriched_queue_url=values.get("ENRICHED_QUEUE_URL") or None,
        shards_state_machine_arn=values.get("SHARDS_STATE_MACHINE_ARN") or None,
        timeout_seconds=_seconds(values.get("SUPABASE_TIMEOUT_SECONDS") or "6"),
        s3=_s3(values),
    )


def reading_settings_from(environment: Mapping[str, str]) -> ReadingSettings:
    """The settings of functions that act with the caller's token.

    Raises SettingsError, which names what is missing or malformed.
    """
    return ReadingSettings(
        supabase_url=_url(environment),
        publishable_key=_publishable_key(environment.get("SUPABASE_PUBLISHABLE_KEY")),
        jwt_issuer=environment.get("SUPABASE_JWT_ISSUER") or None,
        allow_anonymous=_yes_or_no("ALLOW_ANONYMOUS_USERS", environment.get("ALLOW_ANONYMOUS_USERS") or "no"),
        timeout_seconds=_seconds(environment.get("SUPABASE_TIMEOUT_SECONDS") or "6"),
    )


def hook_settings_from(environment: Mapping[str, str], secret_at: SecretReader) -> HookSettings:
    """The settings of functions that other systems call. Raises SettingsError, which names what is malformed."""
    values = _values(environment, HOOK_SECRETS, secret_at)
    return HookSettings(
        hook_secret=_hook_secret(values.get("HOOK_SECRET")),
        usable_statuses=_usable_statuses(values.get("USABLE_STATUSES") or ",".join(USABLE_STATUSES)),
        enriched_queue_url=values.get("ENRICHED_QUEUE_URL") or None,
    )


def _values(
    environment: Mapping[str, str], secrets: Mapping[str, Sequence[str]], secret_at: SecretReader
) -> Mapping[str, str]:
    """The variables of the environment, before those of the secrets that it names."""
    values: dict[str, str] = {}
    for variable, names in secrets.items():
        if arn := environment.get(variable):
            held = _held_by(secret_at(arn, variable), variable, names)
            values |= {name: held[name] for name in names if name in held}
    return values | {name: value for name, value in environment.items() if value}


def _held_by(secret: str, variable: str, names: Sequence[str]) -> Mapping[str, str]:
    if names is not S3_VARIABLES and not secret.lstrip().startswith("{"):
        return {names[0]: secret.strip()}
    try:
        values = json.loads(secret)
    except json.JSONDecodeError as error:
        raise SettingsError(f"The secret that {variable} names is not a JSON object of settings.") from error
    if not isinstance(values, dict):
        raise SettingsError(f"The secret that {variable} names is not a JSON object of settings.")
    return {str(name): str(value) for name, value in values.items() if value}


def _url(values: Mapping[str, str]) -> str:
    value = values.get("SUPABASE_URL") or values.get("NEXT_PUBLIC_SUPABASE_URL")
    if not value:
        raise SettingsError(f"SUPABASE_URL is not set: the URL of the project, {SUPABASE_DOMAIN_HINT}.")
    if not _names_a_host(value):
        raise SettingsError(f"SUPABASE_URL is not a URL, {SUPABASE_DOMAIN_HINT}.")
    if path := urlsplit(value).path.strip("/"):
        raise SettingsError(f"SUPABASE_URL ends in /{path}; leave that out: {SUPABASE_DOMAIN_HINT}.")
    return value.rstrip("/")


def _names_a_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"https", "http"} and bool(parts.hostname)


def _service_role_key(value: str | None) -> str:
    if not value:
        raise SettingsError(
            "SUPABASE_SERVICE_ROLE_KEY is not set, and SUPABASE_SECRET_ARN names no secret that holds it."
        )
    if value.startswith("sb_publishable_") or _role_of(value) == "anon":
        raise SettingsError("SUPABASE_SERVICE_ROLE_KEY is a publishable key; it must be the server key.")
    return _fit_for_a_header("SUPABASE_SERVICE_ROLE_KEY", value)


def _publishable_key(value: str | None) -> str:
    if not value:
        raise SettingsError(
            "SUPABASE_PUBLISHABLE_KEY is not set: the key that the project's web apps use, sb_publishable_… or the "
            "legacy anon key."
        )
    if value.startswith("sb_secret_") or _role_of(value) == "service_role":
        raise SettingsError("SUPABASE_PUBLISHABLE_KEY is a server key; it must be the one that the web apps use.")
    return _fit_for_a_header("SUPABASE_PUBLISHABLE_KEY", value)


def _role_of(legacy_key: str) -> str | None:
    """Whose key a legacy one is; it is a token, whose middle part says so. None for others."""
    claims = legacy_key.split(".")[1:2]
    try:
        return str(json.loads(base64.urlsafe_b64decode(f"{claims[0]}==")).get("role")) if claims else None
    except (ValueError, AttributeError):
        return None


def _s3(values: Mapping[str, str]) -> S3Settings | None:
    missing = [name for name in S3_VARIABLES if not values.get(name)]
    if len(missing) == len(S3_VARIABLES):
        return None
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise SettingsError(f"{' and '.join(missing)} {verb} not set; {', '.join(S3_VARIABLES)} go together.")
    return S3Settings(*(_fit_for_a_header(name, values[name]) for name in S3_VARIABLES))


def _fit_for_a_header(name: str, value: str) -> str:
    if value != value.strip() or not value.isascii():
        raise SettingsError(f"{name} is malformed: it has spaces around it or is not ASCII.")
    return value


def _scope(value: str) -> ConversationScope:
    if value not in get_args(ConversationScope):
        raise SettingsError(f"CONVERSATION_SCOPE is {value!r}; it must be one of own, all.")
    return cast("ConversationScope", value)


def _enriched_paths(value: str) -> EnrichedPaths:
    if value not in get_args(EnrichedPaths):
        raise SettingsError(f"ENRICHED_PATHS is {value!r}; it must be one of own, any.")
    return cast("EnrichedPaths", value)


def _usable_statuses(value: str) -> tuple[EnrichmentStatus, ...]:
    statuses = dict.fromkeys(status.strip() for status in value.split(","))
    known = get_args(EnrichmentStatus)
    if unknown := [status for status in statuses if status not in known]:
        raise SettingsError(f"USABLE_STATUSES has {unknown[0]!r}; its parts must be some of {', '.join(known)}.")
    return cast("tuple[EnrichmentStatus, ...]", tuple(statuses))


def _hook_secret(value: str | None) -> str | None:
    if value and len(value) < HOOK_SECRET_CHARACTERS:
        raise SettingsError(f"HOOK_SECRET is shorter than {HOOK_SECRET_CHARACTERS} characters; make a random one.")
    return value or None


def _yes_or_no(name: str, value: str) -> bool:
    if value not in ("yes", "no"):
        raise SettingsError(f"{name} is {value!r}; it must be one of yes, no.")
    return value == "yes"


def _whole_number(name: str, value: str, *, at_least: int) -> int:
    if not value.isascii() or not value.isdecimal() or int(value) < at_least:
        raise SettingsError(f"{name} must be a whole number, at least {at_least}.")
    return int(value)


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 60:
        raise SettingsError("SUPABASE_TIMEOUT_SECONDS must be a number of seconds above 0, up to 60.")
    return seconds
