"""What two revisions of a training file differ in."""

from uuid import UUID

from training_files.catalog.finding import existing, unfinished
from training_files.context import Context
from training_files.domain.training_file.comparison import Comparison, ComparisonPlace
from training_files.domain.training_file.revision import Revision
from training_files.errors import RevisionNotFoundError, not_a_cursor


def compare_revisions(
    context: Context,
    training_file_id: UUID,
    *,
    before: int | None,
    after: int | None,
    limit: int,
    begin: ComparisonPlace | None = None,
) -> Comparison:
    """The difference with up to `limit` changes, from the place `begin` on: of its revisions, whatever else is named.

    Rows tell it, so the objects of a revision may be gone. Raises TrainingFileNotFoundError, RevisionNotFoundError,
    RequestInvalidError for a place that cannot be, or TrainingFileProcessingError or TrainingFileFailedError when there
    is no revision yet.
    """
    training_file = existing(context, training_file_id)
    if training_file.revision == 0:
        raise unfinished(context, training_file_id)
    if begin is not None:
        if max(begin.before, begin.after) > training_file.revision:
            raise not_a_cursor()
        before, after = begin.before, begin.after
    newer = _revision(context, training_file_id, training_file.revision if after is None else after)
    # Numbers of revisions have no gaps.
    number = newer.number - 1 if before is None else before
    older = _revision(context, training_file_id, number) if number else None
    difference = context.members.compare_revisions(
        training_file_id,
        before=number,
        after=newer.number,
        limit=limit + 1,
        after_position=begin.position if begin else 0,
    )
    shown = difference.changes[:limit]
    return Comparison(
        older,
        newer,
        difference.model_copy(update={"changes": shown}),
        ComparisonPlace(number, newer.number, shown[-1].position) if len(difference.changes) > limit else None,
    )


def _revision(context: Context, training_file_id: UUID, number: int) -> Revision:
    revision = context.revisions.get_revision(training_file_id, number=number)
    if revision is None:
        raise RevisionNotFoundError(training_file_id, number)
    return revision
