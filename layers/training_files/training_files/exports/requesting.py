"""Asking for an export: the same request about the same revision is one row, one folder, and the same bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from training_files.background.leases import renewed
from training_files.catalog.finding import unfinished
from training_files.catalog.revisions import revision_not_found
from training_files.context import Context
from training_files.domain.exports.export import CreateExportInput, ExportFilter, ExportSplit, OfferedExport
from training_files.domain.limits import LARGEST_WHILE_WAITING_BYTES
from training_files.errors import (
    RequestInvalidError,
    TrainingFileNotFoundError,
    TrainingFilesError,
)
from training_files.exports.bundle_size import refuse_surely_large_bundle
from training_files.exports.leased_export import LeasedExport, new_lease
from training_files.exports.offering import with_links
from training_files.ports.exports import BegunExport
from training_files.ports.leases import Lease

NOTHING_BYTES = -1
# Part of every request: a change of what is made of it makes another export, not other bytes of the same one.
VERSION = 5


def create_export(context: Context, wanted: CreateExportInput, *, prefers_background: bool) -> OfferedExport:
    """The export with links, `built` when this very call built it. One that others build is not ready yet.

    Raises TrainingFileNotFoundError, also for a number that no kept revision has, TagNotFoundError,
    TrainingFileProcessingError, TrainingFileFailedError, or RequestInvalidError for a bundle that would be too large.
    """
    lease = new_lease(context)
    begun = _begun(context, wanted, lease, prefers_background=prefers_background)
    if begun.export is None or begun.revision is None:
        raise TrainingFileNotFoundError(wanted.training_file_id)
    if begun.outcome != "begun":
        return with_links(context, begun.export)
    with _failed_unless_done(LeasedExport(context, lease, begun.export, begun.revision)) as leased:
        refuse_surely_large_bundle(leased.export.request, leased.revision)
        if leased.export.background:
            _send(context, leased)
            ready = leased.export
        else:
            # Building needs what reads, renders and compresses; an export that is there already does not.
            from training_files.exports.building import build

            with renewed(leased):
                ready = build(leased)
    return with_links(context, ready, built=not ready.background)


def _begun(context: Context, wanted: CreateExportInput, lease: Lease, *, prefers_background: bool) -> BegunExport:
    waits_up_to_bytes = NOTHING_BYTES if prefers_background else LARGEST_WHILE_WAITING_BYTES
    begun = context.exports.begin_export(
        export_id=context.new_id(),
        training_file_id=wanted.training_file_id,
        owner=context.owner,
        revision=wanted.revision,
        request=_request(wanted),
        lease=lease,
        # Without a queue there is nobody else who could build.
        waits_up_to_bytes=waits_up_to_bytes if context.queue else None,
    )
    if begun.outcome == "processing":
        raise unfinished(context, wanted.training_file_id)
    if begun.outcome == "no_revision":
        if isinstance(wanted.revision, str):
            raise revision_not_found(context, wanted.training_file_id, wanted.revision)
        raise TrainingFileNotFoundError(wanted.training_file_id, revision=wanted.revision)
    return begun


def _send(context: Context, leased: LeasedExport) -> None:
    if context.queue is None:
        raise RequestInvalidError("This service has no queue, so it cannot build in the background.")
    context.queue.send_export(leased.id)


@contextmanager
def _failed_unless_done(leased: LeasedExport) -> Iterator[LeasedExport]:
    """A caller who waits gets the error at once. The next request begins a new export."""
    done, failure = False, None
    try:
        yield leased
        done = True
    except TrainingFilesError as error:
        failure = error
        raise
    finally:
        if not done:
            leased.fail(failure)


def _request(wanted: CreateExportInput) -> dict[str, Any]:
    """What an export depends on beside its revision, spelled one way."""
    return {
        "version": VERSION,
        "format": wanted.format,
        "granularity": wanted.granularity,
        "split": None if wanted.split is None else _split(wanted.split),
        "bundle": wanted.bundle,
        "filter": None if wanted.filter is None else _filter(wanted.filter),
        "repair": sorted(set(wanted.repair)),
        "redact": sorted(set(wanted.redact)),
    }


def _filter(asked: ExportFilter) -> dict[str, Any]:
    least = asked.min_quality_score
    return {
        "min_quality_score": None if least is None else f"{least.normalize():f}",
        "reviewed_only": asked.reviewed_only,
        "without": sorted(set(asked.without)),
    }


def _split(split: ExportSplit) -> dict[str, Any]:
    return {
        "validation": f"{split.validation.normalize():f}",
        "test": f"{split.test.normalize():f}",
        "seed": split.seed,
    }
