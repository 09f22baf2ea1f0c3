"""Taking conversations out of a training file: while the caller waits, or asked for and left to a worker."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from training_files.builds.attempts import Attempt, as_of_now, begun
from training_files.builds.cutting import json_without, jsonl_without
from training_files.builds.intentions import Intention
from training_files.builds.members import members_of
from training_files.builds.planning import Parts, PlannedRevision, plan_revision
from training_files.builds.rebasing import commit_rebasing
from training_files.builds.requesting import queue_of, queued
from training_files.builds.results import built_training_file
from training_files.builds.sizes import existing_base, refuse_long_dry_run, takes_too_long_to_change, with_sizes
from training_files.catalog.finding import existing
from training_files.choosing.choices import refuse_unless_active
from training_files.context import Context
from training_files.domain.conversation import faults
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.conversation.limited_faults import kept_faults
from training_files.domain.health.findings import Warnings
from training_files.domain.training_file.build_request import RemoveConversationsInput
from training_files.domain.training_file.revision import Change, Revision
from training_files.domain.training_file.totals import totals_of
from training_files.domain.training_file.training_file import BuiltTrainingFile, TrainingFile
from training_files.errors import ConversationsNotInFileError, TrainingFileWouldBeEmptyError
from training_files.ports.members import RevisionMembers


@dataclass(slots=True)
class Removal:
    """Implements `Work`. `members` are those that are meant, as of the revision at which it was looked last."""

    context: Context
    wanted: RemoveConversationsInput
    members: RevisionMembers
    skipped: list[ConversationFault] = field(default_factory=list)

    @property
    def is_left(self) -> bool:
        return bool(self.members.named)

    def rebase(self, training_file: TrainingFile) -> None:
        """Another writer may have removed some of them, or refreshed them.

        Raises ConversationsNotInFileError or TrainingFileWouldBeEmptyError.
        """
        self.members = _looked_up(self.context, self.wanted, training_file.revision)
        self.skipped = _missing(self.wanted, self.members)

    def plan(self, training_file: TrainingFile, base: Revision | None) -> PlannedRevision:
        base, wanted = existing_base(base), self.wanted
        self.members = with_sizes(self.context, wanted.training_file_id, base, self.members, wanted.conversation_ids)
        return plan_revision(
            training_file,
            totals_of(self.members.others),
            Parts(json_without(base, self.members), jsonl_without(base, self.members)),
            Change(kind="remove", count=len(self.members.named)),
            removed=tuple(member.conversation_id for member in self.members.named),
            **kept_faults(self.skipped),
            warnings=Warnings().as_json(),
        )

    def pages_of_rows(self, *, most_rows: int, most_bytes: int) -> Iterator[list[dict[str, Any]]]:  # noqa: ARG002
        return iter(())


def removal_of(context: Context, wanted: RemoveConversationsInput, training_file: TrainingFile) -> Removal:
    """Raises ConversationsNotInFileError or TrainingFileWouldBeEmptyError."""
    members = _looked_up(context, wanted, training_file.revision)
    return Removal(context, wanted, members, _missing(wanted, members))


def remove_conversations(context: Context, wanted: RemoveConversationsInput) -> BuiltTrainingFile:
    """Removes conversations, or leaves that to a worker when that takes longer than a caller waits.

    Raises TrainingFileNotFoundError, TrainingFileArchivedError, TrainingFileProcessingError,
    ConversationsNotInFileError, TrainingFileWouldBeEmptyError, TrainingFileBusyError, or RequestInvalidError for a dry
    run that takes too long.
    """
    training_file = _active(context, wanted)
    removal = removal_of(context, wanted, training_file)
    if not removal.is_left:
        return built_training_file(training_file, removal.skipped, dry_run=wanted.dry_run)
    if wanted.dry_run:
        refuse_long_dry_run(context, training_file, removal.members)
        base = context.revisions.get_revision(wanted.training_file_id, number=training_file.revision)
        planned = removal.plan(as_of_now(context, training_file), base).training_file
        planned = planned.model_copy(update={"revision": planned.revision + 1})
        return built_training_file(planned, removal.skipped, dry_run=True)
    if takes_too_long_to_change(context, training_file, removal.members):
        return _queued(context, wanted, removal.skipped)

    def next_attempt(_: Attempt | None) -> AbstractContextManager[Attempt]:
        return begun(context, _intention(context, wanted))

    outcome = commit_rebasing(
        context, wanted.training_file_id, removal, next_attempt, checked_at=training_file.revision
    )
    return built_training_file(outcome.training_file, removal.skipped)


def request_removal(context: Context, wanted: RemoveConversationsInput) -> BuiltTrainingFile:
    """Has conversations removed in the background; the training file as it is.

    Raises what `remove_conversations` raises, but TrainingFileBusyError.
    """
    queue_of(context)
    training_file = _active(context, wanted)
    removal = removal_of(context, wanted, training_file)
    if not removal.is_left:
        return built_training_file(training_file, removal.skipped)
    return _queued(context, wanted, removal.skipped)


def _active(context: Context, wanted: RemoveConversationsInput) -> TrainingFile:
    training_file = existing(context, wanted.training_file_id)
    refuse_unless_active(context, wanted.training_file_id, training_file.status)
    return training_file


def _queued(
    context: Context, wanted: RemoveConversationsInput, skipped: Sequence[ConversationFault]
) -> BuiltTrainingFile:
    return queued(context, queue_of(context), _intention(context, wanted, background=True), skipped)


def _intention(context: Context, wanted: RemoveConversationsInput, *, background: bool = False) -> Intention:
    requested = {
        "change": "remove",
        "on_missing": wanted.on_missing,
        "conversation_ids": [str(one) for one in wanted.conversation_ids],
    }
    return Intention(wanted.training_file_id, context.owner, requested, background=background)


def _looked_up(context: Context, wanted: RemoveConversationsInput, revision: int) -> RevisionMembers:
    return members_of(context, wanted.training_file_id, revision=revision, ids=wanted.conversation_ids)


def _missing(wanted: RemoveConversationsInput, members: RevisionMembers) -> list[ConversationFault]:
    """A fault for each id that means no conversation of the file, where these are to be skipped.

    Raises ConversationsNotInFileError or TrainingFileWouldBeEmptyError.
    """
    found = {one for member in members.named for one in member.asked_as}
    missing = [faults.not_in_file(one) for one in dict.fromkeys(wanted.conversation_ids) if one not in found]
    if missing and wanted.on_missing == "reject":
        raise ConversationsNotInFileError(missing)
    if len(members.named) == members.count:
        raise TrainingFileWouldBeEmptyError(wanted.training_file_id)
    return missing
