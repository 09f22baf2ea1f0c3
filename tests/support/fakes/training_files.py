"""Training files and what is in them, in memory."""

import base64
from datetime import datetime
from uuid import UUID

from tests.support.fakes.cursors import not_a_cursor
from tests.support.fakes.rows import Rows
from training_files.domain.training_file.training_file import (
    ListTrainingFilesFilters,
    TrainingFile,
    TrainingFileChanges,
    TrainingFilePage,
)
from training_files.errors import NameTakenError, too_many_rules
from training_files.ports.paging import Page

MOST_RULES = 100


class InMemoryTrainingFiles(Rows):
    """Implements `training_files.ports.training_files.TrainingFileRepository`."""

    def list_training_files(self, filters: ListTrainingFilesFilters, owner: UUID | None) -> TrainingFilePage:
        after = _position(filters.cursor) if filters.cursor else None
        found = [
            file
            for file in self.training_files.values()
            if owner in (None, file.created_by)
            and filters.status in (None, file.status)
            and (filters.name or "").casefold() in file.name.casefold()
            and (after is None or _place(file) < after)
        ]
        found.sort(key=_place, reverse=True)
        page = tuple(found[: filters.limit])
        return TrainingFilePage(files=page, next_cursor=_cursor(page[-1]) if len(found) > len(page) else None)

    def update_training_file(
        self, training_file_id: UUID, owner: UUID | None, changes: TrainingFileChanges
    ) -> TrainingFile | None:
        file = self.get_training_file(training_file_id, owner)
        if file is None or file.status not in ("active", "archived"):
            return None
        if changes.name and self._named(file.created_by, changes.name, other_than=training_file_id):
            raise NameTakenError(changes.name)
        own = (each for each in self.training_files.values() if each.created_by == file.created_by)
        if changes.collect and not file.collect and sum(each.collect is not None for each in own) >= MOST_RULES:
            raise too_many_rules()
        changed = changes.model_dump(exclude_unset=True) | {"updated_at": self.clock.now()}
        self.training_files[training_file_id] = TrainingFile.model_validate(file.model_dump() | changed)
        return self.training_files[training_file_id]

    def delete_training_file(self, training_file_id: UUID, owner: UUID | None) -> list[UUID] | None:
        if self.get_training_file(training_file_id, owner) is None:
            return None
        return self._delete(training_file_id)

    def list_conversation_ids(
        self, training_file_id: UUID, *, limit: int, after_position: int = 0
    ) -> Page[tuple[int, UUID]]:
        members = self.members.get(training_file_id, [])
        behind = [(member.position, member.conversation_id) for member in members if member.position > after_position]
        return Page(behind[:limit], more=len(behind) > limit)


def _place(file: TrainingFile) -> tuple[datetime, str]:
    return file.created_at, str(file.id)


def _cursor(last: TrainingFile) -> str:
    return base64.urlsafe_b64encode(f"{last.created_at.isoformat()} {last.id}".encode()).decode()


def _position(cursor: str) -> tuple[datetime, str]:
    try:
        created_at, file_id = base64.urlsafe_b64decode(cursor).decode().split()
        return datetime.fromisoformat(created_at), file_id
    except ValueError as error:
        raise not_a_cursor() from error
