"""PATCH /api/training-files/{id}: another name, description or status."""

from typing import Any

from training_files.api.answers import training_file_answer
from training_files.api.app import create_app, lambda_handler_of
from training_files.api.requests import UpdateTrainingFileRequest, uuid_in_path
from training_files.domain.training_file.training_file import TrainingFileChanges

app = create_app()


@app.patch("/api/training-files/<training_file_id>")
def update_training_file(training_file_id: str) -> dict[str, Any]:
    wanted = app.body_as(UpdateTrainingFileRequest)
    changes = TrainingFileChanges(**wanted.model_dump(exclude_unset=True))

    return training_file_answer(app.service.update_training_file(uuid_in_path(training_file_id), changes))


lambda_handler = lambda_handler_of(app)
