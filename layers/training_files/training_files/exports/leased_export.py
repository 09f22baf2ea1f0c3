"""An export in the hands of whoever builds it: its row is claimed, kept, given back or ended as failed."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from training_files.background.leases import claim
from training_files.catalog.folders import left_to_housekeeping, remove_export_folders
from training_files.context import Context
from training_files.domain.exports.export import Export
from training_files.domain.training_file.revision import Revision
from training_files.errors import NotSetUpError, RequestInvalidError, TrainingFileNotFoundError, TrainingFilesError
from training_files.ports.exports import ClaimedExport
from training_files.ports.leases import Lease

LEASE_SECONDS = 60
BROKE_OFF: dict[str, Any] = {"message": "The export broke off. Ask for it again."}


@dataclass(slots=True)
class LeasedExport:
    """Implements `LeasedWork`."""

    context: Context
    lease: Lease
    export: Export
    revision: Revision

    renewed_every_seconds: ClassVar[float] = 15
    permanent_errors: ClassVar[tuple[type[Exception], ...]] = (
        TrainingFileNotFoundError,
        NotSetUpError,
        RequestInvalidError,
    )

    @property
    def id(self) -> UUID:
        return self.export.id

    def renew(self) -> None:
        self.context.exports.renew_export(export_id=self.id, lease=self.lease)

    def release(self, reason: str) -> None:  # noqa: ARG002 - an export keeps the reason of its end only
        self.context.exports.release_export(export_id=self.id, lease=self.lease)

    def fail(self, error: Exception | None) -> None:
        """What cannot be said or removed now is found by housekeeping. None: nobody knows why."""
        with left_to_housekeeping(self.id):
            if self.context.exports.fail_export(export_id=self.id, lease=self.lease, error=_failure_of(error)):
                remove_export_folders(self.context, [self.id])


def new_lease(context: Context) -> Lease:
    return Lease(context.new_id(), LEASE_SECONDS)


def claimed_export(context: Context, export_id: UUID) -> LeasedExport | None:
    """The export, or None when it is finished or gone. Raises BuiltElsewhereError while another worker has it."""
    lease = new_lease(context)

    def ask(work_id: UUID, lease: Lease) -> ClaimedExport:
        return context.exports.claim_export(export_id=work_id, lease=lease)

    claimed = claim("export", export_id, lease, ask)
    if claimed is None or claimed.export is None or claimed.revision is None:
        return None
    return LeasedExport(context, lease, claimed.export, claimed.revision)


def _failure_of(error: Exception | None) -> dict[str, Any]:
    return {"message": error.message, "code": error.code} if isinstance(error, TrainingFilesError) else BROKE_OFF
