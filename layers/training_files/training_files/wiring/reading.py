"""The wiring of functions that only read. They act as the caller does: row level security decides, not this code."""

import os
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import httpx

from training_files.adapters.supabase.access_tokens import AccessTokens, SigningKeys, bearer_token
from training_files.adapters.supabase.auth_server import AuthServer
from training_files.adapters.supabase.connection import SupabaseConnection
from training_files.adapters.supabase.errors import refuse_a_refused_caller
from training_files.bootstrap import create_training_file_service, http_client
from training_files.service import TrainingFileService
from training_files.settings import ReadingSettings, reading_settings_from


@dataclass(frozen=True, slots=True)
class ReadingApplication:
    """Who calls, and a service that does what this caller may do in the project."""

    access_tokens: AccessTokens
    supabase_url: str
    publishable_key: str
    http: httpx.Client

    def user_of(self, authorization: str | None) -> UUID:
        """The user whose token the header carries. Raises UnauthorizedError."""
        return self.access_tokens.user_of(authorization)

    def service_for(self, user: UUID, authorization: str | None, /) -> TrainingFileService:
        """A service that acts with the token of this user."""
        connection = SupabaseConnection(
            self.supabase_url, self.publishable_key, self.http, token=bearer_token(authorization)
        )
        return create_training_file_service(connection, http=self.http).acting_for(user)

    def close(self) -> None:
        """Closes the connections; on Lambda they last as long as the process."""
        self.http.close()


def reading_application_from(settings: ReadingSettings) -> ReadingApplication:
    """The application over one pool of connections. Nothing is connected yet."""
    http = http_client(settings.timeout_seconds, refused=refuse_a_refused_caller)
    return ReadingApplication(
        AccessTokens(
            settings.issuer,
            SigningKeys(http, settings.auth_url),
            # Whoever could verify a token that is signed with the project's secret could also make one.
            AuthServer(http, settings.auth_url, settings.publishable_key),
            allow_anonymous=settings.allow_anonymous,
        ),
        settings.supabase_url,
        settings.publishable_key,
        http,
    )


@lru_cache(maxsize=1)
def reading_application() -> ReadingApplication:
    """The application of this process, from its environment. Raises SettingsError."""
    return reading_application_from(reading_settings_from(os.environ))
