"""Rows of conversations, training files and revisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from uuid import UUID

from pydantic import Field

from training_files.records import (
    Candidate,
    CollectionRule,
    Conversation,
    ListTrainingFilesFilters,
    Membership,
    Record,
    Revision,
    TrainingFile,
    TrainingFileChanges,
    TrainingFilePage,
)


class ResolvedRequest(Record):
    """What a request is about, as the database knows it. `conversations` come in no particular order.

    Here and below, `base` is the revision to build on.
    """

    name_taken: bool = False
    training_file: TrainingFile | None = None
    base: Revision | None = None
    conversations: tuple[Conversation, ...] = ()


class NewTrainingFile(Record):
    """The columns of a training file that its creator chooses."""

    name: str
    description: str | None = None
    target_model: str | None = None


class BegunRevision(Record):
    """`base` is the revision to build on; None when the training file is new."""

    outcome: Literal["begun", "name_taken", "not_found", "archived", "processing"]
    training_file: TrainingFile | None = None
    base: Revision | None = None


class CommittedRevision(Record):
    """`superseded` means that another writer committed first."""

    outcome: Literal["committed", "superseded", "archived", "gone"]
    training_file: TrainingFile | None = None


class RevisionContent(Record):
    """What a finished revision says about itself: the columns of its training file, and its totals."""

    training_file: dict[str, Any]
    totals: dict[str, Any]
    json_body_offset: int
    skipped: tuple[dict[str, Any], ...] = ()
    warnings: dict[str, Any] | None = None


class ClaimedRevision(Record):
    """`claimed`: the caller builds `revision` on `base` now. Otherwise there is nothing for the caller to do.

    `requested` is what was given to `begin_revision`. It may name thousands of ids, so nothing else reads it.
    """

    outcome: Literal["claimed", "leased", "finished", "gone"]
    revision: Revision | None = None
    requested: dict[str, Any] = Field(default_factory=dict)
    training_file: TrainingFile | None = None
    base: Revision | None = None


class RetriedBuild(Record):
    outcome: Literal["begun", "not_found", "archived", "nothing_to_retry"]
    training_file: TrainingFile | None = None


class CollectionMatch(Record):
    """Conversations that the rule of a training file takes, and that it does not have."""

    training_file_id: UUID
    created_by: UUID
    collect: CollectionRule
    conversation_ids: tuple[UUID, ...]


class SuggestionBase(Record):
    """A training file, and the best of the conversations that could be added to it, in no particular order."""

    training_file: TrainingFile | None = None
    candidates: tuple[Candidate, ...] = ()


class SourceDoubt(Record):
    """A conversation of a training file whose source may be another one than when it was added.

    `row_gone`: its row is; `file_missing`: its enriched file is; `newer`: that was written since, or just before.
    """

    conversation_id: UUID
    reason: Literal["row_gone", "file_missing", "newer"]
    enriched_file_path: str | None = None
    enriched_sha256: str
    bytes: int = 0


class RevisionSurroundings(Record):
    """What storage and conversations tell about the current revision. Sizes are None where there is no such object.

    `doubts` are the first of `doubts_total`, those that need no look at a file before the others.
    """

    json_object_bytes: int | None = None
    jsonl_object_bytes: int | None = None
    doubts: tuple[SourceDoubt, ...] = ()
    doubts_total: int = 0


@dataclass(frozen=True, slots=True)
class Lease:
    """Who builds a revision in the background, and how long without a word from it."""

    worker: UUID
    seconds: int


class Repository(Protocol):
    """Rows. `owner` limits a method to the training files of one user; None means whoever owns them."""

    def resolve(
        self,
        *,
        ids: Sequence[UUID],
        owner: UUID | None,
        all_conversations: bool,
        training_file_id: UUID | None = None,
        name: str | None = None,
    ) -> ResolvedRequest:
        """Looks up all that a create or an addition needs to know, in one query whatever the number of ids.

        Only conversations of the owner and ownerless ones are found, unless `all_conversations`.
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
    ) -> BegunRevision:
        """Records the intention to write a revision, and makes the training file where it is new."""

    def commit_revision(
        self,
        *,
        revision_id: UUID,
        expected_revision: int,
        content: RevisionContent,
        conversations: Sequence[dict[str, Any]],
    ) -> CommittedRevision:
        """Makes the revision the current one, if the training file still stands at `expected_revision`.

        `conversations` are rows of figures with their positions among the new ones, without those that were staged.
        """

    def stage_conversations(self, *, revision_id: UUID, conversations: Sequence[dict[str, Any]]) -> None:
        """Lays rows of figures aside for the commit of a revision that is too large for one call.

        Nothing happens when the revision has ended.
        """

    def claim_revision(self, *, revision_id: UUID, lease: Lease, next_id: UUID) -> ClaimedRevision:
        """Takes a build in the background over; under `next_id` where another worker had begun it and was lost."""

    def continue_revision(self, *, revision_id: UUID, lease: Lease, next_id: UUID, reason: str) -> None:
        """Ends an attempt of a build in the background and begins the next one under `next_id`, as far as it was."""

    def report_progress(self, *, revision_id: UUID, lease: Lease, done: int) -> bool:
        """Says how many conversations are done and renews the lease; False when it is someone else's now."""

    def release_revision(self, *, revision_id: UUID, lease: Lease, reason: str) -> None:
        """Gives the lease back, so that the build can be taken up again at once, and says why it broke off."""

    def fail_revision(self, *, revision_id: UUID, lease: Lease, error: dict[str, Any]) -> None:
        """Ends a build in the background that cannot succeed; a training file without a revision becomes failed.

        Nothing happens when the lease is someone else's now.
        """

    def retry_build(self, training_file_id: UUID, owner: UUID | None, *, next_id: UUID) -> RetriedBuild:
        """Takes the newest build in the background that awaits a retry up again as `next_id`, unless one lasts."""

    def open_build(self, training_file_id: UUID) -> Revision | None:
        """The latest attempt of a build in the background that lasts, or else of the newest that awaits a retry.

        A failed build does so until it is tried again or a person's next wish is fulfilled, what collection rules add
        not counted. One that had nothing to add awaits none.
        """

    def abandon_revision(self, *, revision_id: UUID, error: dict[str, Any]) -> None:
        """Marks an uncommitted revision as failed; a training file that never had another goes with it."""

    def list_training_files(self, filters: ListTrainingFilesFilters, owner: UUID | None) -> TrainingFilePage:
        """One page, newest first. Raises RequestInvalidError for a cursor that is not one."""

    def get_training_file(self, training_file_id: UUID, owner: UUID | None) -> TrainingFile | None: ...

    def update_training_file(
        self, training_file_id: UUID, owner: UUID | None, changes: TrainingFileChanges
    ) -> TrainingFile | None:
        """Changes an active or archived file; None where there is none. Raises NameTakenError."""

    def match_collections(self, ids: Sequence[UUID]) -> list[CollectionMatch]:
        """Which training files take which of these conversations by their rules."""

    def suggestion_base(
        self, training_file_id: UUID, owner: UUID | None, *, all_conversations: bool, limit: int
    ) -> SuggestionBase:
        """Up to `limit` candidates of each persona, arc and topic: enriched, usable by the owner, not in the file.

        Of thousands of such groups only the candidates with the rarest keys are given, so that an answer stays small.
        """

    def list_memberships(
        self, training_file_id: UUID, *, revision: int, limit: int, after_position: int = 0
    ) -> list[Membership]:
        """At most `limit` (up to 1,000) conversations that the revision has, in file order."""

    def revision_surroundings(self, training_file_id: UUID, *, revision: int, limit: int) -> RevisionSurroundings:
        """Sizes of the revision's objects, and up to `limit` of its conversations whose source may have changed."""

    def delete_training_file(self, training_file_id: UUID, owner: UUID | None) -> list[UUID] | None:
        """Removes all rows and returns the ids of the revisions; None where there is no such file."""

    def list_conversation_ids(
        self, training_file_id: UUID, *, limit: int, after_position: int = 0
    ) -> list[tuple[int, UUID]]:
        """At most `limit` (up to 1,000) positions and conversation ids, in file order."""

    def list_revisions(self, training_file_id: UUID, *, limit: int, before: UUID | None = None) -> list[Revision]:
        """At most `limit` (up to 1,000) revisions, the newest attempt first, from behind the revision `before`."""

    def get_revision(self, training_file_id: UUID, *, number: int) -> Revision | None:
        """The committed revision of this number."""
