"""The call for findings."""

from http import HTTPStatus

from training_files import errors
from training_files.api.call import FILE, Answer, Call
from training_files.api.findings import examples, models, requests

CONTENT = "Content"

CALLS: tuple[Call, ...] = (
    Call(
        "GET",
        f"{FILE}/findings",
        "get_findings",
        CONTENT,
        "List what text health found in a training file",
        {HTTPStatus.OK: Answer("One page, with the place of each.", models.FindingsAnswer, examples.findings)},
        "Everything that was found in the current revision, or in an earlier one, never the text. Further pages stay "
        "with the revision of the first one.",
        query=requests.FindingsQuery,
        raises=(
            errors.TrainingFileNotFoundError,
            errors.RevisionNotFoundError,
            errors.TagNotFoundError,
            errors.TrainingFileProcessingError,
            errors.TrainingFileFailedError,
        ),
    ),
)
