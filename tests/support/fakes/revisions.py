"""Revisions in memory: begun, staged, and committed or abandoned."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.support.fakes.cursors import not_a_cursor
from tests.support.fakes.reports import InMemoryReports
from tests.support.fakes.rows import Member, awaits_retry, never_finished
from tests.support.fakes.selections import InMemorySelections
from training_files.domain.conversation.selection import MAX_SELECTED, Selection, SelectionScope
from training_files.domain.training_file.revision import Change, Revision
from training_files.domain.training_file.training_file import (
    TrainingFile,
)
from training_files.ports.paging import Page
from training_files.ports.revisions import BegunRevision, CommittedRevision, NewTrainingFile, RevisionContent


class InMemoryRevisions(InMemorySelections, InMemoryReports):
    """Implements `training_files.ports.revisions.RevisionRepository`."""

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
        if new_file and owner:
            self._make(training_file_id, owner, new_file)
        file = self.get_training_file(training_file_id, owner)
        if file is None:
            return BegunRevision(outcome="name_taken" if new_file else "not_found")
        if file.status == "archived":
            return BegunRevision(outcome="archived")
        if file.status != "active" and new_file is None:
            return BegunRevision(outcome="processing")
        if requested.get("change") == "revert" and not self.kept_revision(training_file_id, requested["revision"]):
            return BegunRevision(outcome="no_revision")
        if revision_id not in self.revisions:
            if scope:
                found = self._selected_for(file, requested, scope)
                if found.outcome != "begun":
                    if new_file and not file.revision:
                        self._delete(training_file_id)
                    return found
                requested = requested | {"conversation_ids": self._with_selected(file, requested, scope)}
            requested = self._with_changed(training_file_id, file, requested)
            self.revisions[revision_id] = self._intended(revision_id, file, requested, background=background)
        return BegunRevision(
            outcome="begun",
            training_file=file,
            base=self._base(file),
            conversation_count=self.revisions[revision_id].progress_total,
        )

    def _with_changed(self, training_file_id: UUID, file: TrainingFile, requested: dict[str, Any]) -> dict[str, Any]:
        if not requested.get("changed"):
            return requested
        changed = self.changed_since(training_file_id, file.revision)
        return requested | {"conversation_ids": [str(one) for one in changed]}

    def _selected_for(self, file: TrainingFile, requested: dict[str, Any], scope: SelectionScope) -> BegunRevision:
        """Whether the selection can be begun with."""
        selection = Selection.model_validate(requested["selection"])
        if unknown := self._unknown_file(selection, file.created_by):
            return BegunRevision(outcome="unknown_training_file", unknown_training_file=unknown)
        count = len(self._with_selected(file, requested, scope)) - len(requested["conversation_ids"])
        if count > MAX_SELECTED:
            return BegunRevision(outcome="too_many_selected", conversation_count=count)
        if not count and not requested["conversation_ids"]:
            return BegunRevision(outcome="nothing_selected")
        return BegunRevision(outcome="begun")

    def _with_selected(self, file: TrainingFile, requested: dict[str, Any], scope: SelectionScope) -> list[str]:
        beside = [UUID(one) for one in requested["conversation_ids"]]
        selection = Selection.model_validate(requested["selection"])
        selected = self.selected_by(selection, file.created_by, scope, file, beside)
        return [*requested["conversation_ids"], *(str(row.conversation_id) for row in selected)]

    def stage_conversations(self, *, revision_id: UUID, conversations: Sequence[dict[str, Any]]) -> None:
        revision = self.revisions.get(revision_id)
        if revision and revision.status == "building":
            self.staged.setdefault(revision_id, {}).update({row["position"]: row for row in conversations})

    def commit_revision(
        self,
        *,
        revision_id: UUID,
        expected_revision: int,
        content: RevisionContent,
        conversations: Sequence[dict[str, Any]],
    ) -> CommittedRevision:
        revision = self.revisions.get(revision_id)
        if revision is None:
            return CommittedRevision(outcome="gone")
        file = self.training_files[revision.training_file_id]
        if revision.status == "committed":
            return CommittedRevision(outcome="committed", training_file=file)
        if revision.status == "failed":
            return CommittedRevision(outcome="gone")
        if file.status == "archived":
            return CommittedRevision(outcome="archived")
        if file.revision != expected_revision:
            return CommittedRevision(outcome="superseded")
        content, sharded = self._with_shards(revision_id, content)
        rows = [*self.staged.get(revision_id, {}).values(), *conversations, *sharded]
        members = self._members_after(file, revision, content, rows)
        _refuse_twice(members)
        if len(members) != content.training_file["conversation_count"]:
            raise ValueError(f"revision {revision_id} has the figures of {len(rows)} conversations, not of all")
        self._replace_members(revision.training_file_id, members, file.revision + 1)
        committed = self._committed(file, revision, content, rows)
        return CommittedRevision(outcome="committed", training_file=committed)

    def abandon_revision(self, *, revision_id: UUID, error: dict[str, Any]) -> None:
        revision = self.revisions.get(revision_id)
        if revision is None:
            return
        if revision.status == "building":
            revision = self._end(revision, error)
        file = self.training_files[revision.training_file_id]
        still_built = any(
            other.status == "building" and other.training_file_id == file.id for other in self.revisions.values()
        )
        if revision.status == "failed" and never_finished(file) and not still_built:
            self._delete(revision.training_file_id)

    def list_revisions(self, training_file_id: UUID, *, limit: int, before: UUID | None = None) -> Page[Revision]:
        own = [self.with_tags(one) for one in self.revisions.values() if one.training_file_id == training_file_id]
        own.sort(key=lambda revision: (revision.created_at, revision.id), reverse=True)
        if before is None:
            return Page(own[:limit], more=len(own) > limit)
        places = [place for place, revision in enumerate(own, start=1) if revision.id == before]
        if not places:
            raise not_a_cursor()
        behind = own[places[0] :]
        return Page(behind[:limit], more=len(behind) > limit)

    def _make(self, training_file_id: UUID, owner: UUID, new_file: NewTrainingFile) -> None:
        holder = self._named(owner, new_file.name, other_than=training_file_id)
        if holder and holder.id and self._is_dead(holder):
            self._delete(holder.id)
            holder = None
        if holder or training_file_id in self.training_files:
            return
        now = self.clock.now()
        self.training_files[training_file_id] = TrainingFile(
            id=training_file_id,
            **new_file.model_dump(),
            status="processing",
            created_by=owner,
            created_at=now,
            updated_at=now,
            last_updated_at=now,
        )
        self.members[training_file_id] = []

    def _with_shards(self, revision_id: UUID, content: RevisionContent) -> tuple[RevisionContent, list[dict[str, Any]]]:
        """The rows of its tries, which of a refresh take the place of members."""
        tries = [
            each
            for each in self.shard_tries.values()
            if each.id in content.shard_tries and each.revision_id == revision_id and each.finished is not None
        ]
        if content.change and content.change.kind == "refresh":
            replaced = set[UUID]().union(*(each.conversation_ids for each in tries))
            content = content.model_copy(update={"removed": (*content.removed, *replaced)})
        return content, [row for each in tries for row in each.rows.values()]

    def _members_after(
        self, file: TrainingFile, revision: Revision, content: RevisionContent, rows: Sequence[dict[str, Any]]
    ) -> list[Member]:
        training_file_id, number = revision.training_file_id, file.revision + 1
        if content.reverted_to is not None:
            return [
                member
                if member.removed_in_revision is None
                else replace(member, added_in_revision=number, removed_in_revision=None)
                for member in self.members_in(training_file_id, content.reverted_to)
            ]
        ever = [*self.members[training_file_id], *self.former.get(training_file_id, [])]
        behind = max((member.position for member in ever), default=0)
        ended = {
            m.conversation_id: m.position
            for m in self.members[training_file_id]
            if m.conversation_id in content.removed
        }
        kept = [member for member in self.members[training_file_id] if member.conversation_id not in ended]
        given = [
            Member(
                ended.get(UUID(row["conversation_id"]), behind + row["position"]),
                UUID(row["conversation_id"]),
                number,
                row["training_pairs"],
                row["trainable_pairs"],
                Decimal(row["score_sum"]),
                row["score_count"],
                row.get("analysis"),
                self.clock.now(),
                dict(row),
            )
            for row in rows
        ]
        return sorted([*kept, *given], key=lambda member: member.position)

    def _replace_members(self, training_file_id: UUID, members: list[Member], number: int) -> None:
        stay = {id(member) for member in members}
        ended = [replace(m, removed_in_revision=number) for m in self.members[training_file_id] if id(m) not in stay]
        self.former.setdefault(training_file_id, []).extend(ended)
        self.members[training_file_id] = members

    def _committed(
        self, file: TrainingFile, revision: Revision, content: RevisionContent, rows: Sequence[dict[str, Any]]
    ) -> TrainingFile:
        number = file.revision + 1
        columns = content.training_file
        sizes = {key: columns[key] for key in ("json_file_size", "jsonl_file_size")}
        done = content.change.count if content.change else len(rows)
        change = content.change or Change(kind="add" if file.revision else "create", count=len(rows))
        if revision.change and revision.change.selection:
            change = change.model_copy(update={"selection": revision.change.selection})
        self.staged.pop(revision.id, None)
        self.revisions[revision.id] = revision.model_copy(
            update={
                **sizes,
                "number": number,
                "status": "committed",
                "change": change,
                "json_body_offset": content.json_body_offset,
                "totals": content.totals,
                "warnings": content.warnings,
                "skipped": content.skipped,
                "skipped_total": content.skipped_total,
                "progress_done": done,
                "progress_total": done,
                "error": None,
                "finished_at": self.clock.now(),
            }
        )
        self._forget_requested(revision.id)
        self._settle(revision)
        changes = {
            **columns,
            "json_file_path": revision.json_file_path,
            "jsonl_file_path": revision.jsonl_file_path,
            "status": "active",
            "revision": number,
            "created_at": file.created_at if file.revision else columns["last_updated_at"],
            "updated_at": self.clock.now(),
        }
        committed = TrainingFile.model_validate(file.model_dump() | changes)
        self.training_files[revision.training_file_id] = committed
        self._tell(
            "Training File Updated" if file.revision else "Training File Created",
            committed,
            change={"kind": change.kind, "count": change.count},
        )
        return committed

    def _settle(self, committed: Revision) -> None:
        asked_at = self.asked_at[committed.id]
        for failed in [*self.revisions.values()]:
            if failed.training_file_id == committed.training_file_id and awaits_retry(failed):
                assert failed.finished_at is not None
                if asked_at and failed.finished_at < asked_at:
                    self._mark(failed, settled_by=str(committed.id))


def _refuse_twice(members: Sequence[Member]) -> None:
    """As the index training_file_conversations_once_at_a_time_idx; the adapter passes its refusal on as it is."""
    if len({member.conversation_id for member in members}) < len(members):
        # The trainers' tests use the fakes where no client of Supabase is there.
        from postgrest.exceptions import APIError

        from training_files.adapters.supabase.errors import UNIQUE_VIOLATION

        message = 'duplicate key value violates unique constraint "training_file_conversations_once_at_a_time_idx"'
        raise APIError({"message": message, "code": UNIQUE_VIOLATION, "hint": None, "details": None})
