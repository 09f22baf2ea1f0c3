"""GET /api/training-files: the caller's training files, newest first."""

from typing import Any

from training_files.api.answers import training_files_answer
from training_files.api.app import create_app, lambda_handler_of
from training_files.api.requests import ListTrainingFilesQuery
from training_files.domain.training_file.training_file import ListTrainingFilesFilters

app = create_app()


@app.get("/api/training-files")
def list_training_files() -> dict[str, Any]:
    query = app.query_as(ListTrainingFilesQuery)
    filters = ListTrainingFilesFilters(status=query.status, limit=query.limit, cursor=query.cursor)

    return training_files_answer(app.service.list_training_files(filters))


lambda_handler = lambda_handler_of(app)
