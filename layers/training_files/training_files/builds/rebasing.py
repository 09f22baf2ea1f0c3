"""Committing on the newest revision: when another writer was first, the next attempt is made on top of it.

This is one loop for callers who wait and for workers. They differ in how an attempt begins and ends.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID

from training_files.builds.attempts import Attempt, commit
from training_files.builds.work import Work
from training_files.context import Context
from training_files.domain.training_file.training_file import TrainingFile
from training_files.errors import TrainingFileBusyError

# With every writer rebasing, one of them commits in each round; this many may write to one file at once.
MAX_ATTEMPTS = 16

NextAttempt = Callable[[Attempt | None], AbstractContextManager[Attempt]]
"""Begins an attempt, after the one that another writer superseded; the end of its block cleans up."""


@dataclass(frozen=True, slots=True)
class Commit:
    """The training file as it is now. `changed` is False when nothing was left to do, and nothing was committed."""

    training_file: TrainingFile
    changed: bool


def commit_rebasing(
    context: Context, training_file_id: UUID, work: Work, next_attempt: NextAttempt, *, checked_at: int
) -> Commit:
    """Commits a change. `checked_at` is the revision at which it was looked at what it is about.

    Raises what `attempts.commit` and `Work.rebase` raise, or TrainingFileBusyError.
    """
    superseded: Attempt | None = None
    for _ in range(MAX_ATTEMPTS):
        with next_attempt(superseded) as attempt:
            current = attempt.training_file
            if current.revision != checked_at:
                work.rebase(current)
                checked_at = current.revision
            if not work.is_left:
                return Commit(current, changed=False)
            if committed := commit(context, attempt, work):
                return Commit(committed, changed=True)
            superseded = attempt
    raise TrainingFileBusyError(training_file_id)
