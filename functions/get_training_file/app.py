"""GET /api/training-files/{id}: one training file with its quality summary."""

from typing import Any

from training_files.api.app import lambda_handler_of
from training_files.api.parsing import uuid_in_path
from training_files.api.reading import create_reading_app
from training_files.api.training_files.answers import training_file_answer

app = create_reading_app()


@app.get("/api/training-files/<training_file_id>")
def get_training_file(training_file_id: str) -> dict[str, Any]:
    return training_file_answer(*app.service.existing_with_build(uuid_in_path(training_file_id)))


lambda_handler = lambda_handler_of(app)
