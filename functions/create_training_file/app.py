"""POST /api/training-files: a training file from conversations."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import create_app, created_answer, lambda_handler_of
from training_files.api.requests import CreateTrainingFileRequest
from training_files.domain.training_file.build_request import CreateTrainingFileInput

app = create_app()


@app.post("/api/training-files")
def create_training_file() -> Response[Any]:
    wanted = app.body_as(CreateTrainingFileRequest)
    request = CreateTrainingFileInput(
        name=wanted.name,
        description=wanted.description,
        target_model=wanted.target_model,
        conversation_ids=wanted.unique_ids,
        created_by=app.caller,
        on_invalid=wanted.on_invalid,
        on_duplicate=wanted.on_duplicate,
        on_unhealthy=wanted.on_unhealthy,
        dry_run=wanted.dry_run,
    )
    create = app.service.create_training_file
    if wanted.is_for_later(app.header("prefer")):
        create = app.service.request_training_file

    return app.once(lambda: created_answer(create(request)))


lambda_handler = lambda_handler_of(app)
