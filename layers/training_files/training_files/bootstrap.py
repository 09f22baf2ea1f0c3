"""The wiring of functions that hold the server key: settings, clients and clock put together, once per process."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Protocol
from uuid import UUID, uuid4

import httpx

from training_files.adapters.supabase.access_tokens import AccessTokens, SigningKeys
from training_files.adapters.supabase.buckets import (
    CONVERSATION_BUCKET,
    TRAINING_BUCKET,
    ask_for_no_compression,
    refuse_what_is_too_large,
)
from training_files.adapters.supabase.builds import SupabaseBuilds
from training_files.adapters.supabase.connection import SupabaseConnection, note_refusals_by
from training_files.adapters.supabase.conversations import SupabaseConversations
from training_files.adapters.supabase.database import Database
from training_files.adapters.supabase.errors import refuse_a_refused_key
from training_files.adapters.supabase.exports import SupabaseExports
from training_files.adapters.supabase.members import SupabaseMembers
from training_files.adapters.supabase.punctual_http import keep_the_deadline, keep_the_deadline_of_the_answer
from training_files.adapters.supabase.reports import SupabaseReports
from training_files.adapters.supabase.revisions import SupabaseRevisions
from training_files.adapters.supabase.shards import SupabaseShards
from training_files.adapters.supabase.tags import SupabaseTags
from training_files.adapters.supabase.training_files import SupabaseTrainingFiles
from training_files.context import Context, Options
from training_files.domain.conversation.conversation import USABLE_STATUSES, EnrichedPaths, EnrichmentStatus
from training_files.ports.objects import ObjectStore
from training_files.ports.queue import BuildQueue
from training_files.service import TrainingFileService
from training_files.settings import Settings, settings_from

if TYPE_CHECKING:
    from training_files.adapters.aws.queues import SqsBuildQueue, SqsEnrichedQueue
    from training_files.adapters.s3.access import S3Access
    from training_files.adapters.supabase.object_store import Storage, SupabaseObjectStore
    from training_files.ports.events import EventBus, Outbox
    from training_files.ports.executions import Executions
    from training_files.ports.uploads import Uploads
    from training_files.upkeep.housekeeping import Housekeeping

CONNECTIONS = 20
STREAMING_TIMEOUT_SECONDS = 60


class SupabaseClient(Database, Protocol):
    """What `supabase.create_client` returns, as far as it is used."""

    @property
    def storage(self) -> "Storage": ...


class SupabaseStores:
    """Both buckets, made when first used: most calls touch no object, and the storage client is slow to import."""

    def __init__(self, supabase: SupabaseClient, http: httpx.Client, s3: "S3Access | None" = None) -> None:
        self._supabase = supabase
        self._http = http
        self._s3 = s3

    @cached_property
    def enriched_files(self) -> "SupabaseObjectStore":
        return self._bucket(CONVERSATION_BUCKET)

    @cached_property
    def training_files(self) -> ObjectStore:
        rest = self._bucket(TRAINING_BUCKET)
        if self._s3 is None:
            return rest
        from training_files.adapters.s3.object_store import S3ObjectStore

        return S3ObjectStore(rest, self._s3, TRAINING_BUCKET)

    @property
    def copies_inside(self) -> bool:
        return self._s3 is not None

    def _bucket(self, name: str) -> "SupabaseObjectStore":
        from training_files.adapters.supabase.object_store import SupabaseObjectStore

        return SupabaseObjectStore(self._supabase.storage, name, self._http)


def create_training_file_service(
    supabase: SupabaseClient,
    *,
    http: httpx.Client | None = None,
    queue: BuildQueue | None = None,
    executions: "Executions | None" = None,
    bus: "EventBus | None" = None,
    all_conversations: bool = False,
    target_model: str | None = None,
    enriched_paths: EnrichedPaths = "own",
    usable_statuses: tuple[EnrichmentStatus, ...] = USABLE_STATUSES,
    s3: "S3Access | None" = None,
) -> TrainingFileService:
    """A service over a Supabase client, which acts as who the client's key is of.

    With the service role's key it is trusted with the files of every user; see `TrainingFileService.acting_for`. Large
    objects are streamed through `http`, which is a client of its own unless given. `all_conversations` lifts the limit
    to conversations of the caller and of nobody; `target_model` is for requests that name none; `enriched_paths` is
    where enriched files may lie, `usable_statuses` what `enrichment_status` a conversation may have. With `s3`,
    training files are written over Storage's S3 protocol, and an addition costs what is added; without it, over REST.
    With `executions`, what is too much for one worker is left to many.
    """
    note_refusals_by(supabase)
    return TrainingFileService(
        Context(
            conversations=SupabaseConversations(supabase),
            training_files=SupabaseTrainingFiles(supabase),
            revisions=SupabaseRevisions(supabase),
            members=SupabaseMembers(supabase),
            builds=SupabaseBuilds(supabase),
            exports=SupabaseExports(supabase),
            reports=SupabaseReports(supabase),
            tags=SupabaseTags(supabase),
            shards=SupabaseShards(supabase),
            stores=SupabaseStores(supabase, http or httpx.Client(timeout=STREAMING_TIMEOUT_SECONDS), s3),
            queue=queue,
            executions=executions,
            outbox=_outbox(supabase) if bus else None,
            event_bus=bus,
            now=lambda: datetime.now(UTC),
            new_id=uuid4,
            options=Options(all_conversations, target_model, enriched_paths, usable_statuses),
        )
    )


@dataclass(frozen=True, slots=True)
class Application:
    """What a handler needs: whose token this is, the service to act with, and what keeps it tidy."""

    access_tokens: AccessTokens
    service: TrainingFileService
    database: Database
    keep_revisions: int
    keep_exports_days: int
    http: httpx.Client
    idempotency_table: str | None = None
    s3: "S3Access | None" = None
    build_queue: "SqsBuildQueue | None" = None
    enriched_queue: "SqsEnrichedQueue | None" = None

    def user_of(self, authorization: str | None) -> UUID:
        """The user whose token the header carries. Raises UnauthorizedError."""
        return self.access_tokens.user_of(authorization)

    def service_for(self, user: UUID, _: str | None, /) -> TrainingFileService:
        """A service that acts for this user with the server key; the token has done its part."""
        return self.service.acting_for(user)

    def close(self) -> None:
        """Closes the connections; on Lambda they last as long as the process."""
        self.http.close()

    @property
    def housekeeping(self) -> "Housekeeping":
        from training_files.adapters.supabase.housekeeping import SupabaseHousekeeping
        from training_files.upkeep.housekeeping import Housekeeping

        return Housekeeping(
            SupabaseHousekeeping(self.database),
            self.service.context,
            keep_revisions=self.keep_revisions,
            keep_exports_days=self.keep_exports_days,
            uploads=_uploads(self.s3) if self.s3 else None,
        )


def application_from(settings: Settings) -> Application:
    """The application over one pool of connections. Nothing is connected yet."""
    http = http_client(settings.timeout_seconds, refused=refuse_a_refused_key)
    connection = SupabaseConnection(settings.supabase_url, settings.service_role_key, http)
    s3 = s3_access(settings)
    queue_url = settings.build_queue_url
    build_queue = _build_queue(queue_url, settings.build_retry_seconds, settings.build_tries) if queue_url else None
    return Application(
        AccessTokens(
            settings.issuer,
            SigningKeys(http, settings.auth_url),
            settings.jwt_secret,
            allow_anonymous=settings.allow_anonymous,
        ),
        create_training_file_service(
            connection,
            http=http,
            queue=build_queue,
            executions=_executions(state_machine) if (state_machine := settings.shards_state_machine_arn) else None,
            bus=_event_bus(settings.event_bus_name) if settings.event_bus_name else None,
            all_conversations=settings.conversation_scope == "all",
            enriched_paths=settings.enriched_paths,
            usable_statuses=settings.usable_statuses,
            target_model=settings.target_model,
            s3=s3,
        ),
        connection,
        settings.keep_revisions,
        settings.keep_exports_days,
        http,
        settings.idempotency_table,
        s3,
        build_queue,
        _enriched_queue(settings.enriched_queue_url) if settings.enriched_queue_url else None,
    )


def http_client(timeout_seconds: float, *, refused: Callable[[httpx.Response], None]) -> httpx.Client:
    """One pool of connections to Supabase; `refused` sees each answer first, and raises where it is a refusal."""
    return httpx.Client(
        timeout=timeout_seconds,
        event_hooks={
            "request": [ask_for_no_compression, keep_the_deadline],
            "response": [refused, refuse_what_is_too_large, keep_the_deadline_of_the_answer],
        },
        limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
    )


def s3_access(settings: Settings) -> "S3Access | None":
    """How the settings say to write over S3, if they do."""
    if settings.s3 is None:
        return None
    from training_files.adapters.s3.access import S3Access

    return S3Access(
        endpoint_url=f"{settings.supabase_url}/storage/v1/s3",
        access_key_id=settings.s3.access_key_id,
        secret_access_key=settings.s3.secret_access_key,
        region=settings.s3.region,
        timeout_seconds=settings.timeout_seconds,
    )


@lru_cache(maxsize=1)
def application() -> Application:
    """The application of this process, from its environment. Raises SettingsError."""
    return application_from(settings_from(os.environ, _secret_at))


# What only some functions are set up for is imported by them alone.


def _outbox(supabase: Database) -> "Outbox":
    from training_files.adapters.supabase.outbox import SupabaseOutbox

    return SupabaseOutbox(supabase)


def _event_bus(name: str) -> "EventBus":
    from training_files.adapters.aws.event_bridge import EventBridgeBus

    return EventBridgeBus(name)


def _build_queue(url: str, retry_seconds: int, tries: int) -> "SqsBuildQueue":
    from training_files.adapters.aws.queues import SqsBuildQueue

    return SqsBuildQueue(url, retry_seconds, tries)


def _enriched_queue(url: str) -> "SqsEnrichedQueue":
    from training_files.adapters.aws.queues import SqsEnrichedQueue

    return SqsEnrichedQueue(url)


def _executions(state_machine_arn: str) -> "Executions":
    from training_files.adapters.aws.step_functions import StepFunctionsExecutions

    return StepFunctionsExecutions(state_machine_arn)


def _uploads(access: "S3Access") -> "Uploads":
    from training_files.adapters.s3.uploads import S3Uploads

    return S3Uploads(access, TRAINING_BUCKET)


def _secret_at(arn: str, variable: str) -> str:
    from training_files.adapters.aws.secrets import secret_at

    return secret_at(arn, variable)
