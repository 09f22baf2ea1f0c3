"""Signed download links to the objects of training files."""

from uuid import UUID

from training_files.catalog.finding import existing
from training_files.catalog.revisions import asked_revision
from training_files.context import Context
from training_files.domain.limits import LINKS_EXPIRE_IN_SECONDS
from training_files.domain.training_file.tags import RevisionName
from training_files.errors import RequestInvalidError, RevisionNotFoundError, TrainingFileNotFoundError
from training_files.ports.objects import ObjectMissingError


def link_to_object(context: Context, path: str, *, expires_in_seconds: int, download_name: str | None) -> str:
    """A link to any object of the bucket. Raises RequestInvalidError when there is no such object."""
    try:
        return context.stores.training_files.signed_url(
            path, expires_in_seconds=expires_in_seconds, download_name=download_name
        )
    except ObjectMissingError as error:
        raise RequestInvalidError(f"There is no object {path} in the bucket.") from error


def link_to_revision(
    context: Context, training_file_id: UUID, *, file_format: str, revision: RevisionName | None
) -> tuple[str, str]:
    """A link and the file name for `json` or `jsonl`; `revision` None is the current one.

    Raises TrainingFileNotFoundError, also for a number that no kept revision has, TagNotFoundError, or
    TrainingFileProcessingError or TrainingFileFailedError when there is no revision yet.
    """
    training_file = existing(context, training_file_id)
    try:
        found = asked_revision(context, training_file_id, revision, newest=training_file.revision)
    except RevisionNotFoundError as error:
        # Codes are stable, and this call has had this one before others had one for revisions.
        raise TrainingFileNotFoundError(training_file_id, revision=revision) from error
    path = found.json_file_path if file_format == "json" else found.jsonl_file_path
    filename = f"{training_file.name}.{file_format}"
    try:
        url = context.stores.training_files.signed_url(
            path, expires_in_seconds=LINKS_EXPIRE_IN_SECONDS, download_name=filename
        )
    except ObjectMissingError as error:
        # Someone has deleted the training file since, or the revision is too old to be kept.
        raise TrainingFileNotFoundError(training_file_id, revision=found.number) from error
    return url, filename
