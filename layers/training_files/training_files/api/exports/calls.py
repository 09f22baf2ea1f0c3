"""The calls about exports."""

from http import HTTPStatus

from training_files import errors
from training_files.api.call import FILE, Answer, Call
from training_files.api.exports import examples, models, requests

EXPORTS = "Exports"

CALLS: tuple[Call, ...] = (
    Call(
        "POST",
        f"{FILE}/exports",
        "create_export",
        EXPORTS,
        "Export a training file",
        {
            HTTPStatus.CREATED: Answer("It was built now.", models.ExportAnswer, examples.export, has_location=True),
            HTTPStatus.OK: Answer("It was there.", models.ExportAnswer, examples.export, has_location=True),
            HTTPStatus.ACCEPTED: Answer(
                "A worker is going to build it; ask at `Location`.",
                models.ExportAnswer,
                examples.export_being_built,
                has_location=True,
            ),
        },
        "In a format that trainers read, in splits. The same request on the same revision is the same export.",
        body=requests.CreateExportRequest,
        body_example={"format": "messages", "split": {"validation": 0.1}, "bundle": True},
        prefers=True,
        raises=(
            errors.TrainingFileNotFoundError,
            errors.TagNotFoundError,
            errors.TrainingFileProcessingError,
            errors.TrainingFileFailedError,
        ),
    ),
    Call(
        "GET",
        f"{FILE}/exports",
        "list_exports",
        EXPORTS,
        "List the exports of a training file",
        {HTTPStatus.OK: Answer("One page, newest first.", models.ExportsAnswer, examples.exports)},
        query=requests.ExportsQuery,
        raises=(errors.TrainingFileNotFoundError,),
    ),
    Call(
        "GET",
        f"{FILE}/exports/{{export_id}}",
        "get_export",
        EXPORTS,
        "Get an export",
        {HTTPStatus.OK: Answer("With fresh links, good for an hour.", models.ExportAnswer, examples.export)},
        raises=(errors.TrainingFileNotFoundError, errors.ExportNotFoundError),
    ),
)
