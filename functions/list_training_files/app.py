"""GET /api/training-files: the caller's training files, newest first."""

from typing import Any

from training_files.api.app import lambda_handler_of
from training_files.api.reading import create_reading_app
from training_files.api.training_files.answers import training_files_answer
from training_files.api.training_files.requests import ListTrainingFilesQuery

app = create_reading_app()


@app.get("/api/training-files")
def list_training_files() -> dict[str, Any]:
    filters = app.query_as(ListTrainingFilesQuery).to_filters()

    return training_files_answer(app.service.list_training_files(filters))


lambda_handler = lambda_handler_of(app)
