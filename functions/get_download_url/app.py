"""GET /api/training-files/{id}/download: a signed link to the JSON or JSONL of a revision."""

from typing import Any

from training_files.api.answers import download_answer
from training_files.api.app import create_app, lambda_handler_of
from training_files.api.requests import DownloadQuery, uuid_in_path
from training_files.service import DOWNLOAD_EXPIRES_IN_SECONDS

app = create_app()


@app.get("/api/training-files/<training_file_id>/download")
def get_download_url(training_file_id: str) -> dict[str, Any]:
    query = app.query_as(DownloadQuery)
    url, filename = app.service.get_download_of(
        uuid_in_path(training_file_id), file_format=query.format, revision=query.revision
    )

    return download_answer(url, filename, expires_in_seconds=DOWNLOAD_EXPIRES_IN_SECONDS)


lambda_handler = lambda_handler_of(app)
