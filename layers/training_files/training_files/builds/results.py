"""What a create or an addition answers, and what is kept of a build that failed."""

from collections.abc import Sequence
from typing import Any

from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.conversation.limited_faults import conversations_in, limit_faults
from training_files.domain.conversation.selection import Selected
from training_files.domain.health.findings import Warnings
from training_files.domain.training_file.training_file import BuiltTrainingFile, TrainingFile
from training_files.errors import (
    ConversationsAlreadyInFileError,
    ConversationsNotInFileError,
    ConversationValidationError,
    TrainingFilesError,
)

NO_WARNINGS = Warnings()


def built_training_file(
    training_file: TrainingFile,
    skipped: Sequence[ConversationFault],
    warnings: Warnings = NO_WARNINGS,
    *,
    dry_run: bool = False,
    queued: bool = False,
    selected: Selected | None = None,
) -> BuiltTrainingFile:
    return BuiltTrainingFile.model_construct(
        **dict(training_file),
        skipped=tuple(skipped),
        warnings=warnings,
        dry_run=dry_run,
        queued=queued,
        selected=selected,
    )


def error_column(error: TrainingFilesError) -> dict[str, Any]:
    """The column `error` of a revision that failed."""
    found_faults: Sequence[ConversationFault] = ()
    further = 0
    if isinstance(error, ConversationValidationError | ConversationsAlreadyInFileError):
        further = error.further
    if isinstance(error, ConversationValidationError | ConversationsAlreadyInFileError | ConversationsNotInFileError):
        found_faults = error.faults
    kept = limit_faults(found_faults)
    column = {
        "message": error.message,
        "code": error.code,
        "failed_conversations": [fault.as_detail() for fault in kept],
    }
    total = conversations_in(found_faults) + further
    return column if conversations_in(kept) == total else column | {"failed_total": total}
