"""The rows of the database in memory, and what several of its functions do with them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import orjson

from tests.support.builders import a_conversation_row
from tests.support.clock import Clock
from training_files.domain.conversation.conversation import Conversation
from training_files.domain.conversation.selection import Selection
from training_files.domain.training_file.revision import Change, Revision
from training_files.domain.training_file.tags import RevisionName, Tag
from training_files.domain.training_file.training_file import (
    TrainingFile,
)
from training_files.ports.events import TrainingFileEvent

if TYPE_CHECKING:
    from tests.support.fake_objects import StoredObject
    from tests.support.fakes.shard_tries import ShardTry


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
    removed_in_revision: int | None = None

    def is_in(self, revision: int) -> bool:
        return self.added_in_revision <= revision < (self.removed_in_revision or revision + 1)


class Rows:
    """What the triggers of the database write is written here as well.

    `events` stand in the order of their commits; `removals` are the revisions whose rows are gone, with the moment.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.training_files: dict[UUID, TrainingFile] = {}
        self.revisions: dict[UUID, Revision] = {}
        # Columns that nothing reads back with a revision.
        self.requested: dict[UUID, dict[str, Any]] = {}
        self.requested_ids: dict[UUID, list[UUID]] = {}
        # The same, which no column keeps: for whoever looks at what became of it.
        self.asked: dict[UUID, list[str]] = {}
        self.asked_at: dict[UUID, datetime | None] = {}
        # In file order; those that it had before stand apart.
        self.members: dict[UUID, list[Member]] = {}
        self.former: dict[UUID, list[Member]] = {}
        self.tags: dict[UUID, dict[str, Tag]] = {}
        self.staged: dict[UUID, dict[int, dict[str, Any]]] = {}
        self.shard_tries: dict[UUID, ShardTry] = {}
        # The row of an object of the bucket of enriched files, or of the other one, by its path.
        self.enriched_file: Callable[[str], StoredObject | None] = lambda _: None
        self.object: Callable[[str], StoredObject | None] = lambda _: None
        self.object_paths: Callable[[], Iterable[str]] = tuple
        self.largest_object_bytes: int | None = 50 * 1024 * 1024
        self.events: list[TrainingFileEvent] = []
        self.removals: dict[UUID, datetime] = {}
        self._leases: dict[UUID, tuple[UUID, datetime]] = {}
        # Of conversations, by their rows' ids: a column that nothing but choosing reads.
        self.tiers: dict[UUID, str | None] = {}
        self._conversations: dict[UUID, tuple[Conversation, UUID | None]] = {}

    def put_conversation(self, owner: UUID | None, **row: Any) -> Conversation:
        whole = a_conversation_row(**row)
        conversation = Conversation.model_validate(
            {"training_topic_key": whole["topic_key"], "created_by": owner, **whole}
        )
        self._conversations[conversation.id] = (conversation, owner)
        self.tiers[conversation.id] = whole.get("tier")
        return conversation

    def forget_conversation(self, conversation_id: UUID) -> None:
        for key, (conversation, _) in list(self._conversations.items()):
            if conversation.conversation_id == conversation_id:
                del self._conversations[key]

    def members_in(self, training_file_id: UUID, revision: int) -> list[Member]:
        """The conversations of a revision, in its order."""
        ever = [*self.members.get(training_file_id, []), *self.former.get(training_file_id, [])]
        return sorted((each for each in ever if each.is_in(revision)), key=lambda each: each.position)

    def get_training_file(self, training_file_id: UUID, owner: UUID | None) -> TrainingFile | None:
        file = self.training_files.get(training_file_id)
        return file if file and owner in (None, file.created_by) else None

    def get_revision(self, training_file_id: UUID, *, number: int) -> Revision | None:
        wanted = (training_file_id, number, "committed")
        found = (r for r in self.revisions.values() if (r.training_file_id, r.number, r.status) == wanted)
        revision = next(found, None)
        return self.with_tags(revision) if revision else None

    def with_tags(self, revision: Revision) -> Revision:
        tags = self.tags.get(revision.training_file_id, {})
        own = [name for name, tag in tags.items() if (tag.revision, "committed") == (revision.number, revision.status)]
        return revision.model_copy(update={"tags": tuple(sorted(own))})

    def kept_revision(self, training_file_id: UUID, name: RevisionName) -> Revision | None:
        """The committed revision of this number or tag, unless housekeeping has given it up."""
        if isinstance(name, str):
            tag = self.tags.get(training_file_id, {}).get(name)
            number = tag.revision if tag else 0
        else:
            number = name
        found = self.get_revision(training_file_id, number=number)
        return found if found and found.is_kept else None

    def latest_attempt(self, revision_id: UUID) -> Revision | None:
        """The attempt that took over from this one, or this one."""
        attempt = self.revisions.get(revision_id)
        while attempt and attempt.error and "continued_as" in attempt.error:
            attempt = self.revisions.get(UUID(attempt.error["continued_as"]))
        return attempt

    def _base(self, file: TrainingFile) -> Revision | None:
        return self.get_revision(file.id, number=file.revision) if file.id else None

    def _named(self, owner: UUID, name: str, *, other_than: UUID) -> TrainingFile | None:
        named = (f for f in self.training_files.values() if (f.created_by, f.name) == (owner, name))
        return next((file for file in named if file.id != other_than), None)

    def _is_dead(self, file: TrainingFile) -> bool:
        in_background = any(r.background and r.training_file_id == file.id for r in self.revisions.values())
        return never_finished(file) and file.updated_at < self.clock.now() - DEAD_AFTER and not in_background

    def _intended(
        self, revision_id: UUID, file: TrainingFile, requested: dict[str, Any], *, background: bool
    ) -> Revision:
        # As a jsonb column gives it back: a copy, of values that JSON knows.
        kept = self.requested[revision_id] = orjson.loads(orjson.dumps(requested))
        asked = kept.pop("conversation_ids", None)
        self.asked[revision_id] = asked or []
        if background:
            self.requested_ids[revision_id] = [UUID(one) for one in asked or []]
        selection = kept.get("selection")
        self.asked_at[revision_id] = None if kept.get("by_rule") else self.clock.now()
        return Revision(
            id=revision_id,
            training_file_id=file.id or uuid4(),
            number=file.revision + 1,
            status="building",
            change=Change(
                kind=requested.get("change", "add" if file.revision else "create"),
                count=None if asked is None else len(asked),
                selection=None if selection is None else Selection.model_validate(selection),
            ),
            skipped=tuple(kept.get("skipped", [])),
            skipped_total=kept.get("skipped_total"),
            background=background,
            progress_total=len(asked or []),
            json_file_path=f"{revision_id}/training.json",
            jsonl_file_path=f"{revision_id}/training.jsonl",
            created_by=file.created_by,
            created_at=self.clock.now(),
        )

    def _end(self, revision: Revision, error: dict[str, Any]) -> Revision:
        changes = {"status": "failed", "error": error, "finished_at": self.clock.now()}
        self.staged.pop(revision.id, None)
        self.revisions[revision.id] = revision.model_copy(update=changes)
        self._forget_requested(revision.id)
        if awaits_retry(self.revisions[revision.id]):
            failed = {fault["conversation_id"] for fault in error.get("failed_conversations", [])}
            self._tell(
                "Training File Build Failed",
                self.training_files[revision.training_file_id],
                revision_id=str(revision.id),
                build_error=error.get("message"),
                failed_conversation_count=error.get("failed_total", len(failed)),
            )
        return self.revisions[revision.id]

    def _mark(self, failed: Revision, **marks: str) -> None:
        self.revisions[failed.id] = failed.model_copy(update={"error": (failed.error or {}) | marks})
        self._forget_requested(failed.id)

    def _forget_requested(self, revision_id: UUID) -> None:
        revision = self.revisions[revision_id]
        if revision.status != "building" and not awaits_retry(revision):
            self.requested_ids.pop(revision_id, None)

    def _delete(self, training_file_id: UUID) -> list[UUID]:
        file = self.training_files.pop(training_file_id)
        if file.revision or any(event.training_file_id == training_file_id for event in self.events):
            self._tell("Training File Deleted", file)
        self.tags.pop(training_file_id, None)
        self.members.pop(training_file_id, None)
        self.former.pop(training_file_id, None)
        revision_ids = [
            key for key, revision in self.revisions.items() if revision.training_file_id == training_file_id
        ]
        for revision_id in revision_ids:
            del self.revisions[revision_id]
            self.staged.pop(revision_id, None)
            self.requested_ids.pop(revision_id, None)
            self.removals[revision_id] = self.clock.now()
        for each in [*self.shard_tries.values()]:
            if each.revision_id in revision_ids:
                del self.shard_tries[each.id]
        return revision_ids

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


def last_of(revisions: Sequence[Revision]) -> Revision | None:
    return revisions[-1] if revisions else None


def awaits_retry(revision: Revision) -> bool:
    error = revision.error or {}
    return (
        revision.background
        and revision.status == "failed"
        and not error.keys() & {"continued_as", "retried_as", "settled_by"}
        and error.get("code") not in ("nothing_to_add", "not_queued")
    )


def never_finished(file: TrainingFile) -> bool:
    return file.status == "processing" and file.revision == 0
