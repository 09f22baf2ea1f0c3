"""The call for a report."""

from http import HTTPStatus

from training_files import errors
from training_files.api.call import FILE, Answer, Call
from training_files.api.report import examples, models, requests

CONTENT = "Content"

CALLS: tuple[Call, ...] = (
    Call(
        "GET",
        f"{FILE}/report",
        "get_report",
        CONTENT,
        "Report on the quality of a training file",
        {
            HTTPStatus.OK: Answer(
                "With a sample to read; as one self-contained page for `Accept: text/html`.",
                models.ReportAnswer,
                examples.report,
                texts=("text/html",),
            )
        },
        "The checklist of the quick start, balance, scores, lengths, readiness, text health, and whether the files are "
        "what they should be, looked at anew.",
        query=requests.ReportQuery,
        raises=(
            errors.TrainingFileNotFoundError,
            errors.RevisionNotFoundError,
            errors.TagNotFoundError,
            errors.TrainingFileProcessingError,
            errors.TrainingFileFailedError,
        ),
    ),
)
