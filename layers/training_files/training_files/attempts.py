"""One attempt at a revision: begun in the database, written into a folder of its own, committed or undone."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from training_files.deadline import grace, refuse_when_late
from training_files.domain.spelling import to_milliseconds
from training_files.errors import (
    NameTakenError,
    NotSetUpError,
    TrainingFileArchivedError,
    TrainingFileNotFoundError,
    TrainingFileProcessingError,
    UpstreamUnavailableError,
)
from training_files.ports.objects import ObjectMissingError
from training_files.ports.rows import CommittedRevision, NewTrainingFile, RevisionContent
from training_files.preparing import Prepared
from training_files.records import Revision, TrainingFile
from training_files.writing import PlannedRevision, plan_revision, write_revision

if TYPE_CHECKING:
    from training_files.service import TrainingFileService

# Of conversations, with their figures, in one call to the database.
ROWS_AT_ONCE = 500

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Attempt:
    """One revision being written on top of `base`. Unless `keep` is set, its end removes what it wrote."""

    revision_id: UUID
    training_file: TrainingFile
    base: Revision | None
    keep: bool = False
    error: str = "the build broke off"

    @property
    def json_path(self) -> str:
        return f"{self.revision_id}/training.json"

    @property
    def jsonl_path(self) -> str:
        return f"{self.revision_id}/training.jsonl"


class Attempts:
    """Makes attempts for a service, with its ports, its clock and its ids."""

    def __init__(self, service: "TrainingFileService") -> None:
        self._service = service
        self._repository = service.repository
        self._store = service.stores.training_files

    @contextmanager
    def begun(
        self,
        training_file_id: UUID,
        owner: UUID | None,
        requested: dict[str, Any],
        new_file: NewTrainingFile | None,
    ) -> Iterator[Attempt]:
        """An attempt for a caller who waits for it; undone at the end of the block unless it was committed."""
        revision_id = self._service.new_id()
        training_file, base = self.begin(revision_id, training_file_id, owner, requested, new_file)
        attempt = Attempt(revision_id, training_file, base)
        try:
            yield attempt
        finally:
            if not attempt.keep:
                self._undo(attempt)

    def begin(
        self,
        revision_id: UUID,
        training_file_id: UUID,
        owner: UUID | None,
        requested: dict[str, Any],
        new_file: NewTrainingFile | None,
        *,
        background: bool = False,
    ) -> tuple[TrainingFile, Revision | None]:
        """Records the intention. Returns the training file as it is, and its current revision.

        Raises NameTakenError, TrainingFileNotFoundError, TrainingFileArchivedError or TrainingFileProcessingError.
        """
        try:
            begun = self._repository.begin_revision(
                revision_id=revision_id,
                training_file_id=training_file_id,
                owner=owner,
                requested=requested,
                new_file=new_file,
                background=background,
            )
        except UpstreamUnavailableError:
            # Perhaps only the answer was lost, and a new training file would hold its name.
            with left_for_later(revision_id):
                self._repository.abandon_revision(
                    revision_id=revision_id, error={"message": "the database did not answer"}
                )
            raise
        if begun.outcome == "name_taken" and new_file:
            raise NameTakenError(new_file.name)
        if begun.outcome == "not_found" or (begun.outcome == "begun" and begun.training_file is None):
            raise TrainingFileNotFoundError(training_file_id)
        if begun.training_file is None:
            refuse_unless_active(training_file_id, begun.outcome)
            raise TrainingFileNotFoundError(training_file_id)
        return begun.training_file, begun.base

    def commit(self, attempt: Attempt, prepared: Prepared) -> TrainingFile | None:
        """Writes and commits. The training file as committed, or None when another writer was first.

        Raises TrainingFileArchivedError or TrainingFileNotFoundError when it has become one since.
        """
        current = attempt.training_file
        planned = plan_revision(self.as_of_now(current), attempt.base, prepared)
        self._write(planned, attempt)

        last_rows = self._staged_but_the_last(attempt, prepared)

        refuse_when_late()
        # While the answer to the commit is out, only the database knows whether these objects are the current ones.
        attempt.keep = True
        committed = self._committed(attempt, planned.content, last_rows)
        attempt.keep = committed.outcome == "committed"
        training_file_id = current.id or attempt.revision_id
        if committed.outcome == "archived":
            raise TrainingFileArchivedError(training_file_id)
        if committed.outcome == "gone":
            raise TrainingFileNotFoundError(training_file_id)
        if committed.outcome == "superseded":
            attempt.error = "another writer was first"
            return None
        return committed.training_file

    def remove_objects(self, attempt: Attempt) -> None:
        with suppress(NotSetUpError):  # Where there is no bucket, there are no objects to be found.
            self._store.remove([attempt.json_path, attempt.jsonl_path])

    def as_of_now(self, training_file: TrainingFile) -> TrainingFile:
        now = to_milliseconds(self._service.now())
        created_at = training_file.created_at if training_file.revision else now
        return training_file.model_copy(update={"created_at": created_at, "last_updated_at": now})

    def _write(self, planned: PlannedRevision, attempt: Attempt) -> None:
        try:
            write_revision(planned, attempt.json_path, attempt.jsonl_path, self._store)
        except ObjectMissingError as error:
            # The base's objects: perhaps someone has removed the training file.
            if planned.training_file.id:
                self._service.existing(planned.training_file.id)
            raise UpstreamUnavailableError(
                f"The object {error.path} of the current revision is missing in the bucket. Nothing was changed."
            ) from error

    def _staged_but_the_last(self, attempt: Attempt, prepared: Prepared) -> list[dict[str, Any]]:
        """Lays the rows of conversations aside, all but the last ones, which the commit itself takes."""
        last_rows: list[dict[str, Any]] = []
        for position, row in enumerate(prepared.spool.rows(), start=1):
            if len(last_rows) == ROWS_AT_ONCE:
                self._repository.stage_conversations(revision_id=attempt.revision_id, conversations=last_rows)
                last_rows = []
            last_rows.append(row | {"position": position})
        return last_rows

    def _committed(
        self, attempt: Attempt, content: RevisionContent, last_rows: list[dict[str, Any]]
    ) -> CommittedRevision:
        try:
            with grace():
                return self._repository.commit_revision(
                    revision_id=attempt.revision_id,
                    expected_revision=attempt.training_file.revision,
                    content=content,
                    conversations=last_rows,
                )
        except UpstreamUnavailableError as error:
            raise UpstreamUnavailableError(
                "Supabase did not say whether the new revision was committed: it may or may not be there. Look at the "
                "training file before you try again."
            ) from error

    def _undo(self, attempt: Attempt) -> None:
        """Removes what an attempt wrote. Its objects go first: while they exist, its row is how they are found."""
        with left_for_later(attempt.revision_id):
            self.remove_objects(attempt)
            self._repository.abandon_revision(revision_id=attempt.revision_id, error={"message": attempt.error})


@contextmanager
def left_for_later(folder_id: UUID) -> Iterator[None]:
    """What cannot be cleaned up now is found by the row of its revision or export later.

    The first fault is the one to tell.
    """
    try:
        with grace():
            yield
    except (UpstreamUnavailableError, NotSetUpError) as error:
        logger.warning("%s is left to be cleaned up: %s", folder_id, error.message)


def refuse_unless_active(training_file_id: UUID, status: str) -> None:
    """Raises TrainingFileArchivedError or TrainingFileProcessingError."""
    if status == "archived":
        raise TrainingFileArchivedError(training_file_id)
    if status != "active":
        raise TrainingFileProcessingError(training_file_id)
