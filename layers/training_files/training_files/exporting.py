"""Exports: found or begun, built on disk, stored, and ready in one step; while the caller waits, or by a worker.

The same request about the same revision is one row and one folder. What is built for it depends on nothing else, so
whoever takes over from a builder that was lost writes the same bytes into the same folder.
"""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import UUID

from training_files.attempts import left_for_later
from training_files.deadline import in_this_time
from training_files.domain.limits import LARGEST_WHILE_WAITING_BYTES
from training_files.domain.stored_file import conversations_in
from training_files.errors import (
    RequestInvalidError,
    TrainingFileNotFoundError,
    TrainingFileProcessingError,
    TrainingFilesError,
    UpstreamUnavailableError,
)
from training_files.leases import BuiltElsewhereError, kept_renewed
from training_files.ports.exports import BegunExport, ConversationScores
from training_files.ports.objects import LocalPart, ObjectMissingError, StoredPart
from training_files.ports.rows import Lease
from training_files.records import CreateExportInput, Export, ExportResult, ExportSplit, Revision
from training_files.rendering import rendered

if TYPE_CHECKING:
    from training_files.service import TrainingFileService

NOTHING_BYTES = -1
LEASE_SECONDS = 60
RENEWED_EVERY_SECONDS = 15
ROWS_AT_ONCE = 1000
STORED_AT_ONCE = 3
# Part of every request: a change of what is made of it makes another export, not other bytes of the same one.
VERSION = 1
CONTENT_TYPES = {"rows": "application/x-ndjson", "metadata": "application/x-ndjson", "bundle": "application/zip"}

logger = logging.getLogger(__name__)


class Exporter:
    """Exports for a service, with its ports and owner."""

    def __init__(self, service: "TrainingFileService") -> None:
        self._service = service
        self._exports = service.exports
        self._store = service.stores.training_files

    def create(self, wanted: CreateExportInput, *, prefers_background: bool) -> tuple[Export, bool]:
        """The export, and whether this call built it. One that others build, or a worker will, is not ready yet.

        Raises TrainingFileNotFoundError or TrainingFileProcessingError.
        """
        lease = self._new_lease()
        begun = self._begun(wanted, lease, prefers_background=prefers_background)
        if begun.export is None or begun.revision is None:
            raise TrainingFileNotFoundError(wanted.training_file_id)
        if begun.outcome != "begun":
            return begun.export, False
        with self._failed_unless_done(begun.export, lease):
            if begun.export.background:
                self._send(begun.export.id)
                return begun.export, False
            return self._built(begun.export, begun.revision, lease), True

    def build(self, export_id: UUID) -> None:
        """What a worker does. An export that is finished or gone is none of its business.

        Raises UpstreamUnavailableError when it is worth another try; the lease is given back then. Raises
        BuiltElsewhereError.
        """
        lease = self._new_lease()
        claimed = self._exports.claim_export(export_id=export_id, lease=lease)
        if claimed.outcome == "leased":
            raise BuiltElsewhereError(export_id)
        if claimed.export is None or claimed.revision is None:
            logger.info("export %s: %s, nothing to do", export_id, claimed.outcome)
            return
        try:
            self._built(claimed.export, claimed.revision, lease)
        except TrainingFileNotFoundError as error:
            self._fail(claimed.export, lease, _as_error(error))
        except TrainingFilesError:
            with left_for_later(export_id):
                self._exports.release_export(export_id=export_id, lease=lease)
            raise

    def give_up(self, export_id: UUID) -> None:
        """Ends an export that was tried too often. Raises BuiltElsewhereError while it is tried all the same."""
        lease = self._new_lease()
        claimed = self._exports.claim_export(export_id=export_id, lease=lease)
        if claimed.outcome == "leased":
            raise BuiltElsewhereError(export_id)
        if claimed.export:
            message = "The export broke off several times. Ask for it again; if it fails again, look at the logs."
            self._fail(claimed.export, lease, _as_error(UpstreamUnavailableError(message)))

    def _begun(self, wanted: CreateExportInput, lease: Lease, *, prefers_background: bool) -> BegunExport:
        waits_up_to_bytes = NOTHING_BYTES if prefers_background else LARGEST_WHILE_WAITING_BYTES
        begun = self._exports.begin_export(
            export_id=self._service.new_id(),
            training_file_id=wanted.training_file_id,
            owner=self._service.owner,
            revision=wanted.revision,
            request=_request(wanted),
            lease=lease,
            # Without a queue there is nobody else who could build.
            waits_up_to_bytes=waits_up_to_bytes if self._service.queue else None,
        )
        if begun.outcome == "processing":
            raise TrainingFileProcessingError(wanted.training_file_id)
        if begun.outcome == "no_revision":
            raise TrainingFileNotFoundError(wanted.training_file_id, revision=wanted.revision)
        return begun

    def _send(self, export_id: UUID) -> None:
        if self._service.queue is None:
            raise RequestInvalidError("This service has no queue, so it cannot build in the background.")
        self._service.queue.send_export(export_id)

    def _built(self, export: Export, revision: Revision, lease: Lease) -> Export:
        with (
            kept_renewed(lambda: self._renew(export, lease), every_seconds=RENEWED_EVERY_SECONDS),
            TemporaryDirectory(prefix="training-files-") as name,
        ):
            folder = Path(name)
            result = self._rendered(export, revision, folder)
            self._stored(export, result, folder)
            ready = self._exports.commit_export(export_id=export.id, result=result)
        if ready is None:
            # Its training file or its revision was removed meanwhile, and nobody else needs what was written.
            with left_for_later(export.id):
                self._service.remove_exports([export.id])
            raise TrainingFileNotFoundError(export.training_file_id, revision=export.revision)
        return ready

    def _rendered(self, export: Export, revision: Revision, folder: Path) -> ExportResult:
        whole = folder / "training.json"
        with whole.open("w+b") as file:
            self._download(revision, StoredPart(revision.json_file_path, 0, revision.json_file_size or 0), file)
            file.seek(0)
            result = rendered(export, revision, conversations_in(file), self._scores(export), folder)
        whole.unlink()
        return result

    def _download(self, revision: Revision, part: StoredPart, file: Any) -> None:
        try:
            self._store.download(part, file)
        except ObjectMissingError as error:
            # Someone has removed the training file since, or the revision is too old to be kept.
            raise TrainingFileNotFoundError(revision.training_file_id, revision=revision.number) from error

    def _scores(self, export: Export) -> Iterator[ConversationScores]:
        position = 0
        while page := self._exports.list_scores(
            export.training_file_id, revision=export.revision, limit=ROWS_AT_ONCE, after_position=position
        ):
            yield from page
            position = page[-1].position

    def _stored(self, export: Export, result: ExportResult, folder: Path) -> None:
        write_one = in_this_time(self._store.write)
        with ThreadPoolExecutor(STORED_AT_ONCE) as executor:
            writes = [
                executor.submit(
                    write_one,
                    export.path_of(file),
                    [LocalPart(folder / file.name, 0, file.bytes)],
                    CONTENT_TYPES[file.kind],
                )
                for file in result.files
            ]
        for write in writes:
            write.result()

    def _renew(self, export: Export, lease: Lease) -> None:
        with left_for_later(export.id):
            self._exports.renew_export(export_id=export.id, lease=lease)

    @contextmanager
    def _failed_unless_done(self, export: Export, lease: Lease) -> Iterator[None]:
        """A caller who waits is told at once. The next one to ask gets a new export."""
        done = False
        error: dict[str, Any] = {"message": "The export broke off. Ask for it again."}
        try:
            yield
            done = True
        except TrainingFilesError as fault:
            error = _as_error(fault)
            raise
        finally:
            if not done:
                self._fail(export, lease, error)

    def _fail(self, export: Export, lease: Lease, error: dict[str, Any]) -> None:
        """What cannot be said or removed now is found by housekeeping."""
        with left_for_later(export.id):
            if self._exports.fail_export(export_id=export.id, lease=lease, error=error):
                self._service.remove_exports([export.id])

    def _new_lease(self) -> Lease:
        return Lease(self._service.new_id(), LEASE_SECONDS)


def _request(wanted: CreateExportInput) -> dict[str, Any]:
    """What an export depends on beside its revision, spelled one way."""
    return {
        "version": VERSION,
        "format": wanted.format,
        "granularity": wanted.granularity,
        "split": None if wanted.split is None else _split(wanted.split),
        "bundle": wanted.bundle,
    }


def _split(split: ExportSplit) -> dict[str, Any]:
    return {
        "validation": f"{split.validation.normalize():f}",
        "test": f"{split.test.normalize():f}",
        "seed": split.seed,
    }


def _as_error(error: TrainingFilesError) -> dict[str, Any]:
    return {"message": error.message, "code": error.code}
