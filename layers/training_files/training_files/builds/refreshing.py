"""Conversations whose enriched file is another one than when they were added: read again, and put in their place."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from training_files.builds.attempts import Attempt, as_of_now, begun
from training_files.builds.cutting import json_without, jsonl_without
from training_files.builds.intentions import Intention, request_column
from training_files.builds.members import members_of
from training_files.builds.planning import Parts, PlannedRevision, plan_revision
from training_files.builds.preparing import Prepared, prepare
from training_files.builds.rebasing import commit_rebasing
from training_files.builds.refreshable import asked_for, choices_among, looked_at
from training_files.builds.requesting import queue_of, queued
from training_files.builds.results import built_training_file
from training_files.builds.sizes import existing_base, refuse_long_dry_run, takes_too_long_to_change, with_sizes
from training_files.builds.spool import Spool, temporary_spool
from training_files.choosing.refusing import refuse_faults
from training_files.context import Context
from training_files.domain.conversation import faults
from training_files.domain.conversation.limited_faults import kept_faults
from training_files.domain.limits import MOST_WHILE_WAITING
from training_files.domain.training_file.build_request import BuildOptions, RefreshConversationsInput
from training_files.domain.training_file.revision import Change, Revision
from training_files.domain.training_file.totals import totals_of
from training_files.domain.training_file.training_file import BuiltTrainingFile, TrainingFile
from training_files.errors import RequestInvalidError
from training_files.ports.members import RevisionMembers

CONVERSATIONS_AT_ONCE = 250


@dataclass(slots=True)
class Refresh:
    """Implements `Work`. `members` are those that are prepared, as of the revision at which it was looked last."""

    context: Context
    training_file_id: UUID
    options: BuildOptions
    prepared: Prepared
    members: RevisionMembers = field(init=False)

    @property
    def is_left(self) -> bool:
        return bool(self.prepared.spool)

    @property
    def ids(self) -> list[UUID]:
        return [figures.conversation_id for figures in self.prepared.spool.figures()]

    def rebase(self, training_file: TrainingFile) -> None:
        """Leaves out what is the same as in the file, and what another writer has removed: it is not brought back.

        Raises ConversationValidationError where that is not to be skipped.
        """
        ids = self.ids
        known = self._looked_up(training_file.revision, ids)
        in_file = {member.conversation_id: member.enriched_sha256 for member in known.named}
        removed = [faults.not_in_file(one, "on_invalid") for one in ids if one not in in_file]
        refuse_faults(removed, self.options, nothing_left=False)
        self.prepared.skipped.extend(removed)
        self.prepared.drop(
            {
                figures.conversation_id
                for figures in self.prepared.spool.figures()
                if in_file.get(figures.conversation_id) in (None, figures.enriched_sha256)
            }
        )
        is_same = not self.is_left or len(self.ids) == len(ids)
        self.members = known if is_same else self._looked_up(training_file.revision, self.ids)

    def plan(self, training_file: TrainingFile, base: Revision | None) -> PlannedRevision:
        base = existing_base(base)
        members = with_sizes(self.context, self.training_file_id, base, self.members, self.ids)
        parts = self.prepared.spool.parts()
        figures = {one.conversation_id: one for one in self.prepared.spool.figures()}
        begins_file = members.named[0].index == 0 and members.named[0].conversation_id == self.prepared.first
        body_start = self.prepared.json_body_start if begins_file else None
        vertical = self.prepared.vertical if begins_file else training_file.vertical
        return plan_revision(
            training_file.model_copy(update={"vertical": vertical}),
            totals_of(members.others, [(one.position, figures[one.conversation_id]) for one in members.named]),
            Parts(
                json_without(base, members, {one: json for one, (json, _) in parts.items()}, body_start),
                jsonl_without(base, members, {one: jsonl for one, (_, jsonl) in parts.items()}),
            ),
            Change(kind="refresh", count=len(members.named)),
            removed=tuple(member.conversation_id for member in members.named),
            **kept_faults(self.prepared.skipped),
            warnings=self.prepared.health.warnings().as_json(),
        )

    def pages_of_rows(self, *, most_rows: int, most_bytes: int) -> Iterator[list[dict[str, Any]]]:
        return self.prepared.spool.pages_of_rows(most_rows=most_rows, most_bytes=most_bytes)

    def _looked_up(self, revision: int, ids: Sequence[UUID]) -> RevisionMembers:
        return members_of(self.context, self.training_file_id, revision=revision, ids=ids)


def refresh_of(
    context: Context,
    training_file: TrainingFile,
    training_file_id: UUID,
    ids: Sequence[UUID],
    options: BuildOptions,
    spool: Spool,
    report_progress: Callable[[int], None] | None = None,
    members: RevisionMembers | None = None,
) -> Refresh:
    """Reads the conversations again; `members` are those that are named, where they were looked up already.

    Raises TrainingFileNotFoundError or ConversationValidationError.
    """
    members = members or members_of(context, training_file_id, revision=training_file.revision, ids=ids)
    choices = choices_among(context, training_file_id, members, ids, at_once=CONVERSATIONS_AT_ONCE)
    # The file has them already, so all may be skipped.
    prepared = prepare(context.stores.enriched_files, choices, options, spool, report_progress, needs_one=False)
    refresh = Refresh(context, training_file_id, options, prepared)
    refresh.rebase(training_file)
    return refresh


def refresh_conversations(context: Context, wanted: RefreshConversationsInput) -> BuiltTrainingFile:
    """Refreshes conversations, or leaves that to a worker when that takes longer than a caller waits.

    Raises TrainingFileNotFoundError, TrainingFileArchivedError, TrainingFileProcessingError, RequestInvalidError,
    ConversationValidationError, or TrainingFileBusyError.
    """
    asked = asked_for(context, wanted)
    training_file, ids = asked.training_file, asked.ids
    if not ids:
        return built_training_file(training_file, (), dry_run=wanted.dry_run)
    if wanted.dry_run:
        _refuse_long_dry_run(asked.total)
    if asked.has_further and context.queue:
        return _queued_whole(context, wanted)
    members = members_of(context, wanted.training_file_id, revision=training_file.revision, ids=ids)
    is_for_a_worker = len(ids) > MOST_WHILE_WAITING or takes_too_long_to_change(context, training_file, members)
    if is_for_a_worker and not wanted.dry_run and context.queue:
        return _queued(context, wanted, training_file, members, ids)
    with temporary_spool() as spool:
        refresh = refresh_of(context, training_file, wanted.training_file_id, ids, wanted, spool, members=members)
        if not refresh.is_left:
            return built_training_file(training_file, refresh.prepared.skipped, dry_run=wanted.dry_run)
        if wanted.dry_run:
            refuse_long_dry_run(context, training_file, refresh.members)
            return _planned(context, training_file, refresh)
        return _committed(context, wanted, training_file, refresh)


def request_refresh(context: Context, wanted: RefreshConversationsInput) -> BuiltTrainingFile:
    """Has conversations refreshed in the background; the training file as it is.

    Raises what can be known without reading enriched files.
    """
    queue_of(context)
    asked = asked_for(context, wanted)
    training_file, ids = asked.training_file, asked.ids
    if not ids:
        return built_training_file(training_file, ())
    if asked.has_further:
        return _queued_whole(context, wanted)
    members = members_of(context, wanted.training_file_id, revision=training_file.revision, ids=ids)
    return _queued(context, wanted, training_file, members, ids)


def _refuse_long_dry_run(total: int) -> None:
    if total > MOST_WHILE_WAITING:
        advice = f"{total} conversations may have changed. A dry run takes at most {MOST_WHILE_WAITING}: name some."
        raise RequestInvalidError(advice, [{"field": "conversation_ids", "message": advice}])


def _queued(
    context: Context,
    wanted: RefreshConversationsInput,
    training_file: TrainingFile,
    members: RevisionMembers,
    ids: Sequence[UUID],
) -> BuiltTrainingFile:
    any_usable, skipped = looked_at(context, wanted, members, ids)
    if not any_usable:
        return built_training_file(training_file, skipped)
    # The worker looks again, at those too that are skipped now.
    return queued(context, queue_of(context), _intention(context, wanted, ids, background=True), skipped)


def _queued_whole(context: Context, wanted: RefreshConversationsInput) -> BuiltTrainingFile:
    """Of all that have changed. The database finds them when the build begins: so many ids do not pass through here."""
    named = _intention(context, wanted, (), background=True)
    return queued(context, queue_of(context), replace(named, requested=named.requested | {"changed": True}), ())


def _intention(
    context: Context, wanted: RefreshConversationsInput, ids: Sequence[UUID], *, background: bool = False
) -> Intention:
    requested = request_column(wanted, ids) | {"change": "refresh"}
    return Intention(wanted.training_file_id, context.owner, requested, background=background)


def _planned(context: Context, training_file: TrainingFile, refresh: Refresh) -> BuiltTrainingFile:
    base = context.revisions.get_revision(refresh.training_file_id, number=training_file.revision)
    planned = refresh.plan(as_of_now(context, training_file), base).training_file
    planned = planned.model_copy(update={"revision": planned.revision + 1})
    return built_training_file(planned, refresh.prepared.skipped, refresh.prepared.health.warnings(), dry_run=True)


def _committed(
    context: Context, wanted: RefreshConversationsInput, training_file: TrainingFile, refresh: Refresh
) -> BuiltTrainingFile:
    def next_attempt(_: Attempt | None) -> AbstractContextManager[Attempt]:
        return begun(context, _intention(context, wanted, refresh.ids))

    outcome = commit_rebasing(
        context, wanted.training_file_id, refresh, next_attempt, checked_at=training_file.revision
    )
    return built_training_file(outcome.training_file, refresh.prepared.skipped, refresh.prepared.health.warnings())
