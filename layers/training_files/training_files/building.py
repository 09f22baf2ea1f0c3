"""Creating and extending a training file while the caller waits."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import UUID

from training_files.attempts import Attempts, refuse_unless_active
from training_files.checking import refuse_unless_skipped, sorted_out
from training_files.domain import faults
from training_files.domain.faults import ConversationFault
from training_files.domain.findings import Warnings
from training_files.errors import NameTakenError, NotSetUpError, TrainingFileBusyError, TrainingFileNotFoundError
from training_files.ports.rows import NewTrainingFile, ResolvedRequest
from training_files.preparing import Prepared, prepare
from training_files.records import (
    AddConversationsInput,
    BuildOptions,
    BuiltTrainingFile,
    CreateTrainingFileInput,
    TrainingFile,
)
from training_files.spool import Spool
from training_files.writing import plan_revision

if TYPE_CHECKING:
    from training_files.service import TrainingFileService

# With every writer rebasing, one of them commits in each round; this many may write to one file at once.
MAX_ATTEMPTS = 16
NOTHING_FOUND = Warnings()


class Builder:
    """Builds for a service, with its ports, clock and owner."""

    def __init__(self, service: "TrainingFileService") -> None:
        self._service = service
        self._attempts = Attempts(service)

    def create(self, wanted: CreateTrainingFileInput) -> BuiltTrainingFile:
        owner = self._service.owner or wanted.created_by
        resolved = self.resolved_for_creation(wanted, owner)
        new_file = self.new_file(wanted)
        with self._prepared(wanted, resolved) as prepared:
            if wanted.dry_run:
                return self._as_it_would_be(self._draft(new_file, owner), resolved, prepared)
            return self._build(self._service.new_id(), owner, wanted, prepared, new_file)

    def add(
        self, wanted: AddConversationsInput, resolved: ResolvedRequest, training_file: TrainingFile
    ) -> BuiltTrainingFile:
        """`resolved` and `training_file` are from `resolved_for_addition`."""
        with self._prepared(wanted, resolved) as prepared:
            if not prepared.spool:
                return built(training_file, prepared.skipped, dry_run=wanted.dry_run)
            if wanted.dry_run:
                return self._as_it_would_be(training_file, resolved, prepared)
            return self._build(
                wanted.training_file_id, self._service.owner, wanted, prepared, checked_at=training_file.revision
            )

    def new_file(self, wanted: CreateTrainingFileInput) -> NewTrainingFile:
        return NewTrainingFile(
            name=wanted.name,
            description=wanted.description,
            target_model=wanted.target_model or self._service.default_target_model,
        )

    def resolved_for_creation(self, wanted: CreateTrainingFileInput, owner: UUID) -> ResolvedRequest:
        """Raises NameTakenError."""
        resolved = self._service.repository.resolve(
            ids=wanted.conversation_ids,
            owner=owner,
            all_conversations=self._service.all_conversations,
            name=wanted.name,
        )
        if resolved.name_taken:
            raise NameTakenError(wanted.name)
        return resolved

    def resolved_for_addition(self, wanted: AddConversationsInput) -> tuple[ResolvedRequest, TrainingFile]:
        """Raises TrainingFileNotFoundError, TrainingFileArchivedError, or TrainingFileProcessingError."""
        resolved = self._resolve(wanted.training_file_id, wanted.conversation_ids)
        if resolved.training_file is None:
            raise TrainingFileNotFoundError(wanted.training_file_id)
        refuse_unless_active(wanted.training_file_id, resolved.training_file.status)
        return resolved, resolved.training_file

    @contextmanager
    def _prepared(
        self, wanted: CreateTrainingFileInput | AddConversationsInput, resolved: ResolvedRequest
    ) -> Iterator[Prepared]:
        usable, found_faults = sorted_out(wanted.conversation_ids, resolved.conversations)
        with spooling() as spool:
            prepared = Prepared(spool, skipped=found_faults)
            prepare(usable, self._service.stores.enriched_files, prepared, wanted)
            refuse_unless_skipped(prepared.skipped, wanted, nothing_left=not spool)
            yield prepared

    def _build(
        self,
        training_file_id: UUID,
        owner: UUID | None,
        options: BuildOptions,
        prepared: Prepared,
        new_file: NewTrainingFile | None = None,
        *,
        checked_at: int = 0,
    ) -> BuiltTrainingFile:
        for _ in range(MAX_ATTEMPTS):
            ids = [figures.conversation_id for figures in prepared.spool.figures()]
            with self._attempts.begun(training_file_id, owner, requested(options, ids), new_file) as attempt:
                current = attempt.training_file
                if current.revision != checked_at:
                    self.drop_new_duplicates(training_file_id, options, prepared)
                    checked_at = current.revision
                if not prepared.spool:
                    return built(current, prepared.skipped)
                if committed := self._attempts.commit(attempt, prepared):
                    return built(committed, prepared.skipped, prepared.health.warnings())
        raise TrainingFileBusyError(training_file_id)

    def drop_new_duplicates(self, training_file_id: UUID, options: BuildOptions, prepared: Prepared) -> None:
        """Another writer may have added some of the same conversations since they were checked."""
        ids = [figures.conversation_id for figures in prepared.spool.figures()]
        resolved = self._resolve(training_file_id, ids)
        added = {c.conversation_id for c in resolved.conversations if c.already_in_file}
        new_faults = [faults.already_in_file(conversation_id) for conversation_id in ids if conversation_id in added]
        refuse_unless_skipped(new_faults, options, nothing_left=len(added) == len(ids))
        prepared.skipped.extend(new_faults)
        prepared.drop(added)

    def _resolve(self, training_file_id: UUID, ids: Sequence[UUID]) -> ResolvedRequest:
        return self._service.repository.resolve(
            ids=ids,
            owner=self._service.owner,
            all_conversations=self._service.all_conversations,
            training_file_id=training_file_id,
        )

    def _as_it_would_be(
        self, training_file: TrainingFile, resolved: ResolvedRequest, prepared: Prepared
    ) -> BuiltTrainingFile:
        planned = plan_revision(self._attempts.as_of_now(training_file), resolved.base, prepared).training_file
        planned = planned.model_copy(update={"revision": planned.revision + 1})
        return built(planned, prepared.skipped, prepared.health.warnings(), dry_run=True)

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
def spooling() -> Iterator[Spool]:
    """An empty spool, whose files are gone afterwards.

    Raises NotSetUpError when they, or the objects that are put together beside them, have no room on this machine.
    """
    try:
        with TemporaryDirectory(prefix="training-files-") as folder, Spool(Path(folder)) as spool:
            yield spool
    except OSError as error:
        if error.errno != ENOSPC:
            raise
        raise NotSetUpError(
            "There is too little temporary storage to build the training file. Raise EphemeralStorage of the function "
            "in template.yaml, or set SUPABASE_S3_*, so that what a file holds is copied inside the storage."
        ) from error


def requested(options: BuildOptions, conversation_ids: Sequence[UUID]) -> dict[str, Any]:
    """What was asked for, as it is kept with the revision."""
    return {
        "on_invalid": options.on_invalid,
        "on_duplicate": options.on_duplicate,
        "on_unhealthy": options.on_unhealthy,
        "by_rule": options.by_rule,
        "min_quality_score": None if options.min_quality_score is None else str(options.min_quality_score),
        "conversation_ids": [str(conversation_id) for conversation_id in conversation_ids],
    }


def built(
    training_file: TrainingFile,
    skipped: Sequence[ConversationFault],
    warnings: Warnings = NOTHING_FOUND,
    *,
    dry_run: bool = False,
    queued: bool = False,
) -> BuiltTrainingFile:
    return BuiltTrainingFile.model_construct(
        **dict(training_file), skipped=tuple(skipped), warnings=warnings, dry_run=dry_run, queued=queued
    )
