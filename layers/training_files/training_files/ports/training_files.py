"""Rows of training files and what is in them."""

from typing import Protocol
from uuid import UUID

from training_files.domain.training_file.training_file import (
    ListTrainingFilesFilters,
    TrainingFile,
    TrainingFileChanges,
    TrainingFilePage,
)
from training_files.ports.paging import Page


class TrainingFileRepository(Protocol):
    """Rows of `training_files`.

    `owner` limits a method to the training files of one user; None means whoever owns them.
    """

    def list_training_files(self, filters: ListTrainingFilesFilters, owner: UUID | None) -> TrainingFilePage:
        """One page, newest first. Raises RequestInvalidError for a cursor that is not one."""

    def get_training_file(self, training_file_id: UUID, owner: UUID | None) -> TrainingFile | None: ...

    def update_training_file(
        self, training_file_id: UUID, owner: UUID | None, changes: TrainingFileChanges
    ) -> TrainingFile | None:
        """Changes an active or archived file; None where there is none.

        Raises NameTakenError, or RequestInvalidError for a collection rule too many.
        """

    def delete_training_file(self, training_file_id: UUID, owner: UUID | None) -> list[UUID] | None:
        """Removes all rows and returns the ids of the revisions; None where there is no such file."""

    def list_conversation_ids(
        self, training_file_id: UUID, *, limit: int, after_position: int = 0
    ) -> Page[tuple[int, UUID]]:
        """At most `limit` (up to 1,000) positions and conversation ids, in file order."""
