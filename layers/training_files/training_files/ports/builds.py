"""Builds in the background: revisions that a worker claims, renews, and ends."""

from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from pydantic import Field

from training_files.domain.record import Record
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.training_file import TrainingFile
from training_files.ports.leases import Lease


class ClaimedRevision(Record):
    """`claimed`: the caller builds `revision` on `base` now. Otherwise there is nothing for the caller to do.

    `requested` is what was given to `begin_revision`, without its `conversation_ids`, which `list_requested` gives.
    `build_id` is there where the build is for many workers: what their common lease is named by. `is_committed` says
    how a finished one has ended.
    """

    outcome: Literal["claimed", "leased", "finished", "gone"]
    is_committed: bool = False
    build_id: UUID | None = None
    revision: Revision | None = None
    requested: dict[str, Any] = Field(default_factory=dict)
    training_file: TrainingFile | None = None
    base: Revision | None = None


class Setback(Record):
    """Why a try of a build broke off, which one it was, counted from 1, and when the next one is, if that is known."""

    message: str
    attempt: int | None = None
    next_try_at: datetime | None = None


class RetriedBuild(Record):
    outcome: Literal["begun", "not_found", "archived", "nothing_to_retry"]
    training_file: TrainingFile | None = None


class BuildRepository(Protocol):
    """Rows of `training_file_revisions` that are built in the background."""

    def claim_revision(
        self, *, revision_id: UUID, lease: Lease, next_id: UUID, sharded_above: int | None = None
    ) -> ClaimedRevision:
        """Takes a build in the background over; under `next_id` where another worker had begun it and was lost.

        One of more conversations than `sharded_above` is claimed for all of its workers at once, whoever calls: by the
        id of the attempt that it began with.
        """

    def list_requested(self, revision_id: UUID, *, limit: int, after_position: int = 0) -> list[tuple[int, UUID]]:
        """Up to `limit` (at most 1,000) conversations that an attempt is to take, with their positions, from 1 on.

        They go when the build has ended, and to the attempt that goes on with it.
        """

    def continue_revision(self, *, revision_id: UUID, lease: Lease, next_id: UUID, reason: str) -> None:
        """Ends an attempt of a build in the background and begins the next one under `next_id`, as far as it was."""

    def report_progress(self, *, revision_id: UUID, lease: Lease, done: int) -> bool:
        """Says how many conversations are done and renews the lease; False when it is someone else's now."""

    def release_revision(self, *, revision_id: UUID, lease: Lease, setback: Setback) -> None:
        """Gives the lease back, so that the build can be taken up again at once, and says why it broke off."""

    def fail_revision(self, *, revision_id: UUID, lease: Lease, error: dict[str, Any]) -> None:
        """Ends a build in the background that cannot succeed; a training file without a revision becomes failed.

        Nothing happens when the lease is someone else's now.
        """

    def retry_build(self, training_file_id: UUID, owner: UUID | None, *, next_id: UUID) -> RetriedBuild:
        """Takes the newest build in the background that awaits a retry up again as `next_id`, unless one lasts."""

    def open_build(self, training_file_id: UUID) -> Revision | None:
        """The latest attempt of a build in the background that lasts, or else of the newest that awaits a retry.

        A failed build awaits one until it is tried again, or until conversations that a person requested after it are
        added. What collection rules add does not count. A build that had nothing to add awaits none.
        """
