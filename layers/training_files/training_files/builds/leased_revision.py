"""A revision in a worker's hands: its row is claimed, kept, given back or ended as failed."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from training_files.background.leases import BuiltElsewhereError, claim
from training_files.builds.results import error_column
from training_files.context import Context
from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.conversation.limited_faults import conversations_in
from training_files.domain.limits import SHARDED_LEASE_SECONDS
from training_files.domain.training_file.build_request import BuildOptions
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.training_file import TrainingFile
from training_files.errors import (
    ConversationsAlreadyInFileError,
    ConversationsNotInFileError,
    ConversationValidationError,
    NotSetUpError,
    RevisionNotFoundError,
    TrainingFileArchivedError,
    TrainingFilesError,
    TrainingFileWouldBeEmptyError,
)
from training_files.ports.builds import ClaimedRevision, Setback
from training_files.ports.leases import Lease
from training_files.ports.queue import ONLY_DELIVERY, Delivery

LEASE_SECONDS = 120
logger = logging.getLogger(__name__)
NOTHING_TO_ADD = {"message": "No conversation was left to add.", "code": "nothing_to_add"}
# sql/ knows this code: nobody has to take such a build up again.
NOTHING_TO_CHANGE = NOTHING_TO_ADD | {"message": "No conversation was left to change."}


class NothingLeftError(Exception):
    """Others have added everything meanwhile, or nothing is good enough: the build is over, and no failure."""


@dataclass(slots=True)
class LeasedRevision:
    """Implements `LeasedWork`. `context` acts for the owner of the training file.

    A rebase goes on under another row, so `revision` and `base` change.
    """

    context: Context
    lease: Lease
    training_file: TrainingFile
    revision: Revision
    base: Revision | None
    requested: dict[str, Any]
    delivery: Delivery
    is_for_many_workers: bool = False

    renewed_every_seconds: ClassVar[float] = 30
    permanent_errors: ClassVar[tuple[type[Exception], ...]] = (
        ConversationValidationError,
        ConversationsAlreadyInFileError,
        ConversationsNotInFileError,
        TrainingFileWouldBeEmptyError,
        RevisionNotFoundError,
        TrainingFileArchivedError,
        NothingLeftError,
        # Only the operator can mend it; meanwhile the owner should know.
        NotSetUpError,
    )

    @property
    def is_refresh(self) -> bool:
        return self.requested.get("change") == "refresh"

    @property
    def id(self) -> UUID:
        return self.revision.id

    @property
    def options(self) -> BuildOptions:
        return BuildOptions.model_validate(self.requested)

    @property
    def skipped_before(self) -> list[ConversationFault]:
        """What was skipped before the build was queued: the first conversations."""
        return [ConversationFault.from_detail(detail) for detail in self.requested.get("skipped", [])]

    @property
    def further_skipped_before(self) -> int:
        """Of conversations, beside the first ones."""
        known = conversations_in(self.skipped_before)
        total: int = self.requested.get("skipped_total", known)
        return total - known

    def requested_ids(self, at_once: int) -> Iterator[Sequence[UUID]]:
        """What is asked for, in parts. Raises BuiltElsewhereError when the build is someone else's now."""
        read, total = 0, self.revision.progress_total
        while read < total:
            page = self.context.builds.list_requested(self.id, limit=at_once, after_position=read)
            if not page:
                # Whoever has taken the build over has its rows.
                raise BuiltElsewhereError(self.id)
            yield [conversation_id for _, conversation_id in page]
            read = page[-1][0]

    def report_progress(self, done: int) -> None:
        """Says how many conversations are done. Raises BuiltElsewhereError when the lease is someone else's now."""
        if not self.context.builds.report_progress(revision_id=self.id, lease=self.lease, done=done):
            raise BuiltElsewhereError(self.id)

    def renew(self) -> None:
        self.context.builds.report_progress(revision_id=self.id, lease=self.lease, done=0)

    def release(self, reason: str) -> None:
        pause = self.delivery.seconds_to_the_next
        next_try_at = None if pause is None else self.context.now() + timedelta(seconds=pause)
        setback = Setback(message=reason, attempt=self.delivery.number, next_try_at=next_try_at)
        self.context.builds.release_revision(revision_id=self.id, lease=self.lease, setback=setback)

    def fail(self, error: Exception) -> None:
        """Raises BuiltElsewhereError when the build has not ended: another worker has taken it over."""
        nothing_left = NOTHING_TO_CHANGE if "change" in self.requested else NOTHING_TO_ADD
        failure = error_column(error) if isinstance(error, TrainingFilesError) else nothing_left
        if isinstance(error, NotSetUpError):
            # No message comes back, so that no alarm tells of it. The error names settings, no text of a user.
            logger.error("the build %s cannot succeed until it is set up: %s", self.id, error.message)
        self.context.builds.fail_revision(revision_id=self.id, lease=self.lease, error=failure)
        after = self.context.builds.claim_revision(revision_id=self.id, lease=self.lease, next_id=self.context.new_id())
        if after.outcome not in ("finished", "gone"):
            raise BuiltElsewhereError(self.id)

    def continue_after(self, reason: str) -> None:
        """Ends this attempt and goes on with the next one, on top of the revision that is current now.

        Raises BuiltElsewhereError when the lease is someone else's now.
        """
        next_id = self.context.new_id()
        self.context.builds.continue_revision(revision_id=self.id, lease=self.lease, next_id=next_id, reason=reason)
        claimed = self.context.builds.claim_revision(
            revision_id=next_id, lease=self.lease, next_id=self.context.new_id()
        )
        if claimed.revision is None or claimed.training_file is None:
            raise BuiltElsewhereError(self.id)
        self.revision, self.training_file, self.base = claimed.revision, claimed.training_file, claimed.base


def claimed_revision(
    context: Context,
    revision_id: UUID,
    delivery: Delivery = ONLY_DELIVERY,
    *,
    lease: Lease | None = None,
    sharded_above: int | None = None,
) -> LeasedRevision | None:
    """The build of this revision, or of the attempt that follows it; None when it is finished or gone.

    One of more conversations than `sharded_above` is claimed for the many workers that build it.

    Raises BuiltElsewhereError while another worker has it.
    """
    lease = lease or Lease(context.new_id(), LEASE_SECONDS)

    def ask(work_id: UUID, lease: Lease) -> ClaimedRevision:
        return context.builds.claim_revision(
            revision_id=work_id, lease=lease, next_id=context.new_id(), sharded_above=sharded_above
        )

    claimed = claim("revision", revision_id, lease, ask)
    if claimed is None or claimed.revision is None or claimed.training_file is None:
        return None
    if claimed.build_id is not None:
        lease = Lease(claimed.build_id, SHARDED_LEASE_SECONDS)
    owners = context.acting_for(claimed.training_file.created_by)
    return LeasedRevision(
        owners,
        lease,
        claimed.training_file,
        claimed.revision,
        claimed.base,
        claimed.requested,
        delivery,
        is_for_many_workers=claimed.build_id is not None,
    )


def fail_unclaimed(context: Context, revision_id: UUID, error: TrainingFilesError) -> None:
    """Ends a build that no worker has. Raises BuiltElsewhereError while one has it."""
    leased = claimed_revision(context, revision_id)
    if leased is not None:
        leased.fail(error)
