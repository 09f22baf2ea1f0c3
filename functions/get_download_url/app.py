"""GET /api/training-files/{id}/download: a signed link to a revision, as it is or exported."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import json_answer, lambda_handler_of
from training_files.api.parsing import uuid_in_path
from training_files.api.preferences import prefers_background
from training_files.api.training_files.answers import download_answer
from training_files.api.training_files.requests import DownloadQuery
from training_files.api.training_files.responses import export_download_answer
from training_files.api.trusted import create_app
from training_files.domain.limits import LINKS_EXPIRE_IN_SECONDS

app = create_app()


@app.get("/api/training-files/<training_file_id>/download")
def get_download_url(training_file_id: str) -> Response[Any]:
    query, wanted = app.query_as(DownloadQuery), uuid_in_path(training_file_id)
    if export := query.to_export(wanted):
        later = prefers_background(app.header("prefer"))
        return export_download_answer(app.service.create_export(export, prefers_background=later))

    url, filename = app.service.get_download_of(wanted, file_format=query.format, revision=query.revision)
    return json_answer(HTTPStatus.OK, download_answer(url, filename, expires_in_seconds=LINKS_EXPIRE_IN_SECONDS))


lambda_handler = lambda_handler_of(app)
