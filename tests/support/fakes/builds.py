"""Builds in the background, in memory."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.support.fakes.rows import Rows, awaits_retry, last_of, never_finished
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.training_file import TrainingFile
from training_files.ports.builds import ClaimedRevision, RetriedBuild, Setback
from training_files.ports.leases import Lease


class InMemoryBuilds(Rows):
    """Implements `training_files.ports.builds.BuildRepository`."""

    def claim_revision(
        self, *, revision_id: UUID, lease: Lease, next_id: UUID, sharded_above: int | None = None
    ) -> ClaimedRevision:
        attempt = self.latest_attempt(revision_id)
        if attempt is None:
            return ClaimedRevision(outcome="gone")
        if attempt.status != "building":
            return ClaimedRevision(outcome="finished", is_committed=attempt.status == "committed")
        worker, expires_at = self._leases.get(attempt.id, (None, None))
        build_id = None
        if sharded_above is not None and attempt.progress_total > sharded_above:
            of_many = worker if worker in self.revisions else next_id
            build_id = attempt.id if worker is None else of_many
            lease = replace(lease, worker=build_id)
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
            build_id=build_id,
            revision=attempt,
            requested=self.requested[attempt.id],
            training_file=file,
            base=self._base(file),
        )

    def list_requested(self, revision_id: UUID, *, limit: int, after_position: int = 0) -> list[tuple[int, UUID]]:
        rows = list(enumerate(self.requested_ids.get(revision_id, []), start=1))
        return rows[after_position : after_position + limit]

    def continue_revision(self, *, revision_id: UUID, lease: Lease, next_id: UUID, reason: str) -> None:
        attempt = self.revisions.get(revision_id)
        if attempt is None or attempt.status != "building":
            return
        file = self.training_files[attempt.training_file_id]
        continued = self._again(next_id, file, attempt)
        worker, _ = self._leases.get(revision_id, (None, None))
        progress = {"progress_done": attempt.progress_done if worker == lease.worker else 0}
        self.revisions[next_id] = continued.model_copy(update=progress)
        self.asked_at[next_id] = self.asked_at[revision_id]
        self._renew(next_id, lease)
        for each in self.shard_tries.values():
            if each.revision_id == revision_id:
                each.revision_id = next_id
        self._end(attempt, {"message": reason, "continued_as": str(next_id)})

    def report_progress(self, *, revision_id: UUID, lease: Lease, done: int) -> bool:
        if not self._is_built_by(revision_id, lease):
            return False
        attempt = self.revisions[revision_id]
        done = max(attempt.progress_done, done)
        self.revisions[revision_id] = attempt.model_copy(update={"progress_done": done})
        self._renew(revision_id, lease)
        return True

    def release_revision(self, *, revision_id: UUID, lease: Lease, setback: Setback) -> None:
        if self._is_built_by(revision_id, lease):
            self._leases[revision_id] = (lease.worker, self.clock.now())
            attempt = self.revisions[revision_id]
            error = setback.model_dump(mode="json", exclude_none=True)
            self.revisions[revision_id] = attempt.model_copy(update={"error": error})

    def fail_revision(self, *, revision_id: UUID, lease: Lease, error: dict[str, Any]) -> None:
        attempt = self.latest_attempt(revision_id)
        if attempt is None or not self._is_built_by(attempt.id, lease):
            return
        self._end(attempt, error)
        file = self.training_files[attempt.training_file_id]
        if never_finished(file):
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
        self.revisions[next_id] = self._again(next_id, file, failed)
        self._mark(failed, retried_as=str(next_id))
        self.asked_at[next_id] = None
        if file.status == "failed":
            file = file.model_copy(update={"status": "processing"})
            self.training_files[training_file_id] = file
        return RetriedBuild(outcome="begun", training_file=file)

    def open_build(self, training_file_id: UUID) -> Revision | None:
        builds = self._builds(training_file_id)
        lasting = [revision for revision in builds if revision.status == "building"]
        return last_of([*filter(awaits_retry, builds), *lasting])

    def newest_build(self, training_file_id: UUID) -> Revision | None:
        """The latest attempt of a build in the background, however it ended."""
        return last_of(self._builds(training_file_id))

    def lease_ends_at(self, revision_id: UUID) -> datetime | None:
        _, expires_at = self._leases.get(revision_id, (None, None))
        return expires_at

    def _builds(self, training_file_id: UUID) -> list[Revision]:
        """Those that were begun at one moment of the clock stand in the order in which they were begun."""
        own = (r for r in self.revisions.values() if r.training_file_id == training_file_id and r.background)
        return sorted(own, key=lambda revision: revision.created_at)

    def _again(self, next_id: UUID, file: TrainingFile, attempt: Revision) -> Revision:
        """The same request, whose ids go to the next attempt."""
        again = self._intended(next_id, file, self.requested[attempt.id], background=True)
        self.requested_ids[next_id] = self.requested_ids.pop(attempt.id, [])
        self.asked[next_id] = self.asked[attempt.id]
        return again.model_copy(update={"progress_total": attempt.progress_total, "change": attempt.change})

    def _renew(self, revision_id: UUID, lease: Lease) -> None:
        self._leases[revision_id] = (lease.worker, self.clock.now() + timedelta(seconds=lease.seconds))

    def _is_built_by(self, revision_id: UUID, lease: Lease) -> bool:
        revision = self.revisions.get(revision_id)
        holder, _ = self._leases.get(revision_id, (None, None))
        return revision is not None and revision.status == "building" and holder == lease.worker
