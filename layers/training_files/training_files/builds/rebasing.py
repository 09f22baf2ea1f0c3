"""Committing on the newest revision: when another writer was first, the next attempt is made on top of it.

This is one loop for callers who wait and for workers. They differ in how an attempt begins and ends.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID

from training_files.builds.attempts import Attempt, commit
from training_files.builds.preparing import Prepared
from training_files.choosing.choices import members_among
from training_files.choosing.refusing import refuse_faults
from training_files.context import Context
from training_files.domain.conversation import faults
from training_files.domain.training_file.build_request import BuildOptions
from training_files.domain.training_file.training_file import TrainingFile
from training_files.errors import TrainingFileBusyError

# With every writer rebasing, one of them commits in each round; this many may write to one file at once.
MAX_ATTEMPTS = 16

NextAttempt = Callable[[Attempt | None], AbstractContextManager[Attempt]]
"""Begins an attempt, after the one that another writer superseded; the end of its block cleans up."""


@dataclass(frozen=True, slots=True)
class Commit:
    """The training file as it is now. `added` is False when nothing was left to add, and nothing was committed."""

    training_file: TrainingFile
    added: bool


def commit_rebasing(
    context: Context,
    training_file_id: UUID,
    options: BuildOptions,
    prepared: Prepared,
    next_attempt: NextAttempt,
    *,
    checked_at: int,
) -> Commit:
    """Commits what is prepared. `checked_at` is the revision at which duplicates were looked for.

    Raises what `attempts.commit` raises, ConversationsAlreadyInFileError, or TrainingFileBusyError.
    """
    superseded: Attempt | None = None
    for _ in range(MAX_ATTEMPTS):
        with next_attempt(superseded) as attempt:
            current = attempt.training_file
            if current.revision != checked_at:
                _drop_new_duplicates(context, training_file_id, options, prepared)
                checked_at = current.revision
            if not prepared.spool:
                return Commit(current, added=False)
            if committed := commit(context, attempt, prepared):
                return Commit(committed, added=True)
            superseded = attempt
    raise TrainingFileBusyError(training_file_id)


def _drop_new_duplicates(context: Context, training_file_id: UUID, options: BuildOptions, prepared: Prepared) -> None:
    """Another writer may have added some of the same conversations since they were checked."""
    ids = [figures.conversation_id for figures in prepared.spool.figures()]
    added = members_among(context, training_file_id, ids)
    new_faults = [faults.already_in_file(conversation_id) for conversation_id in ids if conversation_id in added]
    refuse_faults(new_faults, options, nothing_left=len(added) == len(ids))
    prepared.skipped.extend(new_faults)
    prepared.drop(added)
