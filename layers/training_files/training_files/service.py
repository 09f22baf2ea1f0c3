"""The use cases of Training Files."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from training_files.domain.limits import LARGEST_WHILE_WAITING_BYTES
from training_files.errors import (
    ExportNotFoundError,
    NotSetUpError,
    RequestInvalidError,
    TrainingFileNotFoundError,
    TrainingFileProcessingError,
    UpstreamUnavailableError,
)
from training_files.ports.exports import ExportRepository
from training_files.ports.objects import ObjectMissingError, ObjectStores
from training_files.ports.queue import BuildQueue
from training_files.ports.rows import Repository
from training_files.records import (
    EXPORT_OBJECTS,
    REVISION_OBJECTS,
    AddConversationsInput,
    BuiltTrainingFile,
    CreateExportInput,
    CreateTrainingFileInput,
    Export,
    ListTrainingFilesFilters,
    OfferedExport,
    Revision,
    TrainingFile,
    TrainingFileChanges,
    TrainingFilePage,
)

if TYPE_CHECKING:
    from training_files.domain.suggestions import Suggestions
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
        exports: ExportRepository,
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
        self.exports = exports
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

        A file that would take too long to be moved through here is left to a worker, where there is a queue: the
        answer is `queued` then, and the same as that of `request_conversations`.

        Raises TrainingFileNotFoundError, TrainingFileArchivedError, TrainingFileProcessingError,
        ConversationValidationError, ConversationsAlreadyInFileError, or TrainingFileBusyError. Whatever is raised,
        the training file is as it was.
        """
        from training_files.building import Builder

        builder = Builder(self)
        resolved, training_file = builder.resolved_for_addition(wanted)
        if not wanted.dry_run and self._takes_too_long(training_file):
            from training_files.background import BackgroundBuilder

            return BackgroundBuilder(self).request_addition(wanted, resolved)
        extended = builder.add(wanted, resolved, training_file)
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
        """Takes the newest failed build in the background up again. Raises NothingToRetryError if none awaits it."""
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

    def open_build(self, training_file_id: UUID) -> Revision | None:
        """A build in the background that lasts, and where it is, or one that awaits a retry, and why it failed."""
        return self.repository.open_build(training_file_id)

    def existing_with_build(self, training_file_id: UUID) -> tuple[TrainingFile, Revision | None]:
        """The training file and its open build in the background, as they belong together.

        Raises TrainingFileNotFoundError.
        """
        # In this order: a build that ends in between is shown as lasting, never as over beside the file as it was.
        build = self.open_build(training_file_id)
        training_file = self.existing(training_file_id)
        if training_file.status == "failed" and build and build.status == "building":
            # It failed in between, and the file without its reasons would be of no use.
            build = self.open_build(training_file_id)
        return training_file, build

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

    def suggest_conversations(self, training_file_id: UUID, *, limit: int) -> "Suggestions":
        """Which conversations would balance the training file best, and how. Raises TrainingFileNotFoundError."""
        from training_files.domain.suggestions import suggested

        base = self.repository.suggestion_base(
            training_file_id, self.owner, all_conversations=self.all_conversations, limit=limit
        )
        if base.training_file is None:
            raise TrainingFileNotFoundError(training_file_id)
        return suggested(
            base.candidates,
            base.training_file.scaffolding_distribution,
            conversation_count=base.training_file.conversation_count,
            limit=limit,
        )

    def report(self, training_file_id: UUID, *, seed: int | None = None) -> dict[str, Any]:
        """The quality report of the current revision, as JSON values. Another seed makes another sample.

        Raises TrainingFileNotFoundError, or TrainingFileProcessingError when there is no revision yet.
        """
        from training_files.reporting import Reporter

        return Reporter(self).report(training_file_id, seed=seed)

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
        exports = [export.id for page in self._pages_of_exports(training_file_id) for export in page]
        removed = self.repository.delete_training_file(training_file_id, self.owner) or []
        self._remove_objects_if_possible(list(dict.fromkeys([*known, *removed])), exports)
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

    def create_export(self, wanted: CreateExportInput, *, prefers_background: bool = False) -> OfferedExport:
        """The export of a revision for this very request: the one that is there, or a new one.

        It is `ready`, or still `building` because a worker or another caller is at it: large ones are left to workers
        where there is a queue. Archived training files can be exported.

        Raises TrainingFileNotFoundError, or TrainingFileProcessingError when there is no revision yet.
        """
        from training_files.exporting import Exporter

        export, built = Exporter(self).create(wanted, prefers_background=prefers_background)
        return self._offered([export])[0].model_copy(update={"built": built})

    def get_export(self, training_file_id: UUID, export_id: UUID) -> OfferedExport:
        """An export with links to its files. Raises TrainingFileNotFoundError or ExportNotFoundError."""
        self.existing(training_file_id)
        export = self.exports.get_export(training_file_id, export_id)
        if export is None:
            raise ExportNotFoundError(training_file_id, export_id)
        return self._offered([export])[0]

    def list_exports(self, training_file_id: UUID, *, limit: int, before: UUID | None = None) -> list[OfferedExport]:
        """Exports with links to their files, the newest first; `before` is the last one of the page before."""
        self.existing(training_file_id)
        return self._offered(self.exports.list_exports(training_file_id, limit=limit, before=before))

    def build_export(self, export_id: UUID) -> None:
        """What a worker does with a message of the queue. Raises UpstreamUnavailableError for another try."""
        from training_files.exporting import Exporter

        Exporter(self).build(export_id)

    def give_up_export(self, export_id: UUID) -> None:
        """Ends an export that was tried too often as failed."""
        from training_files.exporting import Exporter

        Exporter(self).give_up(export_id)

    def _takes_too_long(self, training_file: TrainingFile) -> bool:
        """Whether what the file has would be moved through here for longer than a caller waits. A worker could."""
        moved_bytes = 0 if self.stores.copies_inside else training_file.json_file_size
        return self.queue is not None and moved_bytes > LARGEST_WHILE_WAITING_BYTES

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

    def _pages_of_exports(self, training_file_id: UUID) -> Iterator[list[Export]]:
        before: UUID | None = None
        while page := self.exports.list_exports(training_file_id, limit=ROWS_AT_ONCE, before=before):
            yield page
            before = page[-1].id

    def _offered(self, exports: Sequence[Export]) -> list[OfferedExport]:
        """All links are signed in one call, when they are asked for."""
        names = {export.path_of(file): file.filename for export in exports for file in export.files}
        try:
            urls = self.stores.training_files.signed_urls(names, expires_in_seconds=DOWNLOAD_EXPIRES_IN_SECONDS)
        except ObjectMissingError as error:
            # Someone has removed the training file since, or the revision is too old to be kept.
            export = next(one for one in exports if error.path.startswith(str(one.id)))
            raise ExportNotFoundError(export.training_file_id, export.id) from error
        return [
            OfferedExport(export=export, links={file.name: urls[export.path_of(file)] for file in export.files})
            for export in exports
        ]

    def _remove_objects_if_possible(self, revision_ids: Sequence[UUID], export_ids: Sequence[UUID]) -> None:
        try:
            self.remove_objects(revision_ids)
            self.remove_exports(export_ids)
        except (UpstreamUnavailableError, NotSetUpError) as error:
            count = len(revision_ids) + len(export_ids)
            logger.warning("objects of %d folders wait for housekeeping: %s", count, error.message)

    def remove_objects(self, revision_ids: Sequence[UUID]) -> None:
        """Removes the objects of revisions from the bucket; those that are not there are no fault."""
        self._remove(revision_ids, REVISION_OBJECTS)

    def remove_exports(self, export_ids: Sequence[UUID]) -> None:
        """Removes the objects of exports from the bucket; those that are not there are no fault."""
        self._remove(export_ids, EXPORT_OBJECTS)

    def remove_folders(self, ids: Sequence[UUID]) -> None:
        """Removes the objects of revisions and exports that are not told apart any more."""
        self._remove(ids, (*REVISION_OBJECTS, *EXPORT_OBJECTS))

    def _remove(self, folder_ids: Sequence[UUID], names: Sequence[str]) -> None:
        paths = [f"{folder_id}/{name}" for folder_id in folder_ids for name in names]
        for start in range(0, len(paths), ROWS_AT_ONCE):
            self.stores.training_files.remove(paths[start : start + ROWS_AT_ONCE])
