"""The conversations that a change of a training file is about, as its rows have them."""

from collections.abc import Sequence
from uuid import UUID

from training_files.catalog.finding import existing
from training_files.context import Context
from training_files.ports.members import RevisionMembers


def members_of(context: Context, training_file_id: UUID, *, revision: int, ids: Sequence[UUID]) -> RevisionMembers:
    """Those of a committed revision that ids name. Raises TrainingFileNotFoundError when the file was deleted since."""
    members = context.members.look_up_members(training_file_id, revision=revision, ids=ids)
    if not members.count:
        # Every revision has conversations as long as its training file is there.
        existing(context, training_file_id)
    return members
