"""What two revisions of a training file differ in."""

from uuid import UUID

from training_files.catalog.finding import existing, unfinished
from training_files.catalog.revisions import committed_revision
from training_files.context import Context
from training_files.domain.training_file.comparison import Comparison, ComparisonPlace
from training_files.domain.training_file.tags import RevisionName
from training_files.errors import not_a_cursor


def compare_revisions(
    context: Context,
    training_file_id: UUID,
    *,
    before: RevisionName | None,
    after: RevisionName | None,
    limit: int,
    begin: ComparisonPlace | None = None,
) -> Comparison:
    """The difference with up to `limit` changes, from the place `begin` on: of its revisions, whatever else is named.

    Rows tell it, so the objects of a revision may be gone. Raises TrainingFileNotFoundError, RevisionNotFoundError,
    TagNotFoundError, RequestInvalidError for a place that cannot be, or TrainingFileProcessingError or
    TrainingFileFailedError when there is no revision yet.
    """
    training_file = existing(context, training_file_id)
    if training_file.revision == 0:
        raise unfinished(context, training_file_id)
    if begin is not None:
        if max(begin.before, begin.after) > training_file.revision:
            raise not_a_cursor()
        before, after = begin.before, begin.after
    newer = committed_revision(context, training_file_id, training_file.revision if after is None else after)
    if before is None:
        # Numbers of revisions have no gaps.
        before = newer.number - 1
    older = committed_revision(context, training_file_id, before) if before else None
    number = older.number if older else 0
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
