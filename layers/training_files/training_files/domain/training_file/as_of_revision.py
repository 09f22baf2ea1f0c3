"""A training file as it was at an earlier revision."""

from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.totals import Totals
from training_files.domain.training_file.training_file import TrainingFile


def as_of_revision(training_file: TrainingFile, revision: Revision) -> TrainingFile:
    """With the figures, paths and time of a committed revision. What its owner edits is as it is now."""
    if revision.number == training_file.revision:
        return training_file
    return training_file.model_copy(
        update={
            **Totals.from_json(revision.totals or {}).as_columns(),
            "revision": revision.number,
            "json_file_path": revision.json_file_path,
            "jsonl_file_path": revision.jsonl_file_path,
            "json_file_size": revision.json_file_size,
            "jsonl_file_size": revision.jsonl_file_size,
            "last_updated_at": revision.finished_at or revision.created_at,
        }
    )
