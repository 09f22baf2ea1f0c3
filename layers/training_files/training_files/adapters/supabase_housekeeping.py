"""What housekeeping asks of the database, over PostgREST."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from training_files.adapters.supabase_errors import in_words_of_ours
from training_files.adapters.supabase_repository import Database
from training_files.housekeeping import HousekeepingWork


class SupabaseHousekeeping:
    """Implements `training_files.housekeeping.HousekeepingRepository`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_work(self, *, keep_revisions: int, limit: int) -> HousekeepingWork:
        parameters = {"p_keep_revisions": keep_revisions, "p_limit": limit}
        work = self._call("list_training_file_housekeeping", parameters)
        exports = self._call("list_training_file_exports_left", {"p_limit": limit})
        return HousekeepingWork.model_validate({**work, "exports": exports})

    def mark_objects_removed(self, revision_ids: Sequence[UUID]) -> None:
        parameters = {"p_revision_ids": [str(revision_id) for revision_id in revision_ids]}
        self._call("mark_training_file_objects_removed", parameters)

    def prune_events(self, *, limit: int) -> int:
        return cast("int", self._call("prune_training_file_events", {"p_limit": limit}))

    def _call(self, function: str, parameters: dict[str, Any]) -> Any:
        return in_words_of_ours(self._database.rpc(function, parameters).execute).data
