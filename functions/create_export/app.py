"""POST /api/training-files/{id}/exports: a revision in another format, in splits, as files to train on."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from training_files.api.app import lambda_handler_of
from training_files.api.exports.requests import CreateExportRequest
from training_files.api.exports.responses import exported_answer
from training_files.api.parsing import uuid_in_path
from training_files.api.preferences import prefers_background
from training_files.api.trusted import create_app

app = create_app()


@app.post("/api/training-files/<training_file_id>/exports")
def create_export(training_file_id: str) -> Response[Any]:
    wanted = app.body_as(CreateExportRequest).to_input(uuid_in_path(training_file_id))

    # Asked for again, it is the same export: there is nothing that an Idempotency-Key could add.
    return exported_answer(
        app.service.create_export(wanted, prefers_background=prefers_background(app.header("prefer")))
    )


lambda_handler = lambda_handler_of(app)
