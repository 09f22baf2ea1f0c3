"""GET /api/training-files/{id}: one training file with its quality summary."""

from typing import Any

from training_files.api.answers import training_file_answer
from training_files.api.app import create_app, lambda_handler_of
from training_files.api.requests import uuid_in_path

app = create_app()


@app.get("/api/training-files/<training_file_id>")
def get_training_file(training_file_id: str) -> dict[str, Any]:
    wanted = uuid_in_path(training_file_id)
    # In this order: a build that ends in between is shown as lasting, never as over beside the file as it was before.
    build = app.service.latest_build(wanted)

    return training_file_answer(app.service.existing(wanted), build)


lambda_handler = lambda_handler_of(app)
