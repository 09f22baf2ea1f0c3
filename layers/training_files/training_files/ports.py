"""What the service needs from the outside: a repository for rows, an object store for files.

Every method may raise UpstreamUnavailableError and NotSetUpError. Every writing method may be called again with
the same arguments and has the same effect as once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol
from uuid import UUID

from training_files.records import (
    CollectionRule,
    Conversation,
    ListTrainingFilesFilters,
    Record,
    Revision,
    TrainingFile,
    TrainingFileChanges,
    TrainingFilePage,
)


class ResolvedRequest(Record):
    """What a request is about, as the database knows it. `conversations` come in no particular order.

    Here and below, `base` is the revision to build on, without what was asked for then, which may be long.
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


class ClaimedRevision(Record):
    """`claimed`: the caller builds `revision` on `base` now. Otherwise there is nothing for the caller to do."""

    outcome: Literal["claimed", "leased", "finished", "gone"]
    revision: Revision | None = None
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
        """Takes the latest build in the background up again as `next_id`, if it has failed."""

    def latest_build(self, training_file_id: UUID) -> Revision | None:
        """The latest attempt of a build in the background."""

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


@dataclass(frozen=True, slots=True)
class LocalPart:
    """A stretch of a file on this machine."""

    file: Path
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A stretch of an object in the same store."""

    path: str
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class BytesPart:
    """A few bytes made just now."""

    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)


Part = LocalPart | StoredPart | BytesPart


class ObjectStore(Protocol):
    """The objects of one bucket."""

    def read(self, path: str) -> bytes:
        """A whole object, for small ones. Raises ObjectMissingError or ObjectTooLargeError."""

    def write(self, path: str, parts: Sequence[Part], content_type: str) -> int:
        """Writes an object put together from parts, holding no part in memory, and returns its size in bytes."""

    def remove(self, paths: Sequence[str]) -> None:
        """Removes objects; those that are not there are no fault."""

    def signed_url(self, path: str, *, expires_in_seconds: int, download_name: str | None = None) -> str:
        """A link that anyone may read the object with until it expires. Raises ObjectMissingError."""


class ObjectStores(Protocol):
    """The two buckets: conversations as the enrichment pipeline leaves them, and what is made of them."""

    @property
    def enriched_files(self) -> ObjectStore: ...

    @property
    def training_files(self) -> ObjectStore: ...


class BuildQueue(Protocol):
    """Where builds in the background wait for a worker. Each is handed out at least once."""

    def send(self, revision_id: UUID) -> None: ...


class ObjectMissingError(Exception):
    """There is no object at this path. The service says what that means; a caller never sees this class."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class ObjectTooLargeError(Exception):
    """The object is larger than anything that is read whole. As with a missing one, the service says what it means."""
