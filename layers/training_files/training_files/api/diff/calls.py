"""The call that compares two revisions."""

from http import HTTPStatus

from training_files import errors
from training_files.api.call import FILE, Answer, Call
from training_files.api.diff import examples, models, requests

CONTENT = "Content"

CALLS: tuple[Call, ...] = (
    Call(
        "GET",
        f"{FILE}/diff",
        "compare_revisions",
        CONTENT,
        "Compare two revisions",
        {HTTPStatus.OK: Answer("One page of the changes, and both revisions.", models.RevisionDiff, examples.diff)},
        "What has to be done to the first to get the second: if `from` is the later one, the way back. Revisions whose "
        "objects are not kept any more can be compared too. Further pages stay with the revisions of the first one.",
        query=requests.DiffQuery,
        raises=(
            errors.RevisionNotFoundError,
            errors.TagNotFoundError,
            errors.TrainingFileNotFoundError,
            errors.TrainingFileProcessingError,
            errors.TrainingFileFailedError,
        ),
    ),
)
