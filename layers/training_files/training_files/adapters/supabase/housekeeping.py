"""What housekeeping asks of the database, over PostgREST."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from training_files.adapters.supabase.database import DatabaseAdapter
from training_files.ports.housekeeping import HousekeepingWork


class SupabaseHousekeeping(DatabaseAdapter):
    """Implements `training_files.ports.housekeeping.HousekeepingRepository`."""

    def list_work(self, *, keep_revisions: int, limit: int) -> HousekeepingWork:
        work = self._call_patiently("list_training_file_housekeeping", p_keep_revisions=keep_revisions, p_limit=limit)
        exports = self._call("list_training_file_exports_left", p_limit=limit)
        return HousekeepingWork.model_validate({**work, "exports": exports})

    def mark_objects_removed(self, revision_ids: Sequence[UUID]) -> None:
        ids = [str(revision_id) for revision_id in revision_ids]
        self._call("mark_training_file_objects_removed", p_revision_ids=ids)

    def list_folder_objects(self, folder_ids: Sequence[UUID]) -> list[str]:
        ids = [str(folder_id) for folder_id in folder_ids]
        return cast("list[str]", self._call("list_training_file_folder_objects", p_folder_ids=ids))

    def prune_attempts(self, *, limit: int) -> int:
        return cast("int", self._call("prune_training_file_attempts", p_limit=limit))

    def prune_exports(self, *, keep_days: int, limit: int) -> int:
        return cast("int", self._call("prune_training_file_exports", p_keep_days=keep_days, p_limit=limit))

    def prune_events(self, *, limit: int) -> int:
        return cast("int", self._call("prune_training_file_events", p_limit=limit))
