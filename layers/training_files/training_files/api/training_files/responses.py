"""Answers about training files with their status and headers."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import json_answer
from training_files.api.exports.responses import exported_answer, path_of_export
from training_files.api.training_files.answers import download_answer, preview_answer, training_file_answer
from training_files.domain.conversation.selection import AdditionPreview
from training_files.domain.exports.export import OfferedExport
from training_files.domain.limits import LINKS_EXPIRE_IN_SECONDS
from training_files.domain.training_file.training_file import BuiltTrainingFile, TrainingFile
from training_files.errors import RequestInvalidError


def previewed_answer(preview: AdditionPreview) -> Response[Any]:
    """200: what rows tell of a build that would be too large to be waited for."""
    return json_answer(HTTPStatus.OK, preview_answer(preview))


def created_answer(training_file: BuiltTrainingFile) -> Response[Any]:
    """201, 202 while a worker builds, or 200 after a dry run."""
    if training_file.dry_run:
        return json_answer(HTTPStatus.OK, training_file_answer(training_file))
    status = HTTPStatus.ACCEPTED if training_file.queued else HTTPStatus.CREATED
    return json_answer(status, training_file_answer(training_file), _location(training_file))


def accepted_answer(training_file: TrainingFile) -> Response[Any]:
    """202: a worker is going to build."""
    body = training_file_answer(training_file) | {"status": "processing"}
    return json_answer(HTTPStatus.ACCEPTED, body, _location(training_file))


def changed_answer(training_file: BuiltTrainingFile) -> Response[Any]:
    """200, or 202 while a worker builds."""
    if training_file.queued:
        return json_answer(HTTPStatus.ACCEPTED, training_file_answer(training_file), _location(training_file))
    return json_answer(HTTPStatus.OK, training_file_answer(training_file))


def export_download_answer(offered: OfferedExport) -> Response[Any]:
    """200 with a link to the rows for training, or 202 while they are being built.

    Raises RequestInvalidError where they are not one file.
    """
    if offered.export.status == "building":
        return exported_answer(offered)
    files = [file for file in offered.export.files if file.kind == "rows"]
    if len(files) != 1:
        reason = f"The rows of this export are {len(files)} files; GET {path_of_export(offered)} lists them."
        raise RequestInvalidError(reason, [{"field": "format", "message": reason}])
    [rows] = files
    link = download_answer(offered.links[rows.name], rows.filename, expires_in_seconds=LINKS_EXPIRE_IN_SECONDS)
    return json_answer(HTTPStatus.OK, link)


def _location(training_file: TrainingFile) -> dict[str, str]:
    return {"Location": f"/api/training-files/{training_file.id}"}
