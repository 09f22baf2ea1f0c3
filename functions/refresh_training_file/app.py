"""POST /api/training-files/{id}/refresh: conversations as they are enriched now, each in its own place."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import lambda_handler_of
from training_files.api.parsing import uuid_in_path
from training_files.api.preferences import prefers_background
from training_files.api.training_files.requests import RefreshRequest
from training_files.api.training_files.responses import changed_answer
from training_files.api.trusted import create_app

app = create_app()


@app.post("/api/training-files/<training_file_id>/refresh")
def refresh_training_file(training_file_id: str) -> Response[Any]:
    request = app.body_as(RefreshRequest)
    wanted = request.to_input(uuid_in_path(training_file_id))
    refresh = app.service.refresh_training_file
    if prefers_background(app.header("prefer")) and not request.dry_run:
        refresh = app.service.request_refresh

    return app.idempotent(lambda: changed_answer(refresh(wanted)))


lambda_handler = lambda_handler_of(app)
