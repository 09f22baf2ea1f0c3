"""POST /api/training-files/{id}/retry: a failed build in the background is taken up again."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import lambda_handler_of
from training_files.api.parsing import uuid_in_path
from training_files.api.training_files.responses import accepted_answer
from training_files.api.trusted import create_app

app = create_app()


@app.post("/api/training-files/<training_file_id>/retry")
def retry_training_file(training_file_id: str) -> Response[Any]:
    wanted = uuid_in_path(training_file_id)

    return app.idempotent(lambda: accepted_answer(app.service.retry_build(wanted)))


lambda_handler = lambda_handler_of(app)
