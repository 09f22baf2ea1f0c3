"""GET /api/training-files/{id}/diff: what two of its revisions differ in, page by page."""

from typing import Any

from training_files.api.app import lambda_handler_of
from training_files.api.diff.answers import diff_answer
from training_files.api.diff.requests import DiffQuery
from training_files.api.parsing import uuid_in_path
from training_files.api.trusted import create_app

app = create_app()


@app.get("/api/training-files/<training_file_id>/diff")
def compare_revisions(training_file_id: str) -> dict[str, Any]:
    query = app.query_as(DiffQuery)
    comparison = app.service.compare_revisions(
        uuid_in_path(training_file_id), before=query.before, after=query.after, limit=query.limit, begin=query.begin
    )

    return diff_answer(comparison)


lambda_handler = lambda_handler_of(app)
