"""POST /api/training-files: a training file from conversations."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import lambda_handler_of
from training_files.api.training_files.requests import CreateTrainingFileRequest
from training_files.api.training_files.responses import created_answer, previewed_answer
from training_files.api.trusted import create_app

app = create_app()


@app.post("/api/training-files")
def create_training_file() -> Response[Any]:
    request = app.body_as(CreateTrainingFileRequest)
    wanted = request.to_input(app.caller)
    if request.is_for_rows:
        return previewed_answer(app.service.preview_training_file(wanted))
    create = app.service.create_training_file
    if request.is_for_later(app.header("prefer")):
        create = app.service.request_training_file

    return app.idempotent(lambda: created_answer(create(wanted)))


lambda_handler = lambda_handler_of(app)
