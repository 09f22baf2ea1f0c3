"""Refusing a bundle that one worker could not make, and nobody unpack."""

from training_files.domain.exports.bundle_limit import least_bundle_bytes, why_too_large
from training_files.domain.exports.export import ExportRequest
from training_files.domain.training_file.revision import Revision
from training_files.errors import RequestInvalidError


def refuse_large_bundle(file_bytes: int, *, is_estimate: bool = False) -> None:
    """Raises RequestInvalidError for a bundle of so many bytes that would be too large."""
    reason = why_too_large(file_bytes, is_estimate=is_estimate)
    if reason:
        raise RequestInvalidError(reason, [{"field": "bundle", "message": reason}])


def refuse_surely_large_bundle(request: ExportRequest, revision: Revision) -> None:
    """Before work begins. Raises RequestInvalidError."""
    if request.bundle:
        least = least_bundle_bytes(revision.json_file_size or 0, request.granularity)
        refuse_large_bundle(least, is_estimate=True)
