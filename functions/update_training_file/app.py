"""PATCH /api/training-files/{id}: another name, description, status or collection rule."""

from typing import Any

from training_files.api.app import lambda_handler_of
from training_files.api.parsing import uuid_in_path
from training_files.api.training_files.answers import updated_answer
from training_files.api.training_files.requests import UpdateTrainingFileRequest
from training_files.api.trusted import create_app

app = create_app()


@app.patch("/api/training-files/<training_file_id>")
def update_training_file(training_file_id: str) -> dict[str, Any]:
    request = app.body_as(UpdateTrainingFileRequest)
    changed = app.service.update_training_file(
        uuid_in_path(training_file_id), request.to_changes(), backfill=request.backfills
    )

    return updated_answer(changed)


lambda_handler = lambda_handler_of(app)
