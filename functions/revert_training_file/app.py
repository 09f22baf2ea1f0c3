"""POST /api/training-files/{id}/revert: a new revision with the content of an earlier one."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import lambda_handler_of
from training_files.api.parsing import uuid_in_path
from training_files.api.preferences import prefers_background
from training_files.api.training_files.requests import RevertRequest
from training_files.api.training_files.responses import changed_answer
from training_files.api.trusted import create_app

app = create_app()


@app.post("/api/training-files/<training_file_id>/revert")
def revert_training_file(training_file_id: str) -> Response[Any]:
    wanted = app.body_as(RevertRequest).to_input(uuid_in_path(training_file_id))
    revert = app.service.revert_training_file
    if prefers_background(app.header("prefer")):
        revert = app.service.request_reversion

    return app.idempotent(lambda: changed_answer(revert(wanted)))


lambda_handler = lambda_handler_of(app)
