"""A repository in memory. As the other fakes, `tests/contract` holds it to the same promises as the adapter."""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import orjson

from tests.support.builders import a_conversation_row
from tests.support.clock import Clock
from training_files.domain.conversation.conversation import ENRICHED, Candidate, Conversation
from training_files.domain.quality import on_scale
from training_files.domain.training_file.collection_rule import CollectionRule
from training_files.domain.training_file.revision import Membership, Revision
from training_files.domain.training_file.training_file import (
    ListTrainingFilesFilters,
    TrainingFile,
    TrainingFileChanges,
    TrainingFilePage,
)
from training_files.errors import NameTakenError, RequestInvalidError
from training_files.ports.builds import ClaimedRevision, RetriedBuild
from training_files.ports.conversations import CollectionMatch, ResolvedRequest, SuggestionBase
from training_files.ports.events import TrainingFileEvent
from training_files.ports.leases import Lease
from training_files.ports.reports import RevisionSurroundings, SourceDoubt
from training_files.ports.revisions import BegunRevision, CommittedRevision, NewTrainingFile, RevisionContent

if TYPE_CHECKING:
    from tests.support.fake_objects import StoredObject

DEAD_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Member:
    """A row of `training_file_conversations`, as far as a promise depends on it."""

    position: int
    conversation_id: UUID
    added_in_revision: int
    training_pairs: int
    trainable_pairs: int
    score_sum: Decimal = Decimal(0)
    score_count: int = 0
    analysis: dict[str, Any] | None = None
    added_at: datetime = Clock().moment
    figures: dict[str, Any] = field(default_factory=dict)


class InMemoryRepository:
    """Implements `tests.support.repositories.Repository`. Each method is one transaction.

    What the triggers of the database write in these transactions is written here as well: `events`, in the order of
    their commits, and `removals`, the revisions whose rows are gone, with the moment when they went.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.training_files: dict[UUID, TrainingFile] = {}
        self.revisions: dict[UUID, Revision] = {}
        # Columns that nothing reads back with a revision.
        self.requested: dict[UUID, dict[str, Any]] = {}
        self.asked_at: dict[UUID, datetime | None] = {}
        self.members: dict[UUID, list[Member]] = {}
        self.staged: dict[UUID, dict[int, dict[str, Any]]] = {}
        # The row of an object of the bucket of enriched files, or of the other one, by its path.
        self.enriched_file: Callable[[str], StoredObject | None] = lambda _: None
        self.object: Callable[[str], StoredObject | None] = lambda _: None
        self.events: list[TrainingFileEvent] = []
        self.removals: dict[UUID, datetime] = {}
        self._leases: dict[UUID, tuple[UUID, datetime]] = {}
        self._conversations: dict[UUID, tuple[Conversation, UUID | None]] = {}

    def put_conversation(self, owner: UUID | None, **row: Any) -> Conversation:
        whole = a_conversation_row(**row)
        conversation = Conversation.model_validate({"training_topic_key": whole["topic_key"], **whole})
        self._conversations[conversation.id] = (conversation, owner)
        return conversation

    def forget_conversation(self, conversation_id: UUID) -> None:
        for key, (conversation, _) in list(self._conversations.items()):
            if conversation.conversation_id == conversation_id:
                del self._conversations[key]

    def resolve(
        self,
        *,
        ids: Sequence[UUID],
        owner: UUID | None,
        all_conversations: bool,
        training_file_id: UUID | None = None,
        name: str | None = None,
    ) -> ResolvedRequest:
        wanted = set(ids)
        training_file = self.training_files.get(training_file_id) if training_file_id else None
        caller = owner or (training_file.created_by if training_file else None)
        members = {member.conversation_id for member in self.members.get(training_file_id or uuid4(), [])}
        own = training_file if training_file and owner in (None, training_file.created_by) else None
        return ResolvedRequest(
            name_taken=any(
                file.created_by == owner and file.name == name and not self._is_dead(file)
                for file in self.training_files.values()
            ),
            training_file=own,
            base=self._base(own) if own else None,
            conversations=tuple(
                conversation.model_copy(update={"already_in_file": conversation.conversation_id in members})
                for conversation, created_by in self._conversations.values()
                if not wanted.isdisjoint((conversation.id, conversation.conversation_id))
                and (all_conversations or created_by in (None, caller))
            ),
        )

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
        if new_file and owner:
            self._make(training_file_id, owner, new_file)
        file = self.get_training_file(training_file_id, owner)
        if file is None:
            return BegunRevision(outcome="name_taken" if new_file else "not_found")
        if file.status == "archived":
            return BegunRevision(outcome="archived")
        if file.status != "active" and new_file is None:
            return BegunRevision(outcome="processing")
        intended = self._intended(revision_id, file, requested, background=background)
        self.revisions.setdefault(revision_id, intended)
        return BegunRevision(outcome="begun", training_file=file, base=self._base(file))

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
        rows = [*self.staged.get(revision_id, {}).values(), *conversations]
        if len(rows) != content.training_file["conversation_count"] - file.conversation_count:
            raise ValueError(f"revision {revision_id} has the figures of {len(rows)} conversations, not of all")
        committed = self._committed(file, revision, content, rows)
        return CommittedRevision(outcome="committed", training_file=committed)

    def stage_conversations(self, *, revision_id: UUID, conversations: Sequence[dict[str, Any]]) -> None:
        revision = self.revisions.get(revision_id)
        if revision and revision.status == "building":
            self.staged.setdefault(revision_id, {}).update({row["position"]: row for row in conversations})

    def claim_revision(self, *, revision_id: UUID, lease: Lease, next_id: UUID) -> ClaimedRevision:
        attempt = self.latest_attempt(revision_id)
        if attempt is None:
            return ClaimedRevision(outcome="gone")
        if attempt.status != "building":
            return ClaimedRevision(outcome="finished")
        worker, expires_at = self._leases.get(attempt.id, (None, None))
        if worker is None or expires_at is None:
            self._renew(attempt.id, lease)
        elif worker != lease.worker and expires_at > self.clock.now():
            return ClaimedRevision(outcome="leased")
        elif worker != lease.worker:
            reason = (attempt.error or {}).get("message", "the worker was lost")
            self.continue_revision(revision_id=attempt.id, lease=lease, next_id=next_id, reason=reason)
            attempt = self.revisions[next_id]
        file = self.training_files[attempt.training_file_id]
        return ClaimedRevision(
            outcome="claimed",
            revision=attempt,
            requested=self.requested[attempt.id],
            training_file=file,
            base=self._base(file),
        )

    def continue_revision(self, *, revision_id: UUID, lease: Lease, next_id: UUID, reason: str) -> None:
        attempt = self.revisions.get(revision_id)
        if attempt is None or attempt.status != "building":
            return
        file = self.training_files[attempt.training_file_id]
        continued = self._intended(next_id, file, self.requested[attempt.id], background=True)
        worker, _ = self._leases.get(revision_id, (None, None))
        progress = {
            "progress_done": attempt.progress_done if worker == lease.worker else 0,
            "progress_total": attempt.progress_total,
        }
        self.revisions[next_id] = continued.model_copy(update=progress)
        self.asked_at[next_id] = self.asked_at[revision_id]
        self._renew(next_id, lease)
        self._end(attempt, {"message": reason, "continued_as": str(next_id)})

    def report_progress(self, *, revision_id: UUID, lease: Lease, done: int) -> bool:
        if not self._is_built_by(revision_id, lease):
            return False
        attempt = self.revisions[revision_id]
        done = max(attempt.progress_done, done)
        self.revisions[revision_id] = attempt.model_copy(update={"progress_done": done})
        self._renew(revision_id, lease)
        return True

    def release_revision(self, *, revision_id: UUID, lease: Lease, reason: str) -> None:
        if self._is_built_by(revision_id, lease):
            self._leases[revision_id] = (lease.worker, self.clock.now())
            attempt = self.revisions[revision_id]
            self.revisions[revision_id] = attempt.model_copy(update={"error": {"message": reason}})

    def fail_revision(self, *, revision_id: UUID, lease: Lease, error: dict[str, Any]) -> None:
        attempt = self.latest_attempt(revision_id)
        if attempt is None or not self._is_built_by(attempt.id, lease):
            return
        self._end(attempt, error)
        file = self.training_files[attempt.training_file_id]
        if _never_finished(file):
            self.training_files[attempt.training_file_id] = file.model_copy(update={"status": "failed"})

    def retry_build(self, training_file_id: UUID, owner: UUID | None, *, next_id: UUID) -> RetriedBuild:
        file = self.get_training_file(training_file_id, owner)
        if file is None:
            return RetriedBuild(outcome="not_found")
        if file.status == "archived":
            return RetriedBuild(outcome="archived")
        if next_id in self.revisions:
            return RetriedBuild(outcome="begun", training_file=file)
        failed = self.open_build(training_file_id)
        if failed is None or failed.status != "failed":
            return RetriedBuild(outcome="nothing_to_retry")
        self._mark(failed, retried_as=str(next_id))
        again = self._intended(next_id, file, self.requested[failed.id], background=True)
        self.revisions[next_id] = again.model_copy(update={"progress_total": failed.progress_total})
        self.asked_at[next_id] = None
        if file.status == "failed":
            file = file.model_copy(update={"status": "processing"})
            self.training_files[training_file_id] = file
        return RetriedBuild(outcome="begun", training_file=file)

    def open_build(self, training_file_id: UUID) -> Revision | None:
        builds = self._builds(training_file_id)
        lasting = [revision for revision in builds if revision.status == "building"]
        return _last([*filter(_awaits_retry, builds), *lasting])

    def newest_build(self, training_file_id: UUID) -> Revision | None:
        """The latest attempt of a build in the background, however it ended."""
        return _last(self._builds(training_file_id))

    def _builds(self, training_file_id: UUID) -> list[Revision]:
        """Those that were begun at one moment of the clock stand in the order in which they were begun."""
        own = (r for r in self.revisions.values() if r.training_file_id == training_file_id and r.background)
        return sorted(own, key=lambda revision: revision.created_at)

    def _mark(self, failed: Revision, **marks: str) -> None:
        self.revisions[failed.id] = failed.model_copy(update={"error": (failed.error or {}) | marks})

    def _settle(self, committed: Revision) -> None:
        asked_at = self.asked_at[committed.id]
        for failed in [*self.revisions.values()]:
            if failed.training_file_id == committed.training_file_id and _awaits_retry(failed):
                assert failed.finished_at is not None
                if asked_at and failed.finished_at < asked_at:
                    self._mark(failed, settled_by=str(committed.id))

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
        if revision.status == "failed" and _never_finished(file) and not still_built:
            self._delete(revision.training_file_id)

    def list_training_files(self, filters: ListTrainingFilesFilters, owner: UUID | None) -> TrainingFilePage:
        after = _position(filters.cursor) if filters.cursor else None
        found = [
            file
            for file in self.training_files.values()
            if owner in (None, file.created_by)
            and filters.status in (None, file.status)
            and (after is None or _place(file) < after)
        ]
        found.sort(key=_place, reverse=True)
        page = tuple(found[: filters.limit])
        return TrainingFilePage(files=page, next_cursor=_cursor(page[-1]) if len(found) > len(page) else None)

    def get_training_file(self, training_file_id: UUID, owner: UUID | None) -> TrainingFile | None:
        file = self.training_files.get(training_file_id)
        return file if file and owner in (None, file.created_by) else None

    def update_training_file(
        self, training_file_id: UUID, owner: UUID | None, changes: TrainingFileChanges
    ) -> TrainingFile | None:
        file = self.get_training_file(training_file_id, owner)
        if file is None or file.status not in ("active", "archived"):
            return None
        if changes.name and self._named(file.created_by, changes.name, other_than=training_file_id):
            raise NameTakenError(changes.name)
        changed = changes.model_dump(exclude_unset=True) | {"updated_at": self.clock.now()}
        self.training_files[training_file_id] = TrainingFile.model_validate(file.model_dump() | changed)
        return self.training_files[training_file_id]

    def suggestion_base(
        self, training_file_id: UUID, owner: UUID | None, *, all_conversations: bool, limit: int
    ) -> SuggestionBase:
        file = self.get_training_file(training_file_id, owner)
        if file is None:
            return SuggestionBase()
        members = {member.conversation_id for member in self.members.get(training_file_id, [])}
        cells: dict[tuple[str | None, ...], list[Candidate]] = {}
        for conversation, created_by in self._conversations.values():
            if (
                _is_usable(conversation)
                and (all_conversations or created_by in (None, file.created_by))
                and conversation.conversation_id not in members
            ):
                candidate = Candidate.model_validate(conversation.model_dump())
                keys = candidate.persona_key, candidate.emotional_arc_key, candidate.training_topic_key
                cells.setdefault(keys, []).append(candidate)
        best = [candidate for cell in cells.values() for candidate in sorted(cell, key=_merit)[:limit]]
        return SuggestionBase(training_file=file, candidates=tuple(best))

    def list_memberships(
        self, training_file_id: UUID, *, revision: int, limit: int, after_position: int = 0
    ) -> list[Membership]:
        return [
            Membership.model_validate(member.figures | {"position": member.position})
            for member in self.members.get(training_file_id, [])
            if member.added_in_revision <= revision and member.position > after_position
        ][:limit]

    def revision_surroundings(self, training_file_id: UUID, *, revision: int, limit: int) -> RevisionSurroundings:
        base = self.get_revision(training_file_id, number=revision)
        members = [m for m in self.members.get(training_file_id, []) if m.added_in_revision <= revision]
        doubts = [doubt for member in members if (doubt := self._doubt(member))]
        doubts.sort(key=lambda each: (each[1].reason == "newer", not each[0]))
        json, jsonl = (
            (self.object(path) for path in (base.json_file_path, base.jsonl_file_path)) if base else (None, None)
        )
        return RevisionSurroundings(
            json_object_bytes=json.bytes if json else None,
            jsonl_object_bytes=jsonl.bytes if jsonl else None,
            doubts=tuple(doubt for _, doubt in doubts[:limit]),
            doubts_total=len(doubts),
        )

    def _doubt(self, member: Member) -> tuple[bool, SourceDoubt] | None:
        """Whether its file was written since it was added, and the doubt, if there is one."""
        found = (c for c, _ in self._conversations.values() if c.conversation_id == member.conversation_id)
        conversation = next(found, None)
        path = conversation.enriched_file_path if conversation else None
        file = self.enriched_file(path) if path else None
        if file and file.written_at <= member.added_at - DEAD_AFTER:
            return None
        doubt = SourceDoubt(
            conversation_id=member.conversation_id,
            reason="newer" if file else "file_missing" if conversation else "row_gone",
            enriched_file_path=path,
            enriched_sha256=member.figures["enriched_sha256"],
            bytes=file.bytes if file else 0,
        )
        return bool(file and file.written_at > member.added_at), doubt

    def match_collections(self, ids: Sequence[UUID]) -> list[CollectionMatch]:
        matches: list[CollectionMatch] = []
        for file in self.training_files.values():
            taken = tuple(self._taken_by(file, set(ids)))
            if taken and file.id and file.collect:
                matches.append(
                    CollectionMatch(
                        training_file_id=file.id,
                        created_by=file.created_by,
                        collect=file.collect,
                        conversation_ids=taken,
                    )
                )
        return matches

    def delete_training_file(self, training_file_id: UUID, owner: UUID | None) -> list[UUID] | None:
        if self.get_training_file(training_file_id, owner) is None:
            return None
        return self._delete(training_file_id)

    def list_conversation_ids(
        self, training_file_id: UUID, *, limit: int, after_position: int = 0
    ) -> list[tuple[int, UUID]]:
        members = self.members.get(training_file_id, [])
        behind = [(member.position, member.conversation_id) for member in members if member.position > after_position]
        return behind[:limit]

    def list_revisions(self, training_file_id: UUID, *, limit: int, before: UUID | None = None) -> list[Revision]:
        own = [revision for revision in self.revisions.values() if revision.training_file_id == training_file_id]
        own.sort(key=lambda revision: (revision.created_at, revision.id), reverse=True)
        if before is None:
            return own[:limit]
        places = [place for place, revision in enumerate(own, start=1) if revision.id == before]
        if not places:
            raise _not_a_cursor()
        return own[places[0] :][:limit]

    def get_revision(self, training_file_id: UUID, *, number: int) -> Revision | None:
        wanted = (training_file_id, number, "committed")
        found = (r for r in self.revisions.values() if (r.training_file_id, r.number, r.status) == wanted)
        return next(found, None)

    def lease_ends_at(self, revision_id: UUID) -> datetime | None:
        _, expires_at = self._leases.get(revision_id, (None, None))
        return expires_at

    def _taken_by(self, file: TrainingFile, ids: set[UUID]) -> Iterator[UUID]:
        """Those of the conversations that the rule of a training file takes."""
        members = {member.conversation_id for member in self.members.get(file.id or uuid4(), [])}
        if file.status != "active" or file.collect is None:
            return
        for conversation, created_by in self._conversations.values():
            is_wanted = not ids.isdisjoint((conversation.id, conversation.conversation_id))
            is_new = created_by == file.created_by and conversation.conversation_id not in members
            if is_wanted and is_new and _matches(conversation, file.collect):
                yield conversation.conversation_id

    def _tell(self, event_type: str, file: TrainingFile, **more: Any) -> None:
        columns = {"name", "created_by", "revision", "conversation_count", "total_training_pairs", "trainable_pairs"}
        places = {"storage_bucket", "json_file_path", "jsonl_file_path"}
        told = file.model_dump(mode="json", include=columns | places)
        self.events.append(
            TrainingFileEvent(
                id=uuid4(),
                training_file_id=file.id or uuid4(),
                type=event_type,
                detail={"training_file_id": str(file.id)} | told | more,
                created_at=self.clock.now(),
            )
        )

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

    def _named(self, owner: UUID, name: str, *, other_than: UUID) -> TrainingFile | None:
        named = (f for f in self.training_files.values() if (f.created_by, f.name) == (owner, name))
        return next((file for file in named if file.id != other_than), None)

    def _is_dead(self, file: TrainingFile) -> bool:
        in_background = any(r.background and r.training_file_id == file.id for r in self.revisions.values())
        return _never_finished(file) and file.updated_at < self.clock.now() - DEAD_AFTER and not in_background

    def _base(self, file: TrainingFile) -> Revision | None:
        return self.get_revision(file.id, number=file.revision) if file.id else None

    def latest_attempt(self, revision_id: UUID) -> Revision | None:
        """The attempt that took over from this one, or this one."""
        attempt = self.revisions.get(revision_id)
        while attempt and attempt.error and "continued_as" in attempt.error:
            attempt = self.revisions.get(UUID(attempt.error["continued_as"]))
        return attempt

    def _renew(self, revision_id: UUID, lease: Lease) -> None:
        self._leases[revision_id] = (lease.worker, self.clock.now() + timedelta(seconds=lease.seconds))

    def _is_built_by(self, revision_id: UUID, lease: Lease) -> bool:
        revision = self.revisions.get(revision_id)
        holder, _ = self._leases.get(revision_id, (None, None))
        return revision is not None and revision.status == "building" and holder == lease.worker

    def _end(self, revision: Revision, error: dict[str, Any]) -> Revision:
        changes = {"status": "failed", "error": error, "finished_at": self.clock.now()}
        self.staged.pop(revision.id, None)
        self.revisions[revision.id] = revision.model_copy(update=changes)
        if _awaits_retry(self.revisions[revision.id]):
            failed = {fault["conversation_id"] for fault in error.get("failed_conversations", [])}
            self._tell(
                "Training File Build Failed",
                self.training_files[revision.training_file_id],
                revision_id=str(revision.id),
                build_error=error.get("message"),
                failed_conversation_count=len(failed),
            )
        return self.revisions[revision.id]

    def _intended(
        self, revision_id: UUID, file: TrainingFile, requested: dict[str, Any], *, background: bool
    ) -> Revision:
        # As a jsonb column gives it back: a copy, of values that JSON knows.
        kept = self.requested[revision_id] = orjson.loads(orjson.dumps(requested))
        self.asked_at[revision_id] = None if kept.get("by_rule") else self.clock.now()
        return Revision(
            id=revision_id,
            training_file_id=file.id or uuid4(),
            number=file.revision + 1,
            status="building",
            skipped=tuple(kept.get("skipped", [])),
            background=background,
            progress_total=len(requested.get("conversation_ids", [])),
            json_file_path=f"{revision_id}/training.json",
            jsonl_file_path=f"{revision_id}/training.jsonl",
            created_by=file.created_by,
            created_at=self.clock.now(),
        )

    def _committed(
        self, file: TrainingFile, revision: Revision, content: RevisionContent, rows: Sequence[dict[str, Any]]
    ) -> TrainingFile:
        number = file.revision + 1
        columns = content.training_file
        sizes = {key: columns[key] for key in ("json_file_size", "jsonl_file_size")}
        members = self.members[revision.training_file_id]
        count = file.conversation_count
        in_order = sorted(rows, key=lambda row: int(row["position"]))
        members += [
            Member(
                count + row["position"],
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
            for row in in_order
        ]
        self.staged.pop(revision.id, None)
        self.revisions[revision.id] = revision.model_copy(
            update={
                **sizes,
                "number": number,
                "status": "committed",
                "json_body_offset": content.json_body_offset,
                "totals": content.totals,
                "warnings": content.warnings,
                "skipped": content.skipped,
                "progress_done": len(rows),
                "progress_total": len(rows),
                "error": None,
                "finished_at": self.clock.now(),
            }
        )
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
        self._tell("Training File Updated" if file.revision else "Training File Created", committed)
        return committed

    def _delete(self, training_file_id: UUID) -> list[UUID]:
        file = self.training_files.pop(training_file_id)
        if file.revision or any(event.training_file_id == training_file_id for event in self.events):
            self._tell("Training File Deleted", file)
        self.members.pop(training_file_id, None)
        revision_ids = [
            key for key, revision in self.revisions.items() if revision.training_file_id == training_file_id
        ]
        for revision_id in revision_ids:
            del self.revisions[revision_id]
            self.staged.pop(revision_id, None)
            self.removals[revision_id] = self.clock.now()
        return revision_ids


def _merit(candidate: Candidate) -> tuple[Any, ...]:
    score = candidate.quality_score
    is_low = score is not None and score < Decimal("3.5")
    return (is_low, score is None, -(score or 0), candidate.created_at, candidate.conversation_id)


def _is_usable(conversation: Conversation) -> bool:
    return (
        conversation.enrichment_status in ENRICHED
        and bool(conversation.enriched_file_path)
        and on_scale(conversation.quality_score)
    )


def _matches(conversation: Conversation, rule: CollectionRule) -> bool:
    score, least = conversation.quality_score, rule.min_quality_score
    return (
        _is_usable(conversation)
        and (not rule.personas or conversation.persona_key in rule.personas)
        and (not rule.emotional_arcs or conversation.emotional_arc_key in rule.emotional_arcs)
        and (not rule.training_topics or conversation.training_topic_key in rule.training_topics)
        and (score is None or least is None or score >= least)
    )


def _last(revisions: Sequence[Revision]) -> Revision | None:
    return revisions[-1] if revisions else None


def _awaits_retry(revision: Revision) -> bool:
    error = revision.error or {}
    return (
        revision.background
        and revision.status == "failed"
        and not error.keys() & {"continued_as", "retried_as", "settled_by"}
        and error.get("code") not in ("nothing_to_add", "not_queued")
    )


def _never_finished(file: TrainingFile) -> bool:
    return file.status == "processing" and file.revision == 0


def _place(file: TrainingFile) -> tuple[datetime, str]:
    return file.created_at, str(file.id)


def _cursor(last: TrainingFile) -> str:
    return base64.urlsafe_b64encode(f"{last.created_at.isoformat()} {last.id}".encode()).decode()


def _position(cursor: str) -> tuple[datetime, str]:
    try:
        created_at, file_id = base64.urlsafe_b64decode(cursor).decode().split()
        return datetime.fromisoformat(created_at), file_id
    except ValueError as error:
        raise _not_a_cursor() from error


def _not_a_cursor() -> RequestInvalidError:
    return RequestInvalidError("The cursor is not one that this service gave.")
