"""POST /api/training-files: a training file from conversations."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.answers import training_file_answer
from training_files.api.app import create_app, json_answer, lambda_handler_of
from training_files.api.requests import CreateTrainingFileRequest, refuse_asynchronous
from training_files.records import CreateTrainingFileInput

app = create_app()


@app.post("/api/training-files")
def create_training_file() -> Response[Any]:
    refuse_asynchronous(app.header("prefer"))
    wanted = app.body_as(CreateTrainingFileRequest)
    training_file = app.service.create_training_file(
        CreateTrainingFileInput(
            name=wanted.name,
            description=wanted.description,
            target_model=wanted.target_model,
            conversation_ids=wanted.unique_ids,
            created_by=app.caller,
            on_invalid=wanted.on_invalid,
            on_duplicate=wanted.on_duplicate,
            dry_run=wanted.dry_run,
        )
    )
    answer = training_file_answer(training_file)
    if training_file.dry_run:
        return json_answer(HTTPStatus.OK, answer)
    return json_answer(HTTPStatus.CREATED, answer, {"Location": f"/api/training-files/{training_file.id}"})


lambda_handler = lambda_handler_of(app)
