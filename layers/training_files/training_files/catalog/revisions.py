"""Which revision is meant, by its number or a tag; and the tags themselves."""

from uuid import UUID

from training_files.catalog.finding import existing, unfinished
from training_files.context import Context
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.tags import RevisionName, Tag, is_tag
from training_files.errors import (
    RevisionNotFoundError,
    TagNotFoundError,
    TrainingFileNotFoundError,
    TrainingFilesError,
    not_a_tag,
    too_many_tags,
)


def committed_revision(context: Context, training_file_id: UUID, name: RevisionName) -> Revision:
    """The revision of this number or with this tag, of a training file that is there. Its objects may be gone.

    Raises RevisionNotFoundError or TagNotFoundError.
    """
    if isinstance(name, str):
        found = context.tags.get_tagged_revision(training_file_id, tag=name)
    else:
        found = context.revisions.get_revision(training_file_id, number=name)
    if found is None:
        raise revision_not_found(context, training_file_id, name)
    return found


def kept_revision(context: Context, training_file_id: UUID, name: RevisionName) -> Revision:
    """The same as long as its objects are kept. Raises RevisionNotFoundError or TagNotFoundError."""
    found = committed_revision(context, training_file_id, name)
    if not found.is_kept:
        raise RevisionNotFoundError(training_file_id, name)
    return found


def asked_revision(context: Context, training_file_id: UUID, name: RevisionName | None, *, newest: int) -> Revision:
    """The kept revision that is asked for; None means the newest one, of a training file that stands there.

    Raises TrainingFileNotFoundError, RevisionNotFoundError, TagNotFoundError, or TrainingFileProcessingError or
    TrainingFileFailedError when there is no revision yet.
    """
    if newest and name is not None:
        return kept_revision(context, training_file_id, name)
    current = context.revisions.get_revision(training_file_id, number=newest) if newest else None
    if current is None:
        # It is not built yet, or someone has deleted the training file since.
        raise unfinished(context, training_file_id)
    return current


def revision_not_found(context: Context, training_file_id: UUID, name: RevisionName) -> TrainingFilesError:
    """Why there is no such revision; of a tag with those that there are.

    Raises TrainingFileNotFoundError when the training file was deleted since it was looked at.
    """
    existing(context, training_file_id)
    if isinstance(name, int):
        return RevisionNotFoundError(training_file_id, name)
    return TagNotFoundError(training_file_id, name, context.tags.list_tags(training_file_id))


def tag_revision(context: Context, training_file_id: UUID, tag: str, revision: RevisionName) -> Tag:
    """Gives a tag to a revision, or moves it there.

    Raises TrainingFileNotFoundError, RevisionNotFoundError, TagNotFoundError, RequestInvalidError for what is no tag or
    one too many, or TrainingFileProcessingError or TrainingFileFailedError when there is no revision yet.
    """
    if not is_tag(tag):
        raise not_a_tag()
    tagged = context.tags.tag_revision(training_file_id, context.owner, tag=tag, revision=revision)
    if tagged.outcome == "processing":
        raise unfinished(context, training_file_id)
    if tagged.outcome == "no_revision":
        raise revision_not_found(context, training_file_id, revision)
    if tagged.outcome == "too_many":
        raise too_many_tags()
    if tagged.tag is None:
        raise TrainingFileNotFoundError(training_file_id)
    return tagged.tag


def untag_revision(context: Context, training_file_id: UUID, tag: str) -> None:
    """Takes a tag away. Raises TrainingFileNotFoundError or TagNotFoundError."""
    existing(context, training_file_id)
    # Looked at first: an untagging whose answer was lost is asked for twice.
    known = context.tags.list_tags(training_file_id)
    if tag not in known:
        raise TagNotFoundError(training_file_id, tag, known)
    context.tags.untag_revision(training_file_id, context.owner, tag=tag)
