"""Rows of revisions: an attempt is begun, staged, and committed or abandoned."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol
from uuid import UUID

from training_files.domain.conversation.selection import SelectionScope
from training_files.domain.record import Record
from training_files.domain.training_file.revision import Change, Revision
from training_files.domain.training_file.training_file import TrainingFile
from training_files.ports.paging import Page


class NewTrainingFile(Record):
    """The columns of a training file that its creator chooses."""

    name: str
    description: str | None = None
    target_model: str | None = None


class BegunRevision(Record):
    """`base` is the revision to build on; None when the training file is new.

    `conversation_count` is how many are asked for; where there are too many, how many were selected. `no_revision`: the
    one to go back to is not kept.
    """

    outcome: Literal[
        "begun",
        "name_taken",
        "not_found",
        "archived",
        "processing",
        "no_revision",
        "unknown_training_file",
        "nothing_selected",
        "too_many_selected",
    ]
    unknown_training_file: UUID | None = None
    conversation_count: int = 0
    training_file: TrainingFile | None = None
    base: Revision | None = None


class CommittedRevision(Record):
    """`superseded` means that another writer committed first."""

    outcome: Literal["committed", "superseded", "archived", "gone"]
    training_file: TrainingFile | None = None


class RevisionContent(Record):
    """What a finished revision says about itself: the columns of its training file, its totals, what made it.

    `removed` are the conversations that the revision before has and this one has not, or has in another row: figures of
    one of them take its place. With `reverted_to` it has the conversations of that revision. `shard_tries` are those
    whose rows are its new members, beside those that were staged for it; of a refresh, these need not be in `removed`.
    """

    training_file: dict[str, Any]
    totals: dict[str, Any]
    json_body_offset: int
    change: Change | None = None
    removed: tuple[UUID, ...] = ()
    reverted_to: int | None = None
    skipped: tuple[dict[str, Any], ...] = ()
    skipped_total: int | None = None
    warnings: dict[str, Any] | None = None
    shard_tries: tuple[UUID, ...] = ()


class RevisionRepository(Protocol):
    """Rows of `training_file_revisions`.

    `owner` limits a method to the training files of one user; None means whoever owns them.
    """

    def begin_revision(
        self,
        *,
        revision_id: UUID,
        training_file_id: UUID,
        owner: UUID | None,
        requested: dict[str, Any],
        new_file: NewTrainingFile | None = None,
        background: bool = False,
        scope: SelectionScope | None = None,
    ) -> BegunRevision:
        """Records the intention to write a revision, and makes the training file where it is new.

        In the background, the `conversation_ids` of `requested` are kept in rows of their own, and with a `scope`
        behind them what its `selection` takes, all in one transaction.

        A revision that is gone back to is kept until the attempt has ended.

        Raises UnauthorizedError when the owner is no user any more.
        """

    def stage_conversations(self, *, revision_id: UUID, conversations: Sequence[dict[str, Any]]) -> None:
        """Lays rows of figures aside for the commit of a revision that is too large for one call.

        Nothing happens when the revision has ended.
        """

    def commit_revision(
        self,
        *,
        revision_id: UUID,
        expected_revision: int,
        content: RevisionContent,
        conversations: Sequence[dict[str, Any]],
    ) -> CommittedRevision:
        """Makes the revision the current one, if the training file still stands at `expected_revision`.

        `conversations` are rows of figures with their positions among the new ones, without those that were staged. New
        conversations stand behind all that the training file ever had.
        """

    def abandon_revision(self, *, revision_id: UUID, error: dict[str, Any]) -> None:
        """Marks an uncommitted revision as failed; a training file that never had another goes with it."""

    def list_revisions(self, training_file_id: UUID, *, limit: int, before: UUID | None = None) -> Page[Revision]:
        """At most `limit` (up to 1,000) revisions, the newest attempt first, from behind the revision `before`."""

    def get_revision(self, training_file_id: UUID, *, number: int) -> Revision | None:
        """The committed revision of this number."""
