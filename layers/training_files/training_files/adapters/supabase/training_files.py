"""Training files and what is in them, over PostgREST."""

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from postgrest.exceptions import APIError

from training_files.adapters.supabase.database import (
    EXACT,
    DatabaseAdapter,
    behind,
    page_of,
    rows_of,
    text_of,
)
from training_files.adapters.supabase.errors import UNIQUE_VIOLATION
from training_files.domain.training_file.training_file import (
    ListTrainingFilesFilters,
    TrainingFile,
    TrainingFileChanges,
    TrainingFilePage,
)
from training_files.errors import NameTakenError, not_a_cursor, too_many_rules
from training_files.ports.paging import Page

# The SQLSTATE of our own with which sql/ refuses it.
TOO_MANY_RULES = "TF001"


class SupabaseTrainingFiles(DatabaseAdapter):
    """Implements `training_files.ports.training_files.TrainingFileRepository`."""

    def list_training_files(self, filters: ListTrainingFilesFilters, owner: UUID | None) -> TrainingFilePage:
        query = self._database.table("training_files").select("*", count=EXACT)
        if owner:
            query = query.eq("created_by", str(owner))
        if filters.status:
            query = query.eq("status", filters.status)
        if filters.name:
            query = query.ilike("name", _with(filters.name))
        if filters.cursor:
            query = query.or_(behind(*_position(filters.cursor)))
        query = query.order("created_at", desc=True).order("id", desc=True).limit(filters.limit)
        page = page_of(query, TrainingFile.model_validate)
        return TrainingFilePage(files=tuple(page), next_cursor=_cursor(page[-1]) if page.more else None)

    def get_training_file(self, training_file_id: UUID, owner: UUID | None) -> TrainingFile | None:
        query = self._database.table("training_files").select("*").eq("id", str(training_file_id))
        if owner:
            query = query.eq("created_by", str(owner))
        rows = rows_of(query)
        return TrainingFile.model_validate(rows[0]) if rows else None

    def update_training_file(
        self, training_file_id: UUID, owner: UUID | None, changes: TrainingFileChanges
    ) -> TrainingFile | None:
        query = (
            self._database.table("training_files")
            .update(_columns(changes))
            .eq("id", str(training_file_id))
            .in_("status", ["active", "archived"])
        )
        if owner:
            query = query.eq("created_by", str(owner))
        try:
            rows = rows_of(query)
        except APIError as error:
            if error.code == UNIQUE_VIOLATION and changes.name:
                raise NameTakenError(changes.name) from error
            if error.code == TOO_MANY_RULES:
                raise too_many_rules() from error
            raise
        return TrainingFile.model_validate(rows[0]) if rows else None

    def delete_training_file(self, training_file_id: UUID, owner: UUID | None) -> list[UUID] | None:
        removed = self._call_patiently(
            "delete_training_file", p_training_file_id=str(training_file_id), p_owner=text_of(owner)
        )
        return None if removed is None else [UUID(revision_id) for revision_id in removed]

    def list_conversation_ids(
        self, training_file_id: UUID, *, limit: int, after_position: int = 0
    ) -> Page[tuple[int, UUID]]:
        query = (
            self._database.table("training_file_conversations")
            .select("position,conversation_id", count=EXACT)
            .eq("training_file_id", str(training_file_id))
            .is_("removed_in_revision", "null")
            .gt("position", after_position)
            .order("position")
            .limit(limit)
        )
        return page_of(query, lambda row: (row["position"], UUID(row["conversation_id"])))


def _with(part: str) -> str:
    """The pattern for names with this part. PostgREST takes every `*` for a `%`, so any character stands for it."""
    literal = re.sub(r"[\\%_]", r"\\\g<0>", part)
    return f"%{literal.replace('*', '_')}%"


def _columns(changes: TrainingFileChanges) -> dict[str, Any]:
    columns = changes.model_dump(mode="json", exclude_unset=True)
    if changes.collect:
        columns["collect"] = changes.collect.model_dump(mode="json")
    return columns


def _cursor(last: TrainingFile) -> str:
    created_at = last.created_at.astimezone(UTC).isoformat()
    return base64.urlsafe_b64encode(f"{created_at} {last.id}".encode()).decode()


def _position(cursor: str) -> tuple[str, UUID]:
    try:
        written, file_id = base64.b64decode(cursor.encode("ascii"), b"-_", validate=True).decode("ascii").split()
        created_at, after = datetime.fromisoformat(written), UUID(file_id)
    except (binascii.Error, ValueError) as error:
        raise not_a_cursor() from error
    if created_at.tzinfo != UTC:
        # Python knows offsets that PostgreSQL does not.
        raise not_a_cursor()
    return created_at.isoformat(), after
