"""Looks at everything after each single call, and finds what nobody may ever see."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import UUID

from tests.support.agreement import agreed_ids
from tests.support.fake_objects import InMemoryObjectStore
from tests.support.fake_repository import InMemoryRepository
from tests.support.fake_surroundings import InMemoryBus, InMemoryOutbox
from tests.support.fakes.rows import Member
from training_files.domain.training_file.as_of_revision import as_of_revision
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.training_file import TrainingFile
from training_files.ports.events import TrainingFileEvent

OF_A_COMMIT = ("Training File Created", "Training File Updated")
# What the owner edits, and what goes with it; everything else is changed by commits alone.
EDITABLE = {"name", "description", "collect", "status", "updated_at"}
# The only calls behind which a training file without a revision may be gone.
END_WHAT_NEVER_WAS = ("delete_training_file", "abandon_revision", "begin_revision")

Objects = tuple[bytes | None, bytes | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """A training file as a reader finds it."""

    row: TrainingFile
    members: tuple[Member, ...]
    objects: Objects

    @property
    def content(self) -> dict[str, Any]:
        return self.row.model_dump(exclude=EDITABLE)

    def is_as(self, other: "Seen | None") -> bool:
        """Rows are never changed in place."""
        return other is not None and self.row is other.row and self.objects == other.objects


@dataclass(slots=True)
class Watcher:
    """Knows what was there before, and asserts what the design promises of every change."""

    repository: InMemoryRepository
    store: InMemoryObjectStore
    outbox: InMemoryOutbox
    bus: InMemoryBus
    keep_revisions: int
    files: dict[UUID, Seen] = field(default_factory=dict)
    committed: dict[UUID, Objects] = field(default_factory=dict)
    ids: dict[UUID, list[UUID]] = field(default_factory=dict)
    removed_files: set[UUID] = field(default_factory=set)
    agreed: set[UUID] = field(default_factory=set)
    _heard: int = 0

    def look(self, call: str) -> None:
        """What is there now, behind this call."""
        for training_file_id in self.files.keys() - self.repository.training_files.keys():
            self._assert_may_be_gone(self.files.pop(training_file_id), call)
        for training_file_id in self.repository.training_files:
            now, before = self._seen(training_file_id), self.files.get(training_file_id)
            if not now.is_as(before):
                self._assert_sound(now)
                self._assert_follows(before, now, call)
                self.files[training_file_id] = now
            self._assert_objects_stay(now)
        if self._heard != len(self.bus.heard):
            self._heard = len(self.bus.heard)
            self._assert_heard_in_order()

    def assert_has(self, training_file_id: UUID, ids: list[UUID]) -> None:
        """What was acknowledged was in a revision, in order, unless someone has removed the file since."""
        if training_file_id in self.removed_files:
            return
        newest = self.repository.training_files[training_file_id].revision
        revisions = range(1, newest + 1)
        assert any(_holds(self._ids_in(training_file_id, number), ids) for number in revisions)

    def forget_members(self, training_file_id: UUID) -> None:
        """What is kept of the conversations was changed by the test."""
        before = self.files[training_file_id]
        self.files[training_file_id] = replace(before, members=tuple(self.repository.members[training_file_id]))

    def assert_at_rest(self) -> None:
        """Nothing is under way, nothing is left over, and everything has been told."""
        assert {revision.status for revision in self.repository.revisions.values()} <= {"committed", "failed"}
        assert {file.status for file in self.repository.training_files.values()} <= {"active", "archived", "failed"}
        revisions = [revision for seen in self.files.values() for revision in self._committed(seen.row)]
        assert {one.id for one in revisions if one.is_kept} == self._needed()
        assert set(self.store.objects) == {path for one in revisions if one.is_kept for path in _paths(one)}
        assert self.repository.staged == self.repository.removals == {}
        assert self.outbox.published == self.bus.heard.keys() == {event.id for event in self.repository.events}

    def _seen(self, training_file_id: UUID) -> Seen:
        row = self.repository.training_files[training_file_id]
        objects = self.store.objects.get(row.json_file_path or ""), self.store.objects.get(row.jsonl_file_path or "")
        return Seen(row, tuple(self.repository.members[training_file_id]), objects)

    def _assert_sound(self, now: Seen) -> None:
        """A reader finds two objects that belong together and agree with the rows, or no revision at all."""
        if now.row.revision == 0:
            assert now.row.status in ("processing", "failed")
            assert now.members == ()
            return
        raw_json, raw_jsonl = now.objects
        assert now.row.status in ("active", "archived")
        assert raw_json is not None, f"{now.row.json_file_path} is missing"
        assert raw_jsonl is not None, f"{now.row.jsonl_file_path} is missing"
        agreed_ids(now.row.model_dump(), [asdict(member) for member in now.members], raw_json, raw_jsonl)

    def _assert_follows(self, before: Seen | None, now: Seen, call: str) -> None:
        committed = self._committed(now.row)
        assert [revision.number for revision in committed] == list(range(1, now.row.revision + 1))
        assert self._told(now.row.id) == list(range(1, now.row.revision + 1)), "a commit is told once"
        revision_before = before.row.revision if before else 0
        if now.row.revision == revision_before:
            assert before is None or now.content == before.content, f"{call} changed what only commits may change"
            return
        assert call == "commit_revision"
        assert before is not None
        assert before.row.status != "archived"
        assert now.row.revision == revision_before + 1
        self._assert_only_changes_what_it_says(before, now, committed[-1])
        self.ids[committed[-1].id] = [member.conversation_id for member in now.members]
        assert committed[-1].id not in self.committed
        self.committed[committed[-1].id] = now.objects

    def _assert_only_changes_what_it_says(self, before: Seen, now: Seen, revision: Revision) -> None:
        assert revision.change is not None
        if revision.change.kind == "remove":
            self._assert_only_removes(before, now, revision)
        elif revision.change.kind == "refresh":
            self._assert_only_refreshes(before, now, revision)
        elif revision.change.kind == "revert":
            self._assert_reverts(now, revision)
        else:
            self._assert_only_adds(before, now, revision)
            assert revision.change.count == len(now.members) - len(before.members)

    def _assert_only_removes(self, before: Seen, now: Seen, revision: Revision) -> None:
        """The conversations of before in their order, without those that were asked for and not skipped."""
        skipped = {detail["conversation_id"] for detail in revision.skipped}
        asked = {one for one in self.repository.asked[revision.id] if one not in skipped}
        places = {member.position: member for member in before.members}
        assert [_row(member) for member in now.members] == [_row(places[member.position]) for member in now.members]
        removed = [member for member in before.members if member.position not in {one.position for one in now.members}]
        assert revision.change is not None
        assert len(asked) >= len(removed) == revision.change.count
        assert _paths(revision) == (now.row.json_file_path, now.row.jsonl_file_path)

    def _assert_only_refreshes(self, before: Seen, now: Seen, revision: Revision) -> None:
        """The same conversations at the same places; those that were read again say something else."""
        assert [(m.position, m.conversation_id) for m in now.members] == [
            (m.position, m.conversation_id) for m in before.members
        ]
        pairs = zip(before.members, now.members, strict=True)
        anew = [(old, new) for old, new in pairs if new.added_in_revision == now.row.revision]
        assert all(old.figures["enriched_sha256"] != new.figures["enriched_sha256"] for old, new in anew)
        assert revision.change is not None
        assert anew
        assert len(anew) == revision.change.count

    def _assert_reverts(self, now: Seen, revision: Revision) -> None:
        """What each conversation says, and where it stands, is as in the revision that was asked for."""
        number = self.repository.requested[revision.id]["revision"]
        then = self.repository.members_in(revision.training_file_id, number)
        assert [_said(member) for member in now.members] == [_said(member) for member in then]
        target = next(r for r in self._committed(now.row) if r.number == number)
        assert now.objects[1] == self.committed[target.id][1]

    def _assert_only_adds(self, before: Seen, now: Seen, revision: Revision) -> None:
        """The conversations of before, and behind them exactly those that were asked for and not skipped."""
        assert _paths(revision) == (now.row.json_file_path, now.row.jsonl_file_path)
        assert [*map(_row, now.members[: len(before.members)])] == [*map(_row, before.members)]
        added = now.members[len(before.members) :]
        assert {member.added_in_revision for member in added} == {now.row.revision}
        skipped = {detail["conversation_id"] for detail in revision.skipped}
        wanted = [one for one in self.repository.asked[revision.id] if one not in skipped]
        assert [str(member.conversation_id) for member in added] == wanted

    def _assert_objects_stay(self, now: Seen) -> None:
        """Those of all revisions that nobody has given up are there, byte for byte as they were committed.

        The newest ones and those that have a tag are among them.
        """
        kept = {revision.id: revision for revision in self._committed(now.row) if revision.is_kept}
        for revision in kept.values():
            assert self._ids_in(revision.training_file_id, revision.number) == self.ids[revision.id]
            objects = tuple(self.store.objects.get(path) for path in _paths(revision))
            assert objects == self.committed[revision.id], f"the objects of {revision.id} changed"
        assert self._needed_of(now) <= kept.keys()
        for revision_id in self._needed_of(now) - self.agreed:
            self._assert_agrees(now.row, kept[revision_id])
            self.agreed.add(revision_id)

    def _assert_agrees(self, row: TrainingFile, revision: Revision) -> None:
        """Rows, totals, JSON and JSONL of a revision say the same, however old it is."""
        members = self.repository.members_in(revision.training_file_id, revision.number)
        raw_json, raw_jsonl = (self.store.objects[path] for path in _paths(revision))
        agreed_ids(as_of_revision(row, revision).model_dump(), [asdict(one) for one in members], raw_json, raw_jsonl)

    def _needed(self) -> set[UUID]:
        return {revision_id for seen in self.files.values() for revision_id in self._needed_of(seen)}

    def _needed_of(self, seen: Seen) -> set[UUID]:
        """The newest revisions, and those that have a tag: a tag names a committed revision."""
        committed = {revision.number: revision.id for revision in self._committed(seen.row)}
        tags = self.repository.tags.get(seen.row.id, {}) if seen.row.id else {}
        numbers = {*sorted(committed)[-self.keep_revisions :], *(tag.revision for tag in tags.values())}
        return {committed[number] for number in numbers}

    def _assert_may_be_gone(self, before: Seen, call: str) -> None:
        assert call == "delete_training_file" or (before.row.revision == 0 and call in END_WHAT_NEVER_WAS)
        if before.row.id:
            self.removed_files.add(before.row.id)

    def _assert_heard_in_order(self) -> None:
        written, heard = _by_file(self.repository.events), _by_file(self.bus.heard.values())
        for training_file_id, ids in heard.items():
            assert ids == written[training_file_id][: len(ids)]

    def _ids_in(self, training_file_id: UUID, revision: int) -> list[UUID]:
        return [member.conversation_id for member in self.repository.members_in(training_file_id, revision)]

    def _told(self, training_file_id: UUID | None) -> list[int]:
        """The numbers of the revisions that a training file's events tell of."""
        events = (event for event in self.repository.events if event.training_file_id == training_file_id)
        return [event.detail["revision"] for event in events if event.type in OF_A_COMMIT]

    def _committed(self, row: TrainingFile) -> list[Revision]:
        revisions = self.repository.revisions.values()
        own = [r for r in revisions if (r.training_file_id, r.status) == (row.id, "committed")]
        return sorted(own, key=lambda revision: revision.number)


def _row(member: Member) -> tuple[Any, ...]:
    """Without its sizes, which may be found later."""
    return member.position, member.conversation_id, member.added_in_revision, member.figures["enriched_sha256"]


def _said(member: Member) -> tuple[int, UUID, str]:
    return member.position, member.conversation_id, member.figures["enriched_sha256"]


def _holds(whole: list[UUID], ids: list[UUID]) -> bool:
    return ids[0] in whole and whole[(start := whole.index(ids[0])) : start + len(ids)] == ids


def _paths(revision: Revision) -> tuple[str, str]:
    return revision.json_file_path, revision.jsonl_file_path


def _by_file(events: Iterable[TrainingFileEvent]) -> dict[UUID, list[UUID]]:
    by_file: dict[UUID, list[UUID]] = defaultdict(list)
    for event in events:
        by_file[event.training_file_id].append(event.id)
    return by_file
