"""GET /api/training-files/{id}/findings: all that text health found in it, page by page, with the place of each."""

from typing import Any

from training_files.api.app import lambda_handler_of
from training_files.api.findings.answers import findings_answer
from training_files.api.findings.requests import FindingsQuery
from training_files.api.parsing import uuid_in_path
from training_files.api.reading import create_reading_app

app = create_reading_app()


@app.get("/api/training-files/<training_file_id>/findings")
def get_findings(training_file_id: str) -> dict[str, Any]:
    query = app.query_as(FindingsQuery)
    page = app.service.page_of_findings(
        uuid_in_path(training_file_id), query.wanted, limit=query.limit, revision=query.revision, begin=query.begin
    )

    return findings_answer(page)


lambda_handler = lambda_handler_of(app)
