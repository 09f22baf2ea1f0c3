"""Exports in memory, beside an `InMemoryRepository`, that behave as the real ones do."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from tests.support.fake_repository import InMemoryRepository
from tests.support.fakes.rows import Member
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.exports.export import Export, ExportResult
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.tags import RevisionName
from training_files.errors import RequestInvalidError
from training_files.ports.exports import BegunExport, ClaimedExport, ConversationScores, ExportMember
from training_files.ports.leases import Lease
from training_files.ports.paging import Page


class InMemoryExports:
    """Implements `training_files.ports.exports.ExportRepository`. Exports go with their training file."""

    def __init__(self, repository: InMemoryRepository, paths: Callable[[], Iterable[str]] = list) -> None:
        """`paths` are those of all objects of the bucket."""
        self.paths = paths
        self._repository = repository
        self._clock = repository.clock
        self._rows: dict[UUID, Export] = {}
        self._keys: dict[UUID, bytes] = {}
        self._leases: dict[UUID, Lease] = {}
        self._ends: dict[UUID, datetime] = {}

    @property
    def rows(self) -> dict[UUID, Export]:
        return {key: row for key, row in self._rows.items() if row.training_file_id in self._repository.training_files}

    def start_at(self, training_file_id: UUID, moment: datetime) -> None:
        for export in self.list_exports(training_file_id, limit=1000):
            self._rows[export.id] = export.model_copy(update={"created_at": moment})

    def lease_ends_at(self, export_id: UUID) -> datetime:
        return self._ends[export_id]

    def begin_export(
        self,
        *,
        export_id: UUID,
        training_file_id: UUID,
        owner: UUID | None,
        revision: RevisionName | None,
        request: dict[str, Any],
        lease: Lease,
        waits_up_to_bytes: int | None,
    ) -> BegunExport:
        file = self._repository.get_training_file(training_file_id, owner)
        if file is None:
            return BegunExport(outcome="not_found")
        if file.revision == 0:
            return BegunExport(outcome="processing")
        base = self._repository.kept_revision(training_file_id, revision or file.revision)
        if base is None:
            return BegunExport(outcome="no_revision")
        at_once = waits_up_to_bytes is None or (base.json_file_size or 0) <= waits_up_to_bytes
        key = orjson.dumps(request, option=orjson.OPT_SORT_KEYS)
        export = self._known(base, key)
        is_new = export is None
        if export is None:
            export = self._rows[export_id] = Export.model_validate(
                {
                    "id": export_id,
                    "training_file_id": training_file_id,
                    "revision": base.number,
                    "request": request | {"name": file.name, "target_model": file.target_model, "tags": base.tags},
                    "status": "building",
                    "background": not at_once,
                    "created_by": owner or file.created_by,
                    "created_at": self._clock.now(),
                    "used_at": self._clock.now(),
                }
            )
            self._keys[export_id] = key
        if is_new or self._is_left(export, at_once=at_once):
            export = self._rows[export.id] = export.model_copy(update={"background": not at_once})
            self._leases.pop(export.id, None)
            if at_once:
                self._renew(export.id, lease)
            begun = True
        else:
            begun = export.id == export_id and export.status == "building"
            if export.status == "ready":
                export = self._use(export)
        outcome = "begun" if begun else export.status
        return BegunExport.model_validate({"outcome": outcome, "export": export, "revision": base})

    def claim_export(self, *, export_id: UUID, lease: Lease) -> ClaimedExport:
        export = self.rows.get(export_id)
        if export is None:
            return ClaimedExport(outcome="gone")
        if export.status != "building":
            return ClaimedExport(outcome="finished")
        holder = self._leases.get(export_id)
        if holder and holder.worker != lease.worker and self._ends[export_id] > self._clock.now():
            return ClaimedExport(outcome="leased")
        self._renew(export_id, lease)
        revision = self._repository.get_revision(export.training_file_id, number=export.revision)
        return ClaimedExport(outcome="claimed", export=export, revision=revision)

    def renew_export(self, *, export_id: UUID, lease: Lease) -> None:
        if self._is_built_by(export_id, lease):
            self._renew(export_id, lease)

    def release_export(self, *, export_id: UUID, lease: Lease) -> None:
        if self._is_built_by(export_id, lease):
            self._ends[export_id] = self._clock.now()

    def commit_export(self, *, export_id: UUID, result: ExportResult) -> Export | None:
        export = self.rows.get(export_id)
        if export and export.status == "building":
            # As a jsonb column gives it back.
            kept = ExportResult.model_validate(orjson.loads(orjson.dumps(result.model_dump(mode="json"))))
            changes = {"status": "ready", "result": kept, "finished_at": self._clock.now()}
            export = self._rows[export_id] = export.model_copy(update=changes)
        return export if export and export.status == "ready" else None

    def fail_export(self, *, export_id: UUID, lease: Lease, error: dict[str, Any]) -> bool:
        export = self.rows.get(export_id)
        if export is None:
            return False
        if export.status == "building" and (export_id not in self._leases or self._is_built_by(export_id, lease)):
            changes = {"status": "failed", "error": error, "finished_at": self._clock.now()}
            export = self._rows[export_id] = export.model_copy(update=changes)
        return export.status == "failed"

    def get_export(self, training_file_id: UUID, export_id: UUID) -> Export | None:
        export = self.rows.get(export_id)
        return export if export and export.training_file_id == training_file_id else None

    def use_export(self, training_file_id: UUID, export_id: UUID) -> bool:
        export = self.get_export(training_file_id, export_id)
        if export:
            self._use(export)
        return export is not None

    def list_exports(self, training_file_id: UUID, *, limit: int, before: UUID | None = None) -> Page[Export]:
        own = [export for export in self.rows.values() if export.training_file_id == training_file_id]
        own.sort(key=lambda export: (export.created_at, export.id), reverse=True)
        if before is None:
            return Page(own[:limit], more=len(own) > limit)
        places = [place for place, export in enumerate(own, start=1) if export.id == before]
        if not places:
            raise RequestInvalidError("The cursor is not one that this service gave.")
        behind = own[places[0] :]
        return Page(behind[:limit], more=len(behind) > limit)

    def list_scores(
        self, training_file_id: UUID, *, revision: int, limit: int, after_position: int = 0
    ) -> list[ConversationScores]:
        members = self._repository.members_in(training_file_id, revision)
        return [
            ConversationScores(
                position=member.position,
                conversation_id=member.conversation_id,
                score_sum=member.score_sum,
                score_count=member.score_count,
                min_quality_score=member.figures.get("min_quality_score"),
                max_quality_score=member.figures.get("max_quality_score"),
            )
            for member in members
            if member.position > after_position
        ][:limit]

    def list_export_members(
        self,
        training_file_id: UUID,
        *,
        revision: int,
        granularity: Granularity,
        limit: int,
        after_position: int = 0,
    ) -> list[ExportMember]:
        members = self._repository.members_in(training_file_id, revision)
        return [_export_member(member, granularity) for member in members if member.position > after_position][:limit]

    def list_objects(self, export_ids: Sequence[UUID]) -> list[str]:
        folders = {str(export_id) for export_id in export_ids}
        return sorted(path for path in self.paths() if path.partition("/")[0] in folders)

    def _known(self, base: Revision, key: bytes) -> Export | None:
        found = (
            export
            for export in self.rows.values()
            if (export.training_file_id, export.revision) == (base.training_file_id, base.number)
            and self._keys[export.id] == key
            and export.status != "failed"
        )
        return next(found, None)

    def _is_left(self, export: Export, *, at_once: bool) -> bool:
        """Whoever was at it is lost, or nobody has begun yet and there is no need to wait for a worker."""
        if export.status != "building":
            return False
        ends = self._ends.get(export.id) if export.id in self._leases else None
        return at_once if ends is None else ends <= self._clock.now()

    def _is_built_by(self, export_id: UUID, lease: Lease) -> bool:
        export, holder = self.rows.get(export_id), self._leases.get(export_id)
        return bool(export and export.status == "building" and holder and holder.worker == lease.worker)

    def _renew(self, export_id: UUID, lease: Lease) -> None:
        self._leases[export_id] = lease
        self._ends[export_id] = self._clock.now() + timedelta(seconds=lease.seconds)

    def _use(self, export: Export) -> Export:
        used = self._rows[export.id] = export.model_copy(update={"used_at": self._clock.now()})
        return used


def _export_member(member: Member, granularity: Granularity) -> ExportMember:
    analysis = member.analysis or {}
    rows = analysis.get("rows", {}).get(granularity, [])
    return ExportMember(
        position=member.position,
        conversation_id=member.conversation_id,
        json_size=member.figures.get("json_size"),
        version=analysis.get("version"),
        content_sha256=analysis.get("content_sha256"),
        signature=analysis.get("signature"),
        first_row=rows[0] if rows else None,
        persona_key=member.figures.get("persona_key"),
        emotional_arc_key=member.figures.get("emotional_arc_key"),
        training_topic_key=member.figures.get("training_topic_key"),
    )
