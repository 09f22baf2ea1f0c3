"""How a revision comes to be: intended, written in a folder of its own, committed, rebased if another was first."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import UUID

from training_files.domain import faults
from training_files.domain.spelling import to_milliseconds
from training_files.errors import (
    NameTakenError,
    NotSetUpError,
    TrainingFileArchivedError,
    TrainingFileBusyError,
    TrainingFileNotFoundError,
    TrainingFileProcessingError,
    UpstreamUnavailableError,
)
from training_files.ports import (
    BegunRevision,
    CommittedRevision,
    NewTrainingFile,
    ObjectMissingError,
    ResolvedRequest,
    RevisionContent,
)
from training_files.preparing import Prepared, prepare, refuse_unless_skipped
from training_files.records import (
    AddConversationsInput,
    BuildOptions,
    BuiltTrainingFile,
    CreateTrainingFileInput,
    TrainingFile,
)
from training_files.spool import Spool
from training_files.writing import PlannedRevision, plan_revision, write_revision

if TYPE_CHECKING:
    from training_files.service import TrainingFileService

# With every writer rebasing, one of them commits in each round; this many may write to one file at once.
MAX_ATTEMPTS = 16

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Attempt:
    """One revision being written. Unless `keep` is set, its end removes what it wrote."""

    revision_id: UUID
    begun: BegunRevision
    keep: bool = False
    error: str = "the build broke off"

    @property
    def json_path(self) -> str:
        return f"{self.revision_id}/training.json"

    @property
    def jsonl_path(self) -> str:
        return f"{self.revision_id}/training.jsonl"


class Builder:
    """Builds for a service, with its ports, clock and owner."""

    def __init__(self, service: "TrainingFileService") -> None:
        self._service = service
        self._repository = service.repository
        self._store = service.stores.training_files

    def create(self, wanted: CreateTrainingFileInput) -> BuiltTrainingFile:
        owner = self._service.owner or wanted.created_by
        resolved = self._repository.resolve(
            ids=wanted.conversation_ids,
            owner=owner,
            all_conversations=self._service.all_conversations,
            name=wanted.name,
        )
        if resolved.name_taken:
            raise NameTakenError(wanted.name)
        new_file = NewTrainingFile(
            name=wanted.name,
            description=wanted.description,
            target_model=wanted.target_model or self._service.default_target_model,
        )
        with self._prepared(wanted.conversation_ids, resolved, wanted) as prepared:
            if wanted.dry_run:
                return self._as_it_would_be(self._draft(new_file, owner), resolved, prepared)
            return self._build(self._service.new_id(), owner, wanted, prepared, new_file)

    def add(self, wanted: AddConversationsInput) -> BuiltTrainingFile:
        resolved = self._resolve(wanted.training_file_id, wanted.conversation_ids)
        training_file = resolved.training_file
        if training_file is None:
            raise TrainingFileNotFoundError(wanted.training_file_id)
        _refuse_unless_active(training_file.id or wanted.training_file_id, training_file.status)
        with self._prepared(wanted.conversation_ids, resolved, wanted) as prepared:
            if not prepared.conversations:
                return _built(training_file, prepared, dry_run=wanted.dry_run)
            if wanted.dry_run:
                return self._as_it_would_be(training_file, resolved, prepared)
            return self._build(wanted.training_file_id, self._service.owner, wanted, prepared, None, resolved)

    @contextmanager
    def _prepared(self, wanted: Sequence[UUID], resolved: ResolvedRequest, options: BuildOptions) -> Iterator[Prepared]:
        with TemporaryDirectory(prefix="training-files-") as folder, Spool(Path(folder)) as spool:
            yield prepare(wanted, resolved, options, self._service.stores.enriched_files, spool)

    def _resolve(self, training_file_id: UUID, ids: Sequence[UUID]) -> ResolvedRequest:
        return self._repository.resolve(
            ids=ids,
            owner=self._service.owner,
            all_conversations=self._service.all_conversations,
            training_file_id=training_file_id,
        )

    def _build(
        self,
        training_file_id: UUID,
        owner: UUID | None,
        options: BuildOptions,
        prepared: Prepared,
        new_file: NewTrainingFile | None,
        resolved: ResolvedRequest | None = None,
    ) -> BuiltTrainingFile:
        checked_at = resolved.training_file.revision if resolved and resolved.training_file else 0
        for _ in range(MAX_ATTEMPTS):
            requested = _requested(options, prepared)
            with self._attempt(training_file_id, owner, requested, new_file) as attempt:
                current = attempt.begun.training_file
                if current is None:
                    raise TrainingFileNotFoundError(training_file_id)
                if current.revision != checked_at:
                    self._drop_new_duplicates(training_file_id, options, prepared)
                    checked_at = current.revision
                if not prepared.conversations:
                    return _built(current, prepared)
                if committed := self._write_and_commit(attempt, current, prepared):
                    return _built(committed, prepared)
        raise TrainingFileBusyError(training_file_id)

    def _write_and_commit(self, attempt: Attempt, current: TrainingFile, prepared: Prepared) -> TrainingFile | None:
        """The training file as committed, or None when another writer was first."""
        planned = plan_revision(self._as_of_now(current), attempt.begun.base, prepared)
        self._write(planned, attempt)

        # While the answer to the commit is out, only the database knows whether these objects are the current ones.
        attempt.keep = True
        committed = self._committed(attempt, current.revision, planned.content)
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

    def _committed(self, attempt: Attempt, expected_revision: int, content: RevisionContent) -> CommittedRevision:
        try:
            return self._repository.commit_revision(
                revision_id=attempt.revision_id, expected_revision=expected_revision, content=content
            )
        except UpstreamUnavailableError as error:
            raise UpstreamUnavailableError(
                "Supabase did not say whether the new revision was committed: it may or may not be there. Look at the "
                "training file before you try again."
            ) from error

    def _write(self, planned: PlannedRevision, attempt: Attempt) -> None:
        try:
            write_revision(planned, attempt.json_path, attempt.jsonl_path, self._store)
        except ObjectMissingError as error:
            # The base's objects: they are the first to go when someone removes the training file.
            if planned.training_file.id:
                self._service.existing(planned.training_file.id)
            raise UpstreamUnavailableError(
                f"The object {error.path} of the current revision is missing in the bucket. Nothing was changed."
            ) from error

    @contextmanager
    def _attempt(
        self,
        training_file_id: UUID,
        owner: UUID | None,
        requested: dict[str, Any],
        new_file: NewTrainingFile | None,
    ) -> Iterator[Attempt]:
        revision_id = self._service.new_id()
        begun = self._begun(revision_id, training_file_id, owner, requested, new_file)
        if begun.outcome == "name_taken" and new_file:
            raise NameTakenError(new_file.name)
        if begun.outcome == "not_found":
            raise TrainingFileNotFoundError(training_file_id)
        _refuse_unless_active(training_file_id, "active" if begun.outcome == "begun" else begun.outcome)
        attempt = Attempt(revision_id, begun)
        try:
            yield attempt
        finally:
            if not attempt.keep:
                self._undo(attempt)

    def _begun(
        self,
        revision_id: UUID,
        training_file_id: UUID,
        owner: UUID | None,
        requested: dict[str, Any],
        new_file: NewTrainingFile | None,
    ) -> BegunRevision:
        try:
            return self._repository.begin_revision(
                revision_id=revision_id,
                training_file_id=training_file_id,
                owner=owner,
                requested=requested,
                new_file=new_file,
            )
        except UpstreamUnavailableError:
            # Perhaps only the answer was lost, and a new training file would hold its name.
            with _left_for_later(revision_id):
                self._repository.abandon_revision(
                    revision_id=revision_id, error={"message": "the database did not answer"}
                )
            raise

    def _undo(self, attempt: Attempt) -> None:
        """Removes what an attempt wrote. Its objects go first: while they exist, its row is how they are found."""
        with _left_for_later(attempt.revision_id):
            # Where there is no bucket, there are no objects to be found.
            with suppress(NotSetUpError):
                self._store.remove([attempt.json_path, attempt.jsonl_path])
            self._repository.abandon_revision(revision_id=attempt.revision_id, error={"message": attempt.error})

    def _drop_new_duplicates(self, training_file_id: UUID, options: BuildOptions, prepared: Prepared) -> None:
        """Another writer may have added some of the same conversations since they were checked."""
        ids = [conversation.figures.conversation_id for conversation in prepared.conversations]
        resolved = self._resolve(training_file_id, ids)
        added = {c.conversation_id for c in resolved.conversations if c.already_in_file}
        new_faults = [faults.already_in_file(conversation_id) for conversation_id in ids if conversation_id in added]
        refuse_unless_skipped(new_faults, options, nothing_left=len(added) == len(ids))
        prepared.skipped.extend(new_faults)
        prepared.conversations = [
            conversation for conversation in prepared.conversations if conversation.figures.conversation_id not in added
        ]

    def _as_of_now(self, training_file: TrainingFile) -> TrainingFile:
        now = to_milliseconds(self._service.now())
        created_at = training_file.created_at if training_file.revision else now
        return training_file.model_copy(update={"created_at": created_at, "last_updated_at": now})

    def _as_it_would_be(
        self, training_file: TrainingFile, resolved: ResolvedRequest, prepared: Prepared
    ) -> BuiltTrainingFile:
        planned = plan_revision(self._as_of_now(training_file), resolved.base, prepared).training_file
        planned = planned.model_copy(update={"revision": planned.revision + 1})
        return _built(planned, prepared, dry_run=True)

    def _draft(self, new_file: NewTrainingFile, owner: UUID) -> TrainingFile:
        now = self._service.now()
        return TrainingFile(
            id=None,
            **new_file.model_dump(),
            status="active",
            created_by=owner,
            created_at=now,
            updated_at=now,
            last_updated_at=now,
        )


@contextmanager
def _left_for_later(revision_id: UUID) -> Iterator[None]:
    """What cannot be cleaned up now is found by its revision's row later; the first fault is the one to tell."""
    try:
        yield
    except (UpstreamUnavailableError, NotSetUpError) as error:
        logger.warning("revision %s is left to be cleaned up: %s", revision_id, error.message)


def _refuse_unless_active(training_file_id: UUID, status: str) -> None:
    if status == "archived":
        raise TrainingFileArchivedError(training_file_id)
    if status != "active":
        raise TrainingFileProcessingError(training_file_id)


def _requested(options: BuildOptions, prepared: Prepared) -> dict[str, Any]:
    return {
        "on_invalid": options.on_invalid,
        "on_duplicate": options.on_duplicate,
        "conversation_ids": [str(conversation.figures.conversation_id) for conversation in prepared.conversations],
    }


def _built(training_file: TrainingFile, prepared: Prepared, *, dry_run: bool = False) -> BuiltTrainingFile:
    return BuiltTrainingFile.model_construct(**dict(training_file), skipped=tuple(prepared.skipped), dry_run=dry_run)
