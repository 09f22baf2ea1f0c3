"""Which conversations a refresh means, and which of them can be read again, as far as rows tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from training_files.catalog.finding import existing
from training_files.choosing.choices import Choice, choose_for_refresh, in_parts, refuse_unless_active
from training_files.choosing.refusing import refuse_faults
from training_files.context import Context
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.training_file.build_request import MAX_IDS, RefreshConversationsInput
from training_files.domain.training_file.training_file import TrainingFile
from training_files.ports.members import RevisionMembers

ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """What a refresh is asked for. Of more conversations than a request may name, `ids` are the first of `total`."""

    training_file: TrainingFile
    ids: Sequence[UUID]
    total: int

    @property
    def has_further(self) -> bool:
        return self.total > len(self.ids)


def asked_for(context: Context, wanted: RefreshConversationsInput) -> Asked:
    """Without ids, all conversations whose enriched file was written since they were added, or just before.

    Raises TrainingFileNotFoundError, TrainingFileArchivedError, TrainingFileProcessingError or TrainingFileFailedError.
    """
    training_file = existing(context, wanted.training_file_id)
    refuse_unless_active(context, wanted.training_file_id, training_file.status)
    ids = wanted.conversation_ids
    total = len(ids or ())
    if ids is None:
        surroundings = context.reports.revision_surroundings(
            wanted.training_file_id, revision=training_file.revision, limit=MAX_IDS, newer_only=True
        )
        ids = tuple(doubt.conversation_id for doubt in surroundings.doubts)
        total = surroundings.doubts_total
    if not ids:
        # There are none either where the file was deleted since.
        training_file = existing(context, wanted.training_file_id)
    return Asked(training_file, ids, total)


def choices_among(
    context: Context, training_file_id: UUID, members: RevisionMembers, ids: Sequence[UUID], *, at_once: int
) -> Iterator[Choice]:
    """In file order, so that the first one that is read is the first of the file where that is among them.

    Raises TrainingFileNotFoundError.
    """
    known = {one for member in members.named for one in member.asked_as}
    in_order = [*(member.asked_as[0] for member in members.named), *(one for one in ids if one not in known)]
    for part in in_parts(in_order, at_once):
        yield choose_for_refresh(context, training_file_id, part)


def looked_at(
    context: Context, wanted: RefreshConversationsInput, members: RevisionMembers, ids: Sequence[UUID]
) -> tuple[bool, Sequence[ConversationFault]]:
    """Whether any can be read again, and a fault for each that cannot.

    Raises TrainingFileNotFoundError, or ConversationValidationError for what is not to be skipped.
    """
    any_usable, found_faults = False, list[ConversationFault]()
    for choice in choices_among(context, wanted.training_file_id, members, ids, at_once=ROWS_AT_ONCE):
        any_usable = any_usable or bool(choice.usable)
        found_faults.extend(choice.faults)
    refuse_faults(found_faults, wanted, nothing_left=False)
    return any_usable, found_faults
