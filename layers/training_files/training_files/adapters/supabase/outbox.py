"""The outbox of events, over PostgREST."""

from collections.abc import Sequence
from uuid import UUID

from training_files.adapters.supabase.database import DatabaseAdapter, rows_of
from training_files.ports.events import TrainingFileEvent


class SupabaseOutbox(DatabaseAdapter):
    """Implements `training_files.ports.events.Outbox`."""

    def unpublished(self, *, limit: int, training_file_id: UUID | None = None) -> list[TrainingFileEvent]:
        query = self._database.table("training_file_events").select("*").is_("published_at", "null")
        if training_file_id:
            query = query.eq("training_file_id", str(training_file_id))
        rows = rows_of(query.order("sequence").limit(limit))
        return [TrainingFileEvent.model_validate(row) for row in rows]

    def mark_published(self, event_ids: Sequence[UUID]) -> None:
        self._call("mark_training_file_events_published", p_event_ids=[str(event_id) for event_id in event_ids])
