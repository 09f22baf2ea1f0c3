"""The wiring of functions that other systems call: a shared secret, a queue, and nothing of Supabase."""

import os
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from training_files.adapters.aws.secrets import secret_at
from training_files.domain.conversation.conversation import EnrichmentStatus
from training_files.settings import HookSettings, hook_settings_from

if TYPE_CHECKING:
    from training_files.adapters.aws.queues import SqsEnrichedQueue


@dataclass(frozen=True, slots=True)
class HookApplication:
    """The secret that callers must know, which conversations count as enriched, and where these go."""

    hook_secret: str | None = field(repr=False)
    usable_statuses: tuple[EnrichmentStatus, ...]
    enriched_queue: "SqsEnrichedQueue | None"


def hook_application_from(settings: HookSettings) -> HookApplication:
    url = settings.enriched_queue_url
    return HookApplication(settings.hook_secret, settings.usable_statuses, _enriched_queue(url) if url else None)


@lru_cache(maxsize=1)
def hook_application() -> HookApplication:
    """The application of this process, from its environment. Raises SettingsError."""
    return hook_application_from(hook_settings_from(os.environ, secret_at))


def _enriched_queue(url: str) -> "SqsEnrichedQueue":
    from training_files.adapters.aws.queues import SqsEnrichedQueue

    return SqsEnrichedQueue(url)
