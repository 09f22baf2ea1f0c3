"""Conversations that are added to a training file, or of which a new one is made."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from training_files.builds.planning import PlannedRevision, plan_addition
from training_files.builds.preparing import Prepared
from training_files.choosing.choices import in_parts, members_among
from training_files.choosing.refusing import refuse_faults
from training_files.context import Context
from training_files.domain.conversation import faults
from training_files.domain.training_file.build_request import BuildOptions
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.training_file import TrainingFile

CONVERSATIONS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Addition:
    """Implements `Work`."""

    context: Context
    training_file_id: UUID
    options: BuildOptions
    prepared: Prepared

    @property
    def is_left(self) -> bool:
        return bool(self.prepared.spool)

    def rebase(self, training_file: TrainingFile) -> None:  # noqa: ARG002 - What is in it, the rows tell.
        """Another writer may have added some of the same conversations since they were checked.

        Raises ConversationsAlreadyInFileError.
        """
        ids = [figures.conversation_id for figures in self.prepared.spool.figures()]
        parts = in_parts(ids, CONVERSATIONS_AT_ONCE)
        added = {one for part in parts for one in members_among(self.context, self.training_file_id, part)}
        new_faults = [faults.already_in_file(conversation_id) for conversation_id in ids if conversation_id in added]
        refuse_faults(new_faults, self.options, nothing_left=len(added) == len(ids))
        self.prepared.skipped.extend(new_faults)
        self.prepared.drop(added)

    def plan(self, training_file: TrainingFile, base: Revision | None) -> PlannedRevision:
        return plan_addition(training_file, base, self.prepared)

    def pages_of_rows(self, *, most_rows: int, most_bytes: int) -> Iterator[list[dict[str, Any]]]:
        return self.prepared.spool.pages_of_rows(most_rows=most_rows, most_bytes=most_bytes)
