"""The outbox of events, over PostgREST."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from training_files.adapters.supabase_errors import in_words_of_ours
from training_files.adapters.supabase_repository import Database
from training_files.events import TrainingFileEvent


class SupabaseOutbox:
    """Implements `training_files.events.Outbox`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unpublished(self, *, limit: int, training_file_id: UUID | None = None) -> list[TrainingFileEvent]:
        query = self._database.table("training_file_events").select("*").is_("published_at", "null")
        if training_file_id:
            query = query.eq("training_file_id", str(training_file_id))
        rows = cast("list[dict[str, Any]]", in_words_of_ours(query.order("sequence").limit(limit).execute).data)
        return [TrainingFileEvent.model_validate(row) for row in rows]

    def mark_published(self, event_ids: Sequence[UUID]) -> None:
        parameters = {"p_event_ids": [str(event_id) for event_id in event_ids]}
        in_words_of_ours(self._database.rpc("mark_training_file_events_published", parameters).execute)
