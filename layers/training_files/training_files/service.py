"""The public face of Training Files: one short method for each use case.

What a method needs is imported when it is first called: a function that only reads starts without what builds.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from training_files.catalog.finding import (
    existing,
    existing_with_build,
    page_of_conversations,
    pages_of_conversations,
)
from training_files.context import Context
from training_files.domain.exports.export import CreateExportInput, OfferedExport
from training_files.domain.limits import LINKS_EXPIRE_IN_SECONDS
from training_files.domain.training_file.build_request import (
    AddConversationsInput,
    CreateTrainingFileInput,
    RefreshConversationsInput,
    RemoveConversationsInput,
    RevertInput,
)
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.tags import RevisionName, Tag
from training_files.domain.training_file.training_file import (
    BuiltTrainingFile,
    ChangedTrainingFile,
    ListTrainingFilesFilters,
    TrainingFile,
    TrainingFileChanges,
    TrainingFilePage,
)
from training_files.ports.paging import Page
from training_files.ports.queue import NOT_OFFERED, ONLY_DELIVERY, Delivery

if TYPE_CHECKING:
    from training_files.background.sharded_work import ShardedWork
    from training_files.builds.collecting import Collected
    from training_files.domain.analysis.finding_places import FindingPlace, FindingsPage, WantedFindings
    from training_files.domain.balance.suggestions import Suggestions
    from training_files.domain.conversation.choices import ChoicesPage, ConversationPlace, ConversationSummary, Sort
    from training_files.domain.conversation.conversation_filter import ConversationFilter
    from training_files.domain.conversation.selection import AdditionPreview
    from training_files.domain.training_file.comparison import Comparison, ComparisonPlace


class TrainingFileService:
    """Creates, extends, lists, edits and deletes training files, and hands out links to them.

    By itself it is trusted and sees every user's files; `acting_for` gives one that is limited to a user's. Methods
    raise the errors of `training_files.errors`; each may raise UpstreamUnavailableError and NotSetUpError.
    """

    def __init__(self, context: Context) -> None:
        self.context = context

    def acting_for(self, owner: UUID) -> "TrainingFileService":
        """The same service, for which only the training files of `owner` exist."""
        return TrainingFileService(self.context.acting_for(owner))

    def create_training_file(self, wanted: CreateTrainingFileInput) -> BuiltTrainingFile:
        """Creates a training file from conversations, in the order of the request.

        More than 100 that are selected are left to a worker, where there is a queue: the answer is `queued` then, and
        the same as that of `request_training_file`.

        Raises NameTakenError, TrainingFileNotFoundError for a training file of the selection, NothingSelectedError, or
        ConversationValidationError, which names every conversation that cannot be used.
        """
        from training_files.builds.waiting import create_training_file

        created = create_training_file(self.context, wanted)
        if not created.queued:
            self._announce(created.id)
        return created

    def add_conversations_to_training_file(self, wanted: AddConversationsInput) -> BuiltTrainingFile:
        """Adds conversations behind those that the file has, in the order of the request.

        More than 100 that are selected are left to a worker, where there is a queue, and so is a file that would take
        too long to be moved through here: the answer is `queued` then, and the same as that of
        `request_conversations`.

        Raises TrainingFileNotFoundError, TrainingFileArchivedError, TrainingFileProcessingError, NothingSelectedError,
        ConversationValidationError, ConversationsAlreadyInFileError, or TrainingFileBusyError. Whatever is raised,
        the training file is as it was.
        """
        from training_files.builds.waiting import add_conversations

        extended = add_conversations(self.context, wanted)
        if not extended.queued:
            self._announce(extended.id)
        return extended

    def remove_conversations_from_training_file(self, wanted: RemoveConversationsInput) -> BuiltTrainingFile:
        """Removes conversations from the newest revision on; the others stay in their order.

        A file that would take too long to be moved through here is left to a worker, as in an addition.

        Raises TrainingFileNotFoundError, TrainingFileArchivedError, TrainingFileProcessingError,
        ConversationsNotInFileError, TrainingFileWouldBeEmptyError, or TrainingFileBusyError. Whatever is raised, the
        training file is as it was.
        """
        from training_files.builds.removing import remove_conversations

        changed = remove_conversations(self.context, wanted)
        if not changed.queued:
            self._announce(changed.id)
        return changed

    def request_removal(self, wanted: RemoveConversationsInput) -> BuiltTrainingFile:
        """Has conversations removed in the background. Meanwhile the training file is as it was.

        Raises what `remove_conversations_from_training_file` raises, as far as it is known now.
        """
        from training_files.builds.removing import request_removal

        return request_removal(self.context, wanted)

    def refresh_training_file(self, wanted: RefreshConversationsInput) -> BuiltTrainingFile:
        """Reads conversations again whose enriched file has changed, and puts them in their own place.

        Without ids, all that have changed. More than 100 are left to a worker, where there is a queue, and so is a file
        that would take too long to be moved through here.

        Raises TrainingFileNotFoundError, TrainingFileArchivedError, TrainingFileProcessingError, RequestInvalidError
        for a dry run of too many, ConversationValidationError, or TrainingFileBusyError.
        """
        from training_files.builds.refreshing import refresh_conversations

        changed = refresh_conversations(self.context, wanted)
        if not changed.queued:
            self._announce(changed.id)
        return changed

    def request_refresh(self, wanted: RefreshConversationsInput) -> BuiltTrainingFile:
        """Has conversations refreshed in the background. Meanwhile the training file is as it was."""
        from training_files.builds.refreshing import request_refresh

        return request_refresh(self.context, wanted)

    def revert_training_file(self, wanted: RevertInput) -> BuiltTrainingFile:
        """Makes a new revision with the content of an earlier one, as long as that is kept.

        Raises TrainingFileNotFoundError, TrainingFileArchivedError, TrainingFileProcessingError,
        RevisionNotFoundError, TagNotFoundError, or TrainingFileBusyError.
        """
        from training_files.builds.reverting import revert_training_file

        changed = revert_training_file(self.context, wanted)
        if not changed.queued:
            self._announce(changed.id)
        return changed

    def request_reversion(self, wanted: RevertInput) -> BuiltTrainingFile:
        """The same in the background. Meanwhile the training file is as it was."""
        from training_files.builds.reverting import request_reversion

        return request_reversion(self.context, wanted)

    def request_training_file(self, wanted: CreateTrainingFileInput) -> BuiltTrainingFile:
        """Has a training file created in the background, from up to 10,000 ids and 500,000 that are selected.

        It is in status processing. Raises what `create_training_file` raises, as far as it can be known without reading
        enriched files.
        """
        from training_files.builds.requesting import request_creation

        return request_creation(self.context, wanted)

    def request_conversations(self, wanted: AddConversationsInput) -> BuiltTrainingFile:
        """Has conversations added in the background. Meanwhile the training file is as it was.

        Raises what `add_conversations_to_training_file` raises, as far as it can be known without reading enriched
        files.
        """
        from training_files.builds.requesting import request_addition

        return request_addition(self.context, wanted)

    def tag_revision(self, training_file_id: UUID, tag: str, revision: RevisionName) -> Tag:
        """Gives a revision a tag, which moves where it names another one. What has a tag is kept.

        Raises TrainingFileNotFoundError, RevisionNotFoundError, TagNotFoundError, RequestInvalidError for what is no
        tag or one too many, or TrainingFileProcessingError when there is no revision yet.
        """
        from training_files.catalog.revisions import tag_revision

        return tag_revision(self.context, training_file_id, tag, revision)

    def untag_revision(self, training_file_id: UUID, tag: str) -> None:
        """Takes a tag away. Raises TrainingFileNotFoundError or TagNotFoundError."""
        from training_files.catalog.revisions import untag_revision

        untag_revision(self.context, training_file_id, tag)

    def preview_training_file(self, wanted: CreateTrainingFileInput) -> "AdditionPreview":
        """What a new training file would take, of any size, as far as rows tell: no enriched file is read.

        Raises what `request_training_file` raises.
        """
        from training_files.builds.previewing import preview_creation

        return preview_creation(self.context, wanted)

    def preview_conversations(self, wanted: AddConversationsInput) -> "AdditionPreview":
        """What would be added, and the training file as it would be, as far as rows tell, as above."""
        from training_files.builds.previewing import preview_addition

        return preview_addition(self.context, wanted)

    def retry_build(self, training_file_id: UUID) -> TrainingFile:
        """Takes the newest failed build in the background up again. Raises NothingToRetryError if none awaits it."""
        from training_files.builds.requesting import retry_build

        return retry_build(self.context, training_file_id)

    def build_revision(self, revision_id: UUID, delivery: Delivery = ONLY_DELIVERY) -> None:
        """What a worker does with a message of the queue. Raises UpstreamUnavailableError for another try.

        Whoever waits for the build is told of the try that broke off, and of the next one, by the delivery.
        """
        from training_files.builds.worker import build_revision

        self._announce(build_revision(self.context, revision_id, delivery))

    def sharded_build(self, revision_id: UUID) -> "ShardedWork":
        """A build beyond one worker, of which each step is a call of its own."""
        from training_files.sharded.build import ShardedBuild

        return ShardedBuild(self.context, revision_id, self._announce)

    def give_up_revision(self, revision_id: UUID) -> None:
        """Ends a build that was tried too often as failed."""
        from training_files.builds.worker import give_up_revision
        from training_files.upkeep.announcing import announce

        give_up_revision(self.context, revision_id)
        announce(self.context)

    def collect_conversations(self, conversation_ids: Iterable[UUID] | Mapping[UUID, UUID]) -> "Collected":
        """Has enriched conversations added to the training files whose rules take them.

        Under a deadline, some may be left; call again with what is left.
        """
        from training_files.builds.collecting import collect_conversations

        if not isinstance(conversation_ids, Mapping):
            conversation_ids = dict.fromkeys(conversation_ids, NOT_OFFERED)
        return collect_conversations(self.context, conversation_ids)

    def open_build(self, training_file_id: UUID) -> Revision | None:
        """A build in the background that lasts, and where it is, or one that awaits a retry, and why it failed."""
        return self.context.builds.open_build(training_file_id)

    def existing_with_build(self, training_file_id: UUID) -> tuple[TrainingFile, Revision | None]:
        """The training file and its open build in the background, as they belong together.

        Raises TrainingFileNotFoundError.
        """
        return existing_with_build(self.context, training_file_id)

    def list_training_files(self, filters: ListTrainingFilesFilters) -> TrainingFilePage:
        """One page of training files, newest first."""
        return self.context.training_files.list_training_files(filters, self.context.owner or filters.created_by)

    def get_training_file(self, training_file_id: UUID) -> TrainingFile | None:
        return self.context.training_files.get_training_file(training_file_id, self.context.owner)

    def existing(self, training_file_id: UUID) -> TrainingFile:
        """The training file. Raises TrainingFileNotFoundError."""
        return existing(self.context, training_file_id)

    def get_training_file_conversations(self, training_file_id: UUID) -> list[UUID]:
        """All conversation ids in file order. Raises TrainingFileNotFoundError."""
        existing(self.context, training_file_id)
        return [one for page in pages_of_conversations(self.context, training_file_id) for one in page]

    def page_of_conversations(
        self, training_file_id: UUID, *, limit: int, after_position: int = 0
    ) -> tuple[list[UUID], int | None]:
        """Up to `limit` conversation ids in file order, and the position to go on from when the page is full."""
        existing(self.context, training_file_id)
        return page_of_conversations(self.context, training_file_id, limit=limit, after_position=after_position)

    def list_revisions(self, training_file_id: UUID, *, limit: int, before: UUID | None = None) -> Page[Revision]:
        """Attempts to write a version, the newest first; `before` is the last one of the page before."""
        existing(self.context, training_file_id)
        return self.context.revisions.list_revisions(training_file_id, limit=limit, before=before)

    def compare_revisions(
        self,
        training_file_id: UUID,
        *,
        before: RevisionName | None = None,
        after: RevisionName | None = None,
        limit: int,
        begin: "ComparisonPlace | None" = None,
    ) -> "Comparison":
        """What the revision `after`, else the current one, has that `before` has not, else the one before it.

        With up to `limit` changes, from the place `begin` on. Raises TrainingFileNotFoundError, RevisionNotFoundError,
        TagNotFoundError, or TrainingFileProcessingError when there is no revision yet.
        """
        from training_files.catalog.comparing import compare_revisions

        return compare_revisions(self.context, training_file_id, before=before, after=after, limit=limit, begin=begin)

    def page_of_choices(
        self,
        wanted: "ConversationFilter",
        *,
        limit: int,
        sort: "Sort" = "newest",
        after: "ConversationPlace | None" = None,
    ) -> "ChoicesPage":
        """Up to `limit` conversations that the filter takes, behind the place `after`, each with why it cannot be used.

        Raises TrainingFileNotFoundError for a training file of the filter, or RequestInvalidError for a place that is
        none.
        """
        from training_files.choosing.listing import page_of_choices

        return page_of_choices(self.context, wanted, sort=sort, limit=limit, after=after)

    def summarize_conversations(self, wanted: "ConversationFilter") -> "ConversationSummary":
        """What there is to choose from: how many conversations the filter takes, can be used, and have what.

        Raises TrainingFileNotFoundError for a training file of the filter.
        """
        from training_files.choosing.listing import summarize_conversations

        return summarize_conversations(self.context, wanted)

    def suggest_conversations(
        self, training_file_id: UUID, *, limit: int, wanted: "ConversationFilter | None" = None
    ) -> "Suggestions":
        """Which of the wanted conversations would balance the training file best, and how.

        Raises TrainingFileNotFoundError, also for a training file of the filter.
        """
        from training_files.choosing.suggesting import suggest_conversations
        from training_files.domain.conversation.conversation_filter import ConversationFilter

        return suggest_conversations(self.context, training_file_id, wanted or ConversationFilter(), limit=limit)

    def page_of_findings(
        self,
        training_file_id: UUID,
        wanted: "WantedFindings",
        *,
        limit: int,
        revision: RevisionName | None = None,
        begin: "FindingPlace | None" = None,
    ) -> "FindingsPage":
        """Up to `limit` of the wanted findings of text health, from the place `begin` on, which has its own revision.

        Raises TrainingFileNotFoundError, RevisionNotFoundError, TagNotFoundError, or TrainingFileProcessingError when
        there is no revision yet.
        """
        from training_files.reports.findings import page_of_findings

        return page_of_findings(self.context, training_file_id, wanted, limit=limit, revision=revision, begin=begin)

    def report(
        self, training_file_id: UUID, *, revision: RevisionName | None = None, seed: int | None = None
    ) -> dict[str, Any]:
        """The quality report of the current or an earlier revision, as JSON values. Another seed makes another sample.

        Raises TrainingFileNotFoundError, RevisionNotFoundError, TagNotFoundError, or TrainingFileProcessingError when
        there is no revision yet.
        """
        from training_files.reports.reporting import report

        return report(self.context, training_file_id, wanted=revision, seed=seed)

    def update_training_file(
        self, training_file_id: UUID, changes: TrainingFileChanges, *, backfill: bool = False
    ) -> ChangedTrainingFile:
        """Changes name, description, status or rule of a finished training file; its revisions stay as they are.

        With `backfill`, a new rule takes what is enriched already, too: a worker adds it.

        Raises TrainingFileNotFoundError, also for a training file of the rule, NameTakenError,
        TrainingFileProcessingError, and of a backfill TrainingFileArchivedError, or RequestInvalidError for too many.
        """
        if backfill and changes.collect:
            from training_files.builds.backfilling import change_and_backfill

            return change_and_backfill(self.context, training_file_id, changes, changes.collect)
        from training_files.choosing.ruling import change_training_file

        return change_training_file(self.context, training_file_id, changes)

    def delete_training_file(self, training_file_id: UUID) -> None:
        """Removes a training file, its rows and its objects. Raises TrainingFileNotFoundError."""
        from training_files.catalog.changing import delete_training_file

        delete_training_file(self.context, training_file_id)
        self._announce(training_file_id)

    def get_download_url(
        self, path: str, expires_in: int = LINKS_EXPIRE_IN_SECONDS, *, download_name: str | None = None
    ) -> str:
        """A link to an object of the bucket, good for `expires_in` seconds, for anyone who has it.

        It signs whatever path it is given; `get_download_of` is for paths that a user must own.
        Raises RequestInvalidError when there is no such object.
        """
        from training_files.catalog.links import link_to_object

        return link_to_object(self.context, path, expires_in_seconds=expires_in, download_name=download_name)

    def get_download_of(
        self, training_file_id: UUID, *, file_format: str, revision: RevisionName | None = None
    ) -> tuple[str, str]:
        """A link and the file name for `json` or `jsonl`, of the current or of an earlier revision.

        Raises TrainingFileNotFoundError, TagNotFoundError, or TrainingFileProcessingError when there is no revision
        yet.
        """
        from training_files.catalog.links import link_to_revision

        return link_to_revision(self.context, training_file_id, file_format=file_format, revision=revision)

    def create_export(self, wanted: CreateExportInput, *, prefers_background: bool = False) -> OfferedExport:
        """The export of a revision for this very request: the one that is there, or a new one.

        It is `ready`, or still `building` because a worker or another caller is at it: large ones are left to workers
        where there is a queue. Archived training files can be exported.

        Raises TrainingFileNotFoundError, TagNotFoundError, or TrainingFileProcessingError when there is no revision
        yet.
        """
        from training_files.exports.requesting import create_export

        return create_export(self.context, wanted, prefers_background=prefers_background)

    def get_export(self, training_file_id: UUID, export_id: UUID) -> OfferedExport:
        """An export with links to its files. Raises TrainingFileNotFoundError or ExportNotFoundError."""
        from training_files.exports.offering import get_export

        return get_export(self.context, training_file_id, export_id)

    def list_exports(self, training_file_id: UUID, *, limit: int, before: UUID | None = None) -> Page[OfferedExport]:
        """Exports with links to their files, the newest first; `before` is the last one of the page before."""
        from training_files.exports.offering import list_exports

        return list_exports(self.context, training_file_id, limit=limit, before=before)

    def build_export(self, export_id: UUID) -> None:
        """What a worker does with a message of the queue. Raises UpstreamUnavailableError for another try."""
        from training_files.exports.worker import build_export

        build_export(self.context, export_id)

    def give_up_export(self, export_id: UUID) -> None:
        """Ends an export that was tried too often as failed."""
        from training_files.exports.worker import give_up_export

        give_up_export(self.context, export_id)

    def sharded_export(self, export_id: UUID) -> "ShardedWork":
        """An export beyond one worker, in the same way."""
        from training_files.exports.sharded_export import ShardedExport

        return ShardedExport(self.context, export_id)

    def _announce(self, training_file_id: UUID | None) -> None:
        """What is not announced now is left to housekeeping."""
        if training_file_id and self.context.event_bus:
            from training_files.upkeep.announcing import announce_if_possible

            announce_if_possible(self.context, training_file_id)
