"""GET /api/training-files/{id}/revisions: every attempt to write a version, the newest first."""

from typing import Any

from training_files.api.app import lambda_handler_of
from training_files.api.parsing import uuid_in_path
from training_files.api.reading import create_reading_app
from training_files.api.training_files.answers import revisions_answer
from training_files.api.training_files.requests import RevisionsQuery

app = create_reading_app()


@app.get("/api/training-files/<training_file_id>/revisions")
def list_revisions(training_file_id: str) -> dict[str, Any]:
    query = app.query_as(RevisionsQuery)
    revisions = app.service.list_revisions(uuid_in_path(training_file_id), limit=query.limit, before=query.cursor)

    return revisions_answer(revisions, limit=query.limit)


lambda_handler = lambda_handler_of(app)
