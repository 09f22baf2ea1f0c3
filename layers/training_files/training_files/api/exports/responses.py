"""Answers about exports with their status and headers."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import json_answer
from training_files.api.exports.answers import export_answer
from training_files.domain.exports.export import OfferedExport
from training_files.domain.limits import LINKS_EXPIRE_IN_SECONDS


def exported_answer(offered: OfferedExport) -> Response[Any]:
    """201 where it was built now, 200 where it was there, 202 while it is being built."""
    status = HTTPStatus.CREATED if offered.built else HTTPStatus.OK
    if offered.export.status == "building":
        status = HTTPStatus.ACCEPTED
    body = export_answer(offered, expires_in_seconds=LINKS_EXPIRE_IN_SECONDS)
    return json_answer(status, body, {"Location": path_of_export(offered)})


def path_of_export(offered: OfferedExport) -> str:
    """Where to ask for it."""
    export = offered.export
    return f"/api/training-files/{export.training_file_id}/exports/{export.id}"
