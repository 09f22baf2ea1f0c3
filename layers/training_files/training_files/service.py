"""The use cases of Training Files."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

from training_files.errors import (
    NotSetUpError,
    RequestInvalidError,
    TrainingFileNotFoundError,
    TrainingFileProcessingError,
    UpstreamUnavailableError,
)
from training_files.ports import BuildQueue, ObjectMissingError, ObjectStores, Repository
from training_files.records import (
    AddConversationsInput,
    BuiltTrainingFile,
    CreateTrainingFileInput,
    ListTrainingFilesFilters,
    Revision,
    TrainingFile,
    TrainingFileChanges,
    TrainingFilePage,
)

if TYPE_CHECKING:
    from training_files.events import Announcer

ROWS_AT_ONCE = 1000
DOWNLOAD_EXPIRES_IN_SECONDS = 3600

logger = logging.getLogger(__name__)


class TrainingFileService:
    """Creates, extends, lists, edits and removes training files, and hands out links to them.

    By itself it is trusted and sees every user's files; `acting_for` gives one that is limited to a user's. Methods
    raise the errors of `training_files.errors`; each may raise UpstreamUnavailableError and NotSetUpError.
    """

    def __init__(
        self,
        *,
        repository: Repository,
        stores: ObjectStores,
        queue: BuildQueue | None = None,
        announcer: "Announcer | None" = None,
        now: Callable[[], datetime],
        new_id: Callable[[], UUID],
        all_conversations: bool = False,
        default_target_model: str | None = None,
        owner: UUID | None = None,
    ) -> None:
        self.repository = repository
        self.stores = stores
        self.queue = queue
        self.announcer = announcer
        self.now = now
        self.new_id = new_id
        self.all_conversations = all_conversations
        self.default_target_model = default_target_model
        self.owner = owner

    def acting_for(self, owner: UUID) -> Self:
        """The same service, for which only the training files of `owner` exist."""
        limited = copy(self)
        limited.owner = owner
        return limited

    def create_training_file(self, wanted: CreateTrainingFileInput) -> BuiltTrainingFile:
        """Creates a training file from conversations, in the order of the request.

        Raises NameTakenError, or ConversationValidationError, which names every conversation that cannot be used.
        """
        from training_files.building import Builder

        created = Builder(self).create(wanted)
        self._announce(created.id)
        return created

    def add_conversations_to_training_file(self, wanted: AddConversationsInput) -> BuiltTrainingFile:
        """Adds conversations behind those that the file has, in the order of the request.

        Raises TrainingFileNotFoundError, TrainingFileArchivedError, TrainingFileProcessingError,
        ConversationValidationError, ConversationsAlreadyInFileError, or TrainingFileBusyError. Whatever is raised,
        the training file is as it was.
        """
        from training_files.building import Builder

        extended = Builder(self).add(wanted)
        self._announce(extended.id)
        return extended

    def request_training_file(self, wanted: CreateTrainingFileInput) -> BuiltTrainingFile:
        """Has a training file created in the background, from up to 10,000 conversations. It is in status processing.

        Raises what `create_training_file` raises, as far as it can be known without reading enriched files.
        """
        from training_files.background import BackgroundBuilder

        return BackgroundBuilder(self).request_creation(wanted)

    def request_conversations(self, wanted: AddConversationsInput) -> BuiltTrainingFile:
        """Has conversations added in the background. Meanwhile the training file is as it was.

        Raises what `add_conversations_to_training_file` raises, as far as it can be known without reading enriched
        files.
        """
        from training_files.background import BackgroundBuilder

        return BackgroundBuilder(self).request_addition(wanted)

    def retry_build(self, training_file_id: UUID) -> TrainingFile:
        """Takes the latest build in the background up again. Raises NothingToRetryError unless it has failed."""
        from training_files.background import BackgroundBuilder

        return BackgroundBuilder(self).retry(training_file_id)

    def build_revision(self, revision_id: UUID) -> None:
        """What a worker does with a message of the queue. Raises UpstreamUnavailableError for another try."""
        from training_files.background import BackgroundBuilder

        self._announce(BackgroundBuilder(self).build(revision_id))

    def give_up_revision(self, revision_id: UUID) -> None:
        """Ends a build that was tried too often as failed."""
        from training_files.background import BackgroundBuilder

        BackgroundBuilder(self).give_up(revision_id)
        if self.announcer:
            self.announcer.announce()

    def collect_conversations(self, conversation_ids: Iterable[UUID]) -> int:
        """Has enriched conversations added to the training files whose rules take them. Returns to how many files."""
        from training_files.collecting import collect_conversations

        return collect_conversations(self, conversation_ids)

    def latest_build(self, training_file_id: UUID) -> Revision | None:
        """The latest attempt of a build in the background: where it is, or why it failed."""
        return self.repository.latest_build(training_file_id)

    def list_training_files(self, filters: ListTrainingFilesFilters) -> TrainingFilePage:
        """One page of training files, newest first."""
        return self.repository.list_training_files(filters, self.owner or filters.created_by)

    def get_training_file(self, training_file_id: UUID) -> TrainingFile | None:
        return self.repository.get_training_file(training_file_id, self.owner)

    def existing(self, training_file_id: UUID) -> TrainingFile:
        """The training file. Raises TrainingFileNotFoundError."""
        training_file = self.get_training_file(training_file_id)
        if training_file is None:
            raise TrainingFileNotFoundError(training_file_id)
        return training_file

    def get_training_file_conversations(self, training_file_id: UUID) -> list[UUID]:
        """All conversation ids in file order. Raises TrainingFileNotFoundError."""
        self.existing(training_file_id)
        ids: list[UUID] = []
        position = 0
        while page := self.repository.list_conversation_ids(
            training_file_id, limit=ROWS_AT_ONCE, after_position=position
        ):
            ids.extend(conversation_id for _, conversation_id in page)
            position = page[-1][0]
        return ids

    def page_of_conversations(
        self, training_file_id: UUID, *, limit: int, after_position: int = 0
    ) -> tuple[list[UUID], int | None]:
        """Up to `limit` conversation ids in file order, and the position to go on from when the page is full."""
        self.existing(training_file_id)
        page = self.repository.list_conversation_ids(training_file_id, limit=limit, after_position=after_position)
        more = len(page) == limit
        return [conversation_id for _, conversation_id in page], page[-1][0] if more else None

    def list_revisions(self, training_file_id: UUID, *, limit: int, before: UUID | None = None) -> list[Revision]:
        """Attempts to write a version, the newest first; `before` is the last one of the page before."""
        self.existing(training_file_id)
        return self.repository.list_revisions(training_file_id, limit=limit, before=before)

    def update_training_file(self, training_file_id: UUID, changes: TrainingFileChanges) -> TrainingFile:
        """Changes name, description or status of a finished training file; its revisions stay as they are.

        Raises TrainingFileNotFoundError, NameTakenError, or TrainingFileProcessingError.
        """
        changed = self.repository.update_training_file(training_file_id, self.owner, changes)
        if changed is None:
            self.existing(training_file_id)
            raise TrainingFileProcessingError(training_file_id)
        return changed

    def delete_training_file(self, training_file_id: UUID) -> None:
        """Removes a training file, its rows and its objects. Raises TrainingFileNotFoundError.

        Rows go first, all at once: nobody finds a training file whose objects are gone. The database remembers whose
        objects may be left, so that housekeeping removes those that could not be removed here.
        """
        self.existing(training_file_id)
        known = [revision.id for page in self._pages_of_revisions(training_file_id) for revision in page]
        removed = self.repository.delete_training_file(training_file_id, self.owner) or []
        self._remove_objects_if_possible(list(dict.fromkeys([*known, *removed])))
        self._announce(training_file_id)

    def get_download_url(
        self, path: str, expires_in: int = DOWNLOAD_EXPIRES_IN_SECONDS, *, download_name: str | None = None
    ) -> str:
        """A link to an object of the bucket, good for `expires_in` seconds, for anyone who has it.

        It signs whatever path it is given; `get_download_of` is for paths that a user must own.
        Raises RequestInvalidError when there is no such object.
        """
        try:
            return self.stores.training_files.signed_url(
                path, expires_in_seconds=expires_in, download_name=download_name
            )
        except ObjectMissingError as error:
            raise RequestInvalidError(f"There is no object {path} in the bucket.") from error

    def get_download_of(
        self, training_file_id: UUID, *, file_format: str, revision: int | None = None
    ) -> tuple[str, str]:
        """A link and the file name for `json` or `jsonl`, of the current or of an earlier revision.

        Raises TrainingFileNotFoundError, or TrainingFileProcessingError when there is no revision yet.
        """
        training_file = self.existing(training_file_id)
        if training_file.revision == 0:
            raise TrainingFileProcessingError(training_file_id)
        wanted = training_file.revision if revision is None else revision
        found = self.repository.get_revision(training_file_id, number=wanted)
        if found is None:
            raise TrainingFileNotFoundError(training_file_id, revision=wanted)
        path = found.json_file_path if file_format == "json" else found.jsonl_file_path
        filename = f"{training_file.name}.{file_format}"
        return self._link(found, path, filename), filename

    def _announce(self, training_file_id: UUID | None) -> None:
        if self.announcer and training_file_id:
            self.announcer.announce_if_possible(training_file_id)

    def _link(self, revision: Revision, path: str, filename: str) -> str:
        try:
            return self.stores.training_files.signed_url(
                path, expires_in_seconds=DOWNLOAD_EXPIRES_IN_SECONDS, download_name=filename
            )
        except ObjectMissingError as error:
            # Someone has removed the training file since, or the revision is too old to be kept.
            raise TrainingFileNotFoundError(revision.training_file_id, revision=revision.number) from error

    def _pages_of_revisions(self, training_file_id: UUID) -> Iterator[list[Revision]]:
        before: UUID | None = None
        while page := self.repository.list_revisions(training_file_id, limit=ROWS_AT_ONCE, before=before):
            yield page
            before = page[-1].id

    def _remove_objects_if_possible(self, revision_ids: Sequence[UUID]) -> None:
        try:
            self.remove_objects(revision_ids)
        except (UpstreamUnavailableError, NotSetUpError) as error:
            logger.warning("objects of %d revisions wait for housekeeping: %s", len(revision_ids), error.message)

    def remove_objects(self, revision_ids: Sequence[UUID]) -> None:
        """Removes the objects of revisions from the bucket; those that are not there are no fault."""
        paths = [f"{revision_id}/training.{kind}" for revision_id in revision_ids for kind in ("json", "jsonl")]
        for start in range(0, len(paths), ROWS_AT_ONCE):
            self.stores.training_files.remove(paths[start : start + ROWS_AT_ONCE])
