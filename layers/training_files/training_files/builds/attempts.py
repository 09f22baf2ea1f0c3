"""One attempt at a revision: begun in the database, written into a folder of its own, committed or undone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from training_files.builds.intentions import Intention
from training_files.builds.planning import PlannedRevision
from training_files.builds.work import Work
from training_files.builds.writing import write_revision
from training_files.catalog.finding import existing
from training_files.catalog.folders import left_to_housekeeping
from training_files.choosing.choices import refuse_unless_active
from training_files.choosing.counting import refuse_unknown
from training_files.choosing.selecting import refuse_count
from training_files.context import Context
from training_files.deadline import grace, refuse_when_late
from training_files.domain.spelling import to_milliseconds
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.training_file import TrainingFile
from training_files.errors import (
    NameTakenError,
    NotSetUpError,
    RevisionNotFoundError,
    TrainingFileArchivedError,
    TrainingFileNotFoundError,
    UpstreamUnavailableError,
)
from training_files.ports.objects import ObjectMissingError
from training_files.ports.revisions import BegunRevision, CommittedRevision, RevisionContent

# Of conversations, with their figures, in one call to the database.
ROWS_AT_ONCE = 500
# Most rows have 1 KB; one of a conversation of 2,000 pairs has over 100.
ROWS_AT_ONCE_BYTES = 4 * 1024 * 1024


@dataclass(slots=True)
class Attempt:
    """A revision that is being written on top of `base`."""

    revision_id: UUID
    training_file: TrainingFile
    base: Revision | None
    keeps_objects: bool = False
    """Set when the revision is committed, or may be. Otherwise the end of the attempt removes what it wrote."""
    error: str = "the build broke off"
    conversation_count: int = 0
    """How many conversations are asked for, with those that were selected when it was begun."""

    @property
    def json_path(self) -> str:
        return f"{self.revision_id}/training.json"

    @property
    def jsonl_path(self) -> str:
        return f"{self.revision_id}/training.jsonl"


def begin(context: Context, revision_id: UUID, intention: Intention) -> Attempt:
    """Records the intention to write a revision.

    Raises NameTakenError, TrainingFileNotFoundError, TrainingFileArchivedError, TrainingFileProcessingError or
    RevisionNotFoundError.
    """
    try:
        begun = context.revisions.begin_revision(
            revision_id=revision_id,
            training_file_id=intention.training_file_id,
            owner=intention.owner,
            requested=intention.requested,
            new_file=intention.new_file,
            background=intention.background,
            scope=intention.scope,
        )
    except UpstreamUnavailableError:
        # Perhaps only the answer was lost, and a new training file would hold its name.
        with left_to_housekeeping(revision_id):
            abandon(context, revision_id, "the database did not answer")
        raise
    _refuse_selection(context, begun, intention)
    attempt = Attempt(revision_id, _training_file_of(context, begun, intention), begun.base)
    attempt.conversation_count = begun.conversation_count
    return attempt


@contextmanager
def begun(context: Context, intention: Intention) -> Iterator[Attempt]:
    """An attempt for a caller who waits, undone at the end of the block unless it was committed."""
    attempt = begin(context, context.new_id(), intention)
    try:
        yield attempt
    finally:
        if not attempt.keeps_objects:
            # The objects go first: while they exist, the row is how housekeeping finds them.
            with left_to_housekeeping(attempt.revision_id):
                remove_objects(context, attempt)
                abandon(context, attempt.revision_id, attempt.error)


def commit(context: Context, attempt: Attempt, work: Work) -> TrainingFile | None:
    """Writes both objects and commits. The training file as committed, or None when another writer was first.

    Raises TrainingFileArchivedError or TrainingFileNotFoundError when the training file was archived or deleted since,
    or RevisionNotFoundError when the objects of a revision to go back to are gone.
    """
    planned = work.plan(as_of_now(context, attempt.training_file), attempt.base)
    _write(context, attempt, planned)
    last_rows = _stage_all_but_the_last(context, attempt, work)

    refuse_when_late()
    # While the answer to the commit is out, only the database knows whether these objects are the current ones.
    attempt.keeps_objects = True
    committed = _committed(context, attempt, planned.content, last_rows)
    attempt.keeps_objects = committed.outcome == "committed"
    training_file_id = attempt.training_file.id or attempt.revision_id
    if committed.outcome == "archived":
        raise TrainingFileArchivedError(training_file_id)
    if committed.outcome == "gone":
        raise TrainingFileNotFoundError(training_file_id)
    if committed.outcome == "superseded":
        attempt.error = "another writer was first"
        return None
    return committed.training_file


def abandon(context: Context, revision_id: UUID, reason: str) -> None:
    """Ends an attempt that is not committed."""
    context.revisions.abandon_revision(revision_id=revision_id, error={"message": reason})


def remove_objects(context: Context, attempt: Attempt) -> None:
    with suppress(NotSetUpError):  # Where there is no bucket, there are no objects.
        context.stores.training_files.remove([attempt.json_path, attempt.jsonl_path])


def as_of_now(context: Context, training_file: TrainingFile) -> TrainingFile:
    """The training file with the times that a revision written now gives it."""
    now = to_milliseconds(context.now())
    created_at = training_file.created_at if training_file.revision else now
    return training_file.model_copy(update={"created_at": created_at, "last_updated_at": now})


def _refuse_selection(context: Context, begun: BegunRevision, intention: Intention) -> None:
    """Raises TrainingFileNotFoundError for one of the filter, NothingSelectedError or RequestInvalidError."""
    refuse_unknown(begun.unknown_training_file)
    if begun.outcome in ("nothing_selected", "too_many_selected") and intention.selection is not None:
        refuse_count(context, intention.selection, begun.conversation_count, nothing_beside=True)


def _training_file_of(context: Context, begun: BegunRevision, intention: Intention) -> TrainingFile:
    if begun.outcome == "name_taken" and intention.new_file:
        raise NameTakenError(intention.new_file.name)
    if begun.outcome == "no_revision":
        raise RevisionNotFoundError(intention.training_file_id, intention.requested["revision"])
    if begun.outcome in ("archived", "processing"):
        refuse_unless_active(context, intention.training_file_id, begun.outcome)
    if begun.training_file is None:
        raise TrainingFileNotFoundError(intention.training_file_id)
    return begun.training_file


def _write(context: Context, attempt: Attempt, planned: PlannedRevision) -> None:
    try:
        write_revision(planned, attempt.json_path, attempt.jsonl_path, context.stores.training_files)
    except ObjectMissingError as error:
        # An object of the base: perhaps someone has deleted the training file.
        if planned.training_file.id:
            existing(context, planned.training_file.id)
            if planned.content.reverted_to is not None:
                # All stored bytes are those of the earlier revision, which is not kept any more.
                raise RevisionNotFoundError(planned.training_file.id, planned.content.reverted_to) from error
        raise UpstreamUnavailableError(
            f"The object {error.path} of the current revision is missing in the bucket. Nothing was changed."
        ) from error


def _stage_all_but_the_last(context: Context, attempt: Attempt, work: Work) -> Sequence[dict[str, Any]]:
    """Stages the rows of conversations in pages, and returns the last page, which the commit itself takes."""
    last: list[dict[str, Any]] = []
    positions = count(1)
    for page in work.pages_of_rows(most_rows=ROWS_AT_ONCE, most_bytes=ROWS_AT_ONCE_BYTES):
        if last:
            context.revisions.stage_conversations(revision_id=attempt.revision_id, conversations=last)
        last = [row | {"position": position} for row, position in zip(page, positions, strict=False)]
    return last


def _committed(
    context: Context, attempt: Attempt, content: RevisionContent, last_rows: Sequence[dict[str, Any]]
) -> CommittedRevision:
    try:
        with grace():
            return context.revisions.commit_revision(
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
